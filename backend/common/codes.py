"""Code lists that every app shares; where DUO has a code, it is DUO's (design.md section 1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Component(models.TextChoices):
    """What a participant must be offered: a leerroute, or a module beside it."""

    B1_ROUTE = "B", _("B1 route")
    EDUCATION_ROUTE = "O", _("Education route")
    Z_ROUTE = "Z", _("Self-reliance route (Z route)")
    KNM = "KNM", _("Knowledge of Dutch Society (KNM)")
    MAP = "MAP", _("Labour Market and Participation Module (MAP)")
    PVT = "PVT", _("Participation declaration programme (PVT)")


class LearningRoute(models.TextChoices):
    """The leerroute of a PIP (Wet inburgering 2021, art. 15)."""

    B1_ROUTE = "B", _("B1 route")
    EDUCATION_ROUTE = "O", _("Education route")
    Z_ROUTE = "Z", _("Self-reliance route (Z route)")


class Level(models.TextChoices):
    """Language level of the European framework; the codes sort from low to high as text."""

    A0 = "A0", _("A0 (beginner)")
    A1 = "A1", "A1"
    A2 = "A2", "A2"
    B1 = "B1", "B1"
    B2 = "B2", "B2"


class Literacy(models.TextChoices):
    NON_LITERATE = "A", _("Not literate")
    OTHER_SCRIPT = "AA", _("Literate in another script")
    NOT_APPLICABLE = "NVT", _("Not applicable")


class TargetGroup(models.TextChoices):
    """Target group as DUO delivers it; never inferred from a permit (R-GRP-1)."""

    ASYLUM = "asylum", _("Asylum status holder")
    FAMILY = "family", _("Family migrant")
    OTHER = "other", _("Other migrant")


class Weekday(models.IntegerChoices):
    """ISO weekday numbers."""

    MONDAY = 1, _("Monday")
    TUESDAY = 2, _("Tuesday")
    WEDNESDAY = 3, _("Wednesday")
    THURSDAY = 4, _("Thursday")
    FRIDAY = 5, _("Friday")
    SATURDAY = 6, _("Saturday")
    SUNDAY = 7, _("Sunday")


class DayPart(models.IntegerChoices):
    MORNING = 1, _("Morning")
    AFTERNOON = 2, _("Afternoon")
    EVENING = 3, _("Evening")


class Skill(models.TextChoices):
    """Exam parts and skills with DUO's codes."""

    READING = "LE", _("Reading")
    LISTENING = "LU", _("Listening")
    WRITING = "SC", _("Writing")
    SPEAKING = "SP", _("Speaking")
    KNM = "KNM", _("Knowledge of Dutch Society (KNM)")


WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Weekday and day-part: MO1 is Monday morning (engine.md).
SLOT_CODES = tuple(f"{day}{part.value}" for day in WEEKDAY_CODES for part in DayPart)
