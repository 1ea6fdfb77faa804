"""One proposal for everything that a PIP still needs: leerroute, KNM, MAP and PVT together."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.engine import (
    NO_OPTION,
    Bundle,
    LessonTimes,
    Option,
    Part,
    RunningPart,
    best_bundles,
    clash_of,
    peak_hours,
    slot_mask,
    slot_names,
)
from matching.errors import NothingWaitsError
from matching.models import MatchBundle, MatchRecord, Need, Pip
from matching.selectors.people import RunningLessons, running_lessons
from matching.selectors.policy import policy_in_force
from matching.services.recommendations import recommendation_create

# The exact search looks at this many places per component, the best first.
OPTIONS_PER_PART = 25
SHOWN = 3


@transaction.atomic
def bundle_propose(*, actor: Actor, pip: Pip) -> MatchBundle:
    """The best combinations for all that waits, without overlapping lessons; kept for good.

    Every component gets a match record of its own, on which the caseworker chooses with an own
    motivation: nothing is held or offered here. Raises NotFoundError, NothingWaitsError (also
    during a temporary exemption).
    """
    as_of = clock.today()
    municipality_id = pip.participant.municipality_id
    if not actor.may(Permission.VIEW_PARTICIPANTS, municipality_id):
        raise NotFoundError
    needs = list(Need.objects.waiting().filter(pip=pip))
    if not needs:
        raise NothingWaitsError
    # The leerroute first: the rest is built around it.
    needs.sort(key=lambda need: (need.component != pip.route, need.component))
    records = [recommendation_create(actor=actor, need=need) for need in needs]
    running = running_lessons(Q(participant=pip.participant_id), on=as_of)
    return MatchBundle.objects.create(
        pip=pip,
        actor_key=actor.key,
        actor_label=actor.label,
        as_of=as_of,
        policy=policy_in_force(organisation_id=municipality_id, on=as_of),
        result=_result(needs, records, running),
    )


def _result(
    needs: list[Need], records: list[MatchRecord], running: list[RunningLessons]
) -> dict[str, Any]:
    candidates = [record.result["candidates"][:OPTIONS_PER_PART] for record in records]
    parts = [
        Part(need.component, tuple(_option(one) for one in found))
        for need, found in zip(needs, candidates, strict=True)
    ]
    fixed = [RunningPart(one.component, _running_times(one)) for one in running]
    return {
        "optionsPerComponent": OPTIONS_PER_PART,
        "running": [_running(one) for one in running],
        "waiting": [
            {
                "component": need.component,
                "needId": str(need.uuid),
                "matchRecordId": str(record.uuid),
                "fitting": record.result["counts"]["feasible"],
                "reasons": record.result["reasons"],
            }
            for need, record in zip(needs, records, strict=True)
        ],
        "proposals": [
            _proposal(rank, bundle, parts, candidates, records, fixed)
            for rank, bundle in enumerate(best_bundles(parts, fixed, limit=SHOWN), start=1)
        ],
    }


def _proposal(
    rank: int,
    bundle: Bundle,
    parts: list[Part],
    candidates: list[list[dict[str, Any]]],
    records: list[MatchRecord],
    fixed: list[RunningPart],
) -> dict[str, Any]:
    chosen, lessons = [], [one.lessons for one in fixed]
    taken = list(fixed)
    for part, place, found, record in zip(parts, bundle.chosen, candidates, records, strict=True):
        if place == NO_OPTION:
            continue
        chosen.append(
            {"component": part.component, "matchRecordId": str(record.uuid), **found[place]}
        )
        lessons.append(part.options[place].lessons)
        taken.append(RunningPart(part.component, part.options[place].lessons))
    return {
        "rank": rank,
        "score": bundle.score,
        "parts": chosen,
        "open": [
            {"component": part.component, "overlaps": _overlaps(part, taken)}
            for part, place in zip(parts, bundle.chosen, strict=True)
            if place == NO_OPTION
        ],
        "outOfOrder": list(bundle.out_of_order),
        "peakHoursPerWeek": peak_hours(lessons),
    }


def _overlaps(part: Part, taken: list[RunningPart]) -> list[dict[str, Any]]:
    """Places of an open component that only these lessons close, and with what they clash."""
    found = []
    for option in part.options:
        other = clash_of(option.lessons, taken)
        if other is not None:
            shared = option.lessons.slots & other.lessons.slots
            found.append(
                {
                    "intakeMomentId": option.key,
                    "component": other.component,
                    "slots": slot_names(shared),
                }
            )
    return found[:SHOWN]


def _option(found: dict[str, Any]) -> Option:
    return Option(
        key=found["intakeMomentId"],
        score=found["score"],
        lessons=LessonTimes(
            slots=slot_mask(found["slots"]),
            start=date.fromisoformat(found["startDate"]).toordinal(),
            end=date.fromisoformat(found["endDate"]).toordinal(),
            hours=found["hoursPerWeek"],
        ),
    )


def _running_times(one: RunningLessons) -> LessonTimes:
    return LessonTimes(
        slot_mask(one.slots), one.start.toordinal(), one.end.toordinal(), one.hours_per_week
    )


def _running(one: RunningLessons) -> dict[str, Any]:
    return {
        "component": one.component,
        "course": one.course,
        "slots": slot_names(slot_mask(one.slots)),
        "startDate": one.start.isoformat(),
        "endDate": one.end.isoformat(),
        "hoursPerWeek": one.hours_per_week,
        "state": one.state,
    }
