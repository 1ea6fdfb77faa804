"""The hours that a municipality reports to DUO, from the lessons as they were recorded."""

from typing import Any

from django.db.models import Sum

from backend.common.codes import Component, LearningRoute
from matching.models import Participant
from quality.models import Attendance

MINUTES = 60
# What DUO's field takes.
MOST_HOURS = 9999
LANGUAGE_AND_KNM = frozenset({*LearningRoute.values, Component.KNM.value})


def hours_for_duo(participant: Participant) -> dict[str, Any]:
    """The total of attended hours of language and KNM (`ParticipatieAlsTaalles`), as DUO takes it.

    Whole hours that were completed. Those of an earlier route count along (GevolgdeUren
    API 1.0.0); those of a cancelled lesson and of the broad intake do not.
    """
    minutes = Attendance.objects.filter(
        placement__participant=participant,
        placement__need__component__in=sorted(LANGUAGE_AND_KNM),
        lesson__is_cancelled=False,
    ).aggregate(total=Sum("minutes_present"))["total"]
    return {"uren": min((minutes or 0) // MINUTES, MOST_HOURS)}
