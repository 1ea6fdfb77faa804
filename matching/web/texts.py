"""Sentences on screen for the codes of the engine and the states of needs and placements."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.common.codes import WEEKDAY_CODES, Component, DayPart, Literacy, Weekday
from backend.web.values import Badge, Text, Tone
from matching.choices import NeedState, PlacementState
from matching.engine import CAUSE_LABELS, FACTOR_LABELS, RULE_LABELS, TIER_LABELS

TIER_TONES: dict[int, Tone] = {1: "danger", 2: "warning", 3: "neutral"}
NEED_TONES: dict[str, Tone] = {
    NeedState.WAITING: "warning",
    NeedState.OFFERED: "info",
    NeedState.PLACED: "success",
    NeedState.CLOSED: "neutral",
}
PLACEMENT_TONES: dict[str, Tone] = {
    PlacementState.DRAFT: "neutral",
    PlacementState.OFFERED: "info",
    PlacementState.ACCEPTED: "success",
    PlacementState.STARTED: "success",
    PlacementState.STOPPED: "neutral",
    PlacementState.REFUSED: "danger",
    PlacementState.EXPIRED: "danger",
    PlacementState.WITHDRAWN: "neutral",
}


def tier_badge(tier: int) -> Badge:
    """The tier in a few words, so that it fits in the column of a list."""
    label = _("Deadline at risk") if tier == 1 else _(TIER_LABELS[tier])
    return Badge(label, TIER_TONES[tier])


def need_badge(state: str) -> Badge:
    return Badge(NeedState(state).label, NEED_TONES[state])


def placement_badge(state: str) -> Badge:
    return Badge(PlacementState(state).label, PLACEMENT_TONES[state])


def rule_label(code: str) -> str:
    return _(RULE_LABELS[code])


def factor_label(name: str) -> str:
    return _(FACTOR_LABELS[name])


def cause_label(code: str) -> str:
    return _(CAUSE_LABELS[code])


def slot_label(code: str) -> str:
    """MO1 as "Monday morning"."""
    weekday = Weekday(WEEKDAY_CODES.index(code[:2]) + 1)
    return f"{weekday.label} {str(DayPart(int(code[2])).label).lower()}"


def slot_labels(codes: Sequence[str]) -> str:
    return ", ".join(slot_label(code) for code in codes)


def kilometres(km: float) -> str:
    return _("%(number)s km") % {"number": number_format(round(km, 1), decimal_pos=1)}


def _distance(relax: Any) -> str:
    return _("With %(km)s more travel this place fits.") % {"km": kilometres(relax)}


def _days(relax: Any) -> str:
    return ngettext("%(days)d day", "%(days)d days", relax) % {"days": relax}


def _contract(relax: Any) -> str:
    gaps = {
        "municipality": _("your municipality does not take part in the lot"),
        "targetGroup": _("the lot is not for this target group"),
        "contractPeriod": _("the contract is not in force on the start date"),
    }
    return _("No contract covers this place: %(gaps)s.") % {
        "gaps": "; ".join(gaps[name] for name in relax)
    }


def _literacy(relax: Any) -> str:
    if relax == Literacy.NOT_APPLICABLE:
        return _("The group is only for people who follow literacy training.")
    return _("The group would have to accept: %(literacy)s.") % {
        "literacy": str(Literacy(relax).label).lower()
    }


def _mark(relax: Any) -> str:
    if relax is None:
        return _("The provider has no valid quality mark.")
    return _("The quality mark ends %(days)s before the start.") % {"days": _days(relax)}


def _overlap(relax: Any) -> str:
    """The lessons that are in the way: a course by name where it is known, else day-parts."""
    if isinstance(relax, dict):
        return _("The lessons overlap with %(course)s on %(slots)s.") % {
            "course": relax["course"],
            "slots": slot_labels(relax["slots"]),
        }
    if isinstance(relax, list):
        return _("The lessons overlap with another course of this person on %(slots)s.") % {
            "slots": slot_labels(relax)
        }
    return _("The lessons overlap with another course of this person.")


def near_miss(code: str, relax: Any) -> Text:
    """What would have to change for this place to fit; the one rule that fails, in words."""
    sentences = {
        "DISTANCE": lambda: _distance(relax),
        "DAYPART": lambda: (
            _("Fits when the person is also available on %(slots)s.")
            % {"slots": slot_labels(relax)}
        ),
        "START_EARLY": lambda: (
            _("Fits when the person can start %(days)s earlier.") % {"days": _days(relax)}
        ),
        "START_LATE": lambda: (
            _("Fits when the start may be %(days)s later.") % {"days": _days(relax)}
        ),
        "TERM": lambda: (
            _("The course ends %(days)s after the integration term.") % {"days": _days(relax)}
        ),
        "LEVEL": lambda: (
            ngettext("The level is %(steps)d step off.", "The level is %(steps)d steps off.", relax)
            % {"steps": relax}
        ),
        "LITERACY": lambda: _literacy(relax),
        "ROUTE": lambda: (
            _("This is a course for %(component)s.") % {"component": Component(relax).label}
        ),
        "REGION_CONTRACT": lambda: _contract(relax),
        "MARK": lambda: _mark(relax),
        "CEILING": lambda: _("Only the ceiling of the contract is in the way."),
        "CHILDCARE": lambda: _("Only childcare is missing."),
        "ACCESS": lambda: _("Only wheelchair access is missing."),
        "SEATS": lambda: _("Fits as soon as a seat becomes free."),
        "OVERLAP": lambda: _overlap(relax),
        "HOUSEHOLD": lambda: _("Fits, but the household could not start there together."),
    }
    return sentences[code]()


def reason_counts(reasons: Mapping[str, int]) -> list[tuple[str, int]]:
    """Rule labels with how many starts they exclude, the most frequent first."""
    ordered = sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    return [(rule_label(code), number) for code, number in ordered]
