"""The one clock of Passend. Moments are UTC; days are days in the Netherlands."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

NETHERLANDS = ZoneInfo("Europe/Amsterdam")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return timezone.now()  # noqa: TID251 - the single place that reads the system clock


def today() -> date:
    """The calendar day in the Netherlands, which terms in law count in."""
    return now().astimezone(NETHERLANDS).date()


def local_day(moment: datetime) -> date:
    """The Dutch calendar day on which `moment` falls."""
    return moment.astimezone(NETHERLANDS).date()
