"""Code lists of what is agreed beside the learning route, and of what was completed."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DualActivity(models.TextChoices):
    """What somebody does beside the lessons: learning and taking part together (dual)."""

    PAID_WORK = "paid_work", _("Paid work")
    VOLUNTEERING = "volunteering", _("Volunteering")
    INTERNSHIP = "internship", _("Internship")
    STUDY = "study", _("Study")
    LANGUAGE_BUDDY = "buddy", _("Language buddy")


class TalkForm(models.TextChoices):
    VISIT = "visit", _("At the office or at home")
    SCHOOL = "school", _("At school, together with the teacher")
    TELEPHONE = "telephone", _("By telephone or video")


class CompletionKind(models.TextChoices):
    """What the municipality itself registers as done (MAP, PVT en Z-route API 1.0.0)."""

    MAP = "MAP", _("Final talk of the MAP")
    PVT = "PVT", _("Participation declaration signed")
    Z = "Z", _("Z route completed")


class Culpable(models.TextChoices):
    """Whether being late is the person's own fault, in DUO's codes."""

    YES = "Ja", _("Yes, it is the person's own fault")
    NO = "Nee", _("No, not the person's own fault")
