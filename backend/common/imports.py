"""What every import shares: check first, with all faults and a preview; then commit, atomically.

A fault names the place in the file as a JSON path (`$[3].pip.pip.leerroute`), what is wrong and
what to do (design.md section 4, Imports).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import InvalidError, Violation

# A person reads the first ones and then looks at the file.
LISTED = 50


@dataclass(frozen=True)
class Changed:
    """A row that is known under this key, and what the file says differently."""

    key: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a commit of the file would do; with `faults` it does nothing."""

    faults: tuple[Violation, ...] = ()
    new: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    unchanged: int = 0
    # Known rows that the file does not name. An import never removes them by itself.
    missing: tuple[str, ...] = field(default=())

    @property
    def is_clean(self) -> bool:
        return not self.faults

    def raise_faults(self) -> None:
        """Raises ImportFaultsError when there are any."""
        if self.faults:
            raise ImportFaultsError(self.faults)

    def lines(self) -> list[str]:
        """The preview in sentences: every fault, or what is new, changed, equal and missing."""
        if self.faults:
            return [f"{one.field}: {one.message} [{one.code}]" for one in self.faults]
        lines = [
            _("New: %(count)s") % {"count": len(self.new)},
            _("Changed: %(count)s") % {"count": len(self.changed)},
            *(f"  {one.key}: {', '.join(one.fields)}" for one in self.changed[:LISTED]),
            _("Unchanged: %(count)s") % {"count": self.unchanged},
        ]
        if self.missing:
            lines.append(
                _("Known, but not in this file (nothing is removed): %(keys)s")
                % {"keys": ", ".join(self.missing[:LISTED])}
            )
        return lines


class ImportFaultsError(InvalidError):
    code = "import_faults"
    message = gettext_lazy(
        "The file contains mistakes, so nothing was imported. Correct them and import it again."
    )

    def __init__(self, faults: Sequence[Violation]) -> None:
        super().__init__(violations=faults)


def read_json(content: bytes) -> object:
    """The JSON value in `content`, or ImportFaultsError with line and column."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise ImportFaultsError([_syntax_fault(error, "$")]) from error


def read_json_lines(content: bytes) -> list[object]:
    """The JSON values of a file with one value per line; names every line that is no JSON."""
    values: list[object] = []
    faults: list[Violation] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            values.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            faults.append(_syntax_fault(error, _("line %(number)s") % {"number": number}))
    if faults:
        raise ImportFaultsError(faults)
    return values


def repeated_keys(keys: Iterable[tuple[str, str]]) -> list[Violation]:
    """A fault for each (path, key) of which the key stood in the file before."""
    first: dict[str, str] = {}
    faults = []
    for path, key in keys:
        if key in first:
            faults.append(
                Violation(
                    path,
                    "repeated",
                    _("%(key)s is already in this file at %(path)s. Keep one of the two.")
                    % {"key": key, "path": first[key]},
                )
            )
        first.setdefault(key, path)
    return faults


def _syntax_fault(error: orjson.JSONDecodeError, path: str) -> Violation:
    return Violation(
        path,
        "invalid_json",
        _("This is not valid JSON at line %(line)s, column %(column)s. Export the file again.")
        % {"line": error.lineno, "column": error.colno},
    )
