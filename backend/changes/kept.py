"""Values built from the database and kept in the process: never out of date, never unbounded."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sized
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import connection

from backend.changes.log import Moment, moment_after, this_moment
from backend.common import clock

V = TypeVar("V", bound=Sized)
# What changed, as keys by topic.
Found = Mapping[str, frozenset[int]]
# The key of an emptied table: every row.
ALL = 0
KEEP_VALUES = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    seen: str
    value: V
    at: datetime


class Kept(Generic[V]):
    """Gives `build(*key)`, or what was built before while nothing changed that it depends on.

    Each call asks the database in one statement what was committed since. Of `rebuilt_on` anything
    builds anew; another topic goes to `mend`, which gives a new value (values MUST NOT change), or
    None to build anew.
    What a transaction sees of its own writes is never kept. At most `most` rows (`len`) are kept;
    what was used longest ago goes first.

    Values are complete when they come in and change no more, so threads need no lock to read them;
    two that build at once each have a right one, and the last is kept.
    """

    def __init__(
        self,
        build: Callable[..., V],
        *,
        rebuilt_on: frozenset[str],
        most: int,
        mend: Callable[[V, Found], V | None] | None = None,
    ) -> None:
        self._build, self._mend = build, mend
        self._rebuilt_on, self._most = rebuilt_on, most
        self._entries: OrderedDict[tuple[Any, ...], _Entry[V]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, *key: Any) -> V:
        name = (connection.settings_dict["NAME"], *key)
        known = self._entries.get(name)
        if known is None or abs(clock.now() - known.at) > KEEP_VALUES:
            moment, renewed = this_moment(), None
        else:
            moment = moment_after(known.seen)
            renewed = self._renewed(known, moment)
        # Read after the moment: what is committed in between is found by the next call.
        entry = renewed or _Entry(moment.seen, self._build(*key), clock.now())
        if not moment.is_own:
            self._keep(name, entry)
        return entry.value

    def _renewed(self, known: _Entry[V], moment: Moment) -> _Entry[V] | None:
        if self._rebuilt_on & moment.found.keys():
            return None
        value: V | None = known.value
        if self._mend is not None and moment.found:
            value = self._mend(known.value, moment.found)
        return None if value is None else _Entry(moment.seen, value, known.at)

    def _keep(self, name: tuple[Any, ...], entry: _Entry[V]) -> None:
        with self._lock:
            self._entries[name] = entry
            self._entries.move_to_end(name)
            while len(self._entries) > 1 and self.rows > self._most:
                self._entries.popitem(last=False)

    @property
    def rows(self) -> int:
        """How much is kept, all values together."""
        return sum(len(one.value) for one in self._entries.values())
