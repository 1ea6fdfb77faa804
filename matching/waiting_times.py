"""The waiting-time ledger: eight moments on the way to a course, and the clocks between them.

Pure reading of days. There is never one number: who did not arrive yet counts as still waiting
(right-censored), with the product-limit estimator of Kaplan and Meier (JASA 53, 1958) as SciPy
computes it; leaving those people out would make every wait look shorter than it is.
"""

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import numpy as np
from django.utils.translation import gettext_lazy as _
from scipy import stats

from backend.common.errors import Text
from matching.waiting_choices import Moment

# Raised whenever a definition below changes; stands beside every published figure.
DEFINITION_VERSION: Final = "2026-1"
MEDIAN, P90 = 0.5, 0.9
CONFIDENCE: Final = 0.95


ORDER: Final = tuple(Moment)
# These moments are of the person; the others of each component that the person waits for.
OF_PERSON: Final = frozenset({Moment.BRP, Moment.INTAKE, Moment.PIP})


@dataclass(frozen=True)
class Clock:
    """Days from one moment to another."""

    code: str
    start: Moment
    end: Moment
    label: Text

    @property
    def is_of_person(self) -> bool:
        return self.end in OF_PERSON

    @property
    def has_provider(self) -> bool:
        """Whether a provider plays a part in it: only then can it be told apart by provider."""
        return self.start in (Moment.OFFER, Moment.ACCEPT, Moment.PLANNED)


CLOCKS: Final = (
    Clock("brp_intake", Moment.BRP, Moment.INTAKE, _("Registration to broad intake")),
    Clock("intake_pip", Moment.INTAKE, Moment.PIP, _("Broad intake to PIP")),
    Clock("brp_pip", Moment.BRP, Moment.PIP, _("Registration to PIP")),
    Clock("pip_search", Moment.PIP, Moment.SEARCH, _("PIP to first search")),
    Clock("search_offer", Moment.SEARCH, Moment.OFFER, _("First search to first offer")),
    Clock("offer_accept", Moment.OFFER, Moment.ACCEPT, _("First offer to acceptance")),
    Clock("accept_planned", Moment.ACCEPT, Moment.PLANNED, _("Acceptance to planned start")),
    Clock("planned_start", Moment.PLANNED, Moment.START, _("Planned start to first lesson")),
    Clock("pip_start", Moment.PIP, Moment.START, _("PIP to first lesson")),
    Clock("brp_start", Moment.BRP, Moment.START, _("Registration to first lesson")),
)


@dataclass(frozen=True)
class Journey:
    """What is known of one person and one component; without a component, of a person without PIP.

    `left` is the last day on which something is known of somebody who waits no longer and never
    started; None for everybody else.
    """

    participant_id: int
    reference: str
    municipality: str
    route: str
    level: str
    component: str
    provider: str = ""
    days: Mapping[Moment, date] = field(default_factory=dict)
    left: date | None = None


@dataclass(frozen=True)
class Wait:
    """Days of one journey on one clock; `is_running` when the end has not come yet."""

    days: int
    is_running: bool


@dataclass(frozen=True)
class Figure:
    """Median and P90 of a clock, with everybody who still waits counted in.

    A value that was not reached by enough people is None: more than that many days, and nobody can
    say how many. Without `is_enough` there are too few people to say anything.
    """

    people: int
    running: int
    median: int | None
    median_low: int | None
    median_high: int | None
    p90: int | None
    is_enough: bool = True

    def of_at_least(self, minimum: int) -> "Figure":
        """The same, without any days when it stands for fewer people than `minimum`.

        The days of one or two people are no figure but their story, and change with everyone.
        """
        if self.people >= minimum:
            return self
        return replace(
            self, median=None, median_low=None, median_high=None, p90=None, is_enough=False
        )


def wait_of(journey: Journey, clock: Clock, on: date) -> Wait | None:
    """The days on this clock until `on`, or None when it has not begun.

    None as well when its end was never noted while a later step was: that person does not wait
    for it any more, and nobody knows since when.
    """
    start = journey.days.get(clock.start)
    if start is None:
        return None
    end = journey.days.get(clock.end)
    if end is not None:
        return Wait((end - start).days, is_running=False)
    if any(later in journey.days for later in ORDER[ORDER.index(clock.end) + 1 :]):
        return None
    until = journey.left or on
    # A clock that begins in the future, such as that of a planned start, does not run yet.
    return Wait((until - start).days, is_running=True) if start <= until else None


def waits_of(journeys: Iterable[Journey], clock: Clock, on: date) -> list[Wait]:
    """The days of everybody on this clock; a person counts once on a clock of the person."""
    seen: set[int] = set()
    found = []
    for journey in journeys:
        if clock.is_of_person:
            if journey.participant_id in seen:
                continue
            seen.add(journey.participant_id)
        elif not journey.component:
            continue
        wait = wait_of(journey, clock, on)
        if wait is not None:
            found.append(wait)
    return found


def figure_of(waits: Sequence[Wait]) -> Figure:
    """The figure of these waits by the product-limit estimator."""
    done = np.array([one.days for one in waits if not one.is_running], np.float64)
    running = np.array([one.days for one in waits if one.is_running], np.float64)
    if not len(done):
        return Figure(len(waits), len(running), None, None, None, None)
    fitted = stats.ecdf(stats.CensoredData(uncensored=done, right=running))
    days, still = fitted.sf.quantiles, fitted.sf.probabilities
    # Greenwood's variance is undefined where nobody is left to wait; SciPy warns of it each time.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        band = fitted.sf.confidence_interval(CONFIDENCE, method="log-log")
    return Figure(
        people=len(waits),
        running=len(running),
        median=_reached(days, still, MEDIAN),
        median_low=_reached(days, band.low.probabilities, MEDIAN),
        median_high=_reached(days, band.high.probabilities, MEDIAN),
        p90=_reached(days, still, P90),
    )


def _reached(days: np.ndarray, still: np.ndarray, share: float) -> int | None:
    """The first day on which at least `share` of the people had arrived."""
    # The estimates are products of fractions: half is half, also as 0.4999999999999999.
    at = np.flatnonzero(still <= 1 - share + 1e-12)
    return int(days[at[0]]) if len(at) else None
