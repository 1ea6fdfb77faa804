"""LEMON's network simplex through `pylmcf`: the fastest exact solver for these graphs."""

from types import ModuleType

import numpy as np

from matching.engine.network import FlowNetwork
from matching.engine.solvers.base import SolverUnavailableError


class LemonSolver:
    """Exact; raises SolverUnavailableError when `pylmcf` cannot be imported."""

    name = "lemon"
    exact = True

    def __init__(self) -> None:
        self._pylmcf = _load()

    def solve(self, network: FlowNetwork) -> np.ndarray:
        """Gives a flow of lowest cost."""
        return self.solve_priced(network)[0]

    def solve_priced(self, network: FlowNetwork) -> tuple[np.ndarray, np.ndarray]:
        """Gives a flow of lowest cost and the prices of the last basis."""
        graph = self._pylmcf.Graph(network.node_count, network.tail, network.head)
        graph.set_node_supply(network.supply)
        graph.set_edge_costs(network.cost)
        graph.set_edge_capacities(network.capacity)
        graph.solve()
        return np.asarray(graph.result(), np.int64), np.asarray(graph.raw_potentials(), np.int64)


def _load() -> ModuleType:
    try:
        import pylmcf
    except ImportError as error:
        raise SolverUnavailableError(f"pylmcf: {error}") from error
    module: ModuleType = pylmcf
    return module
