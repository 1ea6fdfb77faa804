"""Seats taken as numbers that the clock alone can change, for whoever keeps them for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db.models import Case, Count, When

from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from providers.choices import SeatState
from providers.models import SeatClaim


@dataclass(frozen=True, eq=False)
class Occupancy:
    """The seats of some intake moments: those confirmed, and until when each other one is held.

    `intakes` ascends. Says of any moment what `SeatClaim.objects.occupying` says of the present.
    """

    intakes: np.ndarray
    confirmed: np.ndarray
    # Per hold the row of its intake moment, and its end in UTC.
    held: np.ndarray
    held_until: np.ndarray

    def taken(self, at: datetime) -> np.ndarray:
        """The seats that are not free at this moment, per intake moment."""
        live = self.held[self.held_until > _in_utc(at)]
        if not len(live):
            return self.confirmed
        return self.confirmed + np.bincount(live, minlength=len(self.intakes))

    def read_again(self, changed: Iterable[int]) -> "Occupancy":
        """The same with the claims of these intake moments as they are now; one query."""
        keys = np.array(sorted(changed), np.int64)
        rows = np.flatnonzero(np.isin(self.intakes, keys))
        if not len(rows):
            return self
        fresh = occupancy_of(self.intakes[rows])
        confirmed = self.confirmed.copy()
        confirmed[rows] = fresh.confirmed
        others = ~np.isin(self.held, rows)
        return Occupancy(
            self.intakes,
            confirmed,
            np.concatenate([self.held[others], rows[fresh.held]]),
            np.concatenate([self.held_until[others], fresh.held_until]),
        )


# Of each intake moment how many claims take a seat for good (no end), or until the same moment.
_CLAIMS = CompiledRows(
    lambda keys: (
        SeatClaim.objects.exclude(state=SeatState.RELEASED)
        .filter(intake_moment__in=keys_in(keys))
        .annotate(until=Case(When(state=SeatState.HOLD, then="expires_at")))
        .order_by()
        .values_list("intake_moment", "until")
        .annotate(number=Count("pk"))
    ),
    keys=list,
)


def occupancy_of(intakes: np.ndarray) -> Occupancy:
    """The claims on these intake moments (keys, ascending); one query."""
    confirmed = np.zeros(len(intakes), np.int64)
    held: list[int] = []
    held_until: list[np.datetime64] = []
    for key, until, number in _CLAIMS(keys=intakes.tolist()):
        row = int(np.searchsorted(intakes, key))
        if until is None:
            confirmed[row] = number
        else:
            held += [row] * number
            held_until += [_in_utc(until)] * number
    return Occupancy(
        intakes, confirmed, np.array(held, np.int64), np.array(held_until, "datetime64[us]")
    )


def _in_utc(moment: datetime) -> np.datetime64:
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
