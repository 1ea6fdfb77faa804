"""The way of one person to a course, as tables on the page of the need."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.web.tables import Column, Table, table_of
from matching.models import Need
from matching.selectors.waiting_times import journey_of_need
from matching.waiting_times import CLOCKS, Journey, Moment, wait_of

MOMENT_COLUMNS = (
    Column("moment", gettext_lazy("Step"), lambda one: one[0].label, header=True),
    Column("day", gettext_lazy("Day"), lambda one: one[1]),
    Column("days", gettext_lazy("Days since the step before"), lambda one: one[2], numeric=True),
)
CLOCK_COLUMNS = (
    Column("clock", gettext_lazy("Clock"), lambda one: one[0].label, header=True),
    Column("days", gettext_lazy("Days"), lambda one: one[1].days, numeric=True),
    Column(
        "running",
        gettext_lazy("Status"),
        lambda one: _("still running") if one[1].is_running else _("done"),
    ),
)


def journey_tables(need: Need) -> Sequence[Table]:
    """The moments of one person and component, and the clocks that have begun."""
    journey = journey_of_need(need)
    return (_moments(journey), _clocks(journey))


def _moments(journey: Journey) -> Table:
    rows: list[tuple[Moment, date, int | None]] = []
    before: date | None = None
    for moment in Moment:
        day = journey.days.get(moment)
        if day is not None:
            rows.append((moment, day, None if before is None else (day - before).days))
            before = day
    return table_of(MOMENT_COLUMNS, rows, caption=_("The way until now"))


def _clocks(journey: Journey) -> Table:
    today = clock.today()
    waits = ((one, wait_of(journey, one, today)) for one in CLOCKS)
    rows = [(one, wait) for one, wait in waits if wait is not None]
    return table_of(CLOCK_COLUMNS, rows, caption=_("Waiting times of this person"))
