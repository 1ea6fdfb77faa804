"""Where somebody can go when a start falls away."""

from dataclasses import dataclass
from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

from backend.common import clock
from providers.models import IntakeMoment

EARTH_KM = 6371.0088
# A start that is much later is another plan, not an alternative.
WINDOW = timedelta(days=91)
MOST = 5


@dataclass(frozen=True)
class Alternative:
    """Another start of the same kind with seats free, and how far it is from the first one."""

    intake_moment: IntakeMoment
    seats_free: int
    distance_km: float
    days_later: int


def alternatives_for(intake: IntakeMoment, *, most: int = MOST) -> list[Alternative]:
    """Starts that can take over from `intake`, own course first, then near and soon; one query.

    Same kind of course, component and target level, overlapping entry levels and literacy groups,
    open, with seats free, within three months of the planned start, or of today where it has begun.
    """
    course = intake.group.course
    needed = max(clock.today(), intake.start_date)
    found = (
        IntakeMoment.objects.with_seats_free()
        .open_on(max(clock.today(), intake.start_date - WINDOW))
        .filter(
            start_date__lte=needed + WINDOW,
            group__course__is_active=True,
            group__course__kind=course.kind,
            group__course__component=course.component,
            group__course__target_level=course.target_level,
            group__course__level_from__lte=course.level_to,
            group__course__level_to__gte=course.level_from,
            group__course__literacy__overlap=course.literacy,
            seats_free__gt=0,
        )
        .exclude(pk=intake.pk)
        .select_related("group__course__provider__organisation", "group__location")
        .order_by("start_date", "pk")
    )
    here = intake.group.location
    ranked = []
    for one in found:
        there = one.group.location
        distance = distance_km(here.latitude, here.longitude, there.latitude, there.longitude)
        later = (one.start_date - needed).days
        ranked.append(
            (
                one.group.course_id != course.pk,
                one.group.course.provider_id != course.provider_id,
                # Ten kilometres weigh as much as two weeks.
                distance / 10 + abs(later) / 14,
                one.pk,
                Alternative(one, one.seats_free, distance, later),
            )
        )
    return [row[-1] for row in sorted(ranked, key=lambda row: row[:-1])[:most]]


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres."""
    half_lat, half_lon = radians(lat2 - lat1) / 2, radians(lon2 - lon1) / 2
    angle = sin(half_lat) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(sqrt(angle))
