"""Guarantees the order of preference between solvers, and that a missing one is passed over."""

from collections.abc import Callable
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


def choose_solver(wanted: str | None, arcs: int) -> tuple[Solver, str]:
    """Gives the wanted solver, or the best one that loads, and a note on what was passed over.

    A solver that was asked for by name and does not load is passed over too, and the note says
    so: the assignment is the same with every exact solver.
    """
    if wanted is not None and wanted not in _MAKERS:
        raise ValueError(f"solver must be one of {', '.join(SOLVER_NAMES)}")
    order = [wanted] if wanted else []
    order += [name for name in SOLVER_NAMES if name != wanted]
    passed_over = []
    for name in order:
        if name == "highs" and name != wanted and arcs > HIGHS_MAX_ARCS:
            passed_over.append(f"highs: more than {HIGHS_MAX_ARCS} arcs")
            continue
        try:
            return _MAKERS[name](), "; ".join(passed_over)
        except SolverUnavailableError as error:
            passed_over.append(str(error))
    raise SolverUnavailableError("; ".join(passed_over))
