"""How the members of a household want to start, as the PIP talks agreed it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Coupling(models.TextChoices):
    TOGETHER = "together", _("All members start, or nobody yet")
    SPLIT = "split", _("Each member may start alone")


class Wish(models.TextChoices):
    SAME_PLACE = "same_place", _("Lessons at the same location")
    OPPOSITE_TIMES = "opposite_times", _("Lessons at different times, for the children")
