"""Guarantees one message per fault in an instance file, each with the path to where it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `path` in the file, a stable `code`, and a message id with its parameters."""

    path: str
    code: str
    message: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Gives the fault in English."""
        return f"{self.path}: {self.message % self.params}"


class InstanceInvalidError(ValueError):
    """The instance file cannot be used; holds every fault that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults
