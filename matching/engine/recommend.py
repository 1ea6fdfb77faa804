"""Guarantees for one person the ranked offers with reasons, and what nearly fits.

Looks at every offer and every rule, so that "why not this one" has a full answer.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from matching.engine.codes import RULES, Rule, rule_names
from matching.engine.columns import day_number
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import (
    NEAR_PER_RULE,
    NearMisses,
    amounts,
    nearest,
    relax_value,
    rule_of,
    single_failures,
)
from matching.engine.policy import Policy
from matching.engine.rules import NeedSide, OfferSide, failed_rules
from matching.engine.score import OfferScore, Scorer, factor_dict
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
    km: np.ndarray
    near: NearMisses

    @property
    def reasons(self) -> dict[str, int]:
        """Gives for each rule how many offers fail it (an offer may fail several)."""
        counts = {
            name: int(np.count_nonzero(self.failed & (1 << code)))
            for code, name in enumerate(RULES)
        }
        return {name: count for name, count in counts.items() if count}

    def ranked(self, limit: int | None = None) -> list[dict[str, Any]]:
        """Gives the best offers as records: row, id, score, points per factor, distance."""
        return [
            {
                "row": int(row),
                "offer": str(self.table.ids[row]),
                "score": int(score),
                "factors": factor_dict(points),
                "km": round(float(self.km[row]), 1),
            }
            for row, score, points in zip(
                self.offers[:limit], self.scores[:limit], self.points[:limit], strict=True
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
    need_side, offer_side = NeedSide.of(one, offers, policy), offer_side_of(offers)
    failed_matrix, km_matrix = failed_rules(need_side, offer_side, np.zeros(1, np.int64))
    failed, km = failed_matrix[0], km_matrix[0]
    feasible = np.flatnonzero(failed == 0)
    zeros = np.zeros(len(feasible), np.int64)
    scorer = Scorer.of(one, offer_score_of(offers, policy), policy, day_number(as_of))
    points = scorer.points(zeros, feasible, km[feasible])
    scores = points.sum(axis=1, dtype=np.int64)
    ties = pair_numbers(one.tie_numbers, offers.tie_numbers[feasible], policy.seed)
    order = np.lexsort((ties, -scores))
    return Recommendation(
        needs=needs,
        table=offers,
        row=row if len(needs) > 1 else 0,
        offers=feasible[order],
        scores=scores[order],
        points=points[order],
        failed=failed,
        km=km,
        near=_near(one, offers, policy, failed, km - need_side.limit_km[0], near_per_rule),
    )


def _near(
    one: NeedTable,
    offers: OfferTable,
    policy: Policy,
    failed: np.ndarray,
    excess: np.ndarray,
    per_rule: int,
) -> NearMisses:
    (columns,) = single_failures(failed)
    rule = rule_of(failed[columns])
    # A different component is another question than the one asked: never offered as "nearly".
    columns, rule = columns[rule != Rule.ROUTE], rule[rule != Rule.ROUTE]
    need = np.zeros(len(columns), np.int32)
    amount = amounts(one, offers, need, columns, rule, excess[columns])
    ties = pair_numbers(one.tie_numbers, offers.tie_numbers[columns], policy.seed)
    return nearest(NearMisses(need, columns, rule, amount), ties, per_rule)


def offer_side_of(offers: OfferTable) -> OfferSide:
    """Gives the offers' part of the rules, computed once per table."""
    cache = offers.__dict__
    if "_side" not in cache:
        cache["_side"] = OfferSide.of(offers)
    side: OfferSide = cache["_side"]
    return side


def offer_score_of(offers: OfferTable, policy: Policy) -> OfferScore:
    """Gives the offers' part of the scores, computed once per table and set of weights."""
    cache = offers.__dict__.setdefault("_scores", {})
    key = policy.max_points().tobytes()
    if key not in cache:
        cache[key] = OfferScore.of(offers, policy)
    score: OfferScore = cache[key]
    return score
