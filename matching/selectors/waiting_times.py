"""The moments of everybody's way to a course, read from what was stored when it happened."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Min, Q, QuerySet

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.codes import LearningRoute
from matching.choices import NeedState, PlacementState
from matching.models import MatchRecord, Need, Participant, Placement
from matching.waiting_times import CLOCKS, Clock, Figure, Journey, Moment, figure_of, waits_of

Key = tuple[int, str]
UNKNOWN = ""
# How a group of journeys is named; none for one figure over all.
GROUPINGS: Mapping[str, Callable[[Journey], str]] = {
    "municipality": lambda one: one.municipality,
    "route": lambda one: one.route,
    "level": lambda one: one.level,
    "provider": lambda one: one.provider,
}


@dataclass(frozen=True)
class WaitingLine:
    """One clock for one group of people; `group` is empty for all together."""

    clock: Clock
    group: str
    figure: Figure


@dataclass(frozen=True)
class Scope:
    """Whose journeys are read."""

    municipality_id: int | None = None
    component: str = ""
    route: str = ""
    level: str = ""


def waiting_lines(
    actor: Actor, scope: Scope, *, by: str = "", on: date | None = None
) -> list[WaitingLine]:
    """Every clock per group that the actor may see, with people who still wait. Five queries.

    Of fewer people than `MINIMUM_GROUP` there are no days, on every page and in every answer.
    """
    day = on or clock.today()
    journeys = journeys_of(actor, scope)
    name = GROUPINGS.get(by)
    groups: dict[str, list[Journey]] = defaultdict(list)
    for journey in journeys:
        groups[name(journey) if name else ""].append(journey)
    return [
        WaitingLine(
            one,
            group,
            figure_of(waits_of(groups[group], one, day)).of_at_least(settings.MINIMUM_GROUP),
        )
        for one in CLOCKS
        for group in sorted(groups)
        if by != "provider" or (one.has_provider and group)
    ]


def journeys_of(actor: Actor, scope: Scope) -> list[Journey]:
    """One journey per person and component, over all versions of the PIP; five queries."""
    people = Participant.objects.visible_to(actor)
    needs = Need.objects.visible_to(actor)
    if scope.municipality_id is not None:
        people = people.filter(municipality=scope.municipality_id)
        needs = needs.filter(municipality=scope.municipality_id)
    persons = _persons(people)
    found = _journeys(needs, persons, scope)
    if scope.component or scope.route or scope.level:
        return found
    with_need = {one.participant_id for one in found}
    without = [
        Journey(pk, reference, municipality, UNKNOWN, UNKNOWN, "", days=days)
        for pk, (reference, municipality, days) in persons.items()
        if pk not in with_need
    ]
    return found + without


def journey_of_need(need: Need) -> Journey:
    """The journey of one need, for the page of the person."""
    person = need.pip.participant
    people = Participant.objects.filter(pk=person.pk)
    needs = Need.objects.filter(pip__participant=person, component=need.component)
    return _journeys(needs, _persons(people), Scope())[0]


def _persons(people: QuerySet[Any]) -> dict[int, tuple[str, str, dict[Moment, date]]]:
    """Reference, municipality and the moments of the person, by key."""
    found = {}
    rows = people.annotate(decided=Min("pips__decision_date")).values_list(
        "pk",
        "reference",
        "municipality__name",
        "settlement_date",
        "agreements__intake_date",
        "decided",
    )
    for pk, reference, municipality, settled, intake, decided in rows:
        days = {Moment.BRP: settled, Moment.INTAKE: intake, Moment.PIP: decided}
        found[pk] = (reference, municipality, {key: day for key, day in days.items() if day})
    return found


def _journeys(
    needs: QuerySet[Any],
    persons: Mapping[int, tuple[str, str, dict[Moment, date]]],
    scope: Scope,
) -> list[Journey]:
    if scope.component:
        needs = needs.filter(component=scope.component)
    if scope.route:
        needs = needs.filter(pip__route=scope.route)
    if scope.level:
        needs = needs.filter(pip__level=scope.level)
    latest: dict[Key, tuple[str, str, bool, date]] = {}
    waits: set[Key] = set()
    for person, component, state, route, level, since in needs.order_by(
        "pip__version", "pk"
    ).values_list(
        "pip__participant_id", "component", "state", "pip__route", "pip__level", "waiting_since"
    ):
        key = (person, component)
        latest[key] = (str(LearningRoute(route).label), level, state != NeedState.CLOSED, since)
        if state != NeedState.CLOSED:
            waits.add(key)
    searched = _searched(needs)
    placed, providers = _placed(needs)
    journeys = []
    for key, (route, level, _open, since) in latest.items():
        reference, municipality, days = persons[key[0]]
        own = {**days, **placed.get(key, {})}
        if key in searched:
            # Whoever offers without a stored search has searched at that moment at the latest.
            own[Moment.SEARCH] = min(searched[key], own.get(Moment.OFFER, searched[key]))
        known = [since, *(day for day in own.values() if day <= clock.today())]
        journeys.append(
            Journey(
                participant_id=key[0],
                reference=reference,
                municipality=municipality,
                route=route,
                level=level,
                component=key[1],
                provider=providers.get(key, UNKNOWN),
                days=own,
                left=None if key in waits else max(known),
            )
        )
    return journeys


def _searched(needs: QuerySet[Any]) -> dict[Key, date]:
    rows = (
        MatchRecord.objects.filter(need__in=needs.order_by().values("pk"))
        .order_by()
        .values("need__pip__participant_id", "need__component")
        .annotate(first=Min("created_at"))
        .values_list("need__pip__participant_id", "need__component", "first")
    )
    return {(person, component): clock.local_day(first) for person, component, first in rows}


def _placed(
    needs: QuerySet[Any],
) -> tuple[dict[Key, dict[Moment, date]], dict[Key, str]]:
    """Offer, acceptance, planned and real start, each the first of all places; and the provider."""
    accepted = Min("events__happened_at", filter=Q(events__state=PlacementState.ACCEPTED))
    rows = (
        Placement.objects.filter(need__in=needs.order_by().values("pk"), offered_at__isnull=False)
        .annotate(accepted_at=accepted)
        .order_by("offered_at", "pk")
        .values_list(
            "participant_id",
            "need__component",
            "offered_at",
            "accepted_at",
            "intake_moment__start_date",
            "start_date",
            "provider_organisation__name",
        )
    )
    found: dict[Key, dict[Moment, date]] = defaultdict(dict)
    providers: dict[Key, str] = {}
    for person, component, offered, accepted_at, planned, started, provider in rows:
        key = (person, component)
        days = found[key]
        days.setdefault(Moment.OFFER, clock.local_day(offered or clock.now()))
        providers.setdefault(key, provider)
        if accepted_at is not None:
            days.setdefault(Moment.ACCEPT, clock.local_day(accepted_at))
            days.setdefault(Moment.PLANNED, planned)
        if started is not None:
            days.setdefault(Moment.START, started)
    return found, providers
