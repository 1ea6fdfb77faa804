"""Seats taken as numbers that the clock alone can change, for whoever keeps them for a while."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from django.db.models import Count

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
        """The same with the claims of these intake moments as they are now; two queries."""
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


def occupancy_of(intakes: np.ndarray) -> Occupancy:
    """The claims on these intake moments (keys, ascending); two queries."""
    claims = SeatClaim.objects.filter(intake_moment__in=keys_in(intakes.tolist())).order_by()
    numbers = (
        claims.filter(state=SeatState.CONFIRMED)
        .values_list("intake_moment")
        .annotate(number=Count("pk"))
    )
    holds = claims.filter(state=SeatState.HOLD).values_list("intake_moment", "expires_at")
    confirmed = np.zeros(len(intakes), np.int64)
    taken = np.array(list(numbers), np.int64).reshape(-1, 2)
    confirmed[np.searchsorted(intakes, taken[:, 0])] = taken[:, 1]
    held = list(holds)
    return Occupancy(
        intakes,
        confirmed,
        np.searchsorted(intakes, np.array([key for key, _until in held], np.int64)),
        np.array([_in_utc(until) for _key, until in held], "datetime64[us]"),
    )


def _in_utc(moment: datetime | None) -> np.datetime64:
    assert moment is not None  # the database gives every hold an end
    return np.datetime64(moment.astimezone(UTC).replace(tzinfo=None), "us")
