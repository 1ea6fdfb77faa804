"""The statutory clocks of a person: what has been used, what is left and until when.

Pure reading: deadlines come from `statutory` and, for a term that was extended, only from what DUO
delivered (R-TRM-2).
"""

from dataclasses import dataclass
from datetime import date

from matching import statutory
from matching.models import MatchingPolicy, Need, Participant


@dataclass(frozen=True)
class StatutoryClock:
    """Days used of a number of days, on the day it was read or stopped."""

    start: date
    # The last day on which it is still in time.
    deadline: date
    read_on: date
    is_stopped: bool = False
    is_extended: bool = False

    @property
    def total(self) -> int:
        return (self.deadline - self.start).days

    @property
    def used(self) -> int:
        return max(0, (self.read_on - self.start).days)

    @property
    def left(self) -> int:
        """Days until the deadline; negative when it has passed."""
        return (self.deadline - self.read_on).days

    @property
    def is_late(self) -> bool:
        return self.left < 0


def pip_clock(participant: Participant, on: date, decided: date | None = None) -> StatutoryClock:
    """The 10 weeks to the PIP (R-PIP-1), longer only by late information of others (R-PIP-2).

    `decided`, the date of the first PIP in this municipality, stops it.
    """
    start = max(participant.notified_at_date, participant.settlement_date)
    information = participant.third_party_information_date
    statutory_due = statutory.pip_due_date(
        participant.notified_at_date, participant.settlement_date
    )
    due = statutory.pip_due_date(
        participant.notified_at_date, participant.settlement_date, information
    )
    return StatutoryClock(
        start=start,
        deadline=due,
        read_on=decided or on,
        is_stopped=decided is not None,
        is_extended=due > statutory_due,
    )


def first_decision_date(participant: Participant) -> date | None:
    """The date of the first PIP of this municipality, or None while there is none; one query."""
    found: date | None = (
        participant.pips.order_by("version").values_list("decision_date", flat=True).first()
    )
    return found


def term_clock(participant: Participant, on: date) -> StatutoryClock | None:
    """The integration term as it stands (R-TRM-1); None before the first PIP.

    DUO's end is exclusive, so the last day lies before it. An end later than three years was
    delivered by DUO; nothing is computed here (R-TRM-2).
    """
    start, end = participant.term_start_date, participant.term_end_date
    if start is None or end is None:
        return None
    ordinary_end = statutory.term_of_first_pip(date.fromordinal(start.toordinal() - 1))[1]
    return StatutoryClock(
        start=start,
        deadline=date.fromordinal(end.toordinal() - 1),
        read_on=on,
        is_extended=end > ordinary_end,
    )


def waiting_clock(need: Need, policy: MatchingPolicy, on: date) -> StatutoryClock:
    """Days waiting, set against the long wait of the municipality's policy."""
    since = need.waiting_since
    limit = date.fromordinal(since.toordinal() + policy.long_wait_days)
    return StatutoryClock(start=since, deadline=limit, read_on=on)
