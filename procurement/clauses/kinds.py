"""Which clauses there are, how serious a finding is, and which states it passes through."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClauseKind(models.TextChoices):
    """The clauses of the contract standard and of domain.md 6.2 that can be checked by rule."""

    ACCEPTANCE = "acceptance", _("Answer to an offered place")
    START = "start", _("Start of lessons after registration")
    WAITING = "waiting", _("Waiting norm")
    INTAKE_STOP = "intake_stop", _("Notice of an intake stop")
    CEILING = "ceiling", _("Alerts on the ceiling")
    ATTENDANCE = "attendance", _("Attendance recorded in time")
    REPORT = "report", _("Reports to the municipality")
    EVALUATION = "evaluation", _("Evaluation meetings")
    OPTION = "option", _("Dates of extension options")
    NOTICE = "notice", _("Notice before the end of the contract")
    DOCUMENT = "document", _("Age of documents")
    SUBCONTRACTOR = "subcontractor", _("Consent to subcontractors")
    SOCIAL_RETURN = "social_return", _("Social return")


class Severity(models.TextChoices):
    """A signal asks for a decision in time; a breach is an agreement that was not kept."""

    SIGNAL = "signal", _("Signal")
    BREACH = "breach", _("Breach")


class BreachState(models.TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    RESOLVED = "resolved", _("Resolved")


BREACH_TRANSITIONS: dict[BreachState, frozenset[BreachState]] = {
    BreachState.OPEN: frozenset({BreachState.ACKNOWLEDGED, BreachState.RESOLVED}),
    BreachState.ACKNOWLEDGED: frozenset({BreachState.RESOLVED}),
    # A finding is never reopened: what goes wrong again is a new finding of a new day or period.
    BreachState.RESOLVED: frozenset(),
}


class MilestoneKind(models.TextChoices):
    """What the parties promised to do during the contract, and can show that they did."""

    REPORT = "report", _("Report received")
    EVALUATION = "evaluation", _("Evaluation meeting")
    SOCIAL_RETURN = "social_return", _("Social return delivered")
    SUBCONTRACTOR = "subcontractor", _("Consent to a subcontractor")
    OTHER = "other", _("Other agreement")
