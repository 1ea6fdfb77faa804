"""The match record on paper, for the file of an objection: what was stored, and nothing else.

Facts, candidates and policy come from the immutable record, not from today's tables; beside it
stands what the caseworker decided on its ground, in the caseworker's own words.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from backend.common import clock
from backend.common.codes import Component, Level, Literacy, TargetGroup
from backend.web.values import day_text, text_of
from matching.choices import PlacementState
from matching.models import MatchRecord, Placement
from matching.pdf import compile_pdf
from matching.web import household_texts, texts
from matching.web.letters import pdf_response
from matching.web.records import MatchRecordPage, points_of


class MatchRecordPdf(MatchRecordPage):
    """For whoever may see the record on screen."""

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("need__municipality")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        content = compile_pdf("record", record_data(self.object))
        day = clock.local_day(self.object.created_at)
        return pdf_response(content, f"match-record-{day.isoformat()}-{self.object.uuid}")


def record_data(record: MatchRecord) -> dict[str, Any]:
    """All texts of the paper, in the reader's language."""
    result = record.result
    return {
        "title": _("Match record of %(reference)s")
        % {"reference": record.need.pip.participant.reference},
        "language": (translation.get_language() or "nl")[:2],
        "intro": _(
            "What the municipality weighed when it searched for a fitting place. This record was "
            "stored on the day of the search and cannot be changed."
        ),
        "made": _("Made with Passend on %(day)s") % {"day": day_text(clock.today())}
        + f" – {record.uuid}",
        "page": _("Page"),
        "search": _even(_search(record)),
        "decision": _decisions(record),
        "needs_title": _("Facts of the person that were used"),
        "needs": _even(_need_facts(record.need_facts)),
        "ranking": _ranking(result),
        "reasons": _reasons(result),
        "near": _near(result),
        "policy_title": _("Policy in force: version %(version)s")
        % {"version": result["policy"]["version"]},
        "policy": _even(_policy(result["policy"])),
    }


def _search(record: MatchRecord) -> list[list[str]]:
    counts = record.result["counts"]
    rows = (
        (_("Municipality"), record.need.municipality.name),
        (_("Way"), record.get_kind_display()),
        (_("Searched on"), record.created_at),
        (_("Facts of"), record.as_of),
        (_("By"), record.actor_label),
        (_("Number of the record"), str(record.uuid)),
        (_("Starts that were compared"), counts["offers"]),
        (_("Starts that fit"), counts["feasible"]),
        *_household(record.result),
    )
    return [[label, text_of(value)] for label, value in rows]


def _household(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = result.get("household")
    if not found:
        return []
    agreed = household_texts.agreement(found["coupling"], found["wish"], found["untilDate"])
    return [(_("Household"), agreed)]


def _household_notice(result: Mapping[str, Any], key: str) -> str:
    found = result.get("household")
    notice = household_texts.notice_at(found, key) if found else ""
    return f". {notice}" if notice else ""


def _decisions(record: MatchRecord) -> dict[str, Any]:
    """What was chosen on the ground of this record, by whom, and why."""
    placements = (
        Placement.objects.filter(match_record=record)
        .select_related("provider_organisation", "intake_moment__group__course")
        .prefetch_related("events")
        .order_by("created_at", "pk")
    )
    return {
        "title": _("Decision and motivation"),
        "empty": _("No place was chosen on the ground of this record."),
        "widths": [2, 2, 4, 5, 3, 2],
        "headings": [
            _("Date"),
            _("By"),
            _("Chosen place"),
            _("Motivation of the caseworker"),
            _("Rules set aside"),
            _("Status now"),
        ],
        "rows": [
            [
                text_of(one.created_at),
                _held_by(one),
                f"{one.provider_organisation.name}, {one.intake_moment.group.course.name}, "
                f"{day_text(one.intake_moment.start_date)}",
                one.motivation or "–",
                ", ".join(texts.rule_label(code) for code in one.overruled_rules) or "–",
                str(PlacementState(one.state).label),
            ]
            for one in placements
        ],
    }


def _held_by(placement: Placement) -> str:
    held = [one for one in placement.events.all() if one.state == PlacementState.DRAFT]
    return held[0].actor_label if held else "–"


def _need_facts(facts: Mapping[str, Any]) -> list[list[str]]:
    def day(name: str) -> str:
        value = facts.get(name)
        return day_text(date.fromisoformat(value)) if value else "–"

    travel = facts["maxTravelKm"]
    rows = (
        (_("Component"), Component(facts["component"]).label),
        (_("Target group"), TargetGroup(facts["targetGroup"]).label),
        (_("Level"), Level(facts["level"]).label),
        (_("Target level"), facts["targetLevel"]),
        (_("Literacy training"), Literacy(facts["literacy"]).label),
        (_("Hours per week"), text_of(facts["hoursPerWeek"])),
        (
            _("Travel limit"),
            texts.kilometres(travel) if travel else _("as in the policy of the municipality"),
        ),
        (_("Available"), texts.slot_labels(facts["available"])),
        (_("Earliest start"), day("earliestStartDate")),
        (_("Latest start"), day("latestStartDate")),
        (_("Legal deadline"), day("deadlineDate")),
        (_("End of the integration term"), day("termEndDate")),
        (_("Waiting since"), day("waitingSinceDate")),
        (_("Childcare needed"), _yes(facts["childcare"])),
        (_("Wheelchair access needed"), _yes(facts["wheelchair"])),
        (_("Online lessons possible"), _yes(facts["online"])),
        (_("Referral without a municipal price"), _yes(facts["isReferral"])),
    )
    return [[str(label), str(value) or "–"] for label, value in rows]


def _ranking(result: Mapping[str, Any]) -> dict[str, Any]:
    weights = result["policy"]["weights"]
    factors = sorted(weights, key=lambda name: (-weights[name], name))
    total = sum(weights.values()) or 1
    return {
        "title": _("Places that fit, in order"),
        "note": _(
            "Points per factor, with the highest possible number in the heading; "
            "together they are the score of at most 1000."
        ),
        "empty": _("No place fitted."),
        "headings": ["#", _("Place"), _("Start"), _("Distance"), _("Free seats")],
        "factors": [
            f"{texts.factor_label(name)} ({round(1000 * weights[name] / total)})"
            for name in factors
        ],
        "score": _("Score"),
        "rows": [
            [
                str(one["rank"]),
                _place(one) + _household_notice(result, one["intakeMomentId"]),
                _period(one),
                texts.kilometres(one["km"]),
                str(one["seatsFree"]),
                *[str(one["factors"].get(name, "–")) for name in factors],
                str(one["score"]),
            ]
            for one in result["candidates"]
        ],
    }


def _reasons(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": _("Why other starts do not fit"),
        "note": _("A start can fail on several rules, so the numbers do not add up."),
        "empty": _("Every start for this component fits."),
        "widths": [5, 1],
        "headings": [_("Rule"), _("Starts")],
        "rows": [[label, str(number)] for label, number in texts.reason_counts(result["reasons"])],
    }


def _near(result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": _("Places that nearly fit"),
        "empty": _("No place failed on one rule only."),
        "widths": [4, 3, 5],
        "headings": [_("Place"), _("Start"), _("What would have to change")],
        "rows": [
            [_place(one), _period(one), str(texts.near_miss(one["rule"], one["relax"]))]
            for one in result["nearMisses"]
        ],
    }


def _policy(policy: Mapping[str, Any]) -> list[list[str]]:
    weights = policy["weights"]
    limits = [
        [_("Travel limit"), texts.kilometres(policy["maxTravelKm"])],
        [_("Published tie-break number"), str(policy["seed"])],
        [_("Policy"), str(policy["id"])],
    ]
    return limits + [
        [
            _("Weight: %(factor)s") % {"factor": one.label},
            f"{number_format(one.possible / 10, decimal_pos=1)}%",
        ]
        for one in points_of(dict.fromkeys(weights, 0), weights)
    ]


def _place(one: Mapping[str, Any]) -> str:
    return f"{one['provider']}, {one['course']}, {one['location']} ({one['place']})"


def _period(one: Mapping[str, Any]) -> str:
    start, end = (day_text(date.fromisoformat(one[name])) for name in ("startDate", "endDate"))
    return f"{start} – {end}"


def _yes(value: bool) -> str:
    return _("Yes") if value else _("No")


def _even(rows: list[list[str]]) -> list[list[str]]:
    """The facts stand in two columns; the last line is filled up."""
    return rows if len(rows) % 2 == 0 else [*rows, ["", ""]]
