"""Guarantees per kind of value one check that accepts exactly what the file format says."""

import math
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, Final

from matching.engine.faults import Fault


def _(message: str) -> str:
    """Marks a message for translation without translating it here."""
    return message


# Finds nothing: gives None. Finds something: gives (code, message id, parameters).
Finding = tuple[str, str, dict[str, Any]] | None
Check = Callable[[Any], Finding]

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_SHOWN: Final = 40


def shown(value: Any) -> str:
    """Gives a value for a message, cut when it is long."""
    text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


_TYPE_MESSAGES: Final = {
    "text": _("must be text, not %(value)s"),
    "boolean": _("must be true or false, not %(value)s"),
    "integer": _("must be a whole number, not %(value)s"),
    "number": _("must be a number, not %(value)s"),
    "list": _("must be a list, not %(value)s"),
    "object": _("must be an object, not %(value)s"),
}


def wrong_type(expected: str, value: Any) -> Finding:
    """Says which kind of value was expected."""
    return "wrong_type", _TYPE_MESSAGES[expected], {"value": shown(value)}


def text(value: Any) -> Finding:
    """Accepts a string that is not empty."""
    if not isinstance(value, str):
        return wrong_type("text", value)
    if not value.strip():
        return "empty", _("must not be empty"), {}
    if "\x00" in value:
        return "control_character", _("must not hold a zero character"), {}
    return None


def boolean(value: Any) -> Finding:
    """Accepts true and false, not 0 and 1."""
    return None if isinstance(value, bool) else wrong_type("boolean", value)


def choice(options: Iterable[str]) -> Check:
    """Accepts one of the options."""
    known = tuple(options)

    def check(value: Any) -> Finding:
        if isinstance(value, str) and value in known:
            return None
        return (
            "unknown_choice",
            _("must be one of %(options)s, not %(value)s"),
            {"options": ", ".join(known), "value": shown(value)},
        )

    return check


def number(low: float, high: float, *, whole: bool = False) -> Check:
    """Accepts a number in the range, bounds included; true and false are no numbers."""
    kinds = int if whole else (int, float)

    def check(value: Any) -> Finding:
        if isinstance(value, bool) or not isinstance(value, kinds):
            return wrong_type("integer" if whole else "number", value)
        if not math.isfinite(value) or not low <= value <= high:
            return (
                "out_of_range",
                _("must lie between %(low)s and %(high)s, not %(value)s"),
                {"low": f"{low:g}", "high": f"{high:g}", "value": shown(value)},
            )
        return None

    return check


def iso_date(value: Any) -> Finding:
    """Accepts a calendar date written as 2026-03-02."""
    if isinstance(value, str) and _DATE.match(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            pass
        else:
            return None
    return (
        "invalid_date",
        _("must be a date like 2026-03-02, not %(value)s"),
        {"value": shown(value)},
    )


def optional(check: Check) -> Check:
    """Accepts null as well."""
    return lambda value: None if value is None else check(value)


def list_of(options: Iterable[str] | None) -> Check:
    """Accepts a list of texts (or of the options), also an empty one; it stands for a set."""
    item = text if options is None else choice(options)

    def check(value: Any) -> Finding:
        if not isinstance(value, list):
            return wrong_type("list", value)
        for element in value:
            finding = item(element)
            if finding is not None:
                return finding
        return None

    return check


def check_record(record: Any, path: str, schema: dict[str, Check], faults: list[Fault]) -> bool:
    """Adds every fault of one object and tells whether it has none."""
    if not isinstance(record, dict):
        faults.append(Fault(path, *(wrong_type("object", record) or ())))
        return False
    before = len(faults)
    if record.keys() != schema.keys():
        _check_names(record, path, schema, faults)
    for name, check in schema.items():
        if name in record:
            finding = check(record[name])
            if finding is not None:
                faults.append(Fault(f"{path}.{name}", *finding))
    return len(faults) == before


def _check_names(
    record: dict[str, Any], path: str, schema: dict[str, Check], faults: list[Fault]
) -> None:
    for name in schema:
        if name not in record:
            faults.append(Fault(f"{path}.{name}", "missing", _("is missing")))
    for name in record:
        if name not in schema:
            faults.append(
                Fault(f"{path}.{shown(name)[1:-1]}", "unknown_field", _("is not a known field"))
            )
