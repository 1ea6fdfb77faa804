"""Guarantees the published order of people: tier, then waiting days, and nothing else."""

from datetime import date

import numpy as np

from matching.engine.columns import day_number
from matching.engine.instance import NeedTable
from matching.engine.policy import Policy


def tiers_of(needs: NeedTable, policy: Policy, as_of: date) -> np.ndarray:
    """Gives tier 1 (a statutory deadline at risk or past), 2 (waiting long) or 3 per need."""
    today = day_number(as_of)
    urgent = needs.deadline.astype(np.int64) - today <= policy.urgent_within_days
    long_wait = today - needs.waiting_since.astype(np.int64) > policy.long_wait_days
    return np.where(urgent, 1, np.where(long_wait, 2, 3)).astype(np.int8)


def levels_of(needs: NeedTable, tiers: np.ndarray, policy: Policy) -> np.ndarray:
    """Gives the priority level of each need, 0 the highest; equal levels compete on score only.

    `strict` has one level per (tier, waiting days), `tiers` one per tier, `none` a single one.
    """
    if policy.priority == "none":
        return np.zeros(len(needs), np.int64)
    if policy.priority == "tiers":
        return tiers.astype(np.int64) - 1
    key = tiers.astype(np.int64) << 32 | (needs.waiting_since.astype(np.int64) + (1 << 30))
    return np.unique(key, return_inverse=True)[1].astype(np.int64)


def level_weights(levels: np.ndarray) -> np.ndarray:
    """Gives for each need how many steps of priority its place is worth (lowest level: 1).

    Weights that fall by one step per level are enough, however many levels there are: the sets
    of people that can be placed together are independent sets of a matroid, and in a matroid the
    basis of highest weight is the lexicographically best one for every falling weight. So
    thousands of levels fit into 64 bits where powers would overflow at the third.
    """
    if not len(levels):
        return np.zeros(0, np.int64)
    return np.asarray(levels.max() + 1 - levels, np.int64)
