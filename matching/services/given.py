"""The well-formed part of an input, so that rules can be judged beside faults of form."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from backend.common.errors import Text, Violation

Faults = Iterable[tuple[str, str, Text]]


class NotGivenError(Exception):
    """A rule asked for something that was left out or is not well-formed."""


class Given:
    """Reads like the dataclass that it stands for, as far as it goes."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise NotGivenError from None


def given_of(kind: type[Any], values: Mapping[str, Any], faulty: Collection[str]) -> Any:
    """`values` and the defaults of the dataclass `kind`, without the fields that are faulty."""
    usual = {
        one.name: one.default
        for one in fields(kind)
        if one.default is not MISSING and one.name not in faulty
    }
    return Given(usual | dict(values))


def judged(rules: Iterable[Callable[[], Faults]], faulty: Collection[str] = ()) -> list[Violation]:
    """What the rules say, each as far as it comes with what is given."""
    found = []
    for rule in rules:
        try:
            for field, code, message in rule():
                if field not in faulty:
                    found.append(Violation(field, code, message))
        except NotGivenError:
            continue
    return found
