"""HiGHS through SciPy: a linear program, independent of the flow solvers, for small cases.

The constraint matrix of a flow is totally unimodular, so a vertex of the linear optimum is an
integer optimum. Priority and score are solved one after the other: as one number they would
exceed what floating point can tell apart. The second problem lives on the face of the first,
which keeps its vertices integer.
"""

from typing import Any

import numpy as np

from matching.engine.network import FlowNetwork
from matching.engine.solvers.base import SolverFailedError, SolverUnavailableError


class HighsSolver:
    """Exact; raises SolverUnavailableError when SciPy cannot be imported."""

    name = "highs"
    exact = True

    def __init__(self) -> None:
        try:
            from scipy.optimize import linprog
            from scipy.sparse import coo_array, vstack
        except ImportError as error:
            raise SolverUnavailableError(f"scipy: {error}") from error
        self._linprog, self._coo_array, self._vstack = linprog, coo_array, vstack

    def solve(self, network: FlowNetwork) -> np.ndarray:
        """Gives a flow of lowest cost."""
        arcs = np.arange(len(network.tail))
        ones = np.ones(len(arcs))
        balance = self._coo_array(
            (
                np.concatenate([ones, -ones]),
                (np.concatenate([network.tail, network.head]), np.concatenate([arcs, arcs])),
            ),
            shape=(network.node_count, len(arcs)),
        ).tocsr()
        supply = network.supply.astype(np.float64)
        if not network.step:
            return self._vertex(network, network.cost, balance, supply)
        steps, rest = np.divmod(network.cost, network.step)
        first = self._vertex(network, steps, balance, supply)
        row = self._coo_array(steps.astype(np.float64).reshape(1, -1)).tocsr()
        balance = self._vstack([balance, row]).tocsr()
        supply = np.append(supply, float(steps @ first))
        return self._vertex(network, rest, balance, supply)

    def _vertex(
        self, network: FlowNetwork, cost: np.ndarray, matrix: Any, right: np.ndarray
    ) -> np.ndarray:
        outcome = self._linprog(
            cost.astype(np.float64),
            A_eq=matrix,
            b_eq=right,
            bounds=np.stack([np.zeros(len(cost)), network.capacity.astype(np.float64)], axis=1),
            method="highs-ds",
        )
        if outcome.status != 0:
            raise SolverFailedError(str(outcome.message))
        flow = np.rint(outcome.x).astype(np.int64)
        if np.abs(outcome.x - flow).max(initial=0.0) > 1e-6:
            raise SolverFailedError("the optimum is not a vertex")
        return flow
