"""Guarantees the order of preference between solvers, and that a missing one is passed over."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from matching.engine.solvers.base import Solver, SolverUnavailableError
from matching.engine.solvers.fallback import FallbackSolver
from matching.engine.solvers.highs import HighsSolver
from matching.engine.solvers.lemon import LemonSolver
from matching.engine.solvers.ortools import OrtoolsSolver

_MAKERS: Final[dict[str, Callable[[], Solver]]] = {
    "lemon": LemonSolver,
    "ortools": OrtoolsSolver,
    "highs": HighsSolver,
    "fallback": FallbackSolver,
}
SOLVER_NAMES: Final = tuple(_MAKERS)
# A linear program of this many arcs takes seconds; beyond it, minutes.
HIGHS_MAX_ARCS: Final = 200_000


def choose_solver(
    wanted: str | None, arcs: int, failed: Mapping[str, str] = MappingProxyType({})
) -> tuple[Solver, str]:
    """Gives the wanted solver, or the best one that loads, and a note on what was passed over.

    A solver that was asked for by name and does not load (or is in `failed`, with the reason) is
    passed over too, and the note says so: the assignment is the same with every exact solver.
    """
    if wanted is not None and wanted not in _MAKERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVER_NAMES)}")
    order = [wanted] if wanted else []
    order += [name for name in SOLVER_NAMES if name != wanted]
    passed_over: list[str] = []
    for name in order:
        try:
            if name in failed:
                raise SolverUnavailableError(failed[name])
            if name == "highs" and name != wanted and arcs > HIGHS_MAX_ARCS:
                raise SolverUnavailableError(f"highs: more than {HIGHS_MAX_ARCS} arcs")
            return _MAKERS[name](), "; ".join(passed_over)
        except SolverUnavailableError as error:
            passed_over.append(str(error))
    raise SolverUnavailableError("; ".join(passed_over))
