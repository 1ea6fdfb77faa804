"""Enters a region plan through the services and importers that real data uses, day by day.

Nothing here writes a row itself: what a door refuses, the demo cannot contain either. Act one is
the past (organisations, contracts, courses), act two the learners of before, act three the season
that is open now and the people who wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backend.accounts.public import Actor, system_actor
from backend.common import clock
from backend.demo.agreements import ContractPlan, contract_start
from backend.demo.money import agree_clauses
from backend.demo.papers import add_papers
from backend.demo.places import MUNICIPALITIES, REGION_CODE, REGION_NAME, geonames_lines
from backend.demo.plan import RegionPlan
from backend.demo.procurement import Scene, add_stages, agree_terms
from backend.demo.progress import Progress
from backend.demo.schools import CoursePlan, GroupPlan, IntakePlan, SchoolPlan
from backend.demo.supply_extra import add_supply_extra
from backend.demo.terms import add_terms
from backend.demo.transfers import move_learners
from backend.organisations.postcodes import postcodes_import
from backend.organisations.public import (
    Organisation,
    OrganisationKind,
    Permission,
    geography_load,
    municipality_by_cbs_code,
    organisation_create,
    region_member_add,
)
from matching.services.duo_message_import import pip_messages_import
from procurement.models import Contract, Lot
from procurement.services.contracts import (
    contract_activate,
    contract_lot_add,
    contract_register,
    contract_suspend,
)
from procurement.services.lots import Participation, lot_register
from procurement.services.tariffs import TariffDraft
from providers.models import Course, CourseGroup, Location, Provider
from providers.services.catalogue import courses_add, groups_add, intake_moments_publish
from providers.services.drafts import (
    CourseDraft,
    GroupDraft,
    IntakeDraft,
    LocationDraft,
    ProviderDraft,
    SlotDraft,
)
from providers.services.institutions import institutions_import
from providers.services.provider import locations_add, provider_register, quality_mark_record

OFFICE_HOURS = time(10, 0)
# Days before today on which things happened.
SEASON_PUBLISHED, SUSPENDED, MOVED = 21, 30, 3
# Heerde has its budget kept by the centre municipality.
PAID_FOR = "0246"


@dataclass
class Region:
    """What has been built, by the names of the plan."""

    plan: RegionPlan
    region: Organisation
    municipalities: dict[str, Organisation] = field(default_factory=dict)
    providers: list[Provider] = field(default_factory=list)
    lots: dict[str, Lot] = field(default_factory=dict)
    contracts: list[Contract] = field(default_factory=list)
    courses: dict[tuple[int, str], Course] = field(default_factory=dict)
    groups: dict[tuple[int, str], CourseGroup] = field(default_factory=dict)
    intakes: dict[tuple[int, str, date], int] = field(default_factory=dict)

    def actor(self) -> Actor:
        """The demo itself, with every right at every organisation of the demo region."""
        everywhere = frozenset(
            [
                self.region.pk,
                *(one.pk for one in self.municipalities.values()),
                *(one.organisation_id for one in self.providers),
            ]
        )
        return system_actor("demo", dict.fromkeys(Permission, everywhere))


def at(plan: RegionPlan, days_ago: int) -> Any:
    """It is ten o'clock, so many days before the day of the plan."""
    return at_day(plan.as_of - timedelta(days=days_ago))


def at_day(day: date) -> Any:
    return clock.replay(datetime.combine(day, OFFICE_HOURS, tzinfo=clock.NETHERLANDS))


def build_supply(plan: RegionPlan, progress: Progress) -> Region:
    """Act one: geography, the region, schools, lots and contracts, as they began."""
    founded = (plan.as_of - contract_start(plan.as_of)).days + 20
    with at(plan, founded):
        built = _found(plan)
        _schools(built, progress)
    with at(plan, founded - 10):
        _catalogue(built, progress)
        _agreements(built, progress)
    return built


def build_season(built: Region, progress: Progress) -> None:
    """Act three: what changed lately, the open starts, and everybody who waits."""
    plan = built.plan
    with at(plan, SUSPENDED):
        for planned, contract in zip(plan.contracts, built.contracts, strict=True):
            if planned.state == "suspended":
                contract_suspend(
                    actor=built.actor(), contract=contract, reason=_("Recovery plan agreed (demo)")
                )
    for mark in plan.marks:
        with at_day(max(mark.valid_from, plan.as_of - timedelta(days=SUSPENDED))):
            quality_mark_record(
                actor=built.actor(),
                provider=built.providers[mark.school],
                kind="keurmerk",
                status=mark.status,
                valid_from=mark.valid_from,
                valid_to=mark.valid_to,
                source=mark.source,
            )
    with at(plan, SEASON_PUBLISHED):
        for number, school in enumerate(progress.each(_("Intake moments"), plan.schools)):
            publish(built, number, school.intakes)

    with at(plan, 5):
        scene = Scene(
            built.actor(),
            built.region,
            tuple(built.municipalities.values()),
            tuple(built.providers),
            tuple(built.contracts),
            plan.as_of,
        )
        add_stages(scene)
        add_terms(scene)
    with at(plan, MOVED):
        move_learners(built.actor(), giving=built.providers[1], receiving=built.providers[0])
    with at(plan, 0):
        add_papers(built.actor(), built.providers)
        add_supply_extra(
            built.actor(),
            built.region,
            next(iter(built.municipalities.values())),
            tuple(built.providers),
        )


def publish(built: Region, school: int, intakes: Iterable[IntakePlan]) -> None:
    """Publishes the planned starts of one school."""
    planned = list(intakes)
    # Two starts of a group may fall on one day when weekdays are rounded up: the first counts.
    planned = list({(one.group, one.start_date): one for one in reversed(planned)}.values())[::-1]
    found = intake_moments_publish(
        actor=built.actor(),
        provider=built.providers[school],
        drafts=[
            IntakeDraft(built.groups[school, one.group], one.start_date, one.end_date, one.seats)
            for one in planned
        ],
    )
    for one, intake in zip(planned, found, strict=True):
        built.intakes[school, one.group, one.start_date] = intake.pk


def import_people(built: Region, document: object, progress: Progress) -> None:
    """The waiting people, as one file of PIP messages."""
    for step in progress.each(_("PIP messages"), [document]):
        pip_messages_import(actor=built.actor(), document=step)


def _found(plan: RegionPlan) -> Region:
    system = system_actor("demo", {})
    geography_load(actor=system)
    postcodes_import(actor=system, lines=geonames_lines())
    region = organisation_create(
        actor=system, kind=OrganisationKind.REGION, code=REGION_CODE, name=REGION_NAME
    )
    built = Region(plan, region)
    for code in MUNICIPALITIES:
        found = municipality_by_cbs_code(code)
        assert found is not None, f"municipality {code} is not in the shipped geography"
        built.municipalities[code] = found.organisation
    for municipality in built.municipalities.values():
        region_member_add(
            actor=built.actor(),
            region=region,
            municipality=municipality,
            valid_from=contract_start(plan.as_of),
        )
    return built


def _schools(built: Region, progress: Progress) -> None:
    """DUO's list for the recognised schools; who needs no recognition is registered by hand."""
    plan = built.plan
    actor = built.actor()
    institutions_import(actor=actor, document=plan.institutions, on=contract_start(plan.as_of))
    known = {
        one.duo_number: one
        for one in Provider.objects.exclude(duo_number="").select_related("organisation")
    }
    for number, school in enumerate(progress.each(_("Schools"), plan.schools)):
        if school.institution is None:
            provider = provider_register(
                actor=actor, draft=ProviderDraft(name=school.name, code=f"demo-werk-{number}")
            )
        else:
            provider = known[school.institution["instellingsnummer"]]
        built.providers.append(provider)


def _catalogue(built: Region, progress: Progress) -> None:
    for number, school in enumerate(progress.each(_("Courses and groups"), built.plan.schools)):
        _school_catalogue(built, number, school)


def _school_catalogue(built: Region, number: int, school: SchoolPlan) -> None:
    actor, provider = built.actor(), built.providers[number]
    locations = locations_add(
        actor=actor,
        provider=provider,
        drafts=[
            LocationDraft(
                code=one.code,
                name=one.name,
                place=one.place.name,
                # Whole, as forms and spreadsheets ask: what a school downloads must come back.
                postcode=f"{one.place.postcode4}AB",
                house_number=one.house_number,
                latitude=one.place.latitude,
                longitude=one.place.longitude,
                municipality=built.municipalities[one.place.municipality],
                wheelchair_accessible=one.wheelchair_accessible,
                childcare=one.childcare,
            )
            for one in school.locations
        ],
    )
    courses = courses_add(
        actor=actor, provider=provider, drafts=[_course(school, one) for one in school.courses]
    )
    by_code = {one.code: one for one in locations}
    for course in courses:
        built.courses[number, course.code] = course
    groups = groups_add(
        actor=actor,
        provider=provider,
        drafts=[
            _group(built.courses[number, one.course], by_code[one.location], one)
            for one in school.groups
        ],
    )
    for group in groups:
        built.groups[number, group.code] = group


def _course(school: SchoolPlan, plan: CoursePlan) -> CourseDraft:
    hours = [_hours(one) for one in school.groups if one.course == plan.code]
    usual = max(set(hours), key=hours.count) if hours else Decimal(6)
    return CourseDraft(
        code=plan.code,
        name=plan.name,
        component=plan.component,
        level_from=plan.level_from,
        level_to=plan.level_to,
        target_level=plan.target_level,
        literacy=plan.literacy,
        hours_per_week=usual,
        total_hours=plan.total_hours,
        mode=plan.mode,
        description=_("Made-up course for the demo."),
    )


def _hours(group: GroupPlan) -> Decimal:
    minutes = sum(
        (end.hour - start.hour) * 60 + end.minute - start.minute for _day, start, end in group.slots
    )
    return (Decimal(minutes) / 60).quantize(Decimal("0.1"))


def _group(course: Course, location: Location, plan: GroupPlan) -> GroupDraft:
    return GroupDraft(
        course=course,
        location=location,
        code=plan.code,
        max_size=plan.max_size,
        min_size=min(6, plan.max_size),
        slots=tuple(SlotDraft(*one) for one in plan.slots),
    )


def _agreements(built: Region, progress: Progress) -> None:
    plan, actor = built.plan, built.actor()
    start = contract_start(plan.as_of)
    for lot in plan.lots:
        built.lots[lot.code] = lot_register(
            actor=actor,
            buyer=built.region,
            code=lot.code,
            title=lot.title,
            components=lot.components,
            target_groups=lot.target_groups,
            participations=[
                Participation(
                    built.municipalities[code],
                    start + timedelta(days=later),
                    payer=_payer(built, lot.code, code),
                )
                for code, later in lot.municipalities
            ],
        )
    for planned in progress.each(_("Contracts"), plan.contracts):
        built.contracts.append(_contract(built, planned))


def _payer(built: Region, lot: str, municipality: str) -> Organisation | None:
    """The centre municipality pays for the others from the last lot, and for its small neighbour
    from every lot; elsewhere each pays for itself."""
    centre = next(iter(built.municipalities))
    is_shared = lot == built.plan.lots[-1].code or municipality == PAID_FOR
    return built.municipalities[centre] if is_shared and municipality != centre else None


def _contract(built: Region, planned: ContractPlan) -> Contract:
    actor = built.actor()
    contract = contract_register(
        actor=actor,
        buyer=built.region,
        provider=built.providers[planned.school],
        number=planned.number,
        title=planned.title,
        start_date=planned.start_date,
        end_date=planned.end_date,
    )
    for part in planned.parts:
        contract_lot_add(
            actor=actor,
            contract=contract,
            lot=built.lots[part.lot],
            courses=[built.courses[planned.school, code] for code in part.courses],
            tariffs=[
                TariffDraft(one.component, one.unit, one.amount, planned.start_date)
                for one in part.prices
            ],
            ceiling_places=part.places,
            ceiling_amount=part.amount,
        )
    agree_terms(actor, contract, planned.parts[0].prices[0].component)
    agree_clauses(actor, contract)
    if planned.state == "draft":
        return contract
    return contract_activate(actor=actor, contract=contract)
