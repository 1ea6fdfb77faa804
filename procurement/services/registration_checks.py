"""What is wrong with the plan of an agreement, before a row of it exists: all of it at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from backend.common.cleaning import field_violations
from backend.common.codes import Component
from backend.common.errors import Violation
from backend.organisations.models import Organisation
from procurement.choices import TenderStatus
from procurement.clauses.library import clean_parameters
from procurement.models import Award, Ceiling, Contract, Lot, Tender
from procurement.services.contracts import contract_faults
from procurement.services.documents import document_faults
from procurement.services.indexation import rule_faults
from procurement.services.kpis import kpi_faults
from procurement.services.options import option_faults
from procurement.services.registration_plan import (
    AgreementPlan,
    ContractorPlan,
    LotPlan,
    PartPlan,
)
from procurement.services.tariffs import tariff_faults
from procurement.services.tenders import AwardDraft, date_faults, lot_award_faults

# What a contract takes over from the plan, and where the plan has it.
OF_THE_PLAN = {"start_date": "start_date", "end_date": "end_date", "title": "tender.title"}


def plan_faults(plan: AgreementPlan) -> Iterator[Violation]:
    """Every fault that needs no row of the agreement; the place is the path in the plan."""
    yield from _tender_faults(plan)
    for number, lot in enumerate(plan.lots):
        if lot.code and any(lot.code == other.code for other in plan.lots[:number]):
            yield Violation(
                f"lots.{number}.code",
                "repeated",
                _("This code is in the list twice. Choose another code."),
            )
    yield from _municipality_faults(plan)
    yield from _term_faults(plan)
    yield from _shared_faults(plan)
    if not plan.contractors:
        yield Violation("contractors", "required", _("Add at least one provider."))
    numbers = Counter(one.number for one in plan.contractors)
    named: set[int] = set()
    for number, one in enumerate(plan.contractors):
        place = f"contractors.{number}."
        if one.provider is None:
            yield Violation(place + "provider", "required", _("Choose a provider."))
        elif one.provider.pk in named:
            yield Violation(
                place + "provider",
                "repeated",
                _("This provider is in the list twice. Give it all its lots in one place."),
            )
        if one.number and numbers[one.number] > 1:
            yield Violation(
                place + "number",
                "repeated",
                _("This contract number is in the list twice. Choose another number."),
            )
        named.add(one.provider.pk if one.provider else 0)
        yield from _contractor_faults(plan, one, place)
    yield from _award_faults(plan)


def _tender_faults(plan: AgreementPlan) -> Iterator[Violation]:
    names = ("publication_date", "closing_date", "award_date", "standstill_until")
    tender = Tender(
        status=TenderStatus.AWARDED, **{one: getattr(plan.tender, one) for one in names}
    )
    if tender.award_date is None:
        yield Violation("tender.award_date", "required", _("Enter the award date."))
        # The days around it can still be in order.
        tender.status = TenderStatus.DRAFT
    yield from _at("tender.", date_faults(tender))


def _municipality_faults(plan: AgreementPlan) -> Iterator[Violation]:
    if not plan.lots:
        yield Violation("lots", "required", _("Add at least one lot."))
    empty = [number for number, one in enumerate(plan.lots) if not takers_of(plan, one)]
    if len(empty) == len(plan.lots):
        yield Violation("municipalities", "no_municipality", _("Choose at least one municipality."))
        return
    for number in empty:
        yield Violation(
            f"lots.{number}.municipalities",
            "no_municipality",
            _("Nobody takes part in lot %(lot)s. Choose at least one municipality.")
            % {"lot": plan.lots[number].code},
        )


def takers_of(plan: AgreementPlan, lot: LotPlan) -> tuple[Organisation, ...]:
    """The municipalities that take part in the lot."""
    return plan.municipalities if lot.municipalities is None else lot.municipalities


def _term_faults(plan: AgreementPlan) -> Iterator[Violation]:
    last = plan.end_date
    for number, one in enumerate(plan.options):
        yield from _at(f"options.{number}.", option_faults(last, one.end_date, one.notice_date))
        last = max(last, one.end_date)


def _shared_faults(plan: AgreementPlan) -> Iterator[Violation]:
    """Of what all contracts have alike: indexation, clauses, KPI, documents."""
    if plan.indexation is not None:
        yield from _at("indexation.", rule_faults(plan.indexation))
    for number, clause in enumerate(plan.clauses):
        place = f"clauses.{number}."
        yield from _at(place, clean_parameters(clause.kind, clause.parameters)[1])
        if any(clause.kind == other.kind for other in plan.clauses[:number]):
            yield Violation(
                place + "kind", "repeated", _("This clause is in the list twice. Leave one out.")
            )
    for fault in kpi_faults(plan.kpis or ()):
        # The sum of the weights is a fault of the whole set.
        yield replace(fault, field="kpi_agreements") if fault.field == "weights" else fault
    yield from document_faults(plan.documents or ())


def _contractor_faults(plan: AgreementPlan, one: ContractorPlan, place: str) -> Iterator[Violation]:
    contract = Contract(
        buyer=plan.buyer,
        number=one.number,
        title=plan.tender.title,
        start_date=plan.start_date,
        end_date=plan.end_date,
    )
    for fault in contract_faults(contract):
        yield replace(fault, field=OF_THE_PLAN.get(fault.field, place + fault.field))
    if not one.parts:
        yield Violation(
            place + "parts", "required", _("Choose at least one lot for this provider.")
        )
    for number, part in enumerate(one.parts):
        here = f"{place}parts.{number}."
        if any(part.lot == other.lot for other in one.parts[:number]):
            yield Violation(
                here + "lot", "lot_taken", _("This contract delivers this lot already.")
            )
        yield from _at(here, _part_faults(plan, part))


def _part_faults(plan: AgreementPlan, part: PartPlan) -> Iterator[Violation]:
    if not 0 <= part.lot < len(plan.lots):
        yield Violation(
            "lot", "unknown_lot", _("There is no such lot in the list. Correct the code.")
        )
    # A lot whose components are not known yet says nothing about its prices.
    known = plan.lots[part.lot].components if 0 <= part.lot < len(plan.lots) else ()
    yield from tariff_faults(Lot(components=list(known or Component.values)), part.tariffs)
    ceiling = Ceiling(places=part.ceiling_places, amount=part.ceiling_amount)
    yield from field_violations(ceiling, "ceiling_")
    yield from field_violations(Award(rank=part.rank, share=part.share))


def _award_faults(plan: AgreementPlan) -> Iterator[Violation]:
    """Too many contractors for a lot, or ranks and shares that do not fit together."""
    for number, one in enumerate(plan.lots):
        lot = Lot(code=one.code, contractors=one.terms.contractors, allocation=one.terms.allocation)
        awards = [
            AwardDraft(lot, contractor.provider, part.rank, part.share)  # type: ignore[arg-type]
            for contractor in plan.contractors
            for part in contractor.parts
            if part.lot == number
        ]
        yield from (replace(one, field="contractors") for one in lot_award_faults(lot, awards))


def _at(place: str, faults: Iterable[Violation]) -> Iterator[Violation]:
    return (replace(one, field=place + one.field) for one in faults)
