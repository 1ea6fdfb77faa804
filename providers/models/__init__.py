"""Models of the supply side."""

from providers.models.catalogue import Course, CourseGroup, IntakeMoment, WeeklySlot
from providers.models.provider import Location, Provider, QualityMark
from providers.models.seat import SeatClaim

__all__ = [
    "Course",
    "CourseGroup",
    "IntakeMoment",
    "Location",
    "Provider",
    "QualityMark",
    "SeatClaim",
    "WeeklySlot",
]
