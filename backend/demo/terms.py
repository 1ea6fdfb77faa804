"""Terms of the demo in every stage: options, versions, sharing, and each way in which is paid."""

from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from backend.demo.agreements import EVERYBODY
from backend.demo.procurement import Scene
from backend.organisations.models import Organisation
from procurement.choices import ContractStatus, ExecutionVariant, PoolMode, TariffUnit, TenderStatus
from procurement.models import Contract, Lot
from procurement.services.contracts import contract_lot_add, contract_register
from procurement.services.lots import Participation, lot_register
from procurement.services.options import option_decline, option_exercise
from procurement.services.pools import lot_pool_set
from procurement.services.tariffs import TariffDraft
from procurement.services.versions import (
    VersionTerms,
    contract_amend,
    version_confirm,
    version_correct,
)
from providers.models import Course

# Prices of a contract by the task, one of every unit.
PRICES = (
    (TariffUnit.GROUP_HOUR, "", "145.00"),
    (TariffUnit.MODULE, "Module 1", "310.00"),
    (TariffUnit.MODULE, "Module 2", "290.00"),
    (TariffUnit.PHASE, "Intake", "180.00"),
    (TariffUnit.RESULT, "Eindgesprek", "420.00"),
    (TariffUnit.START_FEE, "", "75.00"),
    (TariffUnit.NO_SHOW_FEE, "", "35.00"),
)


def add_terms(scene: Scene) -> None:
    """Nothing here touches a lot that people are placed from."""
    running = Contract.objects.filter(
        pk__in=[one.pk for one in scene.contracts],
        status=ContractStatus.ACTIVE,
        end_date__gt=scene.as_of + timedelta(days=180),
        options__status="open",
    )
    # The first one is indexed and amended already.
    for build, contract in zip((_extended, _corrected), running.order_by("pk")[1:], strict=False):
        build(scene, contract)
    _shared(scene)
    _by_task(scene)


def _extended(scene: Scene, contract: Contract) -> None:
    option_exercise(
        actor=scene.actor,
        option=contract.options.get(),
        reason=_("The school delivers what was agreed (demo)."),
    )


def _corrected(scene: Scene, contract: Contract) -> None:
    """The option is not used; the first version is put right, and a change is being prepared."""
    option_decline(
        actor=scene.actor,
        option=contract.options.get(),
        reason=_("A new tender follows (demo)."),
    )
    version = version_correct(
        actor=scene.actor,
        version=contract.versions.get(number=1),
        reason=_("The term of payment was typed wrongly (demo)."),
        terms=VersionTerms(payment_days=21),
    )
    version_confirm(actor=scene.actor, version=version)
    contract_amend(
        actor=scene.actor,
        contract=contract,
        effective_date=scene.as_of + timedelta(days=60),
        reason=_("A longer notice has been proposed (demo)."),
        terms=VersionTerms(notice_months=9),
    )


def _shared(scene: Scene) -> None:
    """The lot that starts next year is shared by quota."""
    lot = Lot.objects.filter(buyer=scene.region, tender__status=TenderStatus.AWARDED).first()
    if lot is not None:
        lot_pool_set(
            actor=scene.actor,
            lot=lot,
            mode=PoolMode.QUOTA,
            quotas={one.pk: _quota(number) for number, one in enumerate(scene.municipalities)},
            reason=_("By the number of newcomers (demo)."),
        )


def _quota(number: int) -> int:
    return 20 if number == 0 else 6


def _by_task(scene: Scene) -> None:
    """A contract in draft that is paid by the task, with a price of every unit."""
    course = (
        Course.objects.filter(component="MAP", provider__in=scene.providers)
        .select_related("provider")
        .order_by("pk")
        .first()
    )
    if course is None:
        return
    start = scene.as_of + timedelta(days=120)
    takers: tuple[Organisation, ...] = scene.municipalities
    lot = lot_register(
        actor=scene.actor,
        buyer=scene.region,
        code="MAP-taak",
        title="MAP in groepen, per taak",
        components=("MAP",),
        target_groups=EVERYBODY,
        participations=[Participation(one, start) for one in takers],
    )
    contract = contract_register(
        actor=scene.actor,
        buyer=scene.region,
        provider=course.provider,
        number=f"DEMO-{start.year}-02",
        title="MAP in groepen, per taak",
        start_date=start,
        end_date=start + timedelta(days=364),
    )
    contract_lot_add(
        actor=scene.actor,
        contract=contract,
        lot=lot,
        courses=[course],
        tariffs=[
            TariffDraft("MAP", unit, Decimal(amount), start, detail=detail)
            for unit, detail, amount in PRICES
        ],
        ceiling_amount=Decimal(60_000),
        execution=ExecutionVariant.TASK,
    )
