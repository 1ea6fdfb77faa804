"""What a policy would change before it is published: the engine with the old and the new one.

Nothing is written. Both runs see the same waiting list, seats and day, so that every difference
comes from the policy.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from backend.accounts.public import Actor
from backend.common import clock
from backend.organisations.public import Organisation
from matching import policies
from matching.engine import COMPONENTS
from matching.engine.columns import day_number
from matching.engine.rules import distance_km
from matching.models import MatchingPolicy, Need
from matching.selectors.needs import NeedSet, waiting_needs
from matching.selectors.policy import engine_policy, policy_in_force
from matching.services.batch import Pass, Routed, route
from matching.services.policy import PolicyData, policy_check
from matching.services.runs import municipalities_of

TIERS = (1, 2, 3)
NAMED = 50


@dataclass(frozen=True)
class Side:
    """The outcome under one policy."""

    placed: int
    # Per tier: people in it, and with a place. The policy decides who is in which tier.
    by_tier: tuple[tuple[int, int], ...]
    mean_days_to_start: float | None
    mean_km: float | None
    worse_than_first_come: int


@dataclass(frozen=True)
class GroupEffect:
    """How many people of a group have a place, before and after."""

    key: str
    people: int
    before: int
    after: int


@dataclass(frozen=True)
class PolicyPreview:
    """The two outcomes and who differs between them; references only of who the actor may see."""

    in_force: MatchingPolicy
    as_of: date
    people: int
    before: Side
    after: Side
    gained: int
    lost: int
    moved: int
    gained_names: tuple[str, ...]
    lost_names: tuple[str, ...]
    by_component: tuple[GroupEffect, ...]
    by_municipality: tuple[GroupEffect, ...]


@dataclass(frozen=True, eq=False)
class _Place:
    """Where one need goes: its intake moment, the days until then and the distance."""

    intake: int
    days: int
    km: float | None


def policy_preview(*, actor: Actor, organisation: Organisation, data: PolicyData) -> PolicyPreview:
    """The effect of `data` on the waiting list of this moment, with no writes.

    Raises NotAllowedError, InvalidError with all faults.
    """
    policies.require_manage_policy(actor, organisation.pk)
    policy_check(data)
    today = clock.today()
    municipality_ids = municipalities_of(organisation, today)
    needs = waiting_needs(municipality_ids, on=today)
    in_force = policy_in_force(organisation_id=organisation.pk, on=today)
    proposed = MatchingPolicy(
        organisation=organisation, version=0, **asdict(data) | {"weights": dict(data.weights)}
    )
    before, after = (
        route(
            needs=needs,
            municipality_ids=municipality_ids,
            policy=engine_policy(one),
            as_of=today,
            tell=lambda percent, stage: None,
        )
        for one in (in_force, proposed)
    )
    return _compare(actor, in_force, today, needs, before, after)


def _compare(
    actor: Actor,
    in_force: MatchingPolicy,
    today: date,
    needs: NeedSet,
    before: Routed,
    after: Routed,
) -> PolicyPreview:
    old, new = dict(_places(before, today)), dict(_places(after, today))
    gained, lost = new.keys() - old.keys(), old.keys() - new.keys()
    components = [COMPONENTS[code] for code in needs.table.component.tolist()]
    homes = [
        str(needs.table.municipality_codes[code]) for code in needs.table.municipality.tolist()
    ]
    names = _organisation_names(homes)
    return PolicyPreview(
        in_force=in_force,
        as_of=today,
        people=len(needs),
        before=_side(before, old),
        after=_side(after, new),
        gained=len(gained),
        lost=len(lost),
        moved=sum(old[pk].intake != new[pk].intake for pk in old.keys() & new.keys()),
        gained_names=_references(actor, gained),
        lost_names=_references(actor, lost),
        by_component=_groups(needs, components, old, new),
        by_municipality=_groups(needs, [names[home] for home in homes], old, new),
    )


def _places(routed: Routed, today: date) -> Iterator[tuple[int, _Place]]:
    for one in routed.passes:
        yield from _places_of(one, day_number(today))


def _places_of(one: Pass, today: int) -> Iterator[tuple[int, _Place]]:
    rows = one.result.placed
    chosen = one.result.offer[rows]
    offers = one.offers.table
    km = distance_km(one.needs.table.points[:, rows], offers.points[:, chosen])
    columns = (
        one.needs.pks[rows],
        one.offers.intakes[chosen],
        offers.start[chosen].astype(np.int64) - today,
        km,
        offers.is_online[chosen],
    )
    for pk, intake, days, away, online in zip(*(one.tolist() for one in columns), strict=True):
        yield pk, _Place(intake, days, None if online else away)


def _side(routed: Routed, places: dict[int, _Place]) -> Side:
    people: Counter[int] = Counter()
    placed: Counter[int] = Counter()
    for one in routed.passes:
        people.update(one.result.tier.tolist())
        placed.update(one.result.tier[one.result.placed].tolist())
    return Side(
        placed=len(places),
        by_tier=tuple((people[tier], placed[tier]) for tier in TIERS),
        mean_days_to_start=_mean([place.days for place in places.values()]),
        mean_km=_mean([place.km for place in places.values() if place.km is not None]),
        worse_than_first_come=sum(one.result.summary.worse_than_fifo for one in routed.passes),
    )


def _mean(values: list[float] | list[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def _groups(
    needs: NeedSet, keys: list[str], old: dict[int, _Place], new: dict[int, _Place]
) -> tuple[GroupEffect, ...]:
    people: Counter[str] = Counter(keys)
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for pk, key in zip(needs.pks.tolist(), keys, strict=True):
        before[key] += pk in old
        after[key] += pk in new
    return tuple(GroupEffect(key, people[key], before[key], after[key]) for key in sorted(people))


def _organisation_names(keys: list[str]) -> dict[str, str]:
    found = Organisation.objects.filter(pk__in=set(map(int, keys))).values_list("pk", "name")
    return {str(pk): name for pk, name in found}


def _references(actor: Actor, pks: set[int]) -> tuple[str, ...]:
    """The first references by waiting time, of the needs that the actor may see anyway."""
    found = (
        Need.objects.visible_to(actor)
        .filter(pk__in=pks)
        .select_related("pip__participant")
        .order_by("waiting_since", "pk")[:NAMED]
    )
    return tuple(f"{one.pip.participant.reference} ({one.component})" for one in found)
