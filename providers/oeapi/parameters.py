"""Query keys of OEAPI 6.0: pages, `fields`, `expand`, filters. Unknown keys are refused."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from backend.api.problems import Fault

PAGE_SIZES = (10, 20, 50, 100, 250)
MOST_PAGES = 1_000_000
# Accepted everywhere and answered without it: no consumer profile is supported.
SHARED_KEYS = frozenset({"fields", "consumer"})
LIST_KEYS = SHARED_KEYS | {"pageSize", "pageNumber", "q", "primaryCode"}
TOKEN = re.compile(r"[(),]|[^(),\s]+")
Selection = dict[str, Any]


def whole(parameters: Mapping[str, str], key: str, default: int, faults: list[Fault]) -> int:
    value = parameters.get(key)
    if value is None:
        return default
    if not re.fullmatch(r"[1-9][0-9]{0,6}", value):
        faults.append(Fault(key, "invalid", _("Give a whole number of 1 or more.")))
        return default
    return int(value)


def page_size(parameters: Mapping[str, str], faults: list[Fault]) -> int:
    size = whole(parameters, "pageSize", PAGE_SIZES[0], faults)
    if size not in PAGE_SIZES:
        message = _("Choose from: %(choices)s.") % {"choices": ", ".join(map(str, PAGE_SIZES))}
        faults.append(Fault("pageSize", "invalid_choice", message))
        return PAGE_SIZES[0]
    return size


def one_of(
    parameters: Mapping[str, str], key: str, choices: Sequence[str], faults: list[Fault]
) -> str | None:
    value = parameters.get(key)
    if value is not None and value not in choices and not value.startswith("x-"):
        message = _("Choose from: %(choices)s.") % {"choices": ", ".join(choices)}
        faults.append(Fault(key, "invalid_choice", message))
    return value


def flag(parameters: Mapping[str, str], key: str, faults: list[Fault]) -> bool | None:
    value = parameters.get(key)
    if value not in (None, "true", "false"):
        faults.append(Fault(key, "invalid", _("Give true or false.")))
    return None if value is None else value == "true"


def moment(parameters: Mapping[str, str], key: str, faults: list[Fault]) -> datetime | None:
    """A moment with its offset (RFC 3339)."""
    value = parameters.get(key)
    if value is None:
        return None
    try:
        # A plus in an address that was not encoded arrives as a space.
        found = parse_datetime(value.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        message = _("Give a moment with its offset, such as 2026-11-30T00:00:00Z.")
        faults.append(Fault(key, "invalid", message))
        return None
    return found


def expand(
    parameters: Mapping[str, str], allowed: Sequence[str], faults: list[Fault]
) -> frozenset[str]:
    names = frozenset(filter(None, parameters.get("expand", "").split(",")))
    if names - set(allowed):
        message = _("Choose from: %(choices)s.") % {"choices": ", ".join(allowed)}
        faults.append(Fault("expand", "invalid_choice", message))
    return names


def selection(parameters: Mapping[str, str], faults: list[Fault]) -> Selection | None:
    """`fields` as nested names: `name,ext(kind)`; None for everything."""
    value = parameters.get("fields")
    if value is None:
        return None
    root: Selection = {}
    stack = [root]
    last: str | None = None
    for part in TOKEN.findall(value):
        if part == "(":
            if last is None and stack == [root] and not root:
                continue  # The whole list may stand between brackets.
            stack.append(stack[-1].setdefault(last or "", {}))
            last = None
        elif part == ")":
            if len(stack) > 1:
                stack.pop()
            last = None
        elif part == ",":
            last = None
        else:
            last = part
            stack[-1].setdefault(part, {})
        if len(stack) > 8:
            faults.append(Fault("fields", "invalid", _("This is nested too deeply.")))
            return None
    return root


def selected(value: Any, wanted: Selection, always: frozenset[str] = frozenset()) -> Any:
    """The object with the wanted members; unknown names are ignored, `always` stays."""
    if isinstance(value, list):
        return [selected(one, wanted) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: selected(part, wanted[name]) if wanted.get(name) else part
        for name, part in value.items()
        if name in wanted or name in always
    }
