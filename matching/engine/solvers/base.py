"""The interface of a solver, and what may go wrong with one."""

from typing import Protocol, runtime_checkable

import numpy as np

from matching.engine.network import FlowNetwork


class SolverUnavailableError(Exception):
    """The package of this solver is not installed or does not load on this machine."""


class SolverFailedError(Exception):
    """The solver ran but gave no optimum; the run must not present its numbers."""


class Solver(Protocol):
    """Turns a min-cost flow problem into a feasible integer flow."""

    name: str
    exact: bool

    def solve(self, network: FlowNetwork) -> np.ndarray:
        """Gives the flow per arc (int64); of lowest cost when the solver is exact."""
        ...


@runtime_checkable
class PricingSolver(Protocol):
    """A solver that also gives prices (dual values): what proves its flow."""

    def solve_priced(self, network: FlowNetwork) -> tuple[np.ndarray, np.ndarray]:
        """Gives the flow per arc and a price per node."""
        ...
