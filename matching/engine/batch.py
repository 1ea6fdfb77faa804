"""Guarantees a whole batch: from columns to an explained proposal, in one call."""

from collections.abc import Callable
from datetime import date
from time import perf_counter

import numpy as np

from matching.engine.assign import assign_with_best, first_come_order, tie_numbers_of
from matching.engine.bundle_reasons import add_blocked_counts, first_come_beside, with_blocked
from matching.engine.bundles import Bundled, assign_bundles
from matching.engine.codes import FACTORS
from matching.engine.columns import day_number
from matching.engine.explain import (
    add_ceiling_reasons,
    alternatives,
    causes_of,
    first_come_pairs,
    preference_order,
)
from matching.engine.feasibility import Candidates, find_candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.limits import Biting, Limits, assign_within, biting, explain_limits
from matching.engine.people import People
from matching.engine.policy import Policy
from matching.engine.priority import level_weights, levels_of, tiers_of
from matching.engine.reasons import near_misses, rule_counts
from matching.engine.recommend import offer_score_of, offer_side_of
from matching.engine.result import BatchResult, Summary
from matching.engine.rules import NeedSide, distance_km
from matching.engine.score import Scorer
from matching.engine.settled import Settled, above_all, settle

Progress = Callable[[float, str], None]


def run_batch(
    needs: NeedTable,
    offers: OfferTable,
    policy: Policy,
    as_of: date,
    *,
    solver: str | None = None,
    progress: Progress | None = None,
    people: People | None = None,
    settled: Settled | None = None,
    limits: tuple[Limits, ...] = (),
    sold_out: bool = True,
) -> BatchResult:
    """Proposes the best assignment under the policy, with reasons for everyone.

    The same needs, offers, policy and date give the same proposal, in whatever order the rows
    come and with whichever exact solver. `progress` hears a share (0..1) and the name of the
    stage: "feasibility", "assignment", "explanation", "done". With `people` no person gets
    overlapping lessons and households that start together do so (`assign_bundles`). `settled`
    holds what people have decided since the run before. `limits` are places that cross the seats
    and ceilings, such as the share of one municipality (`assign_within`). Without `sold_out` there
    are no `seat_values` for offers that have no seat left.
    """
    started = perf_counter()
    tell = progress or _silent
    if people is not None and people.are_apart:
        people = None
    tell(0.0, "feasibility")
    need_side, offer_side = NeedSide.of(needs, offers, policy), offer_side_of(offers)
    scorer = Scorer.of(needs, offer_score_of(offers, policy), policy, day_number(as_of))
    candidates = find_candidates(
        needs,
        need_side,
        offer_side,
        offers,
        scorer,
        lambda share: tell(0.3 * share, "feasibility"),
        sold_out=sold_out,
    )
    tell(0.3, "assignment")
    tiers = tiers_of(needs, policy, as_of)
    levels = levels_of(needs, tiers, policy)
    weights = level_weights(levels)
    if settled is not None:
        candidates, keeps = settle(candidates, settled)
        weights = above_all(weights, keeps)
    every_pair, bundled, exceeded = candidates, None, 0
    tight = biting(limits, needs, candidates) if limits else None
    if people is None and tight is not None:
        people = People.apart(np.arange(len(needs)))
    if people is None:
        assignment, solver_name, note = assign_with_best(
            needs, offers, candidates, weights, policy, solver
        )
    else:
        bundled, exceeded = _assign_people(
            needs, offers, candidates, weights, policy, solver, people, tight
        )
        assignment, solver_name, note = bundled.assignment, bundled.solver, bundled.note
        candidates = bundled.candidates
    tell(0.7, "explanation")
    offer_of = np.full(len(needs), -1, np.int32)
    score = np.zeros(len(needs), np.int16)
    pairs = assignment.pairs
    rows = candidates.need[pairs]
    offer_of[rows], score[rows] = candidates.offer[pairs], candidates.score[pairs]
    points = np.zeros((len(needs), len(FACTORS)), np.int16)
    km = distance_km(needs.points[:, rows], offers.points[:, offer_of[rows]])
    points[rows] = scorer.points(rows, offer_of[rows], km)
    ties = tie_numbers_of(needs, offers, candidates, policy.seed)
    preference = preference_order(candidates, ties)
    other_offer, other_score = alternatives(candidates, preference, offer_of)
    order = first_come_order(needs, policy.seed)
    if candidates is not every_pair:
        ties = tie_numbers_of(needs, offers, every_pair, policy.seed)
        preference = preference_order(every_pair, ties)
    if people is None:
        fifo = first_come_pairs(offers, every_pair, preference, order)
    else:
        fifo = first_come_beside(offers, every_pair, preference, order, people, tight)
    tell(0.8, "explanation")
    unplaced = np.flatnonzero(offer_of < 0)
    reasons = rule_counts(needs, offers, need_side, offer_side, unplaced)
    near = near_misses(needs, offers, need_side, offer_side, unplaced, policy.seed)
    add_ceiling_reasons(reasons, unplaced, candidates, offers, offer_of)
    cause = causes_of(candidates, offers, offer_of, levels)
    if tight is not None:
        explain_limits(tight, every_pair, offers, offer_of, levels, unplaced, reasons, cause)
    if bundled is not None:
        add_blocked_counts(reasons, unplaced, bundled.blocked)
        near = with_blocked(near, bundled.blocked, needs, offers, policy.seed)
    result = BatchResult(
        needs=needs,
        offers=offers,
        policy=policy,
        summary=Summary(
            needs=len(needs),
            offers=len(offers),
            feasible_pairs=len(candidates),
            placed=len(pairs),
            placed_by_tier=_by_tier(tiers[rows]),
            total_score=int(score.sum(dtype=np.int64)),
            solver=solver_name,
            optimal=assignment.optimal if bundled is None else bundled.optimal,
            seconds=perf_counter() - started,
            worse_than_fifo=_worse_than(every_pair, fifo, offer_of, score),
            placed_by_fifo=len(fifo),
            note=note,
            bound_placed=len(pairs) if bundled is None else bundled.bound_placed,
            yielded=0 if bundled is None else bundled.yielded,
            limits_exceeded=exceeded,
        ),
        offer=offer_of,
        score=score,
        tier=tiers,
        cause=cause,
        points=points,
        alternative_offer=other_offer,
        alternative_score=other_score,
        unplaced=unplaced,
        reasons=reasons,
        near=near,
        step=assignment.network.step,
        weights=weights,
        candidates=candidates,
        assignment=assignment,
        every_pair=every_pair,
        people=people,
    )
    tell(1.0, "done")
    return result


def _assign_people(
    needs: NeedTable,
    offers: OfferTable,
    candidates: Candidates,
    weights: np.ndarray,
    policy: Policy,
    solver: str | None,
    people: People,
    limits: Biting | None,
) -> tuple[Bundled, int]:
    """Gives the places, and how many limits the optimum without them exceeded."""

    def bundles(some: Candidates) -> Bundled:
        return assign_bundles(needs, offers, some, weights, policy, solver, people)

    if limits is None:
        return bundles(candidates), 0
    return assign_within(limits, needs, offers, candidates, weights, bundles)


def _silent(share: float, stage: str) -> None:
    """Hears progress and says nothing."""


def _by_tier(tiers: np.ndarray) -> tuple[int, int, int]:
    counts = np.bincount(tiers, minlength=4)
    return int(counts[1]), int(counts[2]), int(counts[3])


def _worse_than(
    candidates: Candidates, fifo: np.ndarray, offer_of: np.ndarray, score: np.ndarray
) -> int:
    """Counts who would have had a place, or a higher score, under first come first served."""
    need = candidates.need[fifo]
    return int(np.count_nonzero((offer_of[need] < 0) | (score[need] < candidates.score[fifo])))
