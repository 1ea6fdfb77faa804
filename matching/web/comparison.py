"""Chosen places side by side: on a map, in the week and fact by fact, before somebody decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.organisations.permissions import Permission
from backend.organisations.public import Municipality, coordinates_by_postcode
from backend.web.pages import Crumb, DetailPage, Fact
from backend.web.values import Lines, Value, show
from matching.models import MatchRecord, Pip
from matching.web import household_texts, texts
from matching.web.needs import WORK_LIST
from matching.web.pictures import Area, Spot, area_map
from matching.web.prices import hourly_prices
from matching.web.week import week_of

LETTERS = "ABCDEF"
# As many as one can read side by side; without a choice the best three.
MOST, USUAL = len(LETTERS), 3


@dataclass(frozen=True)
class Alternative:
    letter: str
    data: dict[str, Any]
    choose_url: str

    @property
    def start(self) -> date:
        return date.fromisoformat(self.data["startDate"])

    @property
    def is_online(self) -> bool:
        return bool(self.data["mode"] == "online")


@dataclass(frozen=True)
class Line:
    """One fact of all alternatives, in their order."""

    label: str
    values: Sequence[str]


class ComparisonPage(DetailPage):
    """Reasons and facts next to each other. Choosing is a page of its own, with own words."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRecord
    template_name = "matching/comparison.html"
    object: MatchRecord

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("need__pip__participant", "need__municipality", "policy")
        )

    def get_title(self) -> str:
        return _("Compare places for %(reference)s") % {
            "reference": self.object.need.pip.participant.reference
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        need = self.object.need
        return (
            WORK_LIST,
            (need.get_component_display(), reverse("need", args=[need.uuid])),
            (_("Fitting places"), reverse("match-record", args=[self.object.uuid])),
        )

    def get_facts(self) -> Sequence[Fact]:
        pip = self.object.need.pip
        return [
            Fact(_("Searched on"), self.object.created_at),
            Fact(_("Waiting since"), self.object.need.waiting_since),
            Fact(_("Legal deadline"), self.object.need.deadline),
            Fact(_("Travel limit"), texts.kilometres(self._limit(pip))),
        ]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        need = self.object.need
        self.may_choose = need.is_searched and self.actor.may(
            Permission.PLACE, need.municipality_id
        )
        chosen = self._chosen()
        pip = need.pip
        area = area_of(pip, need.municipality_id)
        on_map = [one for one in chosen if not one.is_online]
        return super().get_context(
            alternatives=chosen,
            lines=self._lines(chosen),
            week=week_of(
                _("Lessons of the alternatives in the week"),
                self.object.need_facts["available"],
                {one.letter: one.data.get("slots", []) for one in chosen},
            ),
            picture=self._map(area, on_map, pip),
            area=area,
            online=", ".join(one.letter for one in chosen if one.is_online),
            may_choose=self.may_choose,
            **extra,
        )

    def _chosen(self) -> list[Alternative]:
        found = self.object.result["candidates"]
        wanted = self.request.GET.getlist("start")
        picked = [one for one in found if one["intakeMomentId"] in wanted] or found[:USUAL]
        return [
            Alternative(letter, one, self._choose_url(one))
            for letter, one in zip(LETTERS, picked[:MOST], strict=False)
        ]

    def _choose_url(self, one: dict[str, Any]) -> str:
        if not self.may_choose:
            return ""
        return reverse("choose-place", args=[self.object.uuid, one["intakeMomentId"]])

    def _limit(self, pip: Pip) -> float:
        own = self.object.need_facts["maxTravelKm"]
        return float(self.object.policy.max_travel_km if own is None else own)

    def _map(self, area: Area, chosen: Sequence[Alternative], pip: Pip) -> SafeString | None:
        spots: dict[tuple[float, float], list[str]] = {}
        for one in chosen:
            if "latitude" in one.data:
                point = (one.data["latitude"], one.data["longitude"])
                spots.setdefault(point, []).append(one.letter)
        if not spots:
            return None
        return area_map(
            area,
            [Spot(", ".join(letters), *point) for point, letters in spots.items()],
            self._limit(pip),
            _("Map of the places around %(area)s; the table below has the same facts.")
            % {"area": area.label},
            (_("km east"), _("km north")),
        )

    def _lines(self, chosen: Sequence[Alternative]) -> list[Line]:
        asked = self.object.as_of
        waiting = self.object.need.waiting_since
        facts: list[tuple[str, Callable[[Alternative], Value]]] = [
            (_("Course"), lambda one: one.data["course"]),
            (_("Provider"), lambda one: one.data["provider"]),
            (_("Place"), lambda one: Lines(tuple(_where(one.data)))),
            (_("Start"), lambda one: date_format(one.start, "j F Y")),
            (_("Expected wait from the search"), lambda one: weeks((one.start - asked).days)),
            (_("Wait in total until the start"), lambda one: weeks((one.start - waiting).days)),
            (_("Distance"), lambda one: texts.kilometres(one.data["km"])),
            (_("Lessons"), lambda one: texts.slot_labels(one.data.get("slots", []))),
            (_("Hours per week"), lambda one: _hours(one.data)),
            (_("Free seats"), lambda one: one.data["seatsFree"]),
            (
                _("Points"),
                lambda one: _("%(score)s of 1000") % {"score": one.data["score"]},
            ),
        ]
        household = self.object.result.get("household")
        if household:
            facts.append((_("Household"), lambda one: household_cell(household, one.data)))
        prices = hourly_prices(self.actor, self.object, [one.data for one in chosen])
        if prices:
            facts.append((_("Price per hour"), lambda one: prices.get(one.data["intakeMomentId"])))
        lines = [Line(label, [show(value(one)) for one in chosen]) for label, value in facts]
        return [*lines, *self._points(chosen)]

    def _points(self, chosen: Sequence[Alternative]) -> list[Line]:
        """The score card, reason by reason."""
        weights = self.object.result["policy"]["weights"]
        order = sorted(weights, key=lambda name: (-weights[name], name))
        return [
            Line(
                _("Points for: %(reason)s") % {"reason": texts.factor_label(name).lower()},
                [show(one.data["factors"].get(name)) for one in chosen],
            )
            for name in order
            if weights[name]
        ]


def area_of(pip: Pip, municipality_id: int) -> Area:
    """Where somebody lives, no closer than the postcode's four digits or the municipality."""
    found = coordinates_by_postcode({pip.postcode4}) if pip.postcode4 else {}
    if pip.postcode4 in found:
        point = found[pip.postcode4]
        label = _("postcode area %(code)s") % {"code": pip.postcode4}
        return Area(label, point.latitude, point.longitude)
    home = Municipality.objects.get(organisation=municipality_id)
    return Area(_("centre of the municipality"), home.latitude, home.longitude)


def household_cell(household: dict[str, Any], data: dict[str, Any]) -> Value:
    sentences = household_texts.together_at(household, data["intakeMomentId"])
    return Lines(tuple(sentences))


def weeks(days: int) -> str:
    whole = max(0, round(days / 7))
    return ngettext("%(weeks)d week", "%(weeks)d weeks", whole) % {"weeks": whole}


def _where(data: dict[str, Any]) -> list[str]:
    return [one for one in (data["location"], data["place"]) if one]


def _hours(data: dict[str, Any]) -> Value:
    hours = data.get("hoursPerWeek")
    return None if hours is None else number_format(hours, decimal_pos=1)
