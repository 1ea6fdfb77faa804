"""OR-Tools' cost-scaling push-relabel (SimpleMinCostFlow): exact, independent of LEMON."""

from types import ModuleType

import numpy as np

from matching.engine.network import FlowNetwork
from matching.engine.solvers.base import SolverFailedError, SolverUnavailableError


class OrtoolsSolver:
    """Exact; raises SolverUnavailableError when `ortools` cannot be imported."""

    name = "ortools"
    exact = True

    def __init__(self) -> None:
        self._module = _load()

    def solve(self, network: FlowNetwork) -> np.ndarray:
        """Gives a flow of lowest cost."""
        problem = self._module.SimpleMinCostFlow()
        arcs = problem.add_arcs_with_capacity_and_unit_cost(
            network.tail, network.head, network.capacity, network.cost
        )
        problem.set_nodes_supplies(np.arange(network.node_count, dtype=np.int32), network.supply)
        status = problem.solve()
        if status != problem.OPTIMAL:
            raise SolverFailedError(str(status))
        return np.asarray(problem.flows(arcs), np.int64)


def _load() -> ModuleType:
    try:
        from ortools.graph.python import min_cost_flow
    except ImportError as error:
        raise SolverUnavailableError(f"ortools: {error}") from error
    module: ModuleType = min_cost_flow
    return module
