"""Guarantees one shape for the outcome of a batch, whichever solver made it."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from matching.engine.assign import Assignment
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.near import NearMisses
from matching.engine.people import People, busy_slots
from matching.engine.policy import Policy
from matching.engine.prices import seat_values


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts that stand at the head of a result.

    `bound_placed`: how many would have a place if nobody minded overlapping lessons or a household
    apart, and no share of a contract held anybody back; `yielded`: people for whom a place had to
    yield to another one of their own; `limits_exceeded`: shares that the bound does not respect.
    """

    needs: int
    offers: int
    feasible_pairs: int
    placed: int
    placed_by_tier: tuple[int, int, int]
    total_score: int
    solver: str
    optimal: bool
    seconds: float
    worse_than_fifo: int
    placed_by_fifo: int
    note: str = ""
    bound_placed: int = 0
    yielded: int = 0
    limits_exceeded: int = 0


@dataclass(frozen=True, eq=False)
class BatchResult:
    """A proposed assignment with its reasons, as columns over the rows of the two tables.

    Per need: `offer` (row of the offer, -1 when unplaced), `score` (0 when unplaced), `tier`
    (1..3), `cause` (a `Cause`), `points` (needs x factors, of the assigned pair).
    Per need in `unplaced` (rows): `reasons` (unplaced x rules: offers that fail the rule).
    Per offer, when asked: `seat_value`, what one more seat would add to the objective, and its
    two parts `seat_value_levels` (steps of priority, each worth `step`) and `seat_value_score`.
    `alternatives`: `alternative_offer[i]` are the best other feasible offers of need i, -1
    padded. `weights`: the steps of priority that each need's place was worth. `candidates` are
    those among which it is the optimum, `every_pair` also those that other people closed.
    """

    needs: NeedTable
    offers: OfferTable
    policy: Policy
    summary: Summary
    offer: np.ndarray
    score: np.ndarray
    tier: np.ndarray
    cause: np.ndarray
    points: np.ndarray
    alternative_offer: np.ndarray
    alternative_score: np.ndarray
    unplaced: np.ndarray
    reasons: np.ndarray
    near: NearMisses
    step: int
    weights: np.ndarray
    candidates: Candidates = field(repr=False)
    assignment: Assignment = field(repr=False)
    every_pair: Candidates = field(repr=False)
    people: People | None = field(repr=False)

    def fitting(self, need: int) -> tuple[np.ndarray, np.ndarray]:
        """Gives the offers that fit a need beside the lessons that run, and their scores."""
        pairs = self.every_pair
        rows = slice(int(pairs.first[need]), int(pairs.first[need + 1]))
        offer, score = pairs.offer[rows], pairs.score[rows]
        if self.people is None:
            return offer, score
        free = busy_slots(self.people, self.offers, np.full(len(offer), need), offer) == 0
        return offer[free], score[free]

    @property
    def placed(self) -> np.ndarray:
        """Gives the rows of the placed needs."""
        return np.flatnonzero(self.offer >= 0)

    @cached_property
    def seat_value(self) -> np.ndarray:
        """Gives per offer the worth of one more seat; with many full ceilings it takes a while."""
        return seat_values(self.assignment, self.offers, self.candidates)

    @property
    def seat_value_levels(self) -> np.ndarray:
        """Gives the whole priority steps in each seat value (1: one more person placed)."""
        return (self.seat_value + self.step // 2) // self.step

    @property
    def seat_value_score(self) -> np.ndarray:
        """Gives the change of the total score in each seat value, beside the steps."""
        return self.seat_value - self.seat_value_levels * self.step
