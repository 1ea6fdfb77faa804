"""Code lists of what the person answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ResponseKind(models.TextChoices):
    COMING = "coming", _("I will come")
    NOT_FITTING = "not_fitting", _("This does not fit")


class ResponseReason(models.TextChoices):
    """Why a place does not fit, as codes: nobody is asked to write about health."""

    WORK = "work", _("Work")
    CHILDCARE = "childcare", _("Childcare")
    TRAVEL = "travel", _("Travel")
    HEALTH = "health", _("Health")
    OTHER = "other", _("Other reason")
