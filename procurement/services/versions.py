"""Amendments and corrections: a contract changes by a new version, with a reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.choices import VersionKind
from procurement.errors import DraftVersionExistsError, VersionLockedError
from procurement.models import Contract, ContractVersion, VersionLot
from procurement.selectors import open_call_offs
from procurement.selectors.completeness import kpi_gaps
from procurement.selectors.ledger import bound_amount
from procurement.services.contract_steps import (
    RUNNING,
    contract_lock,
    record_change,
)
from procurement.services.version_steps import (
    next_number,
    original_agree,
    version_agree,
    version_apply,
    version_copy,
)

VERSION_FIELDS = (
    "number",
    "kind",
    "title",
    "effective_date",
    "end_date",
    "notice_months",
    "payment_days",
    "reason",
)
DAY = "%d-%m-%Y"
Value = TypeVar("Value")


@dataclass(frozen=True)
class CeilingTerms:
    places: int | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class VersionTerms:
    """What a new version says; what is None stays as it is in the version before."""

    title: str | None = None
    end_date: date | None = None
    notice_months: int | None = None
    payment_days: int | None = None
    # By key of the contract lot.
    ceilings: Mapping[int, CeilingTerms] = field(default_factory=dict)


@transaction.atomic
def contract_amend(
    *,
    actor: Actor,
    contract: Contract,
    effective_date: date,
    reason: str,
    terms: VersionTerms | None = None,
) -> ContractVersion:
    """A new version in draft, to be completed (KPI) and then put in force by `version_confirm`.

    Raises DraftVersionExistsError, ContractStateError, and InvalidError with every fault.
    """
    return version_draft(
        actor, contract, VersionKind.AMENDMENT, effective_date, reason, terms or VersionTerms()
    )


@transaction.atomic
def version_correct(
    *, actor: Actor, version: ContractVersion, reason: str, terms: VersionTerms | None = None
) -> ContractVersion:
    """A version in draft that will stand on the days of `version`, which was recorded wrongly.

    What was known before stays on record: `contract_as_of` answers with both.
    """
    if version.agreed_at is None:
        raise VersionLockedError(
            _("Only an agreed version is corrected. Change the draft itself."), code="not_agreed"
        )
    return version_draft(
        actor,
        version.contract,
        VersionKind.CORRECTION,
        version.effective_date,
        reason,
        terms or VersionTerms(),
        replaces=version,
    )


@transaction.atomic
def version_confirm(*, actor: Actor, version: ContractVersion) -> ContractVersion:
    """The version is agreed: on the time line, locked, and taken over on its first day.

    Raises VersionLockedError when it was agreed before, InvalidError when its KPI weights do not
    sum to 100 or another version overlaps it.
    """
    contract = contract_lock(actor, version.contract, RUNNING)
    version = _draft_locked(version)
    faults = list(kpi_gaps(contract))
    if faults:
        raise InvalidError(violations=faults)
    return version_settle(actor, contract, version)


@transaction.atomic
def version_withdraw(*, actor: Actor, version: ContractVersion, reason: str = "") -> None:
    """The version in draft is gone; nothing else changes."""
    contract = contract_lock(actor, version.contract, RUNNING)
    version = _draft_locked(version)
    record_change(
        actor,
        "contract_version.withdrawn",
        contract,
        contract,
        before=audit.snapshot(version, VERSION_FIELDS),
        reason=reason,
    )
    version.delete()


@transaction.atomic
def versions_apply_due() -> int:
    """Takes over title and ceilings of every version whose first day has come; returns how many.

    Runs every day; versions in order, so that the newest has the last word. Doing it twice
    changes nothing.
    """
    due = list(
        ContractVersion.objects.select_for_update(of=("self",))
        .select_related("contract")
        .filter(
            agreed_at__isnull=False,
            applied_at__isnull=True,
            effective_date__lte=clock.today(),
        )
        .order_by("contract_id", "effective_date", "number")
    )
    for version in due:
        version_apply(version)
    return len(due)


def version_draft(
    actor: Actor,
    contract: Contract,
    kind: VersionKind,
    effective_date: date,
    reason: str,
    terms: VersionTerms,
    replaces: ContractVersion | None = None,
) -> ContractVersion:
    """A version in draft of any kind, starting from the newest one or the one it replaces."""
    contract = contract_lock(actor, contract, RUNNING)
    # A contract from before versions were kept gets its first one now.
    original_agree(contract)
    if contract.versions.filter(agreed_at__isnull=True).exists():
        raise DraftVersionExistsError
    source = replaces or contract.versions.latest("number")
    version = ContractVersion(
        contract=contract,
        number=next_number(contract),
        kind=kind,
        reason=reason,
        title=_either(terms.title, source.title),
        effective_date=effective_date,
        end_date=_either(terms.end_date, source.end_date if replaces else contract.end_date),
        notice_months=_either(terms.notice_months, source.notice_months),
        payment_days=_either(terms.payment_days, source.payment_days),
        replaces=replaces,
    )
    faults = [*field_violations(version), *_draft_faults(contract, version)]
    if faults:
        raise InvalidError(violations=faults)
    version.save()
    version_copy(contract, source, version)
    _set_ceilings(version, terms.ceilings)
    record_change(
        actor,
        "contract_version.drafted",
        contract,
        version,
        after=audit.snapshot(version, VERSION_FIELDS),
        reason=reason,
    )
    return version


def _draft_faults(contract: Contract, version: ContractVersion) -> Iterable[Violation]:
    first, last = version.effective_date, version.end_date
    if not version.reason.strip():
        yield Violation("reason", "required", _("Say why the contract changes."))
    if last < first:
        yield Violation(
            "end_date",
            "ends_before_start",
            _("The end date is before the day on which the change takes effect. Correct one."),
        )
    if first < contract.start_date:
        yield Violation(
            "effective_date",
            "before_contract",
            _("The contract starts on %(day)s. Choose that day or a later one.")
            % {"day": contract.start_date.strftime(DAY)},
        )
    if first > contract.end_date + timedelta(days=1):
        yield Violation(
            "effective_date",
            "after_contract",
            _("The contract ends on %(day)s. Choose at most the day after it.")
            % {"day": contract.end_date.strftime(DAY)},
        )
    if version.kind == VersionKind.AMENDMENT:
        later = contract.versions.filter(
            periods__known_to__isnull=True, periods__valid_from__gte=first
        ).order_by("effective_date")
        for one in later[:1]:
            yield Violation(
                "effective_date",
                "version_overlaps",
                _(
                    "Version %(number)s holds from %(day)s. Choose a later day, or correct that "
                    "version."
                )
                % {"number": one.number, "day": one.effective_date.strftime(DAY)},
            )


def _ceiling_faults(row: VersionLot, terms: CeilingTerms) -> Iterable[Violation]:
    """A ceiling is never lowered below what municipalities have called off already."""
    places, amount = terms.places, terms.amount
    asked = VersionLot(ceiling_places=places, ceiling_amount=amount)
    for one in field_violations(asked):
        yield replace(one, field=one.field.removeprefix("ceiling_"))
    if amount is not None and amount < 0:
        yield Violation("amount", "negative", _("A ceiling is 0 euros or more. Correct it."))
    if places is not None and places != row.ceiling_places:
        used = open_call_offs(row.contract_lot_id)
        if places < used:
            yield Violation(
                "places",
                "ceiling_below_used",
                _("%(used)s places are in use already. Choose that number or a higher one.")
                % {"used": used},
            )
    if amount is not None and amount != row.ceiling_amount:
        bound = bound_amount(row.contract_lot_id)
        if amount < bound:
            yield Violation(
                "amount",
                "ceiling_below_used",
                _("€ %(used)s has been committed already. Choose that amount or a higher one.")
                % {"used": number_format(bound, 2, force_grouping=True)},
            )


def _set_ceilings(version: ContractVersion, ceilings: Mapping[int, CeilingTerms]) -> None:
    rows = {one.contract_lot_id: one for one in version.lots.all()}
    faults = []
    changed: list[VersionLot] = []
    for number, (contract_lot_id, terms) in enumerate(ceilings.items()):
        place = f"ceilings.{number}."
        row = rows.get(contract_lot_id)
        if row is None:
            faults.append(
                Violation(
                    place + "contract_lot",
                    "unknown_lot",
                    _("This lot does not belong to the contract."),
                )
            )
            continue
        faults += [replace(one, field=place + one.field) for one in _ceiling_faults(row, terms)]
        row.ceiling_places, row.ceiling_amount = terms.places, terms.amount
        changed.append(row)
    if faults:
        raise InvalidError(violations=faults)
    VersionLot.objects.bulk_update(changed, ["ceiling_places", "ceiling_amount"])


def version_settle(actor: Actor, contract: Contract, version: ContractVersion) -> ContractVersion:
    """The draft is agreed on; the caller holds the lock on the contract."""
    version.contract = contract
    before = audit.snapshot(contract, ["title", "end_date"])
    version_agree(version)
    if version.effective_date <= clock.today():
        version_apply(version)
    record_change(
        actor,
        "contract_version.agreed",
        contract,
        version,
        before=before,
        after=audit.snapshot(version, VERSION_FIELDS),
        reason=version.reason,
    )
    return version


def _draft_locked(version: ContractVersion) -> ContractVersion:
    locked = ContractVersion.objects.select_for_update(of=("self",)).get(pk=version.pk)
    if locked.agreed_at is not None:
        raise VersionLockedError
    return locked


def _either(new: Value | None, old: Value) -> Value:
    return old if new is None else new
