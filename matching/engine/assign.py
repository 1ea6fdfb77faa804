"""Guarantees the best assignment under the policy, the same one with every exact solver."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matching.engine.canonical import MAX_WORDS, canonical_flow
from matching.engine.exact import optimum, parts_of
from matching.engine.feasibility import Candidates
from matching.engine.instance import NeedTable, OfferTable
from matching.engine.network import FlowNetwork, Layout, build_network
from matching.engine.policy import Policy
from matching.engine.residual import NotOptimalError, distances
from matching.engine.solvers import choose_solver
from matching.engine.solvers.base import Solver, SolverFailedError
from matching.engine.solvers.fallback import FallbackSolver
from matching.engine.ties import mix, pair_numbers

PairCost = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Assignment:
    """An assignment on its network (with the priority steps alone as costs when the solver was not
    exact)."""

    pairs: np.ndarray  # chosen candidate pairs
    network: FlowNetwork
    layout: Layout
    flow: np.ndarray
    optimal: bool

    @cached_property
    def distance(self) -> np.ndarray:
        """Gives what one more unit of flow at each node would cost: the same for all optima."""
        return distances(self.network, self.flow, self.layout.sink)


def assign(
    needs: NeedTable,
    offers: OfferTable,
    candidates: Candidates,
    weights: np.ndarray,
    policy: Policy,
    solver: Solver,
) -> Assignment:
    """Gives the assignment that places the most by priority, then scores highest.

    Raises NotOptimalError when an exact solver delivers less than the optimum.
    """
    network, layout = build_network(candidates, offers, weights)
    if isinstance(solver, FallbackSolver):
        return _first_come(needs, offers, network, layout, weights, policy, solver)
    flow, price = optimum(network, solver, parts_of(needs, offers))
    criteria = _criteria(needs, offers, network, layout, policy)
    flow = canonical_flow(network, flow, price, criteria, solver)
    return Assignment(layout.chosen_pairs(flow), network, layout, flow, True)


def assign_with_best(
    needs: NeedTable,
    offers: OfferTable,
    candidates: Candidates,
    weights: np.ndarray,
    policy: Policy,
    wanted: str | None,
) -> tuple[Assignment, str, str]:
    """Gives the assignment, the name of the solver that made it and a note on those passed over.

    A solver that fails, or whose flow is not proven optimal, is passed over like one that is
    missing: no number of it is used.
    """
    failed: dict[str, str] = {}
    while True:
        solver, note = choose_solver(wanted, len(candidates), failed)
        try:
            made = assign(needs, offers, candidates, weights, policy, solver)
        except (SolverFailedError, NotOptimalError) as error:
            failed[solver.name] = f"{solver.name}: {error}"
        else:
            return made, solver.name, note


def _criteria(
    needs: NeedTable,
    offers: OfferTable,
    network: FlowNetwork,
    layout: Layout,
    policy: Policy,
) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Yields what decides between equally good assignments, the first criterion first."""
    waiting = needs.waiting_since.max(initial=0) - needs.waiting_since.astype(np.int64)
    node_numbers = np.zeros(network.node_count, np.uint64)
    node_numbers[layout.needs : layout.needs + layout.offers] = offers.tie_numbers

    def spread(
        arcs: np.ndarray, cost: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> np.ndarray:
        """Gives a cost to the arcs that leave a need, 0 to the others."""
        from_need = np.flatnonzero(network.tail[arcs] < layout.needs)
        values = np.zeros(len(arcs), np.int64)
        chosen = arcs[from_need]
        values[from_need] = cost(network.tail[chosen], network.head[chosen])
        return values

    if policy.priority != "strict":  # there, equal levels have waited equally long
        yield lambda arcs: spread(
            arcs, lambda need, head: np.where(head == layout.sink, waiting[need], 0)
        )
    for word in range(MAX_WORDS):
        yield lambda arcs, word=word: spread(  # type: ignore[misc]
            arcs,
            lambda need, head: pair_numbers(
                needs.tie_numbers[need], node_numbers[head], policy.seed, word
            ),
        )


def tie_numbers_of(
    needs: NeedTable, offers: OfferTable, candidates: Candidates, seed: int
) -> np.ndarray:
    """Gives the published tie number of every candidate pair."""
    return pair_numbers(
        needs.tie_numbers[candidates.need], offers.tie_numbers[candidates.offer], seed
    )


def first_come_order(needs: NeedTable, seed: int, levels: np.ndarray | None = None) -> np.ndarray:
    """Gives the needs by level (if given), then longest waiting, then published number."""
    numbers = pair_numbers(needs.tie_numbers, np.zeros(1, np.uint64), seed)
    keys = (numbers, needs.waiting_since)
    return np.lexsort(keys if levels is None else (*keys, levels))


def _first_come(
    needs: NeedTable,
    offers: OfferTable,
    network: FlowNetwork,
    layout: Layout,
    weights: np.ndarray,
    policy: Policy,
    solver: FallbackSolver,
) -> Assignment:
    solver.order = first_come_order(needs, policy.seed, -weights)
    salt = np.uint64(policy.seed & 0xFFFFFFFFFFFFFFFF)
    rank = np.zeros(network.node_count, np.uint64)
    rank[: layout.needs] = mix(needs.tie_numbers ^ salt)
    rank[layout.needs : layout.needs + layout.offers] = mix(offers.tie_numbers ^ salt)
    solver.rank = rank
    flow = solver.solve(network)
    # The score is not optimal, so prices exist for the priority steps only.
    steps = network.cost // network.step * network.step
    priced = FlowNetwork(
        network.node_count,
        network.tail,
        network.head,
        network.capacity,
        steps,
        network.supply,
        network.step,
    )
    return Assignment(layout.chosen_pairs(flow), priced, layout, flow, False)
