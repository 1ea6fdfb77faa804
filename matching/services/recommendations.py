"""The ranked, explained and stored answer to "which place fits this person?"."""

from typing import Any

import numpy as np

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.errors import NotFoundError
from backend.common.transactions import service
from backend.common.write_set import insert_row
from backend.organisations.permissions import Permission
from matching.choices import MatchKind
from matching.engine import (
    COMPONENTS,
    OfferTable,
    Recommendation,
    Rule,
    packed_failures,
    recommend,
    slot_mask,
    slot_names,
)
from matching.models import MatchingPolicy, MatchRecord, MatchRun, Need
from matching.selectors.needs import (
    ONE_NEED,
    NeedSet,
    need_facts,
    need_set_of,
    participant_of,
)
from matching.selectors.offers import OfferSet
from matching.selectors.people import RunningLessons, clashes_of, own_lessons
from matching.selectors.policy import engine_policy, policy_in_force
from matching.selectors.standing import standing_offers
from matching.selectors.supply import names_of
from matching.services.household_view import household_of
from matching.services.placement_rules import not_searched

# Places shown that only other lessons of the person close.
NEAR_OVERLAPS = 3


@service
def recommendation_create(*, actor: Actor, need: Need, run: MatchRun | None = None) -> MatchRecord:
    """All that was weighed for the need today, stored for good: the basis of a placement.

    Every open start of the component is ranked or has its failed rules; near misses say what
    would help. A constant number of queries. Raises NotFoundError for a need the actor may not
    see, NeedNotWaitingError for one of a replaced PIP, TemporarilyExemptError.
    """
    as_of = clock.today()
    if not actor.may(Permission.VIEW_PARTICIPANTS, need.municipality_id):
        raise NotFoundError
    rows = ONE_NEED(pk=need.pk, on=as_of)
    if not rows:
        raise not_searched(need.pk)
    policy = policy_in_force(organisation_id=need.municipality_id, on=as_of)
    needs = need_set_of(rows[0])
    offers = offers_for(needs, need.municipality_id)
    found = recommend(needs.table, offers.table, engine_policy(policy), as_of)
    running = own_lessons(participant_of(rows[0]), besides=need.pk, on=as_of)
    failed, clashes = _failed(found, running)
    household = household_of(
        need,
        found,
        offers,
        engine_policy(policy),
        as_of,
        participant_id=participant_of(rows[0]),
        is_referral=bool(needs.is_referral[0]),
    )
    rejected = np.flatnonzero((failed != 0) & _of_component(failed))
    return insert_row(
        MatchRecord(
            need=need,
            run=run,
            kind=MatchKind.RECOMMENDATION if run is None else MatchKind.BATCH,
            actor_key=actor.key,
            actor_label=actor.label,
            as_of=as_of,
            policy=policy,
            need_facts=need_facts(rows[0]),
            result=_result(found, offers, policy, running, failed, clashes) | household,
            failures=packed_failures(offers.intakes[rejected], failed[rejected]),
        )
    )


def offers_for(needs: NeedSet, municipality_id: int) -> OfferSet:
    """The offers of its component against which this one need is judged.

    Bought ones, or all for a referral.
    """
    return standing_offers(
        municipality_id=municipality_id,
        component=COMPONENTS[needs.table.component[0]],
        is_referral=bool(needs.is_referral[0]),
        as_of=clock.today(),
    )


def failed_with_ceilings(found: Recommendation) -> np.ndarray:
    """The failed rules of every offer, with CEILING where a contract has no places left."""
    table = found.table
    full = np.array([places <= 0 for places in table.ceiling_places] + [False], np.bool_)
    return np.asarray(
        found.failed | np.where(full[table.ceiling], np.uint16(Rule.CEILING.bit), np.uint16(0)),
        np.uint16,
    )


def _failed(found: Recommendation, running: list[RunningLessons]) -> tuple[np.ndarray, np.ndarray]:
    """The failed rules of every offer, and the number of the own lessons that it clashes with."""
    clashes = clashes_of(found.table, running)
    fits_alone = failed_with_ceilings(found)
    return np.where(clashes >= 0, fits_alone | np.uint16(Rule.OVERLAP.bit), fits_alone), clashes


def _of_component(failed: np.ndarray) -> np.ndarray:
    """Other components are another question."""
    return np.asarray(failed & Rule.ROUTE.bit == 0)


def _result(
    found: Recommendation,
    offers: OfferSet,
    policy: MatchingPolicy,
    running: list[RunningLessons],
    failed: np.ndarray,
    clashes: np.ndarray,
) -> dict[str, Any]:
    same_component = _of_component(failed)
    candidates = _once([one for one in found.ranked() if failed[one["row"]] == 0])
    near = _once_per_rule(
        [one for one in found.near_misses() if failed[one["row"]].bit_count() == 1]
        + [
            _overlap(one, found.table, running[clashes[one["row"]]])
            for one in found.ranked()
            if failed[one["row"]] == Rule.OVERLAP.bit
        ][:NEAR_OVERLAPS]
    )
    facts = _facts(offers, {one["row"] for one in [*candidates, *near]})
    return {
        "policy": {
            "id": str(policy.uuid),
            "version": policy.version,
            "weights": policy.weights,
            "maxTravelKm": policy.max_travel_km,
            "seed": policy.seed,
        },
        "counts": {
            "offers": int(np.unique(offers.intakes[same_component]).size),
            "feasible": len(candidates),
        },
        "reasons": _reasons(failed[same_component]),
        "candidates": [
            {
                "rank": rank,
                **facts[one["row"]],
                "km": one["km"],
                "score": one["score"],
                "factors": one["factors"],
            }
            for rank, one in enumerate(candidates, start=1)
        ],
        "nearMisses": [
            {**facts[one["row"]], "rule": one["rule"], "relax": one["relax"]} for one in near
        ],
    }


def _overlap(one: dict[str, Any], table: OfferTable, other: RunningLessons) -> dict[str, Any]:
    """A place that fits but for other lessons of the same person, with what it clashes with."""
    shared = int(table.slots[one["row"]]) & slot_mask(other.slots)
    relax = {
        "course": other.course,
        "component": other.component,
        "slots": slot_names(shared),
    }
    return {"row": one["row"], "offer": one["offer"], "rule": Rule.OVERLAP.name, "relax": relax}


def _once(ranked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each intake moment once, under the contract lot that scores best."""
    seen: dict[str, dict[str, Any]] = {}
    for one in ranked:
        seen.setdefault(one["offer"], one)
    return list(seen.values())


def _once_per_rule(near: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    for one in near:
        seen.setdefault((one["offer"], one["rule"]), one)
    return list(seen.values())


def _reasons(failed: np.ndarray) -> dict[str, int]:
    counts = {rule.name: int(np.count_nonzero(failed & rule.bit)) for rule in Rule}
    return {name: count for name, count in counts.items() if count}


def _facts(offers: OfferSet, rows: set[int]) -> dict[int, dict[str, Any]]:
    """What an offer was at this moment, for people and for an objection; one query at most."""
    keys = {row: int(offers.intakes[row]) for row in rows}
    names, table, facts = names_of(keys.values(), offers.names), offers.table, {}
    for row, pk in keys.items():
        name = names[pk]
        facts[row] = {
            "intakeMomentId": str(table.ids[row]),
            "provider": name.provider,
            "course": name.course,
            "location": name.location,
            "place": name.place,
            "startDate": name.start.isoformat(),
            "endDate": name.end.isoformat(),
            "mode": name.mode,
            "seatsFree": max(0, int(table.seats[row])),
            "slots": slot_names(int(table.slots[row])),
            "hoursPerWeek": float(table.hours_per_week[row]),
            # Of the location, to draw it; the person's point is in no record.
            "latitude": name.latitude,
            "longitude": name.longitude,
        }
    return facts
