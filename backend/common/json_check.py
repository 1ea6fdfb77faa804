"""Checks a JSON value against what a specification promises, and names every fault with its path.

Not a schema engine: the rules of one message stand in code beside the sentence that explains a
fault to the person who must repair the file.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from backend.common.errors import Text, Violation

JSON_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
    type(None): "null",
}


class JsonCheck:
    """Collects faults; every method returns the value when it is good and None when it is not."""

    def __init__(self) -> None:
        self.faults: list[Violation] = []

    def fault(self, path: str, code: str, message: Text) -> None:
        self.faults.append(Violation(path, code, message))

    def record(
        self, value: object, path: str, *, required: Collection[str], optional: Collection[str] = ()
    ) -> Mapping[str, Any] | None:
        """An object with all `required` keys and no key that is neither required nor optional."""
        if not isinstance(value, dict):
            self._wrong_type(path, value, "object")
            return None
        for key in sorted(set(required) - value.keys()):
            self.fault(f"{path}.{key}", "required", _("This field is missing. Add it."))
        known = sorted({*required, *optional})
        for key in value.keys() - {*required, *optional}:
            near = difflib.get_close_matches(key, known, n=1)
            if near:
                message = _("This field is unknown. Did you mean %(name)s?") % {"name": near[0]}
            else:
                message = _("This field is unknown. Remove it.")
            self.fault(f"{path}.{key}", "unknown_field", message)
        return value

    def items(self, value: object, path: str) -> Iterable[tuple[str, object]]:
        """The elements of a list with their paths."""
        if not isinstance(value, list):
            self._wrong_type(path, value, "list")
            return ()
        return ((f"{path}[{number}]", one) for number, one in enumerate(value))

    def text(
        self,
        holder: Mapping[str, Any],
        key: str,
        path: str,
        *,
        shortest: int = 1,
        longest: int,
        pattern: re.Pattern[str] | None = None,
        form: Text = "",
    ) -> str | None:
        """A text of allowed length and form; `form` shows a good example."""
        value = self._present(holder, key, path, str)
        if value is None:
            return None
        at = f"{path}.{key}"
        if "\x00" in value:
            # PostgreSQL stores every character but this one.
            self.fault(at, "null_character", _("This text holds a character that is no text."))
            return None
        if pattern is not None and not pattern.fullmatch(value):
            self.fault(
                at, "wrong_form", _("“%(value)s” is not valid here. Write it as %(form)s.")
                % {"value": value[:60], "form": form},
            )  # fmt: skip
            return None
        if not shortest <= len(value) <= longest:
            self.fault(
                at, "wrong_length", _("Use %(shortest)s to %(longest)s characters.")
                % {"shortest": shortest, "longest": longest},
            )  # fmt: skip
            return None
        return value

    def whole(
        self, holder: Mapping[str, Any], key: str, path: str, *, least: int, most: int
    ) -> int | None:
        """A whole number from `least` up to and including `most`."""
        value = self._present(holder, key, path, int)
        if value is None:
            return None
        if not least <= value <= most:
            self.fault(
                f"{path}.{key}",
                "out_of_range",
                _("Use a whole number from %(least)s to %(most)s.")
                % {"least": least, "most": most},
            )
            return None
        return value

    def flag(self, holder: Mapping[str, Any], key: str, path: str) -> bool | None:
        return self._present(holder, key, path, bool)

    def day(self, holder: Mapping[str, Any], key: str, path: str) -> date | None:
        """A calendar day written as 2026-11-30."""
        value = self._present(holder, key, path, str)
        if value is None:
            return None
        try:
            if len(value) != len("2026-11-30"):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.fault(
                f"{path}.{key}",
                "invalid_date",
                _("“%(value)s” is not a date. Write it as 2026-11-30.") % {"value": value[:60]},
            )
            return None

    def choice(
        self, holder: Mapping[str, Any], key: str, path: str, choices: Collection[str]
    ) -> str | None:
        value = self._present(holder, key, path, str)
        if value is None:
            return None
        return value if self._one_of(value, f"{path}.{key}", choices) else None

    def choice_list(
        self, holder: Mapping[str, Any], key: str, path: str, choices: Collection[str]
    ) -> list[str] | None:
        """A list with at least one element, each one of `choices`."""
        value = self._present(holder, key, path, list)
        if value is None:
            return None
        at = f"{path}.{key}"
        if not value:
            self.fault(at, "empty", _("This list is empty. Name at least one."))
            return None
        good = [self._one_of(one, f"{at}[{i}]", choices) for i, one in enumerate(value)]
        return list(dict.fromkeys(value)) if all(good) else None

    def _one_of(self, value: object, at: str, choices: Collection[str]) -> bool:
        if isinstance(value, str) and value in choices:
            return True
        self.fault(
            at, "invalid_choice", _("“%(value)s” does not exist here. Choose from: %(choices)s.")
            % {"value": str(value)[:60], "choices": ", ".join(choices)},
        )  # fmt: skip
        return False

    def _present(self, holder: Mapping[str, Any], key: str, path: str, kind: type) -> Any:
        """The value under `key` when it has the type; an absent key is None without a fault."""
        if key not in holder:
            return None
        value = holder[key]
        # In JSON true and 1 are different things, in Python bool is an int.
        if type(value) is not kind:
            self._wrong_type(f"{path}.{key}", value, JSON_TYPES[kind])
            return None
        return value

    def _wrong_type(self, path: str, value: object, wanted: str) -> None:
        names = {
            "boolean": _("true or false"),
            "number": _("a whole number"),
            "text": _("text between quotes"),
            "list": _("a list"),
            "object": _("an object with fields"),
            "null": _("empty (null)"),
        }
        found = names[JSON_TYPES.get(type(value), "text")]
        if isinstance(value, float):
            found = _("a number with decimals")
        self.fault(
            path, "wrong_type", _("Here stands %(found)s; it must be %(wanted)s.")
            % {"found": found, "wanted": names[wanted]},
        )  # fmt: skip
