"""States and code lists of contracts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ContractStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")


CONTRACT_TRANSITIONS: dict[ContractStatus, frozenset[ContractStatus]] = {
    ContractStatus.DRAFT: frozenset({ContractStatus.ACTIVE}),
    ContractStatus.ACTIVE: frozenset({ContractStatus.SUSPENDED, ContractStatus.ENDED}),
    # A suspension ends when the provider has recovered (contract standard, clause 3.19).
    ContractStatus.SUSPENDED: frozenset({ContractStatus.ACTIVE, ContractStatus.ENDED}),
    ContractStatus.ENDED: frozenset(),
}


class TariffUnit(models.TextChoices):
    """What one price is for (domain.md 6.2)."""

    LEARNER_HOUR = "learner_hour", _("per learner-hour")
    GROUP_HOUR = "group_hour", _("per group-hour")
    MODULE = "module", _("per module")
    TRAJECT = "traject", _("per traject")
    PHASE = "phase", _("per phase")
    RESULT = "result", _("per result")


class CallOffState(models.TextChoices):
    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")
