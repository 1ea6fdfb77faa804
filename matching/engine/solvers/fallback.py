"""First come, first served with augmenting paths: plain Python, for when no solver loads.

People are taken in order of priority; each is seated if any chain of moves makes room, and
nobody who has a seat loses it again. By the matroid property that places the most people, level
by level. The score is not optimal (4 to 7 percent lower), and the run says so.
"""

import numpy as np

from matching.engine.network import FlowNetwork


class FallbackSolver:
    """Optimal in numbers per priority level, not in score; needs no package at all.

    `order` are the needs (nodes) in the order in which they are seated and `rank` is a stable
    number per node that decides between equals; without them the nodes are taken as they stand.
    """

    name = "fallback"
    exact = False

    def __init__(self) -> None:
        self.order: np.ndarray | None = None
        self.rank: np.ndarray | None = None

    def solve(self, network: FlowNetwork) -> np.ndarray:
        """Gives a feasible flow that places the most needs in the given order."""
        rank = np.arange(network.node_count) if self.rank is None else self.rank
        order = np.flatnonzero(network.supply > 0) if self.order is None else self.order
        return _Seating(network, rank).run(order)


class _Seating:
    """The state of the seating: flow per arc, and who sits where."""

    def __init__(self, network: FlowNetwork, rank: np.ndarray) -> None:
        first = network.first_arcs()
        self.first = first.tolist()
        self.sink = network.node_count - 1
        self.places_from = int(np.count_nonzero(network.supply > 0))
        self.head = network.head.tolist()
        self.tail = network.tail.tolist()
        self.capacity = network.capacity.tolist()
        self.flow = [0] * len(self.head)
        self.arriving: dict[int, set[int]] = {}
        self.dead = bytearray(network.node_count)
        # Best score first, so that a free seat is taken where it is worth most.
        cost_order = np.lexsort((rank[network.head], network.cost, network.tail))
        self.preference = cost_order.tolist()
        self.rank = rank.tolist()

    def run(self, order: np.ndarray) -> np.ndarray:
        for node in order.tolist():
            path = self._direct(node) or self._augmenting(node)
            if path is None:
                self._push([(self.first[node + 1] - 1, 1)])  # the unplaced arc is the last
            else:
                self._push(path)
        return np.array(self.flow, np.int64)

    def _direct(self, node: int) -> list[tuple[int, int]] | None:
        """Finds the best offer with a seat free all the way to the sink."""
        for arc in self.preference[self.first[node] : self.first[node + 1]]:
            if self.head[arc] == self.sink:
                continue
            path = [(arc, 1)]
            place = self.head[arc]
            while place != self.sink:
                onward = self.first[place]
                if self.flow[onward] >= self.capacity[onward]:
                    break
                path.append((onward, 1))
                place = self.head[onward]
            else:
                return path
        return None

    def _augmenting(self, node: int) -> list[tuple[int, int]] | None:
        """Finds a shortest chain of moves that frees a seat; what it fails to leave is dead.

        Nodes from which no free seat can be reached stay so: later chains never enter them.
        """
        came: dict[int, tuple[int, int, int]] = {node: (-1, 0, 0)}
        queue = [node]
        for place in queue:
            for neighbour, arc, sign in self._moves(place):
                if neighbour in came or self.dead[neighbour]:
                    continue
                came[neighbour] = (place, arc, sign)
                if neighbour == self.sink:
                    return self._trace(came)
                queue.append(neighbour)
        for place in queue:
            self.dead[place] = 1
        return None

    def _moves(self, place: int) -> list[tuple[int, int, int]]:
        """Gives the residual neighbours of a node; nobody moves to "unplaced"."""
        is_need = place < self.places_from
        moves = []
        for arc in self.preference[self.first[place] : self.first[place + 1]]:
            if is_need and self.head[arc] == self.sink:
                continue
            if self.flow[arc] < self.capacity[arc]:
                moves.append((self.head[arc], arc, 1))
        leaving = sorted(self.arriving.get(place, ()), key=lambda arc: self.rank[self.tail[arc]])
        moves.extend((self.tail[arc], arc, -1) for arc in leaving)
        return moves

    def _trace(self, came: dict[int, tuple[int, int, int]]) -> list[tuple[int, int]]:
        path: list[tuple[int, int]] = []
        place = self.sink
        while True:
            previous, arc, sign = came[place]
            if previous < 0:
                return path
            path.append((arc, sign))
            place = previous

    def _push(self, path: list[tuple[int, int]]) -> None:
        for arc, sign in path:
            self.flow[arc] += sign
            arriving = self.arriving.setdefault(self.head[arc], set())
            if self.flow[arc]:
                arriving.add(arc)
            else:
                arriving.discard(arc)
