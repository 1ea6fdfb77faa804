"""Guarantees for one person the ranked offers with reasons, and what nearly fits.

Looks at every offer and every rule, so that "why not this one" has a full answer.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from matching.engine.codes import FACTORS, RULES, rule_names
from matching.engine.columns import day_number
from matching.engine.index import OfferIndex, count_rules, near_positions
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import (
    NEAR_PER_RULE,
    NearMisses,
    amounts,
    nearest,
    relax_value,
    rule_of,
)
from matching.engine.policy import Policy
from matching.engine.rules import NeedSide, OfferSide, distance_km
from matching.engine.score import OfferScore, Scorer
from matching.engine.ties import pair_numbers


@dataclass(frozen=True, eq=False, slots=True)
class Recommendation:
    """One need against all offers.

    `offers` are the rows of the feasible offers, best first; `scores` and `points` (offers x
    factors) go with them. `failed` and `km` hold one value for every offer of the table.
    """

    needs: NeedTable
    table: OfferTable
    row: int
    offers: np.ndarray
    scores: np.ndarray
    points: np.ndarray
    failed: np.ndarray
    near: NearMisses

    @property
    def km(self) -> np.ndarray:
        """Gives the distance to every offer of the table."""
        return distance_km(self.needs.points[:, self.row, None], self.table.points)

    @property
    def reasons(self) -> dict[str, int]:
        """Gives for each rule how many offers fail it (an offer may fail several)."""
        return count_rules(self.failed)

    def ranked(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Gives the best offers as records: row, id, score, points per factor, distance."""
        rows = self.offers[:limit]
        km = distance_km(self.needs.points[:, self.row, None], self.table.points[:, rows])
        return [
            {
                "row": row,
                "offer": name,
                "score": score,
                "factors": dict(zip(FACTORS, points, strict=True)),
                "km": round(distance, 1),
            }
            for row, name, score, points, distance in zip(
                rows.tolist(),
                self.table.ids[rows].tolist(),
                self.scores[:limit].tolist(),
                self.points[:limit].tolist(),
                km.tolist(),
                strict=True,
            )
        ]

    def near_misses(self) -> list[dict[str, Any]]:
        """Gives the near misses as records: row, id, rule and the smallest change that helps."""
        return [
            {
                "row": int(offer),
                "offer": str(self.table.ids[offer]),
                "rule": RULES[rule],
                "relax": relax_value(self.needs, self.table, self.row, int(offer), rule, amount),
            }
            for offer, rule, amount in zip(
                self.near.offer, self.near.rule.tolist(), self.near.amount.tolist(), strict=True
            )
        ]

    def failed_rules_of(self, offer: int) -> list[str]:
        """Gives the codes of all rules on which this offer fails, in the order of checking."""
        return rule_names(int(self.failed[offer]))


def recommend(
    needs: NeedTable,
    offers: OfferTable,
    policy: Policy,
    as_of: date,
    *,
    row: int = 0,
    near_per_rule: int = NEAR_PER_RULE,
) -> Recommendation:
    """Ranks all offers for need `row`; equal scores go by the published tie number.

    What depends on the offers alone is kept with the table, so give the same table again when
    several people are looked at.
    """
    one = needs if len(needs) == 1 else needs.take([row])
    side = NeedSide.of(one, offers, policy)
    failed = offer_index_of(offers).failed_rules(one, side)
    feasible = np.flatnonzero(failed == 0)
    zeros = np.zeros(len(feasible), np.int64)
    km = distance_km(one.points, offers.points[:, feasible])
    scorer = Scorer.of(one, offer_score_of(offers, policy), policy, day_number(as_of))
    points = scorer.points(zeros, feasible, km)
    scores = points.sum(axis=1, dtype=np.int64)
    ties = pair_numbers(one.tie_numbers, offers.tie_numbers[feasible], policy.seed)
    order = np.lexsort((ties, -scores))
    return Recommendation(
        needs=one,
        table=offers,
        row=0,
        offers=feasible[order],
        scores=scores[order],
        points=points[order],
        failed=failed,
        near=_near(one, offers, policy, failed, side.limit_km[0], near_per_rule),
    )


def _near(
    one: NeedTable,
    offers: OfferTable,
    policy: Policy,
    failed: np.ndarray,
    limit_km: float,
    per_rule: int,
) -> NearMisses:
    columns = near_positions(failed)
    rule = rule_of(failed[columns])
    need = np.zeros(len(columns), np.int32)
    excess = distance_km(one.points, offers.points[:, columns]) - limit_km
    amount = amounts(one, offers, need, columns, rule, excess)
    ties = pair_numbers(one.tie_numbers, offers.tie_numbers[columns], policy.seed)
    return nearest(NearMisses(need, columns, rule, amount), ties, per_rule)


def offer_side_of(offers: OfferTable) -> OfferSide:
    """Gives the offers' part of the rules, computed once per table."""
    cache = offers.__dict__
    if "_side" not in cache:
        cache["_side"] = OfferSide.of(offers)
    side: OfferSide = cache["_side"]
    return side


def offer_index_of(offers: OfferTable) -> OfferIndex:
    """Gives the distinct values of the offers, found once per table."""
    cache = offers.__dict__
    if "_index" not in cache:
        cache["_index"] = OfferIndex.of(offers, offer_side_of(offers))
    index: OfferIndex = cache["_index"]
    return index


def with_seats(
    offers: OfferTable, *, seats: np.ndarray, enrolled: np.ndarray, ceiling_places: tuple[int, ...]
) -> OfferTable:
    """Gives the same offers with other seats; what was prepared of them and holds comes along."""
    table = replace(offers, seats=seats, enrolled=enrolled, ceiling_places=ceiling_places)
    known = offers.__dict__
    for name in ("tie_numbers", "points", "is_online", "_cover"):
        if name in known:
            table.__dict__[name] = known[name]
    index = offer_index_of(offers)
    side = offer_side_of(offers).with_seats(seats)
    table.__dict__["_side"] = side
    table.__dict__["_index"] = replace(index, fixed=side.fixed_failures)
    return table


def offer_score_of(offers: OfferTable, policy: Policy) -> OfferScore:
    """Gives the offers' part of the scores, computed once per table and set of weights."""
    cache = offers.__dict__.setdefault("_scores", {})
    key = policy.max_points().tobytes()
    if key not in cache:
        cache[key] = OfferScore.of(offers, policy)
    score: OfferScore = cache[key]
    return score
