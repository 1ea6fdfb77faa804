"""Code lists of DUO's messages: their names and codes are DUO's own."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.common.errors import Text


class DuoMessageKind(models.TextChoices):
    """A message per resource of DUO's interfaces that says something about a person."""

    NOTIFICATION = "Notificatie", _("Event")
    OBLIGATION = "Inburgeringsplicht", _("Obligation")
    OBLIGATION_HISTORY = "Inburgeringsplichthistorie", _("Obligation, with history")
    TARGET_GROUP = "Doelgroep", _("Target group")
    TARGET_GROUP_HISTORY = "Doelgroephistorie", _("Target group, with history")
    TERM = "Inburgeringstermijn", _("Integration term")
    TERM_HISTORY = "Inburgeringstermijnhistorie", _("Integration term, with history")
    LEARNABILITY = "Leerbaarheidstoets", _("Learnability test")
    EXEMPTIONS = "Vrijstellingen", _("Exemptions")
    DISPENSATIONS = "Ontheffingen", _("Dispensations")
    PIP = "PIP", _("PIP at DUO")


class DuoMessageState(models.TextChoices):
    APPLIED = "applied", _("Processed")
    OUTDATED = "outdated", _("Overtaken by a newer message")
    TO_HANDLE = "to_handle", _("To handle")
    HANDLED = "handled", _("Handled")


class DuoTask(models.TextChoices):
    """Why somebody has to look at a message."""

    UNKNOWN_PERSON = "unknown_person", _("This person is not in Passend yet")
    EVENT = "event", _("DUO reports something about this person")
    OBLIGATION_ENDED = "obligation_ended", _("The obligation has ended: look at the places")
    TARGET_GROUP = "target_group", _("The target group changed: look who pays")
    MOVED_OUT = "moved_out", _("The person moves to another municipality")


# Events of DUO's Notification API (domain.md section 8.1).
EVENTS: Final[dict[str, Text]] = {
    "SS101": _("The person is obliged to integrate"),
    "SS102": _("The integration term has started"),
    "SS103": _("The integration term was extended"),
    "SS104": _("The integration term was extended"),
    "SS106": _("The obligation was met: diploma"),
    "SS107": _("Full exemption"),
    "SS108": _("Full dispensation"),
    "SS109": _("Temporary exemption"),
    "SS110": _("The obligation has ended"),
    "SS111": _("The person has died"),
    "SS119": _("Partial dispensation"),
    "SS120": _("The person came to your municipality, without a PIP"),
    "SS121": _("The person came to your municipality, with a PIP"),
    "SS122": _("The person left your municipality: complete your registrations"),
    "SS123": _("The person left your municipality"),
    "SS124": _("From asylum status holder to family or other migrant"),
    "SS125": _("From family or other migrant to asylum status holder"),
    "SS128": _("The person reaches pension age within six months"),
    "SS131": _("There is a result of the learnability test"),
    "SS139": _("The ten weeks to the PIP have started"),
    "SS199": _("There is an exam result"),
}
CLOCK_STARTED: Final = "SS139"
ENDS_OBLIGATION: Final = frozenset({"SS106", "SS107", "SS108", "SS110", "SS111"})
MOVED_OUT: Final = frozenset({"SS122", "SS123"})
# Another message brings the facts; nobody has to do anything.
FOR_INFORMATION: Final = frozenset({"SS101", "SS102", "SS103", "SS104", "SS131", "SS199"})
