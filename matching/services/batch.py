"""From waiting needs to an explained assignment: what is bought first, referrals on what is left.

The municipality owes an offer to asylum status holders (Wet inburgering 2021, art. 16) and MAP and
PVT to everybody; that is one optimum. Family and other migrants are advised on the leerroute, with
the seats that remain. docs/decisions explains the order.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from matching.engine import (
    RULES,
    BatchResult,
    Cause,
    People,
    Policy,
    Rule,
    day_number,
    run_batch,
)
from matching.selectors.needs import NeedSet
from matching.selectors.offered import plannable_offers
from matching.selectors.offers import OfferSet, referral_offers
from matching.selectors.people import people_of
from matching.selectors.settled import LeftAlone
from matching.selectors.supply import supply_on

Tell = Callable[[int, str], None]
# Percent of the whole run at which a pass begins and ends.
BOUGHT_SPAN, REFERRAL_SPAN = (5, 55), (55, 84)


@dataclass(frozen=True, eq=False)
class Pass:
    """One optimum: its needs, its offers and the assignment."""

    needs: NeedSet
    offers: OfferSet
    result: BatchResult


@dataclass(frozen=True, eq=False)
class Routed:
    bought: Pass
    referred: Pass
    kept: int = 0
    # Proposals that were left out because the seat was gone when the run was stored.
    seats_gone: int = 0

    @property
    def passes(self) -> tuple[Pass, Pass]:
        return self.bought, self.referred


def route(
    *,
    needs: NeedSet,
    municipality_ids: Iterable[int],
    policy: Policy,
    as_of: date,
    tell: Tell,
    solver: str | None = None,
    left_alone: LeftAlone | None = None,
    sold_out: bool = True,
) -> Routed:
    """The best assignment of everybody who waits, with reasons for each; nothing is written.

    What is to be left alone stays as it is (`selectors.settled`). Nobody gets lessons that overlap
    with others of the same person, running or proposed here. `sold_out` as in `run_batch`.
    """
    keys = frozenset(municipality_ids)
    settled = left_alone or LeftAlone()
    supply = supply_on(as_of)
    people = people_of(needs, municipality_ids=keys, on=as_of)
    first, second = np.flatnonzero(~needs.is_referral), np.flatnonzero(needs.is_referral)
    bought = _pass(
        needs.where(~needs.is_referral),
        settled.without_reserved(
            plannable_offers(municipality_ids=keys, as_of=as_of, supply=supply)
        ),
        policy,
        as_of,
        _span(tell, BOUGHT_SPAN),
        solver,
        people.where(first),
        settled,
        sold_out,
    )
    advised = settled.without_reserved(
        referral_offers(municipality_ids=keys, as_of=as_of, supply=supply)
    )
    left = _less(advised, bought)
    placed = bought.result.placed
    later = people.also_busy(
        people.who[first][placed], bought.offers.table, bought.result.offer[placed]
    )
    referred = _pass(
        needs.where(needs.is_referral),
        left,
        policy,
        as_of,
        _span(tell, REFERRAL_SPAN),
        solver,
        later.where(second),
        settled,
        sold_out,
    )
    return Routed(bought, referred, _kept(settled, bought) + _kept(settled, referred))


def _pass(
    needs: NeedSet,
    offers: OfferSet,
    policy: Policy,
    as_of: date,
    progress: Callable[[float, str], None],
    solver: str | None,
    people: People,
    settled: LeftAlone,
    sold_out: bool,
) -> Pass:
    result = run_batch(
        needs.table,
        offers.table,
        policy,
        as_of,
        solver=solver,
        progress=progress,
        people=people,
        settled=settled.of(needs, offers),
        limits=offers.limits(needs.table),
        sold_out=sold_out,
    )
    return Pass(needs, offers, result)


def _kept(settled: LeftAlone, one: Pass) -> int:
    """How many keep the seat that the run before proposed."""
    rows = one.result.placed
    if not settled.kept or not len(rows):
        return 0
    kept, intakes = np.array(list(settled.kept.items()), np.int64).T
    needs = one.needs.pks[rows]
    at = np.minimum(np.searchsorted(needs, kept), len(needs) - 1)
    chosen = one.offers.intakes[one.result.offer[rows]][at]
    return int(np.count_nonzero((needs[at] == kept) & (chosen == intakes)))


def _span(tell: Tell, span: tuple[int, int]) -> Callable[[float, str], None]:
    first, last = span
    return lambda share, stage: tell(first + int(share * (last - first)), stage)


def _less(offers: OfferSet, before: Pass) -> OfferSet:
    """The offers without the seats that the pass before has taken."""
    chosen = before.result.offer[before.result.placed]
    intakes, taken = np.unique(before.offers.intakes[chosen], return_counts=True)
    # Behind the last one, for intake moments beyond it, nothing is taken.
    intakes, taken = np.append(intakes, -1), np.append(taken, 0)
    at = np.searchsorted(intakes[:-1], offers.intakes)
    used = np.where(intakes[at] == offers.intakes, taken[at], 0)
    table = replace(offers.table, seats=offers.table.seats - used)
    return replace(offers, table=table)


def summary_of(routed: Routed, as_of: date) -> dict[str, Any]:
    """The numbers at the head of a run; what was bought and what was advised add up to it."""
    parts = [one.result.summary for one in routed.passes]
    by_tier = [sum(part.placed_by_tier[tier] for part in parts) for tier in range(3)]
    tiers = _tally([one.result.tier for one in routed.passes], 4)
    causes = _tally([one.result.cause[one.result.unplaced] for one in routed.passes], len(Cause))
    return {
        "needs": sum(part.needs for part in parts),
        "needsByTier": tiers[1:],
        "offers": parts[0].offers,
        "placed": sum(part.placed for part in parts),
        "placedByTier": by_tier,
        "referred": parts[1].placed,
        "unplacedByCause": {
            code: causes[number]
            for code, number in sorted((cause.code, cause.value) for cause in Cause)
            if causes[number]
        },
        "failedRules": _rule_counts(routed),
        "totalScore": sum(part.total_score for part in parts),
        "solver": parts[0].solver,
        "isOptimal": all(part.optimal for part in parts),
        "placedAtMost": sum(part.bound_placed for part in parts),
        "yielded": sum(part.yielded for part in parts),
        "limitsExceeded": sum(part.limits_exceeded for part in parts),
        "note": parts[0].note,
        "engineSeconds": round(sum(part.seconds for part in parts), 3),
        "kept": routed.kept,
        "seatsGone": routed.seats_gone,
        "waitingDays": _waiting_days(routed, day_number(as_of)),
        "seats": _seat_use(routed),
        "worseThanFirstCome": sum(part.worse_than_fifo for part in parts),
        "placedByFirstCome": sum(part.placed_by_fifo for part in parts),
    }


def _tally(values: list[np.ndarray], kinds: int) -> list[int]:
    counts: list[int] = np.bincount(np.concatenate(values), minlength=kinds).tolist()
    return counts


def _waiting_days(routed: Routed, today: int) -> dict[str, Any]:
    """The median and the ninth decile of days waited, of those with and without a place."""
    days = np.concatenate([today - one.needs.table.waiting_since for one in routed.passes])
    has_place = np.concatenate([one.result.offer >= 0 for one in routed.passes])
    return {
        name: {
            "median": int(np.median(chosen)) if len(chosen) else None,
            "p90": int(np.percentile(chosen, 90)) if len(chosen) else None,
        }
        for name, chosen in (("placed", days[has_place]), ("unplaced", days[~has_place]))
    }


def _seat_use(routed: Routed) -> dict[str, int]:
    """Seats under contract, how many of them the run fills, and groups that stay too small.

    An intake moment counts once, under however many contract lots it is bought.
    """
    bought = routed.bought
    contracted = bought.offers.contract_lots > 0
    intakes, first = np.unique(bought.offers.intakes[contracted], return_index=True)
    table = bought.offers.table
    free = np.maximum(table.seats[contracted][first], 0)
    chosen = np.concatenate(
        [one.offers.intakes[one.result.offer[one.result.placed]] for one in routed.passes]
    )
    taken = np.bincount(
        np.searchsorted(intakes, chosen[np.isin(chosen, intakes)]), minlength=len(intakes)
    )
    size = table.enrolled[contracted][first] + taken
    return {
        "starts": len(intakes),
        "free": int(free.sum()),
        "proposed": int(taken.sum()),
        "startsFull": int(np.count_nonzero((taken >= free) & (taken > 0))),
        "startsBelowMinimum": int(
            np.count_nonzero((size > 0) & (size < table.min_group[contracted][first]))
        ),
    }


def _rule_counts(routed: Routed) -> dict[str, int]:
    """For how many unplaced people a rule alone stood in the way of some offer.

    Somebody may count under several rules. A ceiling that was reached counts where the offer
    fitted and had a seat left.
    """
    counts: Counter[str] = Counter()
    for one in routed.passes:
        near, ceiling = one.result.near, one.result.reasons[:, Rule.CEILING]
        pairs = np.unique(near.need * len(RULES) + near.rule)
        people = np.bincount(pairs % len(RULES), minlength=len(RULES)).tolist()
        counts.update({name: number for name, number in zip(RULES, people, strict=True) if number})
        counts.update({Rule.CEILING.name: int(np.count_nonzero(ceiling))} if ceiling.any() else {})
    return dict(counts.most_common())
