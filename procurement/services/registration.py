"""Registering an awarded tender with its lots and contracts at once (journey J1)."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import transaction

from backend.accounts.actor import Actor
from backend.common.errors import InvalidError, Violation
from procurement.kpi_codes import proposed_set
from procurement.models import Contract, Lot, Tender
from procurement.policies import require_manage_contracts
from procurement.selectors.versions import newest_version
from procurement.services.clauses import clauses_set
from procurement.services.contracts import contract_lot_add, contract_register
from procurement.services.documents import documents_add, standard_documents
from procurement.services.indexation import indexation_rule_set
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.lots import Participation, lot_register
from procurement.services.options import option_add
from procurement.services.registration_checks import plan_faults, takers_of
from procurement.services.registration_plan import AgreementPlan, ContractorPlan, LotPlan
from procurement.services.tenders import AwardDraft, tender_award, tender_register
from providers.models import Course, Provider

PARTICIPATION = re.compile(r"lots\.(\d+)\.participations\.(\d+)\.")


@dataclass(frozen=True)
class Agreement:
    tender: Tender
    lots: tuple[Lot, ...]
    contracts: tuple[Contract, ...]


@transaction.atomic
def agreement_register(*, actor: Actor, plan: AgreementPlan) -> Agreement:
    """The tender as awarded, its lots and a contract in draft per contractor; or nothing.

    Each contract gets all courses of its provider that fit the lot, the clauses of the plan, and
    its documents and KPI or, without them, the standard check list and a proposal.

    Raises InvalidError with the faults of all parts; their places are paths in the plan, such as
    `tender.reference`, `lots.0.code` or `contractors.1.parts.0.tariffs.2.amount`.
    """
    faults, tender, lots = _judged(actor, plan)
    if faults or tender is None:
        raise InvalidError(violations=faults)
    contracts = [_contract(actor, plan, tender, lots, one) for one in plan.contractors]
    _award(actor, plan, tender, lots)
    return Agreement(tender, tuple(lots), tuple(contracts))


def agreement_faults(*, actor: Actor, plan: AgreementPlan) -> list[Violation]:
    """What `agreement_register` would refuse; writes nothing. Raises NotAllowedError."""
    with transaction.atomic():
        faults, _tender, _lots = _judged(actor, plan)
        transaction.set_rollback(True)
    return faults


def _judged(actor: Actor, plan: AgreementPlan) -> tuple[list[Violation], Tender | None, list[Lot]]:
    """Every fault, with the tender and its lots where they have none."""
    require_manage_contracts(actor, plan.buyer.pk)
    faults = list(plan_faults(plan))
    tender, lots = None, []
    with _collected(faults, "tender."):
        tender = tender_register(actor=actor, buyer=plan.buyer, draft=plan.tender)
    for number, one in enumerate(plan.lots):
        with _collected(faults, f"lots.{number}."):
            lots.append(_lot(actor, plan, tender, one))
    # What contracts or lots have in common is one fault, not one each.
    placed = (_in_plan(plan, one) for one in faults)
    unique = {(one.field, one.code): one for one in placed}
    return list(unique.values()), tender, lots


def _in_plan(plan: AgreementPlan, fault: Violation) -> Violation:
    """Who takes part in a lot stands with the lot, or with the whole agreement."""
    found = PARTICIPATION.match(fault.field)
    if found is None:
        return fault
    lot, number = found.groups()
    shared = plan.lots[int(lot)].municipalities is None
    return replace(fault, field=("" if shared else f"lots.{lot}.") + f"municipalities.{number}")


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
            for municipality in takers_of(plan, one)
        ],
    )


def _contract(
    actor: Actor,
    plan: AgreementPlan,
    tender: Tender,
    lots: Sequence[Lot],
    contractor: ContractorPlan,
) -> Contract:
    provider = _provider_of(contractor)
    contract = contract_register(
        actor=actor,
        buyer=plan.buyer,
        provider=provider,
        tender=tender,
        number=contractor.number,
        title=plan.tender.title,
        start_date=plan.start_date,
        end_date=plan.end_date,
    )
    courses = list(Course.objects.filter(provider=provider).order_by("code", "pk"))
    for part in contractor.parts:
        lot = lots[part.lot]
        contract_lot_add(
            actor=actor,
            contract=contract,
            lot=lot,
            courses=[one for one in courses if one.component in lot.components],
            tariffs=part.tariffs,
            ceiling_places=part.ceiling_places,
            ceiling_amount=part.ceiling_amount,
            execution=plan.lots[part.lot].execution,
        )
    _agreements(actor, plan, contract)
    return contract


def _provider_of(contractor: ContractorPlan) -> Provider:
    assert contractor.provider is not None, "plan_faults lets no other plan through"
    return contractor.provider


def _agreements(actor: Actor, plan: AgreementPlan, contract: Contract) -> None:
    """Options, indexation, KPI, clauses and documents: the same for all contracts of the tender."""
    for option in plan.options:
        option_add(actor=actor, contract=contract, **vars(option))
    if plan.indexation is not None:
        indexation_rule_set(actor=actor, contract=contract, draft=plan.indexation)
    version = newest_version(contract.pk)
    assert version is not None, "a contract is registered with its first version"
    kpi_agreements_set(actor=actor, version=version, drafts=_kpis(plan))
    if plan.clauses:
        clauses_set(actor=actor, version=version, drafts=plan.clauses)
    documents = standard_documents() if plan.documents is None else plan.documents
    documents_add(actor=actor, contract=contract, drafts=documents)


def _kpis(plan: AgreementPlan) -> Sequence[KpiDraft]:
    if plan.kpis is not None:
        return plan.kpis
    main = plan.lots[0].components[0]
    return [KpiDraft(one.code, one.norm, one.weight, one.minimum_n) for one in proposed_set(main)]


def _award(actor: Actor, plan: AgreementPlan, tender: Tender, lots: Sequence[Lot]) -> None:
    assert tender.award_date is not None, "plan_faults lets no other plan through"
    tender_award(
        actor=actor,
        tender=tender,
        award_date=tender.award_date,
        standstill_until=tender.standstill_until,
        awards=[
            AwardDraft(lots[part.lot], _provider_of(one), part.rank, part.share)
            for one in plan.contractors
            for part in one.parts
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
