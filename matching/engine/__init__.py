"""The matching engine: pure functions on columns, without database, clock or settings.

This is its whole public door; import nothing else from this package.

    needs = NeedTable.from_columns(...)      # or .from_records(file content)
    offers = OfferTable.from_columns(...)
    recommend(needs, offers, policy, as_of, row=0)   -> Recommendation
    run_batch(needs, offers, policy, as_of)          -> BatchResult
    run_batch(..., people=People(...))               -> no overlapping lessons, households together
"""

from matching.engine.batch import run_batch
from matching.engine.codes import (
    COMPONENTS,
    FACTORS,
    LEVELS,
    LITERACIES,
    RULES,
    SLOTS,
    TARGET_GROUPS,
    Cause,
    Rule,
    rule_names,
    slot_mask,
    slot_names,
)
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.labels import CAUSE_LABELS, FACTOR_LABELS, RULE_LABELS, TIER_LABELS
from matching.engine.near import relax_value
from matching.engine.packed import Explanation, packed_placed, packed_unplaced, unpacked
from matching.engine.pair import failed_rules_of_pair
from matching.engine.people import Lessons, People
from matching.engine.policy import DEFAULT_WEIGHTS, Policy
from matching.engine.priority import tiers_of
from matching.engine.recommend import Recommendation, recommend
from matching.engine.result import BatchResult, Summary
from matching.engine.score import factor_dict

__all__ = [
    "CAUSE_LABELS",
    "COMPONENTS",
    "DEFAULT_WEIGHTS",
    "FACTORS",
    "FACTOR_LABELS",
    "LEVELS",
    "LITERACIES",
    "RULES",
    "RULE_LABELS",
    "SLOTS",
    "TARGET_GROUPS",
    "TIER_LABELS",
    "BatchResult",
    "Cause",
    "Lessons",
    "NeedTable",
    "OfferTable",
    "People",
    "Policy",
    "Recommendation",
    "Rule",
    "Summary",
    "factor_dict",
    "failed_rules_of_pair",
    "packed_placed",
    "packed_unplaced",
    "recommend",
    "relax_value",
    "rule_names",
    "run_batch",
    "slot_mask",
    "slot_names",
    "tiers_of",
    "unpacked",
]
