"""The rules that a PIP must meet: pure functions that name every violation at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from math import ceil
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.common.codes import (
    SLOT_CODES,
    Component,
    LearningRoute,
    Level,
    Literacy,
    TargetGroup,
)
from backend.common.errors import Violation
from backend.common.periods import add_years
from matching import statutory
from matching.choices import PipLevel
from matching.services.given import Faults, Given, given_of, judged

MONTHS_PER_YEAR = 12
# A full-time week; more course hours than that are a typing mistake.
MOST_HOURS_PER_WEEK = 40


@dataclass(frozen=True)
class PipData:
    """What a PIP says. Without `level` DUO's default holds; without a point the postcode's."""

    decision_date: date
    route: str
    literacy: str
    entry_level: str
    hours_per_week: int
    availability: tuple[str, ...]
    earliest_start_date: date
    latest_start_date: date
    level: str | None = None
    estimated_hours: int | None = None
    # Course hours at a school with the quality mark, as the municipality judged them (R-AFS-1).
    downscale_hours: int | None = None
    may_finish_education: bool = False
    postcode4: str = ""
    latitude: float | None = None
    longitude: float | None = None
    max_travel_km: int | None = None
    accepts_online: bool = False
    needs_childcare: bool = False
    needs_wheelchair_access: bool = False


@dataclass(frozen=True)
class PersonFacts:
    """What must be known of the person to judge a PIP."""

    obligation_start_date: date
    settlement_date: date
    # On the date of decision; None where no period covers it.
    target_group: str | None
    first_pip_date: date | None
    term_start_date: date | None
    term_end_date: date | None
    previous_decision_date: date | None
    previous_route: str | None
    previous_level: str | None


def with_default_level(data: PipData) -> PipData:
    """R-PIP-5: without a level DUO takes B1 for the B1 and education routes; ours for Z is A1."""
    if data.level is not None:
        return data
    return replace(data, level=default_level(data.route))


def default_level(route: str) -> str:
    return PipLevel.A1 if route == LearningRoute.Z_ROUTE else PipLevel.B1


def pip_violations(data: PipData, person: PersonFacts, today: date) -> list[Violation]:
    """Every rule that the PIP breaks, in the order of the form; empty when it is right."""
    return [
        Violation(field, code, message)
        for rule in RULES
        for field, code, message in rule(data, person, today)
    ]


def pip_violations_of_given(
    values: Mapping[str, Any],
    faulty: Collection[str],
    person: PersonFacts | None,
    today: date,
) -> list[Violation]:
    """What can be judged already of a plan in which the fields `faulty` are not well-formed.

    A rule that needs one of those, or the person where that is unknown, says nothing yet.
    """
    given = dict(values)
    if given.get("level") is None and "route" in given and "level" not in faulty:
        given["level"] = default_level(given["route"])
    plan = given_of(PipData, given, faulty)
    known: Any = person or Given({})
    return judged([partial(rule, plan, known, today) for rule in RULES], faulty)


KNOWN_CODES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("route", tuple(LearningRoute.values)),
    ("level", tuple(PipLevel.values)),
    ("literacy", tuple(Literacy.values)),
    ("entry_level", tuple(Level.values)),
)


def _codes(data: PipData, person: PersonFacts, today: date) -> Faults:
    for field, known in KNOWN_CODES:
        if getattr(data, field) not in known:
            yield field, "unknown_code", _("This code does not exist. Choose one from the list.")
    if data.postcode4 and not (len(data.postcode4) == 4 and data.postcode4.isdecimal()):
        yield "postcode4", "postcode4_form", _("Enter the four digits of the postcode.")


def _not_ahead(data: PipData, person: PersonFacts, today: date) -> Faults:
    if data.decision_date > today:
        yield "decision_date", "date_in_future", _("The date of decision lies in the future.")


def _after_obligation(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-PIP-3: not before the obligation or the settlement here."""
    day = data.decision_date
    if day < person.obligation_start_date:
        yield (
            "decision_date",
            "before_obligation",
            _("The date of decision lies before the start of the obligation."),
        )
    if day < person.settlement_date:
        yield (
            "decision_date",
            "before_settlement",
            _("The date of decision lies before the registration in this municipality."),
        )


def _after_earlier_pip(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-PIP-3: not before an earlier PIP of any municipality."""
    earlier = [one for one in (person.previous_decision_date, person.first_pip_date) if one]
    if earlier and data.decision_date < max(earlier):
        yield (
            "decision_date",
            "before_previous_pip",
            _("The date of decision lies before that of an earlier PIP."),
        )


def _target_group(data: PipData, person: PersonFacts, today: date) -> Faults:
    if data.decision_date and person.target_group is None:
        yield (
            "decision_date",
            "target_group_unknown",
            _("The target group on this date is not known. Enter the target group first."),
        )


def _level(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-PIP-5 and R-AFS-1: which level goes with which route."""
    is_low = data.level in {PipLevel.A1, PipLevel.A2}
    if data.route == LearningRoute.EDUCATION_ROUTE and is_low:
        yield (
            "level",
            "level_not_for_education_route",
            _("The education route leads to B1 or B2. Choose a higher level or another route."),
        )
    if data.route == LearningRoute.Z_ROUTE and data.level in {PipLevel.B1, PipLevel.B2}:
        yield (
            "level",
            "level_not_for_z_route",
            _("The Z route leads to A1 or A2. Choose a lower level or another route."),
        )
    if data.route != LearningRoute.B1_ROUTE:
        return
    if data.level == PipLevel.A1:
        yield (
            "level",
            "level_not_for_b1_route",
            _("The B1 route does not end at A1. Choose a higher level or another route."),
        )
    if data.level == PipLevel.A2 and person.first_pip_date is None:
        yield (
            "level",
            "a2_not_in_first_pip",
            _("A2 is not possible in the first PIP of a person. Choose B1 or B2."),
        )


def _hours(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-PIP-6: an estimate of hours exists for the B1 route and asylum status holders only."""
    if not 1 <= data.hours_per_week <= MOST_HOURS_PER_WEEK:
        yield (
            "hours_per_week",
            "hours_per_week_out_of_range",
            _("Enter a number of hours per week from 1 to 40."),
        )
    if data.estimated_hours is None:
        return
    if data.route != LearningRoute.B1_ROUTE:
        yield (
            "estimated_hours",
            "estimated_hours_only_b1_route",
            _("Estimated hours belong to the B1 route only. Leave this empty."),
        )
    if person.target_group not in {TargetGroup.ASYLUM, None}:
        yield (
            "estimated_hours",
            "estimated_hours_only_asylum",
            _("Estimated hours are for asylum status holders only. Leave this empty."),
        )
    if not 1 <= data.estimated_hours <= statutory.value_on("estimated_hours_max", today):
        yield (
            "estimated_hours",
            "estimated_hours_out_of_range",
            _("Enter a number of hours from 1 to 9999."),
        )


def _route_switch(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-SWI-1: another route within 1.5 years of the term; education to B1 at any time."""
    switch = (person.previous_route, data.route)
    if person.previous_route in {None, data.route} or person.term_start_date is None:
        return
    if switch == (LearningRoute.EDUCATION_ROUTE, LearningRoute.B1_ROUTE):
        return
    months = statutory.value_on("route_switch_limit_months", data.decision_date)
    years, rest = divmod(months, MONTHS_PER_YEAR)
    month = person.term_start_date.month - 1 + rest
    first = person.term_start_date.replace(day=1)
    limit = add_years(first, years + month // MONTHS_PER_YEAR).replace(
        month=month % MONTHS_PER_YEAR + 1, day=min(person.term_start_date.day, 28)
    )
    if data.decision_date > limit:
        yield (
            "route",
            "route_switch_too_late",
            _("Another route is possible in the first 18 months of the term only."),
        )


def _downscaling(data: PipData, person: PersonFacts, today: date) -> Faults:
    """R-AFS-1: in the B1 route from B1 to A2 after enough course hours (Besluit art. 5.5).

    That B1 is out of reach and the effort sufficient, the municipality judges itself.
    """
    if not (data.route == person.previous_route == LearningRoute.B1_ROUTE):
        return
    if data.level != PipLevel.A2 or person.previous_level not in {PipLevel.B1, PipLevel.B2}:
        return
    least = statutory.value_on("downscale_min_hours", data.decision_date)
    if (data.downscale_hours or 0) < least:
        yield (
            "downscale_hours",
            "downscale_hours_too_few",
            _(
                "From B1 to A2 is possible after at least %(hours)s course hours at a school with "
                "the quality mark. Enter the hours that were followed."
            )
            % {"hours": least},
        )


def _window(data: PipData, person: PersonFacts, today: date) -> Faults:
    if data.latest_start_date < data.earliest_start_date:
        yield (
            "latest_start_date",
            "start_dates_out_of_order",
            _("The latest start lies before the earliest start."),
        )


def _start_after_decision(data: PipData, person: PersonFacts, today: date) -> Faults:
    if data.earliest_start_date < data.decision_date:
        yield (
            "earliest_start_date",
            "start_before_decision",
            _("The earliest start lies before the date of decision."),
        )


def _start_in_term(data: PipData, person: PersonFacts, today: date) -> Faults:
    if person.term_end_date is not None and data.latest_start_date >= person.term_end_date:
        yield (
            "latest_start_date",
            "start_after_term",
            _("The latest start lies after the end of the integration term."),
        )


def _availability(data: PipData, person: PersonFacts, today: date) -> Faults:
    if set(data.availability) - set(SLOT_CODES):
        yield (
            "availability",
            "unknown_day_part",
            _("A day-part does not exist. Use codes such as MO1 (Monday morning)."),
        )
    if not data.availability and not data.accepts_online:
        yield (
            "availability",
            "no_day_part",
            _("Choose at least one day-part, or allow online lessons."),
        )


RULES = (
    _codes,
    _not_ahead,
    _after_obligation,
    _after_earlier_pip,
    _target_group,
    _level,
    _hours,
    _route_switch,
    _downscaling,
    _window,
    _start_after_decision,
    _start_in_term,
    _availability,
)


def components_of(route: str) -> tuple[str, ...]:
    """What must be found for a PIP with this route (domain.md 3.1; Wet inburgering art. 8(3)).

    No MAP on the education route, and KNM is taught inside its diploma.
    """
    if route == LearningRoute.EDUCATION_ROUTE:
        return (route, Component.PVT)
    return (route, Component.KNM, Component.MAP, Component.PVT)


def need_deadline(
    component: str, data: PipData, target_group: str | None, term_end: date | None
) -> date | None:
    """Last day on which the course can start without putting a statutory term at risk.

    For a leerroute the latest start that the PIP, a formal decision, promises; for everything the
    last day from which the remaining hours still fit into the integration term (R-TRM-1).
    """
    days = [data.latest_start_date] if component == data.route else []
    hours = _hours_needed(component, data)
    if term_end is not None and hours is not None:
        weeks = ceil(hours / data.hours_per_week)
        # DUO's end of the term is exclusive.
        days.append(date.fromordinal(term_end.toordinal() - 1 - 7 * weeks))
    return min(days, default=None)


def _hours_needed(component: str, data: PipData) -> int | None:
    day = data.decision_date
    match component:
        case Component.Z_ROUTE:
            return statutory.value_on("z_course_hours", day)
        case Component.B1_ROUTE:
            return data.estimated_hours
        case Component.MAP:
            return statutory.value_on("map_practical_min_hours", day)
        case Component.PVT:
            return statutory.value_on("pvt_min_hours", day)
        case _:
            return None
