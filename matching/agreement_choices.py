"""Code lists of what is agreed beside the learning route."""

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
