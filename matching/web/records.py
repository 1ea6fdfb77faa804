"""The match record on screen: reasons before ranks, near misses, and choosing a place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage
from backend.web.personal_text import PersonalTextField
from backend.web.values import Badge, Lines, Text
from matching.models import MatchRecord, Placement
from matching.public import Choice, placement_create
from matching.services.placement_rules import OVERRULABLE, RULE_ORDER
from matching.web import household_texts, texts
from matching.web.needs import PURPOSE, WORK_LIST, plan_facts
from matching.web.people import identity_of
from providers.models import IntakeMoment

SHOWN_WITH_REASONS = 5
NEAR_MISSES_SHOWN = 12
# Offered for comparison; the best ones are ticked.
COMPARABLE = 8
# What a caseworker can most easily do something about stands first.
HELPFUL = (
    "SEATS",
    "DAYPART",
    "DISTANCE",
    "START_EARLY",
    "START_LATE",
    "CHILDCARE",
    "ACCESS",
    "OVERLAP",
    "HOUSEHOLD",
    "CEILING",
    "REGION_CONTRACT",
    "TERM",
    "MARK",
    "LITERACY",
    "LEVEL",
    "ROUTE",
)
# From this share of its points on, a reason is named in the suggested motivation.
STRONG = 0.8


@dataclass(frozen=True)
class Points:
    """One line of a score card: what was earned of what could be earned."""

    label: str
    earned: int
    possible: int


@dataclass(frozen=True)
class Candidate:
    """A place that fits, as the record has it."""

    data: dict[str, Any]
    points: Sequence[Points]
    choose_url: str
    # What the place means for each other member of the household.
    together: Sequence[str] = ()
    # The household starts together, and not everybody can start here.
    notice: str = ""

    @property
    def start(self) -> date:
        return date.fromisoformat(self.data["startDate"])

    @property
    def distance(self) -> str:
        return texts.kilometres(self.data["km"])


@dataclass(frozen=True)
class NearMiss:
    data: dict[str, Any]
    sentence: Text
    # Only for who may set the rule aside that it fails on.
    choose_url: str = ""

    @property
    def start(self) -> date:
        return date.fromisoformat(self.data["startDate"])


def points_of(factors: dict[str, int], weights: dict[str, int]) -> list[Points]:
    """The score card in the order of the policy's weights; the points add up to the score."""
    total = sum(weights.values()) or 1
    order = sorted(factors, key=lambda name: (-weights.get(name, 0), name))
    return [
        Points(texts.factor_label(name), factors[name], round(1000 * weights.get(name, 0) / total))
        for name in order
    ]


class MatchRecordPage(DetailPage):
    """All that was weighed for one need on one day."""

    permission = Permission.VIEW_PARTICIPANTS
    model = MatchRecord
    template_name = "matching/match_record.html"
    object: MatchRecord

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("need__pip__participant", "policy")

    def get_title(self) -> str:
        return _("Fitting places for %(reference)s") % {
            "reference": self.object.need.pip.participant.reference
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        need = self.object.need
        return (WORK_LIST, (need.get_component_display(), reverse("need", args=[need.uuid])))

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("For the file (PDF)"), reverse("match-record-pdf", args=[self.object.uuid])),
        )

    def get_facts(self) -> Sequence[Fact]:
        result = self.object.result
        return [
            Fact(_("Searched on"), self.object.created_at),
            Fact(_("By"), self.object.actor_label),
            Fact(_("Starts that were compared"), result["counts"]["offers"]),
            Fact(_("Starts that fit"), result["counts"]["feasible"]),
            Fact(_("Policy"), _("version %(version)s") % {"version": self.object.policy.version}),
        ]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        result, need = self.object.result, self.object.need
        candidates = [self._candidate(one) for one in result["candidates"]]
        may_choose = need.is_searched and self.actor.may(Permission.PLACE, need.municipality_id)
        near = [
            NearMiss(
                one, texts.near_miss(one["rule"], one["relax"]), self._overrule_url(one, may_choose)
            )
            for one in sorted(result["nearMisses"], key=lambda one: HELPFUL.index(one["rule"]))
        ][:NEAR_MISSES_SHOWN]
        return super().get_context(
            candidates=candidates[:SHOWN_WITH_REASONS],
            comparable=candidates[:COMPARABLE] if len(candidates) > 1 else [],
            household=self._household(),
            more=candidates[SHOWN_WITH_REASONS:],
            near_misses=near,
            reasons=texts.reason_counts(result["reasons"]),
            need=need,
            plan_facts=plan_facts(need.pip),
            may_choose=may_choose,
            **extra,
        )

    def _overrule_url(self, one: dict[str, Any], may_choose: bool) -> str:
        may = may_choose and self.actor.may(Permission.OVERRULE, self.object.need.municipality_id)
        if not may or one["rule"] not in OVERRULABLE:
            return ""
        return reverse("choose-place", args=[self.object.uuid, one["intakeMomentId"]])

    def _candidate(self, data: dict[str, Any]) -> Candidate:
        household = self.object.result.get("household")
        return Candidate(
            data,
            points_of(data["factors"], self.object.result["policy"]["weights"]),
            reverse("choose-place", args=[self.object.uuid, data["intakeMomentId"]]),
            household_texts.together_at(household, data["intakeMomentId"]) if household else (),
            household_texts.notice_at(household, data["intakeMomentId"]) if household else "",
        )

    def _household(self) -> str:
        """What is agreed with the household of this person, as it was at the search."""
        found = self.object.result.get("household")
        if not found:
            return ""
        return household_texts.agreement(found["coupling"], found["wish"], found["untilDate"])


def rule_choices(codes: Collection[str]) -> list[tuple[str, str]]:
    return [(code, texts.rule_label(code)) for code in RULE_ORDER if code in codes]


def overruled_rules_field() -> forms.MultipleChoiceField:
    """Every rule of fit, none ticked: a rule is set aside by name only."""
    return forms.MultipleChoiceField(
        label=gettext_lazy("Which rules do you set aside?"),
        help_text=gettext_lazy(
            "Only these. A place that breaks another rule, or that is full, is refused."
        ),
        choices=lambda: rule_choices(OVERRULABLE),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class ChooseForm(forms.Form):
    motivation = PersonalTextField(
        label=gettext_lazy("Why does this place fit this person?"),
        help_text=gettext_lazy(
            "Your own words. Do not write names, citizen service numbers or health details."
        ),
        rows=4,
        min_length=10,
        max_length=1000,
    )
    offer = forms.ChoiceField(
        label=gettext_lazy("What do you want to do?"),
        choices=[
            ("yes", gettext_lazy("Hold the seat and offer the place to the provider now")),
            ("no", gettext_lazy("Only hold the seat; I will offer the place later")),
        ],
        widget=forms.RadioSelect,
        initial="yes",
    )
    overruled_rules = overruled_rules_field()
    overrule_reason = PersonalTextField(
        label=gettext_lazy("Reason to set a rule aside"),
        help_text=gettext_lazy("Only when the place breaks a rule of fit. The reason is kept."),
        max_length=400,
        required=False,
    )

    def __init__(
        self, *args: Any, suggestion: str = "", overrulable: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.suggestion = suggestion
        if not overrulable:
            del self.fields["overruled_rules"], self.fields["overrule_reason"]
        else:
            self.fields["overruled_rules"].choices = rule_choices(overrulable)  # type: ignore[attr-defined]

    def clean_motivation(self) -> str:
        """The suggested sentence is a beginning: alone it is nobody's own motivation (C-634/21)."""
        given: str = self.cleaned_data["motivation"]
        if self.suggestion and given.split() == self.suggestion.split():
            raise forms.ValidationError(
                _("Add in your own words why you choose this place for this person."),
                code="not_own_words",
            )
        return given


class ChoosePage(FormPage):
    """A caseworker decides on one place, with an own motivation (no one-click acceptance)."""

    permission = Permission.PLACE
    title = gettext_lazy("Choose this place")
    form_class = ChooseForm
    submit_label = gettext_lazy("Confirm the choice")
    template_name = "matching/choose.html"

    def prepare(self) -> None:
        record = (
            MatchRecord.objects.visible_to(self.actor)
            .select_related("need__pip__participant", "policy")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        intake = (
            IntakeMoment.objects.visible_to(self.actor)
            .with_seats_free()
            .select_related("group__course__provider__organisation", "group__location")
            .filter(uuid=self.kwargs["intake_moment"])
            .first()
        )
        if record is None or intake is None:
            raise Http404
        self.record, self.intake = record, intake

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        need = self.record.need
        return (
            WORK_LIST,
            (need.get_component_display(), reverse("need", args=[need.uuid])),
            (_("Fitting places"), reverse("match-record", args=[self.record.uuid])),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(facts=self._facts(), points=self._points(), **extra)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Of a place that fits only the household can ask for a rule to be set aside."""
        rules: Collection[str] = ()
        if self.actor.may(Permission.OVERRULE, self.record.need.municipality_id):
            in_force = self.record.result.get("household", {}).get("inForce", False)
            fits = self._found() is not None
            rules = OVERRULABLE if not fits else ("HOUSEHOLD",) if in_force else ()
        return {"suggestion": self._suggestion(), "overrulable": rules}

    def get_initial(self) -> dict[str, Any]:
        """A first sentence from the facts, to be made one's own."""
        return {"motivation": self._suggestion()}

    def _suggestion(self) -> str:
        points = self._points()
        strong = [
            one.label.lower() for one in points if one.possible and one.earned >= one.possible * 0.8
        ]
        if not strong:
            return ""
        return _("This place scores well on: %(names)s.") % {"names": ", ".join(strong[:3])}

    def perform(self, form: forms.BaseForm) -> Placement:
        choice = Choice(
            need=self.record.need,
            intake_moment=self.intake,
            match_record=self.record,
            motivation=form.cleaned_data["motivation"],
            overruled_rules=form.cleaned_data.get("overruled_rules", ()),
            overrule_reason=form.cleaned_data.get("overrule_reason", ""),
        )
        return placement_create(
            actor=self.actor, choice=choice, offer=form.cleaned_data["offer"] == "yes"
        )

    def get_success_url(self, result: Placement) -> str:
        return reverse("placement", args=[result.uuid])

    def get_cancel_url(self) -> str:
        return reverse("match-record", args=[self.record.uuid])

    def _found(self) -> dict[str, Any] | None:
        """The place among those that fit, if it is one of them."""
        key = str(self.intake.uuid)
        found = (one for one in self.record.result["candidates"] if one["intakeMomentId"] == key)
        return next(found, None)

    def _points(self) -> list[Points]:
        found = self._found()
        if found is None:
            return []
        return points_of(found["factors"], self.record.result["policy"]["weights"])

    def _facts(self) -> list[Fact]:
        group = self.intake.group
        participant = self.record.need.pip.participant
        identity = identity_of(self.actor, participant, purpose=PURPOSE)
        free = max(0, self.intake.seats_free)
        return [
            Fact(_("For"), identity.full_name if identity else participant.reference),
            Fact(_("Course"), str(group.course)),
            Fact(_("Provider"), group.course.provider.organisation.name),
            Fact(_("Place"), str(group.location)),
            Fact(_("Start"), self.intake.start_date),
            Fact(_("Free seats"), Badge(str(free), "success" if free else "danger")),
            *self._household_facts(),
        ]

    def _household_facts(self) -> list[Fact]:
        """What the place means for the household, as it was at the search."""
        found, key = self.record.result.get("household"), str(self.intake.uuid)
        if not found:
            return []
        lines = [*household_texts.together_at(found, key), household_texts.notice_at(found, key)]
        return [Fact(_("Household"), Lines(tuple(filter(None, lines))))]
