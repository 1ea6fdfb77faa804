"""A small cache inside one process, for principals that are asked for on every request.

Entries live a few seconds, so that a change made in another process acts here at most that much
later; changes made in this process act at once. It holds no more than `MAX_ENTRIES`.
"""

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")
MAX_ENTRIES = 5000


class ShortCache(Generic[Value]):
    def __init__(self, seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[object, tuple[float, Value]] = {}

    def get(self, key: object) -> Value | None:
        found = self._entries.get(key)
        if found is None or found[0] <= self._clock():
            return None
        return found[1]

    def put(self, key: object, value: Value) -> None:
        if len(self._entries) >= MAX_ENTRIES:
            # Rare, and cheaper than keeping an order of use on every request.
            self._entries.clear()
        self._entries[key] = (self._clock() + self._seconds, value)

    def drop(self, matches: Callable[[object], bool]) -> None:
        for key in [one for one in list(self._entries) if matches(one)]:
            self._entries.pop(key, None)

    def drop_values(self, matches: Callable[[Value], bool]) -> None:
        for key, (_, value) in list(self._entries.items()):
            if matches(value):
                self._entries.pop(key, None)

    def clear(self) -> None:
        self._entries.clear()
