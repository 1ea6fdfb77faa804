"""Guarantees one sentence per code, for screens and letters; translated where it is shown.

The engine knows no language: these are message ids for gettext.
"""

from typing import Final


def _(message: str) -> str:
    """Marks a message for translation without translating it here."""
    return message


RULE_LABELS: Final = {
    "ROUTE": _("Another course component"),
    "LEVEL": _("Level does not fit the group"),
    "LITERACY": _("Group is not meant for this literacy"),
    "REGION_CONTRACT": _("No contract for this municipality or target group on the start date"),
    "MARK": _("No valid quality mark on the start date"),
    "CEILING": _("The ceiling of the contract has been reached"),
    "DISTANCE": _("Too far away"),
    "DAYPART": _("Lessons at times when the person is not available"),
    "START_EARLY": _("Starts too early"),
    "START_LATE": _("Starts too late"),
    "TERM": _("Ends after the integration term"),
    "CHILDCARE": _("No childcare"),
    "ACCESS": _("Not accessible by wheelchair"),
    "SEATS": _("No free seats"),
    "OVERLAP": _("Lessons overlap with another placement"),
    "HOUSEHOLD": _("The household starts together, and not everybody can start here"),
}
FACTOR_LABELS: Final = {
    "start": _("Soon start"),
    "travel": _("Short travel"),
    "level": _("Fitting level"),
    "intensity": _("Hours per week as wanted"),
    "dayPart": _("Room beside the lessons"),
    "duality": _("Days free for work"),
    "filling": _("Group reaches its minimum"),
    "quality": _("Quality of the provider"),
    "price": _("Price"),
}
CAUSE_LABELS: Final = {
    "no_feasible_offer": _("No offer fits"),
    "all_full": _("All fitting offers are full"),
    "lost_on_priority": _("The seats went to people with higher priority"),
}
TIER_LABELS: Final = {
    1: _("A legal deadline is at risk"),
    2: _("Waiting for a long time"),
    3: _("Other"),
}
