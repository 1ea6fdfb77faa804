"""Where one more place, evening or group helps most: exact what-ifs on the waiting list of a day.

Seat values come from one run, bundles and shares included. New groups are
screened by how many people without a place could follow them, and then added one after another:
ten groups bought at once for the same people would help them once (engine.md).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from django.db import transaction

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.locks import lock_row
from backend.organisations.public import Organisation
from backend.outbox.public import enqueue
from matching import policies
from matching.choices import RUN_TRANSITIONS, RunState
from matching.engine import (
    COMPONENTS,
    LEVELS,
    LITERACIES,
    RULES,
    BatchResult,
    Growth,
    OfferTable,
    Plan,
    Policy,
    slot_names,
    tiers_of,
)
from matching.models import SupplyAdvice
from matching.selectors.needs import NeedSet, waiting_needs
from matching.selectors.offered import plannable_offers
from matching.selectors.offers import NEUTRAL_PRICE, OfferSet
from matching.selectors.people import people_of
from matching.selectors.policy import engine_policy, policy_in_force
from matching.services.runs import municipalities_of
from matching.unmet import Centre, Cluster, Unmet, clusters
from providers.models import IntakeMoment

ADVICE_TOPIC: Final = "matching.supply_advice"
# Fewer people are placed one by one; a language group seldom has more learners than the second.
SMALLEST, LARGEST = 4, 15
GROUPS_SOLVED, SEATS_SHOWN = 8, 15
# A provider needs some weeks to find a room and a teacher.
LEAD: Final = timedelta(days=28)
LENGTH: Final = timedelta(days=280)
Facts = dict[str, Any]


@transaction.atomic
def supply_advice_request(*, actor: Actor, organisation: Organisation) -> SupplyAdvice:
    """An advice on the waiting list of a municipality or region, queued for the worker.

    Raises NotAllowedError.
    """
    policies.require_run_batch(actor, organisation.pk)
    today = clock.today()
    advice = SupplyAdvice.objects.create(
        organisation=organisation,
        requested_by_label=actor.label,
        as_of=today,
        policy=policy_in_force(organisation_id=organisation.pk, on=today),
    )
    record(
        actor=actor,
        action="supply_advice.requested",
        subject=advice,
        after={"as_of": today.isoformat()},
        organisation_ids=[organisation.pk],
    )
    enqueue(ADVICE_TOPIC, {"advice": advice.pk}, key=f"{ADVICE_TOPIC}:{advice.pk}")
    return advice


def supply_advice_execute(*, advice_id: int) -> SupplyAdvice:
    """The advice with its result stored; one that is done stays as it is."""
    advice = SupplyAdvice.objects.select_related("organisation", "policy").get(pk=advice_id)
    if RunState.RUNNING not in RUN_TRANSITIONS[RunState(advice.state)]:
        return advice
    result = supply_advice_of(
        municipality_ids=municipalities_of(advice.organisation, advice.as_of),
        policy=engine_policy(advice.policy),
        as_of=advice.as_of,
    )
    with transaction.atomic():
        advice = lock_row(SupplyAdvice.objects.all(), advice_id)
        if advice.state != RunState.DONE:
            advice.state, advice.result, advice.finished_at = RunState.DONE, result, clock.now()
            advice.save(update_fields=["state", "result", "finished_at"])
    return advice


def supply_advice_of(
    *, municipality_ids: Sequence[int] | frozenset[int], policy: Policy, as_of: date
) -> Facts:
    """What would help most, as facts that can be stored; nothing is written.

    As a run sees it: nobody is counted for a group beside other lessons of his or her own, and
    shares of municipalities hold.
    """
    waiting = waiting_needs(municipality_ids, on=as_of)
    bought = ~waiting.is_referral
    needs = waiting.where(bought)
    people = people_of(waiting, municipality_ids=municipality_ids, on=as_of)
    people = people.where(np.flatnonzero(bought))
    offers = plannable_offers(municipality_ids=municipality_ids, as_of=as_of)
    growth = Growth(needs.table, policy, as_of, people, offers.limits(needs.table))
    base = growth.solve(offers.table)
    names = _names(needs)
    found = clusters(
        _unmet(needs, base.unplaced, policy, as_of),
        _centres(needs, names),
        smallest=SMALLEST,
        largest=LARGEST,
    )
    return {
        "needs": len(needs),
        "placed": base.summary.placed,
        "unplaced": len(base.unplaced),
        "seats": _seats(base, offers),
        "rules": _rules(base),
        "clusters": _solved(found, needs, names, base, growth, municipality_ids),
        "clustersFound": len(found),
        "solver": base.summary.solver,
        "isOptimal": base.summary.optimal,
    }


def _unmet(needs: NeedSet, rows: np.ndarray, policy: Policy, as_of: date) -> Unmet:
    table = needs.table
    limit = table.max_travel_km[rows].astype(np.float64)
    today = np.datetime64(as_of, "D").astype(np.int64)
    kind = (table.component[rows].astype(np.int64) * 10 + table.level[rows]) * 10
    return Unmet(
        key=needs.pks[rows],
        kind=kind + table.literacy[rows],
        lat=table.lat[rows],
        lon=table.lon[rows],
        limit_km=np.where(np.isnan(limit), policy.max_travel_km, limit),
        available=table.available[rows].astype(np.int64),
        hours=table.hours_per_week[rows],
        waiting_days=today - table.waiting_since[rows].astype(np.int64),
        tier=_tiers(needs, rows, policy, as_of),
    )


def _tiers(needs: NeedSet, rows: np.ndarray, policy: Policy, as_of: date) -> np.ndarray:
    return tiers_of(needs.table.take(rows), policy, as_of)


def _names(needs: NeedSet) -> list[str]:
    """The name of the home municipality of each need."""
    codes = needs.table.municipality_codes
    names = dict(
        Organisation.objects.filter(pk__in=[int(code) for code in codes]).values_list("pk", "name")
    )
    by_code = [names[int(code)] for code in codes]
    return [by_code[code] for code in needs.table.municipality.tolist()]


def _centres(needs: NeedSet, names: Sequence[str]) -> list[Centre]:
    """Per municipality the middle of where its people live, by name."""
    table, found = needs.table, []
    labels = np.array(names, dtype=object)
    for name in sorted(set(names)):
        here = labels == name
        found.append(Centre(name, float(table.lat[here].mean()), float(table.lon[here].mean())))
    return found


def _seats(base: BatchResult, offers: OfferSet) -> list[Facts]:
    """The starts at which one more seat places most, best first; equal ones by start."""
    levels, score = base.seat_value_levels, base.seat_value_score
    worth: dict[int, tuple[int, int]] = {}
    for row in np.flatnonzero(base.seat_value > 0).tolist():
        pk = int(offers.intakes[row])
        worth[pk] = max(worth.get(pk, (0, 0)), (int(levels[row]), int(score[row])))
    best = sorted(worth, key=lambda pk: (-worth[pk][0], -worth[pk][1], pk))[:SEATS_SHOWN]
    intakes = IntakeMoment.objects.select_related(
        "group__course__provider__organisation", "group__location"
    ).in_bulk(best)
    return [_seat(intakes[pk], *worth[pk]) for pk in best]


def _rules(base: BatchResult) -> Facts:
    """For how many people without a place one rule alone stands in the way of some start."""
    pairs = np.unique(np.stack([base.near.need, base.near.rule]), axis=1)
    counts = Counter(RULES[rule] for rule in pairs[1].tolist())
    return dict(counts.most_common())


def _seat(intake: IntakeMoment, people: int, score: int) -> Facts:
    course = intake.group.course
    return {
        "intakeMoment": str(intake.uuid),
        "course": course.name,
        "component": course.component,
        "provider": course.provider.organisation.name,
        "place": intake.group.location.place,
        "startDate": intake.start_date.isoformat(),
        "steps": people,
        "score": score,
    }


def _solved(
    found: Sequence[Cluster],
    needs: NeedSet,
    names: Sequence[str],
    base: BatchResult,
    growth: Growth,
    municipality_ids: Sequence[int] | frozenset[int],
) -> list[Facts]:
    """The clusters with what each would add, worked out one by one on top of those before."""
    row_of = {pk: row for row, pk in enumerate(needs.pks.tolist())}
    targets = needs.table.target_level
    plan, solved = Plan.of(base), []
    for number, one in enumerate(found):
        rows = np.array([row_of[pk] for pk in one.members])
        facts = _cluster_facts(one, needs, rows, names, base)
        if number < GROUPS_SOLVED:
            group = _group(one, int(targets[rows].max()), growth.as_of, municipality_ids)
            with_group = growth.add(plan, group)
            facts["extraPlaced"] = with_group.placed - plan.placed
            plan = with_group
        solved.append(facts)
    return sorted(solved, key=lambda one: -(one.get("extraPlaced") or 0))


def _cluster_facts(
    one: Cluster, needs: NeedSet, rows: np.ndarray, names: Sequence[str], base: BatchResult
) -> Facts:
    table = needs.table
    first = int(rows[0])
    return {
        "place": one.centre.name,
        "latitude": round(one.centre.lat, 4),
        "longitude": round(one.centre.lon, 4),
        "component": COMPONENTS[int(table.component[first])],
        "level": LEVELS[int(table.level[first])],
        "targetLevel": LEVELS[int(table.target_level[rows].max())],
        "literacy": LITERACIES[int(table.literacy[first])],
        "dayPart": one.day_part,
        "slots": slot_names(one.slots),
        "hoursPerWeek": round(one.hours),
        "people": len(one.members),
        "byTier": [int(np.count_nonzero(base.tier[rows] == tier)) for tier in (1, 2, 3)],
        "byMunicipality": dict(sorted(Counter(names[row] for row in rows.tolist()).items())),
        "childcare": int(np.count_nonzero(table.childcare[rows])),
        "wheelchair": int(np.count_nonzero(table.wheelchair[rows])),
        "needs": [str(one) for one in table.ids[rows].tolist()],
        "extraPlaced": None,
    }


def _group(
    one: Cluster, target: int, as_of: date, municipality_ids: Sequence[int] | frozenset[int]
) -> OfferTable:
    """The group as an offer of a provider that everybody of the region may use."""
    component, level, literacy = one.kind // 100, one.kind // 10 % 10, one.kind % 10
    values: Mapping[str, Any] = {
        "ids": f"cluster-{one.members[0]}-{one.slots}",
        "provider": "new",
        "component": COMPONENTS[component],
        "level_from": LEVELS[level],
        "level_to": LEVELS[level],
        "target_level": LEVELS[target],
        "literacy": (LITERACIES[literacy],),
        "lat": one.centre.lat,
        "lon": one.centre.lon,
        "mode": "onsite",
        "slots": slot_names(one.slots),
        "hours_per_week": one.hours,
        "start": as_of + LEAD,
        "end": as_of + LEAD + LENGTH,
        "seats": len(one.members),
        "min_group": 1,
        "enrolled": 0,
        "municipalities": frozenset(municipality_ids),
        "target_groups": ("asylum", "family", "other"),
        "contract_from": date.min,
        "contract_to": date.max,
        "ceiling": None,
        "mark_valid_to": None,
        "mark_required": False,
        # A request can ask for both.
        "childcare": True,
        "wheelchair": True,
        "quality_index": 0.0,
        "price_per_hour": NEUTRAL_PRICE,
    }
    return OfferTable.from_columns(**{name: [value] for name, value in values.items()})
