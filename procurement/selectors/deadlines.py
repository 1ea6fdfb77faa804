"""The contract calendar: every day on which somebody must do or know something."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Min, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.periods import add_months
from procurement.choices import ContractStatus, OptionStatus, TenderStatus
from procurement.models import (
    Contract,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    IndexationRule,
    Tariff,
    Tender,
)
from procurement.selectors.completeness import document_valid_until

RUNNING = (ContractStatus.ACTIVE, ContractStatus.SUSPENDED)


class DeadlineKind(StrEnum):
    CONTRACT_STARTS = "contract_starts"
    CONTRACT_ENDS = "contract_ends"
    NOTICE = "notice"
    OPTION = "option"
    VERSION = "version"
    PRICE = "price"
    INDEXATION = "indexation"
    DOCUMENT = "document"
    TENDER_CLOSES = "tender_closes"
    STANDSTILL = "standstill"


KIND_LABELS: dict[str, Promise] = {
    DeadlineKind.CONTRACT_STARTS: _("Contract starts"),
    DeadlineKind.CONTRACT_ENDS: _("Contract ends"),
    DeadlineKind.NOTICE: _("Last day to give notice"),
    DeadlineKind.OPTION: _("Decide on the option to extend"),
    DeadlineKind.VERSION: _("Amendment takes effect"),
    DeadlineKind.PRICE: _("New tariff"),
    DeadlineKind.INDEXATION: _("Prices can be indexed"),
    DeadlineKind.DOCUMENT: _("Document expires"),
    DeadlineKind.TENDER_CLOSES: _("Last day for tenders"),
    DeadlineKind.STANDSTILL: _("Standstill period ends"),
}


# Where a search of the calendar looks.
SEARCHED = ("number", "label", "detail")


@dataclass(frozen=True)
class Deadline:
    """Something on a day, about a contract or a tender; `key` stays the same when asked again."""

    day: date
    kind: str
    key: str
    number: str
    detail: str = ""
    contract: Contract | None = None
    tender: Tender | None = None

    @property
    def label(self) -> str:
        """What it is, in words; a kind of another module names itself."""
        return str(KIND_LABELS.get(self.kind, self.kind))


# A source gets the contracts that the reader sees and the first and last day. Other parts of
# procurement (clauses, budgets) append theirs.
Source = Callable[[QuerySet[Contract], date, date], Iterable[Deadline]]


def contract_deadlines(
    actor: Actor, *, first: date, last: date, kinds: Collection[str] = ()
) -> list[Deadline]:
    """All deadlines from `first` to `last` that the actor may see, by day; one query per kind.

    With `kinds` only those.
    """
    contracts = Contract.objects.visible_to(actor)
    found = [one for source in SOURCES for one in source(contracts, first, last)]
    found += _tenders(actor, first, last)
    if kinds:
        found = [one for one in found if one.kind in kinds]
    return sorted(found, key=lambda one: (one.day, one.number, one.kind, one.key))


def _of(contract: Contract, day: date, kind: str, key: object, detail: str = "") -> Deadline:
    return Deadline(day, kind, f"{kind}-{key}", contract.number, detail, contract=contract)


def _terms(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    running = contracts.filter(status__in=RUNNING).select_related("provider__organisation")
    versions = {
        one.contract_id: one
        for one in ContractVersion.objects.filter(
            contract__in=running.order_by().values("pk"), agreed_at__isnull=False
        ).order_by("number")
    }
    for one in running:
        name = one.provider.organisation.name
        version = versions.get(one.pk)
        days = [
            (one.start_date, DeadlineKind.CONTRACT_STARTS),
            (one.end_date, DeadlineKind.CONTRACT_ENDS),
        ]
        if version is not None and version.notice_months:
            notice = add_months(one.end_date, -version.notice_months)
            days.append((notice, DeadlineKind.NOTICE))
        yield from (
            _of(one, day, kind, one.uuid, name) for day, kind in days if first <= day <= last
        )


def _options(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    options = ExtensionOption.objects.filter(
        contract__in=contracts.exclude(status=ContractStatus.ENDED).order_by().values("pk"),
        status=OptionStatus.OPEN,
        notice_date__range=(first, last),
    ).select_related("contract")
    for one in options:
        yield _of(one.contract, one.notice_date, DeadlineKind.OPTION, one.uuid)


def _versions(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    versions = ContractVersion.objects.filter(
        contract__in=contracts.filter(status__in=RUNNING).order_by().values("pk"),
        agreed_at__isnull=False,
        number__gt=1,
        effective_date__range=(first, last),
    ).select_related("contract")
    for one in versions:
        yield _of(one.contract, one.effective_date, DeadlineKind.VERSION, one.uuid, one.reason)


def _prices(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    """One per contract and day on which prices begin, the first day of the contract left out."""
    days = (
        Tariff.objects.filter(
            contract_lot__contract__in=contracts.filter(status__in=RUNNING).order_by().values("pk"),
            valid_from__range=(first, last),
        )
        .order_by()
        .values("contract_lot__contract", "valid_from")
        .annotate(first=Min("pk"))
    )
    wanted = [(row["contract_lot__contract"], row["valid_from"]) for row in days]
    known = Contract.objects.in_bulk({pk for pk, _day in wanted})
    for pk, day in wanted:
        contract = known[pk]
        if day != contract.start_date:
            yield _of(contract, day, DeadlineKind.PRICE, f"{contract.uuid}-{day.isoformat()}")


def _indexations(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    rules = IndexationRule.objects.filter(
        contract__in=contracts.filter(status__in=RUNNING).order_by().values("pk")
    ).select_related("contract")
    for rule in rules:
        for year in range(max(first.year, rule.first_year), last.year + 1):
            day = date(year, rule.month, 1)
            if first <= day <= last and day <= rule.contract.end_date:
                key = f"{rule.contract.uuid}-{year}"
                yield _of(rule.contract, day, DeadlineKind.INDEXATION, key, rule.index_name)


def _documents(contracts: QuerySet[Contract], first: date, last: date) -> Iterable[Deadline]:
    documents = ContractDocument.objects.filter(
        contract__in=contracts.filter(status__in=RUNNING).order_by().values("pk"),
        issued_date__isnull=False,
        maximum_age_months__isnull=False,
    ).select_related("contract")
    for one in documents:
        day = document_valid_until(one)
        if day is not None and first <= day <= last:
            yield _of(one.contract, day, DeadlineKind.DOCUMENT, one.uuid, one.title)


def _tenders(actor: Actor, first: date, last: date) -> Iterable[Deadline]:
    tenders = Tender.objects.visible_to(actor).exclude(status=TenderStatus.CANCELLED)
    for one in tenders:
        days = (
            (one.closing_date, DeadlineKind.TENDER_CLOSES),
            (one.standstill_until, DeadlineKind.STANDSTILL),
        )
        for day, kind in days:
            if day is not None and first <= day <= last:
                yield Deadline(
                    day, kind, f"{kind}-{one.uuid}", one.reference, one.title, tender=one
                )


SOURCES: list[Source] = [_terms, _options, _versions, _prices, _indexations, _documents]
