"""Puts an instance of `tests.support.instances` into the database, in bulk: people and supply.

The rows are those that services would leave behind; `python -m tests.benchmarks.batch` needs ten
thousand of each in seconds. Recognisably synthetic, like the instances.
"""

from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from backend.common.codes import LearningRoute
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation, RegionMembership
from matching.models import Need, Participant, Pip, TargetGroupPeriod
from procurement.choices import ContractStatus, TariffUnit
from procurement.models import (
    Ceiling,
    Contract,
    ContractCourse,
    ContractLot,
    Lot,
    LotMunicipality,
    Tariff,
)
from providers.choices import MarkKind, MarkStatus, SeatState
from providers.models import (
    Course,
    CourseGroup,
    IntakeMoment,
    Location,
    Provider,
    QualityMark,
    SeatClaim,
    WeeklySlot,
)
from tests.support.instances import AS_OF, DAYS, day

LONG_AGO, FAR = day(-400), day(1030)
HOURS = {"1": (time(9), time(12)), "2": (time(13), time(16)), "3": (time(19), time(21))}
# Places under one ceiling, where the instance is asked to have any.
CEILING_SHARE = 0.3

Record = Mapping[str, Any]


def region_in_database(data: Mapping[str, Any], *, ceilings: bool = False) -> Organisation:
    """The region whose run routes everybody of the instance, after a bulk insert of all rows."""
    towns = _towns({one["municipality"] for one in data["needs"]} | _covered(data["offers"]))
    region = Organisation.objects.create(
        kind=OrganisationKind.REGION, name="Meetregio", code="meetregio"
    )
    RegionMembership.objects.bulk_create(
        RegionMembership(region=region, municipality=one, valid_from=LONG_AGO)
        for one in towns.values()
    )
    _people(data["needs"], towns)
    courses = _supply(data["offers"], region)
    _contracts(data["offers"], courses, towns, region, ceilings)
    return region


def _covered(offers: Iterable[Record]) -> set[str]:
    return {code for one in offers for code in one["municipalities"]}


def _towns(codes: set[str]) -> dict[str, Organisation]:
    made = Organisation.objects.bulk_create(
        Organisation(kind=OrganisationKind.MUNICIPALITY, name=f"Gemeente {code}", code=code)
        for code in sorted(codes)
    )
    return {one.code: one for one in made}


def _people(needs: list[Record], towns: Mapping[str, Organisation]) -> None:
    one_day = timedelta(days=1)
    people = Participant.objects.bulk_create(
        Participant(
            municipality=towns[one["municipality"]],
            reference=one["id"],
            obligation_start_date=LONG_AGO,
            settlement_date=LONG_AGO,
            notified_at_date=LONG_AGO,
            term_start_date=LONG_AGO,
            term_end_date=date.fromisoformat(one["termEnd"]) + one_day,
        )
        for one in needs
    )
    TargetGroupPeriod.objects.bulk_create(
        TargetGroupPeriod(participant=person, target_group=one["targetGroup"], valid_from=LONG_AGO)
        for person, one in zip(people, needs, strict=True)
    )
    pips = Pip.objects.bulk_create(
        _pip(person, one) for person, one in zip(people, needs, strict=True)
    )
    Need.objects.bulk_create(
        Need(
            pip=pip,
            municipality=pip.participant.municipality,
            component=one["component"],
            waiting_since=one["waitingSince"],
            # A module may start until its deadline; a leerroute until the day in the PIP.
            deadline=one["deadline"] if _is_route(one) else one["latestStart"],
        )
        for pip, one in zip(pips, needs, strict=True)
    )


def _is_route(one: Record) -> bool:
    return one["component"] in LearningRoute.values


def _pip(person: Participant, one: Record) -> Pip:
    return Pip(
        participant=person,
        decision_date=LONG_AGO,
        route=one["component"] if _is_route(one) else LearningRoute.B1_ROUTE,
        level=one["targetLevel"] if _is_route(one) else "B1",
        literacy=one["literacy"],
        entry_level=one["level"],
        hours_per_week=one["hoursPerWeek"],
        availability=one["available"],
        latitude=one["lat"],
        longitude=one["lon"],
        max_travel_km=one["maxTravelKm"],
        accepts_online=one["online"],
        needs_childcare=one["childcare"],
        needs_wheelchair_access=one["wheelchair"],
        earliest_start_date=one["earliestStart"],
        latest_start_date=one["latestStart"],
    )


def _supply(offers: list[Record], claimant: Organisation) -> list[Course]:
    """A course, location, group and intake moment per offer, seats taken as claims."""
    schools = _schools(offers)
    courses = Course.objects.bulk_create(
        Course(
            provider=schools[one["provider"]],
            code=one["id"],
            name=f"Cursus {one['id']}",
            kind=one["component"],
            component=one["component"],
            level_from=one["levelFrom"],
            level_to=one["levelTo"],
            target_level=one["targetLevel"],
            literacy=one["literacy"],
            hours_per_week=Decimal(one["hoursPerWeek"]),
            total_hours=400,
            mode=one["mode"],
        )
        for one in offers
    )
    locations = Location.objects.bulk_create(
        Location(
            provider=course.provider,
            code=one["id"],
            name=f"Leslokaal {one['id']}",
            place="Meetstad",
            latitude=one["lat"],
            longitude=one["lon"],
            childcare=one["childcare"],
            wheelchair_accessible=one["wheelchair"],
        )
        for course, one in zip(courses, offers, strict=True)
    )
    groups = CourseGroup.objects.bulk_create(
        CourseGroup(
            course=course, location=place, code="G", min_size=one["minGroup"], max_size=1000
        )
        for course, place, one in zip(courses, locations, offers, strict=True)
    )
    WeeklySlot.objects.bulk_create(
        WeeklySlot(
            group=group,
            weekday=DAYS.index(slot[:2]) + 1,
            start_time=HOURS[slot[2]][0],
            end_time=HOURS[slot[2]][1],
        )
        for group, one in zip(groups, offers, strict=True)
        for slot in one["slots"]
    )
    moments = IntakeMoment.objects.bulk_create(
        IntakeMoment(
            group=group,
            start_date=one["start"],
            end_date=one["end"],
            seats_total=one["seats"] + one["enrolled"],
        )
        for group, one in zip(groups, offers, strict=True)
    )
    SeatClaim.objects.bulk_create(
        SeatClaim(intake_moment=moment, organisation=claimant, state=SeatState.CONFIRMED)
        for moment, one in zip(moments, offers, strict=True)
        for _ in range(one["enrolled"])
    )
    return courses


def _schools(offers: list[Record]) -> dict[str, Provider]:
    """A provider per name, with the marks that last as long as the shortest of its offers says."""
    codes = sorted({one["provider"] for one in offers})
    organisations = Organisation.objects.bulk_create(
        Organisation(kind=OrganisationKind.PROVIDER, name=f"Taalschool {code}", code=code)
        for code in codes
    )
    providers = Provider.objects.bulk_create(Provider(organisation=one) for one in organisations)
    # One school in twenty has a mark that runs out halfway.
    QualityMark.objects.bulk_create(
        QualityMark(
            provider=one,
            kind=kind,
            status=MarkStatus.VALID,
            valid_from=LONG_AGO,
            valid_to=day(80) if number % 20 == 19 else None,
        )
        for number, one in enumerate(providers)
        for kind in (MarkKind.KEURMERK, MarkKind.TST)
    )
    return dict(zip(codes, providers, strict=True))


def _contracts(
    offers: list[Record],
    courses: list[Course],
    towns: Mapping[str, Organisation],
    buyer: Organisation,
    ceilings: bool,
) -> None:
    """One contract lot for all offers that share provider, component and cover; a price each."""
    alike: dict[tuple[Any, ...], list[int]] = {}
    for row, one in enumerate(offers):
        key = (
            one["provider"],
            one["component"],
            tuple(one["targetGroups"]),
            tuple(one["municipalities"]),
        )
        alike.setdefault(key, []).append(row)
    contracts: dict[str, Contract] = {}
    for (provider, *_), rows in alike.items():
        if provider not in contracts:
            contracts[provider] = Contract(
                buyer=buyer,
                provider=courses[rows[0]].provider,
                number=provider,
                title=f"Contract {provider}",
                start_date=LONG_AGO,
                end_date=FAR,
                status=ContractStatus.ACTIVE,
            )
    Contract.objects.bulk_create(contracts.values())
    lots = Lot.objects.bulk_create(
        Lot(
            buyer=buyer,
            code=f"P{number}",
            title=f"Perceel {number}",
            components=[component],
            target_groups=list(groups),
        )
        for number, (_, component, groups, _) in enumerate(alike)
    )
    LotMunicipality.objects.bulk_create(
        LotMunicipality(lot=lot, municipality=towns[code], valid_from=LONG_AGO)
        for lot, (_, _, _, codes) in zip(lots, alike, strict=True)
        for code in codes
    )
    parts = ContractLot.objects.bulk_create(
        ContractLot(contract=contracts[provider], lot=lot)
        for lot, (provider, *_) in zip(lots, alike, strict=True)
    )
    ContractCourse.objects.bulk_create(
        ContractCourse(contract_lot=part, course=courses[row])
        for part, rows in zip(parts, alike.values(), strict=True)
        for row in rows
    )
    Tariff.objects.bulk_create(
        Tariff(
            contract_lot=part,
            component=component,
            unit=TariffUnit.LEARNER_HOUR,
            amount=Decimal(str(offers[rows[0]]["pricePerHour"])),
            valid_from=LONG_AGO,
        )
        for part, ((_, component, *_), rows) in zip(parts, alike.items(), strict=True)
    )
    if ceilings:
        Ceiling.objects.bulk_create(
            Ceiling(
                contract_lot=part,
                places=int(CEILING_SHARE * sum(offers[row]["seats"] for row in rows)),
            )
            for part, rows in zip(parts[::3], list(alike.values())[::3], strict=True)
        )


__all__ = ["AS_OF", "region_in_database"]
