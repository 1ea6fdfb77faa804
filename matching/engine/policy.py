"""Guarantees that a run is driven by the municipality's published policy and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from matching.engine.codes import FACTORS, MAX_SCORE, PRIORITIES

DEFAULT_WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "start": 300,
        "travel": 200,
        "level": 150,
        "intensity": 100,
        "dayPart": 50,
        "duality": 50,
        "filling": 50,
        "quality": 50,
        "price": 50,
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The published choices of a municipality: weights, travel limit, urgency, order, seed.

    `seed` is published as well: it decides between assignments that are equally good, so that
    an audit can repeat the run with another solver and find the same people at the same seats.
    """

    weights: Mapping[str, int] = field(default_factory=lambda: DEFAULT_WEIGHTS)
    max_travel_km: float = 25.0
    urgent_within_days: int = 28
    long_wait_days: int = 90
    priority: str = "tiers"
    seed: int = 0
    version: str = ""

    def __post_init__(self) -> None:
        """Refuses a policy that the engine cannot carry out."""
        if self.priority not in PRIORITIES:
            raise ValueError(f"priority must be one of {', '.join(PRIORITIES)}")
        if set(self.weights) != set(FACTORS):
            raise ValueError(f"weights must name exactly {', '.join(FACTORS)}")
        if any(weight < 0 for weight in self.weights.values()):
            raise ValueError("weights must not be negative")

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Policy":
        """Builds the policy from the `policy` object of an instance file, already validated."""
        return cls(
            weights=MappingProxyType({name: int(record["weights"][name]) for name in FACTORS}),
            max_travel_km=float(record["maxTravelKm"]),
            urgent_within_days=int(record["urgentWithinDays"]),
            long_wait_days=int(record["longWaitDays"]),
            priority=str(record["priority"]),
            seed=int(record["seed"]),
        )

    def max_points(self) -> np.ndarray:
        """Gives whole points per factor that add up to 1000 (largest remainder), or all zero.

        Whole points per factor make the breakdown of a score add up exactly to the score.
        """
        weights = [int(self.weights[name]) for name in FACTORS]
        total = sum(weights)
        if total == 0:
            return np.zeros(len(FACTORS), np.int64)
        points = [MAX_SCORE * weight // total for weight in weights]
        remainders = [(-(MAX_SCORE * w % total), i) for i, w in enumerate(weights)]
        for _, index in sorted(remainders)[: MAX_SCORE - sum(points)]:
            points[index] += 1
        return np.array(points, np.int64)
