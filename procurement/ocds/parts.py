"""The parts of a release: tender with lots, awards, contracts, milestones, transactions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from procurement.choices import ContractStatus, TenderProcedure, TenderStatus, VersionKind
from procurement.clauses.kinds import MilestoneKind
from procurement.models import ContractVersion, Lot, Milestone, Tender
from procurement.ocds.facts import Process, PublicContract
from procurement.ocds.values import (
    Json,
    buyer_party,
    buyer_reference,
    euros,
    last_moment,
    moment,
    organisation_id,
    period,
    provider_id,
    supplier_party,
    supplier_reference,
)
from providers.models import Provider

# Training services; a tender without own codes is one of these (domain.md 6.1).
DEFAULT_CPV = "80000000"
TENDER_STATUS = {
    TenderStatus.PUBLISHED: "active",
    TenderStatus.CLOSED: "active",
    TenderStatus.AWARDED: "complete",
    TenderStatus.CANCELLED: "cancelled",
}
# A SAS procedure and a European open one are open to all; an open house admits whoever fits.
METHOD = {
    TenderProcedure.SAS: "open",
    TenderProcedure.OPEN_HOUSE: "open",
    TenderProcedure.EUROPEAN_OPEN: "open",
    TenderProcedure.PRIVATE: "limited",
}
CONTRACT_STATUS = {
    ContractStatus.ACTIVE: "active",
    # Suspended work goes on (contract standard 3.19), so the contract has not ended.
    ContractStatus.SUSPENDED: "active",
    ContractStatus.ENDED: "terminated",
}
MILESTONE_TYPE = {
    MilestoneKind.REPORT: "reporting",
    MilestoneKind.EVALUATION: "assessment",
    MilestoneKind.SOCIAL_RETURN: "delivery",
    MilestoneKind.SUBCONTRACTOR: "approval",
    MilestoneKind.OTHER: "delivery",
}


def tender_part(process: Process, status: str, *, eu: bool) -> Json:
    """The tender as it stood with this status; for a contract without one, only what is known."""
    tender = process.tender
    if tender is None:
        return {
            "id": process.ocid,
            "status": "complete",
            "procurementMethod": "direct",
            "mainProcurementCategory": "services",
            **_lots(process, [DEFAULT_CPV], "complete", eu=eu),
        }
    part: Json = {
        "id": str(tender.uuid),
        "title": tender.title,
        "status": status,
        "procurementMethod": METHOD[TenderProcedure(tender.procedure)],
        "procurementMethodDetails": str(TenderProcedure(tender.procedure).label),
        "mainProcurementCategory": "services",
        "procuringEntity": buyer_reference(process.buyer),
        **_lots(process, tender.cpv_codes or [DEFAULT_CPV], status, eu=eu),
    }
    if tender.description:
        part["description"] = tender.description
    if tender.publication_date is not None:
        part["tenderPeriod"] = {"startDate": moment(tender.publication_date)}
        if tender.closing_date is not None:
            part["tenderPeriod"]["endDate"] = last_moment(tender.closing_date)
    ceilings = [one.ceiling_amount for one in process.lots if one.ceiling_amount is not None]
    if ceilings:
        part["value"] = euros(sum(ceilings, Decimal(0)))
    if eu:
        part["techniques"] = _framework(process)
        if tender.procedure in {TenderProcedure.SAS, TenderProcedure.EUROPEAN_OPEN}:
            part["legalBasis"] = {"scheme": "CELEX", "id": "32014L0024"}
    return part


def status_now(tender: Tender) -> str:
    return TENDER_STATUS[TenderStatus(tender.status)]


def _framework(process: Process) -> Json:
    agreement: Json = {"method": "withoutReopeningCompetition"}
    contractors = [one.contractors for one in process.lots if one.contractors]
    if contractors:
        agreement["maximumParticipants"] = max(contractors)
    return {"hasFrameworkAgreement": True, "frameworkAgreement": agreement}


def _lots(process: Process, cpv_codes: Sequence[str], status: str, *, eu: bool) -> Json:
    """What is bought per lot; a tender without lots names nothing (an empty list is no fact)."""
    if not process.lots:
        return {}
    items = _items(process.lots, cpv_codes, eu=eu)
    return {
        "items": items,
        **({"lots": [_lot(one, status) for one in process.lots]} if eu else {}),
    }


def _lot(lot: Lot, status: str) -> Json:
    part: Json = {"id": str(lot.uuid), "title": lot.title, "status": status}
    if lot.areas:
        part["description"] = ", ".join(lot.areas)
    if lot.ceiling_amount is not None:
        part["value"] = euros(lot.ceiling_amount)
    return part


def _items(lots: Sequence[Lot], cpv_codes: Sequence[str], *, eu: bool) -> list[Json]:
    """One item per lot; the places of a year as its quantity where they are agreed."""
    return [
        {
            "id": str(one.uuid),
            "description": one.title,
            "classification": {"scheme": "CPV", "id": cpv_codes[0]},
            **(
                {
                    "additionalClassifications": [
                        {"scheme": "CPV", "id": code} for code in cpv_codes[1:]
                    ]
                }
                if cpv_codes[1:]
                else {}
            ),
            **({"quantity": one.volume_max} if one.volume_max is not None else {}),
            **({"relatedLot": str(one.uuid)} if eu else {}),
        }
        for one in lots
    ]


def award_id(process: Process, provider: Provider) -> str:
    """One award per process and provider, so that a contract over several lots has one award."""
    owner = process.tender.uuid if process.tender is not None else process.ocid
    return f"{owner}-{provider.organisation.uuid}"


def award_parts(process: Process, *, eu: bool) -> list[Json]:
    """Per provider what was awarded; a contract that names no award stands for one."""
    lots: dict[int, dict[int, Lot]] = {}
    winners: dict[int, Provider] = {}
    for award in process.awards:
        winners[award.provider_id] = award.provider
        lots.setdefault(award.provider_id, {})[award.lot_id] = award.lot
    for public in process.contracts:
        provider = public.contract.provider
        winners[provider.pk] = provider
        for lot in public.lots:
            lots.setdefault(provider.pk, {})[lot.pk] = lot
    parts = []
    for key, provider in sorted(winners.items()):
        titles = ", ".join(lot.title for lot in lots.get(key, {}).values())
        part: Json = {
            "id": award_id(process, provider),
            "title": titles or provider.organisation.name,
            "status": "active",
            "suppliers": [supplier_reference(provider)],
        }
        if process.tender is not None and process.tender.award_date is not None:
            part["date"] = moment(process.tender.award_date)
        if eu and lots.get(key):
            part["relatedLots"] = [str(one.uuid) for one in lots[key].values()]
        parts.append(part)
    return parts


def contract_part(
    process: Process, public: PublicContract, version: ContractVersion | None, status: str
) -> Json:
    """A contract as the version says it (None: as it stands), with the amendments until then."""
    contract = public.contract
    part: Json = {
        "id": str(contract.uuid),
        "awardID": award_id(process, contract.provider),
        "title": contract.title if version is None else version.title,
        "description": contract.number,
        "status": status,
        "period": period(
            contract.start_date, contract.end_date if version is None else version.end_date
        ),
    }
    if version is not None and version.agreed_at is not None:
        if version.pk in public.values:
            part["value"] = euros(public.values[version.pk])
        part["dateSigned"] = moment(agreed(public.versions[0]))
        until = [one for one in public.versions if one.number <= version.number]
        amendments = [_amendment(process, public, one) for one in until[1:]]
        if amendments:
            part["amendments"] = amendments
    return part


def agreed(version: ContractVersion) -> datetime:
    """The moment of agreement; only agreed versions are public."""
    return version.agreed_at or version.created_at


def _amendment(process: Process, public: PublicContract, version: ContractVersion) -> Json:
    before = max(
        (one for one in public.versions if one.number < version.number),
        key=lambda one: one.number,
    )
    return {
        "id": str(version.uuid),
        "date": moment(agreed(version)),
        "rationale": version.reason or str(VersionKind(version.kind).label),
        "description": str(VersionKind(version.kind).label),
        "amendsReleaseID": version_release_id(process, public, before),
        "releaseID": version_release_id(process, public, version),
    }


def version_release_id(
    process: Process, public: PublicContract, version: ContractVersion | None
) -> str:
    number = 1 if version is None else version.number
    return f"{process.ocid}-contract-{public.contract.uuid}-{number}"


def implementation_part(public: PublicContract, month: date) -> Json:
    """What happened in a month: payments, and promises that were kept or fell due."""
    contract = public.contract
    paid = [one for one in public.payments if one.month == month]
    due = [one for one in public.milestones if _month_of(one) == month]
    part: Json = {}
    if paid:
        part["transactions"] = [
            {
                "id": f"{contract.uuid}-{organisation_id(one.municipality)}-{month:%Y-%m}",
                "date": moment(one.month),
                "value": euros(one.amount),
                "payer": buyer_reference(one.municipality),
                "payee": supplier_reference(contract.provider),
            }
            for one in paid
        ]
    if due:
        part["milestones"] = [_milestone(one) for one in due]
    return part


def implementation_months(public: PublicContract) -> list[date]:
    return sorted(
        {one.month for one in public.payments} | {_month_of(one) for one in public.milestones}
    )


def _month_of(milestone: Milestone) -> date:
    return (milestone.met_date or milestone.due_date or milestone.period_start).replace(day=1)


def _milestone(milestone: Milestone) -> Json:
    kind = MilestoneKind(milestone.kind)
    part: Json = {
        "id": str(milestone.uuid),
        # The title of a milestone is free text of an officer: its kind says enough in public.
        "title": str(kind.label),
        "type": MILESTONE_TYPE[kind],
        "status": "met" if milestone.met_date else "notMet",
    }
    if milestone.due_date is not None:
        part["dueDate"] = last_moment(milestone.due_date)
    if milestone.met_date is not None:
        part["dateMet"] = moment(milestone.met_date)
    return part


def parties(process: Process) -> list[Json]:
    """Everybody that the process names, each once: buyer, suppliers, paying municipalities."""
    found: dict[str, Json] = {}

    def add(party: Json) -> None:
        known = found.setdefault(party["id"], party)
        known["roles"] = sorted({*known["roles"], *party["roles"]})

    add(buyer_party(process.buyer, ["buyer", "procuringEntity"]))
    for provider in _providers(process):
        add(supplier_party(provider))
    for public in process.contracts:
        for payment in public.payments:
            add(buyer_party(payment.municipality, ["payer"]))
            paid = supplier_party(public.contract.provider)
            add({**paid, "roles": ["payee", "supplier"]})
    return list(found.values())


def _providers(process: Process) -> Iterable[Provider]:
    known = {one.provider_id: one.provider for one in process.awards}
    known |= {one.contract.provider_id: one.contract.provider for one in process.contracts}
    return sorted(known.values(), key=provider_id)
