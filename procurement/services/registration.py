"""Registering an awarded tender with its lots and contracts at once (journey J1)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.errors import InvalidError, Violation
from backend.organisations.models import Organisation
from procurement.choices import ExecutionVariant
from procurement.clauses.library import clean_parameters
from procurement.kpi_codes import proposed_set
from procurement.models import Contract, Lot, Tender
from procurement.policies import require_manage_contracts
from procurement.selectors.versions import newest_version
from procurement.services.clauses import ClauseDraft, clauses_set
from procurement.services.contracts import contract_lot_add, contract_register
from procurement.services.documents import documents_add, standard_documents
from procurement.services.indexation import RuleDraft, indexation_rule_set
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.lots import LotTerms, Participation, lot_register
from procurement.services.options import option_add
from procurement.services.tariffs import TariffDraft
from procurement.services.tenders import AwardDraft, TenderDraft, tender_award, tender_register
from providers.models import Course, Provider


@dataclass(frozen=True)
class LotPlan:
    code: str
    title: str
    components: tuple[str, ...]
    target_groups: tuple[str, ...]
    terms: LotTerms = field(default_factory=LotTerms)
    execution: str = ExecutionVariant.EFFORT
    # Who takes part in this lot; None: everybody who takes part in the agreement.
    municipalities: tuple[Organisation, ...] | None = None


@dataclass(frozen=True)
class PartPlan:
    """What a contractor delivers of one lot (by its place in the list): price, rank or share."""

    lot: int
    price: Decimal | None = None
    unit: str = "learner_hour"
    rank: int | None = None
    share: Decimal | None = None
    ceiling_places: int | None = None
    ceiling_amount: Decimal | None = None


@dataclass(frozen=True)
class ContractorPlan:
    provider: Provider
    number: str
    parts: tuple[PartPlan, ...]


@dataclass(frozen=True)
class OptionPlan:
    end_date: date
    notice_date: date


@dataclass(frozen=True)
class AgreementPlan:
    """An award and everything that follows from it."""

    buyer: Organisation
    tender: TenderDraft
    start_date: date
    end_date: date
    municipalities: tuple[Organisation, ...]
    lots: tuple[LotPlan, ...]
    contractors: tuple[ContractorPlan, ...]
    payer: Organisation | None = None
    options: tuple[OptionPlan, ...] = ()
    indexation: RuleDraft | None = None
    clauses: tuple[ClauseDraft, ...] = ()
    with_kpis: bool = True
    with_documents: bool = True


@dataclass(frozen=True)
class Agreement:
    tender: Tender
    lots: tuple[Lot, ...]
    contracts: tuple[Contract, ...]


@transaction.atomic
def agreement_register(*, actor: Actor, plan: AgreementPlan) -> Agreement:
    """The tender as awarded, its lots and a contract in draft per contractor; or nothing.

    Each contract gets all courses of its provider that fit the lot, the clauses of the plan, the
    standard check list of documents and a proposal for the KPI.

    Raises InvalidError with the faults of all parts; their places start with `tender.`,
    `clauses.<kind>.`, `lots.<n>.` or `contractors.<n>.`.
    """
    require_manage_contracts(actor, plan.buyer.pk)
    faults: list[Violation] = list(_plan_faults(plan))
    tender, lots, contracts = None, {}, []
    with _collected(faults, "tender."):
        tender = tender_register(actor=actor, buyer=plan.buyer, draft=plan.tender)
    for number, one in enumerate(plan.lots):
        with _collected(faults, f"lots.{number}."):
            lots[number] = _lot(actor, plan, tender, one)
    for number, contractor in enumerate(plan.contractors):
        with _collected(faults, f"contractors.{number}."):
            contracts.append(_contract(actor, plan, tender, lots, contractor))
    if tender is not None and len(lots) == len(plan.lots) and plan.contractors:
        with _collected(faults, "tender."):
            _award(actor, plan, tender, lots)
    if faults:
        raise InvalidError(violations=faults)
    assert tender is not None
    return Agreement(tender, tuple(lots.values()), tuple(contracts))


def _plan_faults(plan: AgreementPlan) -> Iterable[Violation]:
    if not plan.lots:
        yield Violation("lots", "required", _("Add at least one lot."))
    empty = [
        number
        for number, one in enumerate(plan.lots)
        if not (plan.municipalities if one.municipalities is None else one.municipalities)
    ]
    if len(empty) == len(plan.lots):
        yield Violation("municipalities", "no_municipality", _("Choose at least one municipality."))
        empty = []
    for number in empty:
        yield Violation(
            f"lots.{number}.municipalities",
            "no_municipality",
            _("Nobody takes part in lot %(lot)s. Choose at least one municipality.")
            % {"lot": plan.lots[number].code},
        )
    for one in plan.clauses:
        for fault in clean_parameters(one.kind, one.parameters)[1]:
            yield replace(fault, field=f"clauses.{one.kind}.{fault.field}")
    if not plan.contractors:
        yield Violation("contractors", "required", _("Add at least one provider."))
    named: set[int] = set()
    for number, contractor in enumerate(plan.contractors):
        if contractor.provider.pk in named:
            yield Violation(
                f"contractors.{number}.provider",
                "repeated",
                _("This provider is in the list twice. Give it all its lots in one place."),
            )
        named.add(contractor.provider.pk)
        if not contractor.parts:
            yield Violation(
                f"contractors.{number}.parts",
                "required",
                _("Choose at least one lot for this provider."),
            )


def _lot(actor: Actor, plan: AgreementPlan, tender: Tender | None, one: LotPlan) -> Lot:
    return lot_register(
        actor=actor,
        buyer=plan.buyer,
        tender=tender,
        code=one.code,
        title=one.title,
        components=one.components,
        target_groups=one.target_groups,
        terms=one.terms,
        participations=[
            Participation(municipality, plan.start_date, payer=plan.payer)
            for municipality in (
                plan.municipalities if one.municipalities is None else one.municipalities
            )
        ],
    )


def _contract(
    actor: Actor,
    plan: AgreementPlan,
    tender: Tender | None,
    lots: dict[int, Lot],
    contractor: ContractorPlan,
) -> Contract:
    contract = contract_register(
        actor=actor,
        buyer=plan.buyer,
        provider=contractor.provider,
        tender=tender,
        number=contractor.number,
        title=plan.tender.title,
        start_date=plan.start_date,
        end_date=plan.end_date,
    )
    courses = list(Course.objects.filter(provider=contractor.provider).order_by("code", "pk"))
    faults: list[Violation] = []
    for number, part in enumerate(contractor.parts):
        lot = lots.get(part.lot)
        if lot is None:
            continue
        with _collected(faults, f"parts.{number}."):
            _contract_lot(actor, plan, contract, lot, part, courses)
    with _collected(faults, ""):
        _agreements(actor, plan, contract)
    if faults:
        raise InvalidError(violations=faults)
    return contract


def _contract_lot(
    actor: Actor,
    plan: AgreementPlan,
    contract: Contract,
    lot: Lot,
    part: PartPlan,
    courses: Sequence[Course],
) -> None:
    tariffs = []
    if part.price is not None:
        tariffs = [
            TariffDraft(component, part.unit, part.price, plan.start_date)
            for component in lot.components
        ]
    contract_lot_add(
        actor=actor,
        contract=contract,
        lot=lot,
        courses=[one for one in courses if one.component in lot.components],
        tariffs=tariffs,
        ceiling_places=part.ceiling_places,
        ceiling_amount=part.ceiling_amount,
        execution=plan.lots[part.lot].execution,
    )


def _agreements(actor: Actor, plan: AgreementPlan, contract: Contract) -> None:
    """Options, indexation, KPI and documents: the same for all contracts of the tender."""
    for option in plan.options:
        option_add(
            actor=actor,
            contract=contract,
            end_date=option.end_date,
            notice_date=option.notice_date,
        )
    if plan.indexation is not None:
        indexation_rule_set(actor=actor, contract=contract, draft=plan.indexation)
    version = newest_version(contract.pk)
    if plan.with_kpis and version is not None and plan.lots:
        main = plan.lots[0].components[:1]
        proposals = proposed_set(main[0] if main else "")
        kpi_agreements_set(
            actor=actor,
            version=version,
            drafts=[KpiDraft(one.code, one.norm, one.weight, one.minimum_n) for one in proposals],
        )
    if plan.clauses and version is not None:
        # Wrong numbers were named once, for the whole plan.
        sound = [one for one in plan.clauses if not clean_parameters(one.kind, one.parameters)[1]]
        clauses_set(actor=actor, version=version, drafts=sound)
    if plan.with_documents:
        documents_add(actor=actor, contract=contract, drafts=standard_documents())


def _award(actor: Actor, plan: AgreementPlan, tender: Tender, lots: dict[int, Lot]) -> None:
    if tender.award_date is None:
        raise InvalidError(
            violations=[Violation("award_date", "required", _("Enter the award date."))]
        )
    tender_award(
        actor=actor,
        tender=tender,
        award_date=tender.award_date,
        standstill_until=tender.standstill_until,
        awards=[
            AwardDraft(lots[part.lot], one.provider, part.rank, part.share)
            for one in plan.contractors
            for part in one.parts
            if part.lot in lots
        ],
    )


@contextmanager
def _collected(faults: list[Violation], place: str) -> Iterator[None]:
    """Faults of one part are kept with their place, so that all parts are checked.

    The savepoint takes back what the part wrote before it failed.
    """
    try:
        with transaction.atomic():
            yield
    except InvalidError as error:
        faults += [replace(one, field=place + one.field) for one in error.violations]
