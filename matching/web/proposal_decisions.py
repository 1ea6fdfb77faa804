"""Deciding on a proposal: take it over, choose another place with its effects in view, decline."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import DomainError
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, Fact, FormPage, Page
from backend.web.personal_text import PersonalTextField
from backend.web.tables import Column, Table, table_of
from matching.engine import TIER_LABELS
from matching.models import MatchProposal, Placement, ProposalDecision
from matching.public import proposal_accept, proposal_decline
from matching.services.placement_rules import RULE_SENTENCES
from matching.services.what_if import Consequence, what_if
from matching.waiting_choices import DeclineReason
from matching.web import texts
from matching.web.proposals import ALTERNATIVE_NAMES, decision_of, place_text
from matching.web.records import ChooseForm, points_of
from matching.web.runs import RUNS
from providers.models import IntakeMoment


class DecideForm(forms.Form):
    place = forms.ChoiceField(
        label=gettext_lazy("Which place?"), widget=forms.RadioSelect, required=False
    )
    motivation = ChooseForm.base_fields["motivation"]
    offer = forms.ChoiceField(
        label=gettext_lazy("What do you want to do?"),
        choices=ChooseForm.base_fields["offer"].choices,  # type: ignore[attr-defined]
        widget=forms.RadioSelect,
        initial="yes",
        required=False,
    )
    overruled_rules = ChooseForm.base_fields["overruled_rules"]
    overrule_reason = ChooseForm.base_fields["overrule_reason"]

    def __init__(
        self, *args: Any, places: Sequence[tuple[str, str]], may_overrule: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.initial.setdefault("place", places[0][0])
        if not may_overrule:
            del self.fields["overruled_rules"], self.fields["overrule_reason"]


class _OneProposal:
    """The proposal of the address, with what its pages show; 404 where it cannot be seen."""

    # Only for mypy: both come from the page.
    actor: Any
    kwargs: dict[str, Any]
    request: HttpRequest
    proposal: MatchProposal

    def load(self) -> None:
        found = (
            MatchProposal.objects.visible_to(self.actor)
            .select_related(
                "run__policy",
                "run__organisation",
                "need__pip__participant",
                "intake_moment__group__course__provider__organisation",
                "intake_moment__group__location",
                "decision",
            )
            .filter(uuid=self.kwargs["uuid"], intake_moment__isnull=False)
            .first()
        )
        if found is None:
            raise Http404
        self.proposal = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (RUNS, (_("Proposals"), reverse("proposals", args=[self.proposal.run.uuid])))

    def places(self) -> list[IntakeMoment]:
        """The proposed start, its stored alternatives, and one that the address names."""
        proposed = self.proposal.intake_moment
        assert proposed is not None
        wanted = [one["intakeMomentId"] for one in self.proposal.explained.alternatives]
        wanted += [asked] if (asked := self.request.GET.get("place", "")) else []
        try:
            found = {
                str(one.uuid): one
                for one in IntakeMoment.objects.visible_to(self.actor)
                .select_related(*ALTERNATIVE_NAMES)
                .filter(uuid__in=wanted)
            }
        except ValidationError as error:
            raise Http404 from error
        return [proposed, *(found[key] for key in wanted if key in found)]


class ProposalPage(_OneProposal, FormPage):
    """The reasons of one proposal, and the caseworker's own decision on it."""

    permission = Permission.PLACE
    title = gettext_lazy("Decide on this proposal")
    template_name = "matching/proposal.html"
    form_class = DecideForm
    submit_label = gettext_lazy("Confirm the choice")
    success_message = gettext_lazy("Your decision has been kept.")
    error_fields = {"intake_moment": "place"}

    def prepare(self) -> None:
        self.load()

    def get_form_kwargs(self) -> dict[str, Any]:
        places: dict[str, str] = {}
        for one in self.places():
            places.setdefault(str(one.uuid), place_text(one))
        return {
            "places": list(places.items()),
            "may_overrule": self.actor.may(Permission.OVERRULE, self.proposal.need.municipality_id),
        }

    def get_actions(self) -> Sequence[Action]:
        if decision_of(self.proposal) is not None:
            return ()
        return (
            Action(_("Not this place"), reverse("proposal-decline", args=[self.proposal.uuid])),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        proposal = self.proposal
        intake = proposal.intake_moment
        assert intake is not None
        group = intake.group
        facts = [
            Fact(_("For"), proposal.need.pip.participant.reference),
            Fact(_("Urgency"), texts.tier_badge(proposal.tier)),
            Fact(_("Course"), group.course.name),
            Fact(_("Provider"), group.course.provider.organisation.name),
            Fact(_("Place"), str(group.location)),
            Fact(_("Start"), intake.start_date),
            Fact(_("Points"), proposal.score),
            Fact(_("Seat kept until"), proposal.run.expires_at),
        ]
        if (badge := decision_of(proposal)) is not None:
            facts.append(Fact(_("Decision"), badge))
        points = points_of(proposal.explained.factors, proposal.run.policy.weights)
        query = self.request.GET.urlencode()
        effects = reverse("proposal-effects", args=[proposal.uuid]) + (f"?{query}" if query else "")
        return super().get_context(facts=facts, points=points, effects_url=effects, **extra)

    def perform(self, form: forms.BaseForm) -> Placement:
        data = form.cleaned_data
        chosen = next(
            (one for one in self.places() if str(one.uuid) == data["place"]),
            self.proposal.intake_moment,
        )
        return proposal_accept(
            actor=self.actor,
            proposal=self.proposal,
            intake_moment=chosen,
            motivation=data["motivation"],
            overruled_rules=data.get("overruled_rules", ()),
            overrule_reason=data.get("overrule_reason", ""),
            offer=data["offer"] != "no",
        )

    def get_success_url(self, result: Placement) -> str:
        return reverse("placement", args=[result.uuid])


class EffectsPage(_OneProposal, Page):
    """What each place would do to the others, at once; a part of the proposal's page too."""

    permission = Permission.PLACE
    title = gettext_lazy("What each choice does to others")
    template_name = "matching/proposal_effects.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.load()
        message, rows = "", []
        try:
            rows = what_if(actor=self.actor, proposal=self.proposal, intake_moments=self.places())
        except DomainError as error:
            message = str(error)
        context = self.get_context(effects=effects_table(rows), message=message)
        part = "HX-Request" in request.headers
        template = "matching/proposal_effects_part.html" if part else self.template_name
        return render(request, template, context)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        here = (_("Decide on this proposal"), reverse("proposal", args=[self.proposal.uuid]))
        return (*super().get_breadcrumbs(), here)


def effects_table(rows: Sequence[Consequence]) -> Table:
    return table_of(
        (
            Column("place", _("Place"), lambda one: place_text(one.intake_moment), header=True),
            Column("score", _("Points"), lambda one: one.score, numeric=True),
            Column("effect", _("What it does to others"), effect_text),
        ),
        rows,
        caption=_("What each choice does to others"),
    )


def effect_text(one: Consequence) -> str:
    """The effect in words; people are counted, never named."""
    if not one.is_open:
        return _("This start is not open any more.")
    if one.is_proposed and not one.tears_household:
        return _("This is the best plan for everybody together.")
    if one.is_overbooked:
        return _("There is no seat left; somebody would have to be overbooked.")
    parts = [] if one.fits else [_("This place breaks a rule of fit.")]
    if one.tears_household:
        parts.append(str(RULE_SENTENCES["HOUSEHOLD"]))
    parts += _counted(_("%(number)s without a place: %(tiers)s."), one.loses)
    parts += _counted(_("%(number)s with a place after all: %(tiers)s."), one.gains)
    parts += _counted(_("%(number)s at another start: %(tiers)s."), one.moves)
    if not any((*one.loses, *one.gains, *one.moves, one.tears_household)):
        parts.append(_("Nobody else notices."))
    return " ".join(parts)


def _counted(sentence: str, counts: tuple[int, int, int]) -> list[str]:
    if not any(counts):
        return []
    tiers = ", ".join(
        f"{number} × {_(TIER_LABELS[tier]).lower()}"
        for tier, number in enumerate(counts, start=1)
        if number
    )
    return [sentence % {"number": sum(counts), "tiers": tiers}]


class DeclinePage(_OneProposal, FormPage):
    """The person keeps waiting for another place; the reason is kept."""

    permission = Permission.PLACE
    title = gettext_lazy("Not this place")
    intro = gettext_lazy(
        "The person keeps waiting. No later run proposes this start to this person again."
    )
    submit_label = gettext_lazy("Decline the proposal")
    success_message = gettext_lazy("The proposal has been declined.")

    class form_class(forms.Form):  # noqa: N801 - the name is FormPage's
        reason = forms.ChoiceField(
            label=gettext_lazy("Reason"), choices=DeclineReason.choices, widget=forms.RadioSelect
        )
        motivation = PersonalTextField(
            label=gettext_lazy("Explanation"), rows=3, max_length=1000, required=False
        )

    def prepare(self) -> None:
        self.load()

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        here = (_("Decide on this proposal"), reverse("proposal", args=[self.proposal.uuid]))
        return (*super().get_breadcrumbs(), here)

    def perform(self, form: forms.BaseForm) -> ProposalDecision:
        return proposal_decline(actor=self.actor, proposal=self.proposal, **form.cleaned_data)

    def get_success_url(self, result: ProposalDecision) -> str:
        return reverse("proposals", args=[self.proposal.run.uuid])
