"""Tenders and contracts of the demo in every stage: asked, awarded, extended, about to end."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.common import clock
from backend.demo.agreements import EVERYBODY
from backend.organisations.models import Organisation
from procurement.choices import (
    AllocationKey,
    ContractStatus,
    ExecutionVariant,
    TenderProcedure,
)
from procurement.kpi_codes import proposed_set
from procurement.models import Contract, Tender
from procurement.services.clauses import clauses_from_library
from procurement.services.contracts import (
    contract_activate,
    contract_end,
    contract_lot_add,
    contract_register,
)
from procurement.services.documents import DocumentDraft, documents_add, standard_documents
from procurement.services.indexation import RuleDraft, indexation_apply, indexation_rule_set
from procurement.services.kpis import KpiDraft, kpi_agreements_set
from procurement.services.lots import LotTerms, Participation, lot_register
from procurement.services.options import option_add
from procurement.services.tariffs import TariffDraft
from procurement.services.tenders import (
    AwardDraft,
    TenderDraft,
    tender_award,
    tender_cancel,
    tender_close,
    tender_publish,
    tender_register,
)
from procurement.services.versions import VersionTerms, contract_amend, version_confirm
from providers.models import Course, Provider

CPV = ("80580000", "85312300")


@dataclass(frozen=True)
class Scene:
    """What the demo has when the stages of procurement are added to it."""

    actor: Actor
    region: Organisation
    municipalities: tuple[Organisation, ...]
    providers: tuple[Provider, ...]
    contracts: tuple[Contract, ...]
    as_of: date


def agree_terms(actor: Actor, contract: Contract, component: str) -> None:
    """KPI, documents, indexation and an option, while the contract is a draft."""
    kpi_agreements_set(
        actor=actor,
        version=contract.versions.get(),
        drafts=[
            KpiDraft(one.code, one.norm, one.weight, one.minimum_n)
            for one in proposed_set(component)
        ],
    )
    issued = clock.today() - timedelta(days=20)
    documents_add(
        actor=actor,
        contract=contract,
        drafts=[
            DocumentDraft(one.kind, one.title, issued, one.maximum_age_months, _("case 2024-117"))
            for one in standard_documents()
        ],
    )
    indexation_rule_set(
        actor=actor,
        contract=contract,
        draft=RuleDraft(
            "index", first_year=contract.start_date.year + 1, index_name="CBS CPI alle huishoudens"
        ),
    )
    option_add(
        actor=actor,
        contract=contract,
        end_date=contract.end_date + timedelta(days=730),
        notice_date=contract.end_date - timedelta(days=30),
    )


def add_stages(scene: Scene) -> None:
    """Tenders in every state, a contract in draft that follows from one, and one that has ended."""
    for build in (_drafted, _published, _closed, _cancelled, _awarded, _ended):
        build(scene)
    running = [one for one in scene.contracts if _status(one) == ContractStatus.ACTIVE]
    if running:
        _indexed(scene, running[0])
        _amended(scene, running[0])


def _status(contract: Contract) -> str:
    return Contract.objects.values_list("status", flat=True).get(pk=contract.pk)


def _tender(
    scene: Scene,
    number: str,
    title: str,
    days: int,
    allocation: str = AllocationKey.FIT,
    procedure: str = TenderProcedure.SAS,
) -> Tender:
    """A tender whose publication lies so many days before today; with one lot."""
    published = scene.as_of - timedelta(days=days)
    tender = tender_register(
        actor=scene.actor,
        buyer=scene.region,
        draft=TenderDraft(
            reference=f"{scene.as_of.year}-{number}",
            title=title,
            procedure=procedure,
            description=_("Made-up tender for the demo."),
            cpv_codes=CPV,
            publication_reference=f"TN-{400_000 + days}",
            publication_date=published,
            closing_date=published + timedelta(days=40),
        ),
    )
    lot_register(
        actor=scene.actor,
        buyer=scene.region,
        tender=tender,
        code=f"{number}-1",
        title=title[:160],
        components=("MAP",),
        target_groups=EVERYBODY,
        terms=LotTerms(
            areas=("Stedendriehoek",),
            volume_min=40,
            volume_max=120,
            ceiling_amount=Decimal(240_000),
            contractors=2,
            allocation=allocation,
        ),
        participations=[
            Participation(one, scene.as_of + timedelta(days=200), payer=scene.region)
            for one in scene.municipalities
        ],
    )
    return tender


def _drafted(scene: Scene) -> None:
    title = "Alfabetisering en digitale vaardigheden"
    _tender(scene, "T4", title, -30, procedure=TenderProcedure.PRIVATE)


def _published(scene: Scene) -> None:
    tender = _tender(
        scene,
        "T3",
        "MAP voor werkenden",
        12,
        AllocationKey.CHOICE,
        procedure=TenderProcedure.OPEN_HOUSE,
    )
    tender_publish(actor=scene.actor, tender=tender)


def _closed(scene: Scene) -> None:
    tender = _tender(
        scene,
        "T2",
        "MAP in de avond",
        60,
        AllocationKey.RANK,
        procedure=TenderProcedure.EUROPEAN_OPEN,
    )
    tender_publish(actor=scene.actor, tender=tender)
    tender_close(actor=scene.actor, tender=tender)


def _cancelled(scene: Scene) -> None:
    tender = _tender(scene, "T0", "Onderwijsroute in de regio", 200)
    tender_publish(actor=scene.actor, tender=tender)
    tender_cancel(
        actor=scene.actor,
        tender=tender,
        reason=_("No offer came in at this price; it is raised first (demo)."),
    )


def _awarded(scene: Scene) -> None:
    """Awarded by shares; the first contract that follows from it is being prepared."""
    tender = _tender(scene, "T1", "MAP en PVT 2027", 90, AllocationKey.SHARE)
    tender_publish(actor=scene.actor, tender=tender)
    tender_close(actor=scene.actor, tender=tender)
    lot = tender.lots.get()
    chosen = scene.providers[:2]
    shares = (Decimal(60), Decimal(40)) if len(chosen) == 2 else (Decimal(100),)
    tender_award(
        actor=scene.actor,
        tender=tender,
        awards=[
            AwardDraft(lot, one, share=share) for one, share in zip(chosen, shares, strict=True)
        ],
        award_date=scene.as_of - timedelta(days=10),
        standstill_until=scene.as_of + timedelta(days=10),
    )
    start = scene.as_of + timedelta(days=200)
    contract = contract_register(
        actor=scene.actor,
        buyer=scene.region,
        provider=chosen[0],
        tender=tender,
        number=f"DEMO-{start.year}-01",
        title=tender.title,
        start_date=start,
        end_date=start + timedelta(days=730),
    )
    contract_lot_add(
        actor=scene.actor,
        contract=contract,
        lot=lot,
        courses=list(Course.objects.filter(provider=chosen[0], component="MAP").order_by("code")),
        tariffs=[TariffDraft("MAP", "learner_hour", Decimal("13.90"), start)],
        ceiling_places=72,
    )
    clauses_from_library(actor=scene.actor, version=contract.versions.get())


def _ended(scene: Scene) -> None:
    """The contract before the one that runs now; nobody is placed under it any more."""
    course = Course.objects.filter(component="PVT").order_by("pk").first()
    if course is None:
        return
    start = scene.as_of - timedelta(days=2000)
    lot = lot_register(
        actor=scene.actor,
        buyer=scene.region,
        code="PVT-oud",
        title="Participatieverklaringstraject",
        components=("PVT",),
        target_groups=EVERYBODY,
        participations=[Participation(one, start) for one in scene.municipalities],
    )
    contract = contract_register(
        actor=scene.actor,
        buyer=scene.region,
        provider=course.provider,
        number=f"DEMO-{start.year}-01",
        title="Participatieverklaringstraject",
        start_date=start,
        end_date=start + timedelta(days=1000),
    )
    contract_lot_add(
        actor=scene.actor,
        contract=contract,
        lot=lot,
        courses=[course],
        tariffs=[TariffDraft("PVT", "traject", Decimal(365), start)],
        execution=ExecutionVariant.OUTPUT,
    )
    contract_activate(actor=scene.actor, contract=contract)
    contract_end(
        actor=scene.actor,
        contract=contract,
        reason=_("Its term is over; a new tender followed (demo)."),
    )


def _indexed(scene: Scene, contract: Contract) -> None:
    day = date(scene.as_of.year, 1, 1)
    if contract.start_date < day:
        indexation_apply(
            actor=scene.actor,
            contract=contract,
            effective_date=day,
            percentage=Decimal("3.30"),
            rounding="0.05",
            source=_("CBS, made up for the demo"),
        )


def _amended(scene: Scene, contract: Contract) -> None:
    version = contract_amend(
        actor=scene.actor,
        contract=contract,
        effective_date=scene.as_of + timedelta(days=30),
        reason=_("Evening groups have been added (demo)."),
        terms=VersionTerms(title=f"{contract.title} met avondgroepen"[:160]),
    )
    version_confirm(actor=scene.actor, version=version)
