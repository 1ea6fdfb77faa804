"""Runs the matching engine on a file, without the database: for analysts, studies and tests."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from matching.engine.batch import run_batch
from matching.engine.faults import InstanceInvalidError
from matching.engine.instance_file import Instance, read_instance
from matching.engine.result import BatchResult
from matching.engine.result_file import candidates_csv, result_json, write_files
from matching.engine.solvers import SOLVER_NAMES
from matching.engine.solvers.base import SolverUnavailableError

_BAD_INPUT = 2


class Command(BaseCommand):
    """Writes both files or nothing; a malformed instance gives every fault and exit status 2."""

    help = "Match the needs and offers of a file and write the explained result to a file."
    # No checks and no migrations: the command must work where no database server runs.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declares the files and the solver."""
        parser.add_argument("instance", type=Path, metavar="INSTANCE.json")
        parser.add_argument("--out", type=Path, required=True, metavar="RESULT.json")
        parser.add_argument("--candidates", type=Path, metavar="CANDIDATES.csv")
        parser.add_argument("--solver", choices=SOLVER_NAMES)

    def handle(self, *args: Any, **options: Any) -> None:
        """Reads, matches and writes."""
        out, candidates = options["out"], options["candidates"]
        self._check_targets([path for path in (out, candidates) if path is not None])
        instance = self._read(options["instance"])
        result = self._match(instance, options["solver"])
        contents = {out: result_json(result)}
        if candidates is not None:
            contents[candidates] = candidates_csv(result)
        try:
            write_files(contents)
        except OSError as error:
            self._fail(_("Nothing was written: %(problem)s") % {"problem": error}, 1)
        self._report(result)

    def _check_targets(self, paths: list[Path]) -> None:
        """Refuses before the work what could only fail after it."""
        for path in paths:
            if path.is_dir() or not path.parent.is_dir():
                self._fail(_("Cannot write to %(path)s: no such folder.") % {"path": path})
        if len(paths) > 1 and paths[0].resolve() == paths[1].resolve():
            self._fail(_("Give two different files for the result and the candidates."))

    def _read(self, path: Path) -> Instance:
        try:
            return read_instance(path)
        except FileNotFoundError:
            self._fail(_("The file %(path)s does not exist.") % {"path": path})
        except OSError as error:
            problem = error.strerror or str(error)
            self._fail(_("Cannot read %(path)s: %(problem)s") % {"path": path, "problem": problem})
        except InstanceInvalidError as error:
            for fault in error.faults:
                self.stderr.write(f"{fault.path}: {_(fault.message) % fault.params}")
            self._fail(
                _("%(count)s faults in %(path)s; nothing was written.")
                % {"count": len(error.faults), "path": path}
            )
        raise AssertionError  # _fail never returns

    def _match(self, instance: Instance, solver: str | None) -> BatchResult:
        try:
            return run_batch(
                instance.needs, instance.offers, instance.policy, instance.as_of, solver=solver
            )
        except SolverUnavailableError as error:
            self._fail(_("The solver gave no result: %(problem)s") % {"problem": error}, 1)
        raise AssertionError  # _fail never returns

    def _report(self, result: BatchResult) -> None:
        summary = result.summary
        if summary.note:
            self.stderr.write(
                _("Not available: %(problem)s. Solved with %(solver)s instead.")
                % {"problem": summary.note, "solver": summary.solver}
            )
        if not summary.optimal:
            self.stderr.write(
                _(
                    "The number of people placed is the highest possible, "
                    "but the total score is not proven to be."
                )
            )
        self.stdout.write(
            _("%(placed)s of %(needs)s placed with %(solver)s in %(seconds)s s.")
            % {
                "placed": summary.placed,
                "needs": summary.needs,
                "solver": summary.solver,
                "seconds": f"{summary.seconds:.2f}",
            }
        )

    def _fail(self, message: str, status: int = _BAD_INPUT) -> None:
        """Says what is wrong and ends the program."""
        self.stderr.write(message)
        raise SystemExit(status)
