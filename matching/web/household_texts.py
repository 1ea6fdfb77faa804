"""Households and their places in words."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from matching.household_choices import Coupling, Wish
from matching.models import Household
from matching.services.placement_rules import RULE_SENTENCES


def day(value: str | date) -> str:
    given = date.fromisoformat(value) if isinstance(value, str) else value
    return date_format(given, "j F Y")


def agreement(coupling: str, wish: str, until: str | date | None) -> str:
    """What is agreed with the household, in one sentence."""
    if coupling == Coupling.SPLIT:
        return _("Each member may start alone. Wish: %(wish)s.") % {"wish": _wish(wish)}
    if until is None:
        return _("All members start, or nobody yet. Wish: %(wish)s.") % {"wish": _wish(wish)}
    return _("All members start, or nobody yet, until %(day)s. Wish: %(wish)s.") % {
        "wish": _wish(wish),
        "day": day(until),
    }


def _wish(wish: str) -> str:
    return str(Wish(wish).label).lower()


def of_household(household: Household) -> str:
    return agreement(household.coupling, household.wish, household.until_date)


def together_at(household: dict[str, Any], key: str) -> list[str]:
    """Per other member of the household what a place means, in sentences."""
    starts = household["places"].get(key, [])
    return [
        _sentence(member, start)
        for member, start in zip(household["members"], starts, strict=False)
    ]


def fits_all(household: dict[str, Any], key: str) -> bool:
    """Whether every other member can start beside this place."""
    return all(household["places"].get(key, []))


def notice_at(household: dict[str, Any], key: str) -> str:
    """What stands in the way of this place while the household starts together, if anything."""
    is_torn = household["inForce"] and not fits_all(household, key)
    return str(RULE_SENTENCES["HOUSEHOLD"]) if is_torn else ""


def _sentence(member: dict[str, str], start: dict[str, Any] | None) -> str:
    words = {"reference": member["reference"]}
    if start is None:
        return _("%(reference)s cannot start beside this place.") % words
    if member["state"] == "placed":
        return _("%(reference)s already has a place that goes with it.") % words
    if member["state"] == "not_waiting":
        return _("%(reference)s does not wait for this component.") % words
    return _("%(reference)s can start too, on %(day)s.") % {**words, "day": day(start["startDate"])}
