"""Models of the supply side."""

from providers.models.catalogue import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    IntakeSeries,
    WeeklySlot,
)
from providers.models.catalogue_import import CatalogueImport, CatalogueImportFile
from providers.models.file import ProviderContact, ProviderDocument
from providers.models.provider import Location, Provider, QualityMark
from providers.models.seat import SeatClaim
from providers.models.stop import IntakeStop
from providers.models.teacher import Teacher, TeacherHours

__all__ = [
    "CatalogueImport",
    "CatalogueImportFile",
    "Course",
    "CourseGroup",
    "DeliveryParty",
    "IntakeMoment",
    "IntakeSeries",
    "IntakeStop",
    "Location",
    "Provider",
    "ProviderContact",
    "ProviderDocument",
    "QualityMark",
    "SeatClaim",
    "Teacher",
    "TeacherHours",
    "WeeklySlot",
]
