from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageState(models.TextChoices):
    """pending > done, or pending > failed after the last attempt; failed > pending by a person."""

    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
