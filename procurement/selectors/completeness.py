"""What a contract still lacks before it can be in force: all gaps at once (journey J1, step 8)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.codes import Component
from backend.common.errors import Violation
from backend.common.periods import add_months
from procurement.choices import ContractStatus
from procurement.models import Contract, ContractCourse, ContractDocument, ContractLot, Lot
from procurement.selectors.tariffs import tariff_gaps
from procurement.selectors.versions import newest_version
from providers.public import has_required_mark

WHOLE = Decimal(100)
DAY = "%d-%m-%Y"


def contract_gaps(contract: Contract) -> list[Violation]:
    """Every gap by its place: lots, municipalities, courses, prices, KPI, documents, mark."""
    lots = list(
        contract.contract_lots.select_related("lot", "contract")
        .prefetch_related(
            Prefetch(
                "contract_courses",
                ContractCourse.objects.select_related("course").order_by("pk"),
            ),
            "tariffs",
            "lot__participations",
        )
        .order_by("lot__code", "pk")
    )
    return [
        *_lot_gaps(lots),
        *_price_gaps(contract, lots),
        *kpi_gaps(contract),
        *_document_gaps(contract),
        *_mark_gaps(contract, lots),
    ]


def contract_warnings(contract: Contract) -> list[Violation]:
    """What does not keep the contract from being in force, and should not be overlooked."""
    if contract.tender_id is None:
        return []
    return [
        Violation(
            f"tender.lots.{number}",
            "no_contractor",
            _("No provider delivers lot %(lot)s of this tender. Add the lot to a contract.")
            % {"lot": lot.code},
        )
        for number, lot in enumerate(lots_without_contractor(contract.tender_id))
    ]


def lots_without_contractor(tender_id: int) -> list[Lot]:
    """The lots of a tender that no contract delivers, not even one in draft."""
    delivered = ContractLot.objects.exclude(contract__status=ContractStatus.ENDED)
    lots = Lot.objects.filter(tender=tender_id).exclude(pk__in=delivered.values("lot"))
    return list(lots.order_by("code", "pk"))


def _lot_gaps(lots: list[ContractLot]) -> Iterable[Violation]:
    if not lots:
        yield Violation("contract_lots", "no_lot", _("Add at least one lot with its courses."))
    for number, one in enumerate(lots):
        place, name = f"contract_lots.{number}.", {"lot": one.lot.code}
        if not one.contract_courses.all():
            yield Violation(
                place + "courses",
                "no_course",
                _("Lot %(lot)s has no courses. Add at least one course to this lot.") % name,
            )
        if not one.lot.participations.all():
            yield Violation(
                place + "participations",
                "no_municipality",
                _("Nobody takes part in lot %(lot)s. Add at least one municipality to this lot.")
                % name,
            )


def _price_gaps(contract: Contract, lots: list[ContractLot]) -> Iterable[Violation]:
    numbers = {one.pk: number for number, one in enumerate(lots)}
    for gap in tariff_gaps(contract, lots):
        last = gap.period.end or contract.end_date
        yield Violation(
            f"contract_lots.{numbers[gap.contract_lot.pk]}.tariffs",
            "no_tariff",
            _(
                "Lot %(lot)s has no tariff for %(component)s from %(first)s to %(last)s. "
                "Add a tariff for these days."
            )
            % {
                "lot": gap.contract_lot.lot.code,
                "component": Component(gap.component).label,
                "first": gap.period.start.strftime(DAY),
                "last": last.strftime(DAY),
            },
        )


def kpi_gaps(contract: Contract) -> Iterable[Violation]:
    """Weights that do not sum to 100; a contract without KPI agreements has nothing to weigh."""
    version = newest_version(contract.pk)
    if version is None:
        return
    weights = list(version.kpi_agreements.order_by().values_list("weight", flat=True))
    if weights and sum(weights) != WHOLE:
        yield Violation("kpi_agreements", "weights_not_100", weights_message(sum(weights)))


def weights_message(total: Decimal | int) -> str:
    return _("The weights add up to %(total)s. Change them so that they add up to 100.") % {
        "total": f"{Decimal(total).normalize():f}"
    }


def _document_gaps(contract: Contract) -> Iterable[Violation]:
    day = max(contract.start_date, clock.today())
    for number, one in enumerate(contract.documents.all()):
        if not one.required:
            continue
        place, name = f"documents.{number}", {"title": one.title}
        if one.issued_date is None:
            yield Violation(
                place,
                "document_missing",
                _("The document “%(title)s” is missing. Enter its date, or make it not required.")
                % name,
            )
        elif document_is_too_old(one, on=day):
            yield Violation(
                place,
                "document_too_old",
                _("The document “%(title)s” is too old. Ask the provider for a new one.") % name,
            )


def document_is_too_old(document: ContractDocument, *, on: date) -> bool:
    """Whether the document has passed its maximum age on a day (contract standard, bijlage 1)."""
    last = document_valid_until(document)
    return last is not None and last < on


def document_valid_until(document: ContractDocument) -> date | None:
    """The last day on which the document is not too old; None when it does not age."""
    if document.issued_date is None or document.maximum_age_months is None:
        return None
    return add_months(document.issued_date, document.maximum_age_months)


def _mark_gaps(contract: Contract, lots: list[ContractLot]) -> Iterable[Violation]:
    day = max(contract.start_date, clock.today())
    if day > contract.end_date:
        return
    components = {row.course.component for one in lots for row in one.contract_courses.all()}
    for component in sorted(components):
        if not has_required_mark(provider_id=contract.provider_id, component=component, on=day):
            yield Violation(
                "provider",
                "no_mark",
                _(
                    "The provider has no valid quality mark for %(component)s on %(day)s. "
                    "Check the mark, or leave this course out."
                )
                % {"component": Component(component).label, "day": day.strftime(DAY)},
            )
