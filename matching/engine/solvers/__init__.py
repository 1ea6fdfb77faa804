"""Guarantees one small interface over several exact solvers, and an honest word on which ran."""

from matching.engine.solvers.base import Solver, SolverUnavailableError
from matching.engine.solvers.registry import SOLVER_NAMES, choose_solver

__all__ = ["SOLVER_NAMES", "Solver", "SolverUnavailableError", "choose_solver"]
