"""A supply side with contracts of any size, made in bulk: `count` rows of every kind."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from backend.common import clock
from backend.common.codes import Component, Level, Literacy, TargetGroup
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation, Postcode4
from procurement.choices import ContractStatus, TariffUnit
from procurement.models import (
    Award,
    Ceiling,
    Contract,
    ContractDocument,
    ContractLot,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Lot,
    LotMunicipality,
    Tariff,
    Tender,
    VersionPeriod,
)
from providers.choices import DeliveryMode, IntakeStatus, MarkKind, MarkStatus, SeatState
from providers.models import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    IntakeSeries,
    IntakeStop,
    Location,
    Provider,
    ProviderContact,
    ProviderDocument,
    QualityMark,
    SeatClaim,
    Teacher,
    TeacherHours,
    WeeklySlot,
)

FIRST_DAY = date(2027, 1, 4)
SEATS = 15


@dataclass(frozen=True)
class Supply:
    providers: list[Provider]
    courses: list[Course]
    groups: list[CourseGroup]
    intake_moments: list[IntakeMoment]
    contracts: list[Contract]
    tariffs: list[Tariff]


def make_supply(count: int, buyer: Organisation, prefix: str = "s") -> Supply:
    """`count` providers, each with one row of everything, and a contract of `buyer` with it.

    Every second row leaves optional things out, so that both branches of a shape are walked.
    """
    numbers = range(count)
    providers = _providers(numbers, prefix)
    courses = _courses(providers)
    groups = _groups(courses, buyer)
    moments = _intake_moments(groups, buyer)
    contracts, tariffs = _contracts(providers, buyer, prefix)
    _files(providers, courses, groups, buyer)
    return Supply(providers, courses, groups, moments, contracts, tariffs)


def _providers(numbers: range, prefix: str) -> list[Provider]:
    organisations = Organisation.objects.bulk_create(
        Organisation(
            kind=OrganisationKind.PROVIDER, name=f"School {n:05}", code=f"{prefix}-school-{n}"
        )
        for n in numbers
    )
    providers = Provider.objects.bulk_create(
        Provider(
            organisation=one,
            duo_number=f"{prefix}{n}"[:10] if n % 2 == 0 else "",
            email=f"info@school{n}.example",
        )
        for n, one in enumerate(organisations)
    )
    QualityMark.objects.bulk_create(
        QualityMark(
            provider=one,
            kind=MarkKind.KEURMERK,
            status=MarkStatus.VALID,
            valid_from=FIRST_DAY - timedelta(days=400 * years),
            valid_to=FIRST_DAY - timedelta(days=400 * (years - 1) + 1) if years > 1 else None,
        )
        for n, one in enumerate(providers)
        for years in range(1, n % 3 + 1)
    )
    return providers


def _courses(providers: list[Provider]) -> list[Course]:
    return Course.objects.bulk_create(
        Course(
            provider=one,
            code=f"B1-{n}",
            name=f"Cursus {n % 7}",
            component=Component.B1_ROUTE if n % 2 else Component.Z_ROUTE,
            kind=Component.B1_ROUTE if n % 2 else Component.Z_ROUTE,
            level_from=Level.A0,
            level_to=Level.A2,
            target_level=Level.B1,
            literacy=[Literacy.NOT_APPLICABLE, Literacy.OTHER_SCRIPT][: 1 + n % 2],
            hours_per_week=Decimal("7.5"),
            total_hours=600,
            mode=DeliveryMode.ONSITE,
            description="Met een komma, een ë en <tekens>.",
        )
        for n, one in enumerate(providers)
    )


def _groups(courses: list[Course], municipality: Organisation) -> list[CourseGroup]:
    locations = Location.objects.bulk_create(
        Location(
            provider=one.provider,
            code="L1",
            name=f"Leslokaal {n}",
            place="Utrecht" if n % 2 else "Zeist",
            postcode="3511AA",
            municipality=municipality if n % 2 else None,
            latitude=52.09 + n / 10_000,
            longitude=5.12,
        )
        for n, one in enumerate(courses)
    )
    groups = CourseGroup.objects.bulk_create(
        CourseGroup(course=course, location=location, code="G1", max_size=SEATS)
        for course, location in zip(courses, locations, strict=True)
    )
    WeeklySlot.objects.bulk_create(
        WeeklySlot(group=one, weekday=day, start_time=time(9), end_time=time(11, 30))
        for n, one in enumerate(groups)
        for day in range(1, 1 + n % 4)
    )
    return groups


def _intake_moments(groups: list[CourseGroup], holder: Organisation) -> list[IntakeMoment]:
    IntakeSeries.objects.bulk_create(
        IntakeSeries(
            group=one, frequency="weeks", step=6, first_date=FIRST_DAY, last_date=FIRST_DAY
        )
        for one in groups
    )
    moments = IntakeMoment.objects.bulk_create(
        IntakeMoment(
            group=one,
            start_date=FIRST_DAY + timedelta(days=n % 300),
            end_date=FIRST_DAY + timedelta(days=n % 300 + 280),
            seats_total=SEATS,
            status=IntakeStatus.PUBLISHED,
        )
        for n, one in enumerate(groups)
    )
    soon, past = clock.now() + timedelta(days=3), clock.now() - timedelta(days=3)
    SeatClaim.objects.bulk_create(
        SeatClaim(intake_moment=one, organisation=holder, **claim)
        for n, one in enumerate(moments)
        for claim in _claims(n, soon, past)
    )
    return moments


def _files(
    providers: list[Provider], courses: list[Course], groups: list[CourseGroup], buyer: Organisation
) -> None:
    """One row of everything on file about each provider."""
    Postcode4.objects.get_or_create(
        pc4="3511", defaults={"place": "Utrecht", "latitude": 52.09, "longitude": 5.12}
    )
    ProviderContact.objects.bulk_create(
        ProviderContact(provider=one, name="Sam", role="planning", phone="030") for one in providers
    )
    ProviderDocument.objects.bulk_create(
        ProviderDocument(
            provider=one,
            kind="kvk",
            title="Uittreksel",
            issue_date=FIRST_DAY,
            valid_until=None if n % 2 else FIRST_DAY + timedelta(days=180),
        )
        for n, one in enumerate(providers)
    )
    DeliveryParty.objects.bulk_create(
        DeliveryParty(
            course=one,
            provider=providers[0] if n % 2 else None,
            name="Onderaannemer",
            role="teaching",
            valid_from=FIRST_DAY,
        )
        for n, one in enumerate(courses)
    )
    teachers = Teacher.objects.bulk_create(
        Teacher(
            provider=one,
            code="D1",
            qualification="certified",
            hours_per_week=Decimal(20),
            valid_from=FIRST_DAY,
        )
        for one in providers
    )
    TeacherHours.objects.bulk_create(
        TeacherHours(teacher=teacher, group=group, hours_per_week=Decimal(20), valid_from=FIRST_DAY)
        for teacher, group in zip(teachers, groups, strict=True)
    )
    IntakeStop.objects.bulk_create(
        IntakeStop(
            provider=one,
            organisation=buyer,
            course=courses[n] if n % 2 else None,
            ground="staff",
            reason="Docenten weg",
            starts_on=FIRST_DAY + timedelta(days=n),
            requested_at=clock.now(),
        )
        for n, one in enumerate(providers)
    )


def _claims(number: int, soon: Any, past: Any) -> list[dict[str, Any]]:
    return [
        {"state": SeatState.CONFIRMED},
        {"state": SeatState.HOLD, "expires_at": soon},
        {"state": SeatState.HOLD, "expires_at": past},
    ][: number % 4]


def _contracts(
    providers: list[Provider], buyer: Organisation, prefix: str
) -> tuple[list[Contract], list[Tariff]]:
    lots = Lot.objects.bulk_create(
        Lot(
            buyer=buyer,
            code=f"{prefix}-P{n}",
            title=f"Perceel {n}",
            components=[Component.B1_ROUTE, Component.KNM],
            target_groups=[TargetGroup.ASYLUM],
        )
        for n, _ in enumerate(providers)
    )
    LotMunicipality.objects.bulk_create(
        LotMunicipality(lot=one, municipality=buyer, valid_from=date(2026, 1, 1)) for one in lots
    )
    contracts = Contract.objects.bulk_create(
        Contract(
            buyer=buyer,
            provider=one,
            number=f"{prefix}-C{n}",
            title=f"Raamovereenkomst {n}",
            start_date=date(2026, 1, 1),
            end_date=date(2029, 12, 31),
            status=ContractStatus.ACTIVE,
        )
        for n, one in enumerate(providers)
    )
    parts = ContractLot.objects.bulk_create(
        ContractLot(contract=contract, lot=lot)
        for contract, lot in zip(contracts, lots, strict=True)
    )
    Ceiling.objects.bulk_create(
        Ceiling(contract_lot=one, places=40, amount=Decimal("125000.50")) for one in parts[::2]
    )
    tariffs = Tariff.objects.bulk_create(
        Tariff(
            contract_lot=one,
            component=Component.B1_ROUTE,
            unit=TariffUnit.TRAJECT,
            amount=Decimal("7250.00"),
            valid_from=date(2026, 1, 1),
            valid_to=None if n % 2 else date(2028, 12, 31),
        )
        for n, one in enumerate(parts)
    )
    _agreements(contracts, lots, providers, buyer, prefix)
    return contracts, tariffs


def _agreements(
    contracts: list[Contract],
    lots: list[Lot],
    providers: list[Provider],
    buyer: Organisation,
    prefix: str,
) -> None:
    """A tender and award per lot; version, KPI, option, document, indexation per contract."""
    tenders = Tender.objects.bulk_create(
        Tender(
            buyer=buyer,
            reference=f"{prefix}-T{n}",
            title=f"Aanbesteding {n}",
            cpv_codes=["85300000"],
        )
        for n, _ in enumerate(lots)
    )
    for n, (tender, lot, contract) in enumerate(zip(tenders, lots, contracts, strict=True)):
        if n % 2 == 0:
            lot.tender = contract.tender = tender
    Lot.objects.bulk_update(lots, ["tender"])
    Contract.objects.bulk_update(contracts, ["tender"])
    Award.objects.bulk_create(
        Award(lot=lot, provider=one, rank=1 if n % 2 else None)
        for n, (lot, one) in enumerate(zip(lots, providers, strict=True))
    )
    versions = ContractVersion.objects.bulk_create(
        ContractVersion(
            contract=one,
            number=1,
            title=one.title,
            effective_date=one.start_date,
            end_date=one.end_date,
            agreed_at=clock.now() if n % 2 else None,
        )
        for n, one in enumerate(contracts)
    )
    VersionPeriod.objects.bulk_create(
        VersionPeriod(
            version=one,
            contract_id=one.contract_id,
            valid_from=one.effective_date,
            valid_to=one.end_date,
        )
        for one in versions
    )
    KpiAgreement.objects.bulk_create(
        KpiAgreement(version=one, indicator="Q1", norm=Decimal(80), weight=Decimal(100))
        for one in versions
    )
    ExtensionOption.objects.bulk_create(
        ExtensionOption(
            contract=one,
            number=1,
            start_date=date(2030, 1, 1),
            end_date=date(2030, 12, 31),
            notice_date=date(2029, 6, 30),
        )
        for one in contracts
    )
    ContractDocument.objects.bulk_create(
        ContractDocument(
            contract=one,
            kind="tax",
            title="Verklaring",
            issued_date=date(2026, 1, 1) if n % 2 else None,
        )
        for n, one in enumerate(contracts)
    )
    Indexation.objects.bulk_create(
        Indexation(contract=one, effective_date=date(2027, 1, 1), percentage=Decimal("2.5"))
        for one in contracts
    )
