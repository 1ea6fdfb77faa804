"""The matching engine: pure functions on columns, without database, clock or settings.

This is its whole public door; import nothing else from this package.

    needs = NeedTable.from_columns(...)      # or .from_records(file content)
    offers = OfferTable.from_columns(...)
    recommend(needs, offers, policy, as_of, row=0)   -> Recommendation
    run_batch(needs, offers, policy, as_of)          -> BatchResult
    best_bundles(parts, running, limit=3)            -> all components of one person
    run_batch(..., people=People(...))               -> no overlapping lessons, households together
"""

from matching.engine.added_group import Growth, Plan
from matching.engine.batch import run_batch
from matching.engine.bundle_choice import (
    NO_OPTION,
    Bundle,
    LessonTimes,
    Option,
    Part,
    RunningPart,
    best_bundles,
    clash_of,
    peak_hours,
)
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
from matching.engine.columns import day_number
from matching.engine.failures import packed_failures, unpacked_failures
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.labels import CAUSE_LABELS, FACTOR_LABELS, RULE_LABELS, TIER_LABELS
from matching.engine.limits import NO_LIMIT, Limits
from matching.engine.near import relax_value
from matching.engine.packed import Explanation, packed_placed, packed_unplaced, unpacked
from matching.engine.pair import failed_rules_of_pair
from matching.engine.people import Lessons, People
from matching.engine.policy import DEFAULT_WEIGHTS, Policy
from matching.engine.priority import tiers_of
from matching.engine.recommend import Recommendation, recommend, with_seats
from matching.engine.result import BatchResult, Summary
from matching.engine.revoke import last_in_line, without_places
from matching.engine.score import factor_dict
from matching.engine.settled import FREE, Settled
from matching.engine.what_if import NOWHERE, Effect, Move, WhatIf

__all__ = [
    "CAUSE_LABELS",
    "COMPONENTS",
    "DEFAULT_WEIGHTS",
    "FACTORS",
    "FACTOR_LABELS",
    "FREE",
    "LEVELS",
    "LITERACIES",
    "NOWHERE",
    "NO_LIMIT",
    "NO_OPTION",
    "RULES",
    "RULE_LABELS",
    "SLOTS",
    "TARGET_GROUPS",
    "TIER_LABELS",
    "BatchResult",
    "Bundle",
    "Cause",
    "Effect",
    "Explanation",
    "Growth",
    "LessonTimes",
    "Lessons",
    "Limits",
    "Move",
    "NeedTable",
    "OfferTable",
    "Option",
    "Part",
    "People",
    "Plan",
    "Policy",
    "Recommendation",
    "Rule",
    "RunningPart",
    "Settled",
    "Summary",
    "WhatIf",
    "best_bundles",
    "clash_of",
    "day_number",
    "factor_dict",
    "failed_rules_of_pair",
    "last_in_line",
    "packed_failures",
    "packed_placed",
    "packed_unplaced",
    "peak_hours",
    "recommend",
    "relax_value",
    "rule_names",
    "run_batch",
    "slot_mask",
    "slot_names",
    "tiers_of",
    "unpacked",
    "unpacked_failures",
    "with_seats",
    "without_places",
]
