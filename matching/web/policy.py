"""The policy of a municipality or region: its versions, and a new one with its effect first."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.audit.public import AuditEvent
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.forms import DateInput
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.two_steps import TwoStepPage
from backend.web.values import Badge, Lines, Link, Text, day_text
from matching.choices import PriorityMode
from matching.engine import FACTORS
from matching.models import MatchingPolicy
from matching.selectors.policy import default_policy, engine_policy, policy_in_force
from matching.services.policy import PolicyData, policy_publish
from matching.services.policy_preview import policy_preview
from matching.web import texts
from matching.web.policy_effect import headline, preview_tables

READERS = (Permission.VIEW_PARTICIPANTS, Permission.MANAGE_POLICY)
POLICIES: Crumb = (gettext_lazy("Policy"), "/policies")
LABELS: dict[str, Text] = {
    "valid_from": gettext_lazy("Takes effect on"),
    "max_travel_km": gettext_lazy("Travel limit in km"),
    "urgent_within_days": gettext_lazy("Urgent when the deadline is within so many days"),
    "long_wait_days": gettext_lazy("Long wait after so many days"),
    "priority": gettext_lazy("Order of people"),
    "hold_hours": gettext_lazy("Hours a seat is held"),
    "answer_business_days": gettext_lazy("Working days in which a provider answers"),
    "proposal_business_days": gettext_lazy("Working days that a proposal keeps its seat"),
    "freeze_days": gettext_lazy("Days before a start in which its proposals stay"),
    "seed": gettext_lazy("Published number for ties"),
    "talk_interval_weeks": gettext_lazy("Weeks between progress talks"),
    "absence_percent": gettext_lazy("Signal from this percentage of unauthorised absence"),
    "absence_weeks": gettext_lazy("Counted over so many weeks"),
    "absence_in_row": gettext_lazy("Signal from so many lessons missed in a row"),
    "retention_months": gettext_lazy("Months that personal details stay after the end"),
    "letter_opening": gettext_lazy("First sentences of the letter"),
    "letter_closing": gettext_lazy("Last sentences of the letter"),
}
CASEWORK = (
    "talk_interval_weeks",
    "absence_percent",
    "absence_weeks",
    "absence_in_row",
    "retention_months",
)
LETTERS = ("letter_opening", "letter_closing")
COMPARED = tuple(name for name in LABELS if name != "valid_from")


def owner_name(policy: MatchingPolicy) -> str:
    return policy.organisation.name if policy.organisation else _("All others (default)")


def changes(new: MatchingPolicy, before: MatchingPolicy) -> list[str]:
    """What the new version says differently, in words."""
    found = [
        f"{LABELS[name]}: {shown(before, name)} → {shown(new, name)}"
        for name in COMPARED
        if getattr(before, name) != getattr(new, name)
    ]
    return found + [
        f"{texts.factor_label(name)}: {before.weights[name]} → {new.weights[name]}"
        for name in FACTORS
        if before.weights[name] != new.weights[name]
    ]


def shown(policy: MatchingPolicy, name: str) -> str:
    value = getattr(policy, name)
    return str(PriorityMode(value).label) if name == "priority" else str(value)


def state_badge(policy: MatchingPolicy, in_force: int | None) -> Badge:
    """Whether it holds today, will hold, or was replaced by version `in_force` (a key)."""
    if policy.valid_from > clock.today():
        return Badge(_("from %(day)s") % {"day": day_text(policy.valid_from)}, "info")
    if policy.organisation_id is None:
        return Badge(_("in force where there is no own policy"), "success")
    if in_force == policy.pk:
        return Badge(_("in force"), "success")
    return Badge(_("replaced"), "neutral")


def managed_by(actor: Any) -> QuerySet[Organisation]:
    """Municipalities and regions whose policy this person sets."""
    mine = actor.with_permission(Permission.MANAGE_POLICY)
    return Organisation.objects.filter(pk__in=mine).exclude(kind="provider").order_by("name")


class PolicyFilters(PageFilterSet):
    search = SearchFilter(
        label=gettext_lazy("Name"), field_name="organisation__name", lookup_expr="icontains"
    )
    priority = ChoiceFilter(label=LABELS["priority"], choices=PriorityMode.choices)

    class Meta:
        model = MatchingPolicy
        fields: list[str] = []


class PolicyList(ListPage):
    permission = READERS
    model = MatchingPolicy
    title = gettext_lazy("Policy")
    intro = gettext_lazy(
        "How places are weighed and who comes first. Every version stays readable; what was "
        "decided under it does not change."
    )
    filterset_class = PolicyFilters
    default_sort = "-from"
    export_name = "policies"
    empty_title = gettext_lazy("No policy of your own yet")
    empty_text = gettext_lazy("Until you publish a version, the default of Passend holds.")
    columns = (
        Column(
            "organisation",
            gettext_lazy("For"),
            lambda one: Link(owner_name(one), reverse("policy", args=[one.uuid])),
            sort=("organisation__name",),
            header=True,
        ),
        Column("version", gettext_lazy("Version"), "version", sort=("version",), numeric=True),
        Column("from", gettext_lazy("Takes effect on"), "valid_from", sort=("valid_from",)),
        Column("state", gettext_lazy("Status"), lambda one: one.state),
        Column("changes", gettext_lazy("What changed"), lambda one: Lines(tuple(one.changes))),
    )

    def get_queryset(self) -> QuerySet[Any]:
        default_policy()
        return super().get_queryset().select_related("organisation")

    def prepare(self, objects: Sequence[Any]) -> Sequence[Any]:
        owners = {one.organisation_id for one in objects if one.organisation_id}
        default, today = default_policy(), clock.today()
        versions: dict[tuple[int | None, int], MatchingPolicy] = {}
        in_force: dict[int | None, int] = {}
        for one in MatchingPolicy.objects.filter(organisation__in=owners).order_by("version"):
            versions[one.organisation_id, one.version] = one
            if one.valid_from <= today:
                in_force[one.organisation_id] = one.pk
        for one in objects:
            before = versions.get((one.organisation_id, one.version - 1), default)
            one.changes = changes(one, before) if one.organisation_id else []
            one.state = state_badge(one, in_force.get(one.organisation_id))
        return objects

    def get_actions(self) -> Sequence[Action]:
        removal = Action(_("What will be removed, and when"), reverse("retention"))
        return [removal] * bool(managed_by(self.actor)) + [
            Action(
                _("New version for %(name)s") % {"name": one.name},
                reverse("policy-new", args=[one.uuid]),
                primary=True,
            )
            for one in managed_by(self.actor)[:5]
        ]


class PolicyPage(DetailPage):
    """One version: what it says, what it changed, by whom and why."""

    permission = READERS
    model = MatchingPolicy
    object: MatchingPolicy

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_title(self) -> str:
        return _("Policy of %(name)s, version %(version)s") % {
            "name": owner_name(self.object),
            "version": self.object.version,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (POLICIES,)

    def get_actions(self) -> Sequence[Action]:
        owner = self.object.organisation
        if owner is None:
            return ()
        url = reverse("algorithm-register-text", args=[owner.kind, owner.code])
        return (Action(_("Text for the algorithm register"), url),)

    def get_facts(self) -> Sequence[Fact]:
        policy = self.object
        owner = policy.organisation_id
        in_force = owner and policy_in_force(organisation_id=owner, on=clock.today()).pk
        event = AuditEvent.objects.about(policy).filter(action="matching_policy.published").first()
        return [
            Fact(_("Status"), state_badge(policy, in_force)),
            Fact(LABELS["valid_from"], policy.valid_from),
            *(Fact(LABELS[name], shown(policy, name)) for name in COMPARED),
            Fact(_("Published by"), event.actor_label if event else None),
            Fact(_("Reason"), event.reason if event else None),
        ]

    def get_tables(self) -> Sequence[Table]:
        policy = self.object
        before = MatchingPolicy.objects.filter(
            organisation=policy.organisation_id, version=policy.version - 1
        ).first()
        weights = [
            (texts.factor_label(name), policy.weights[name], int(points))
            for name, points in zip(FACTORS, engine_policy(policy).max_points(), strict=True)
        ]
        lines = changes(policy, before or default_policy()) if policy.organisation_id else []
        return (
            table_of(
                (
                    Column("factor", _("Factor"), lambda one: one[0], header=True),
                    Column("weight", _("Weight"), lambda one: one[1], numeric=True),
                    Column("points", _("Most points of 1000"), lambda one: one[2], numeric=True),
                ),
                weights,
                caption=_("What counts, and how much"),
            ),
            table_of(
                (Column("change", _("Change"), lambda one: one, header=True),),
                lines,
                caption=_("What this version changed"),
                empty=_("Nothing: this version says the same as the one before."),
            ),
        )


def _number(label: Text, *, low: int = 0, high: int) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=high)  # type: ignore[arg-type]


def _sentences(name: str, help_text: Text) -> forms.CharField:
    return forms.CharField(
        label=LABELS[name],  # type: ignore[arg-type]
        help_text=help_text,  # type: ignore[arg-type]
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=400,
        required=False,
    )


class PolicyForm(forms.Form):
    """Weights first, then limits and order; the reason is needed to publish, not to look."""

    valid_from = forms.DateField(label=LABELS["valid_from"], widget=DateInput())  # type: ignore[arg-type]
    max_travel_km = _number(LABELS["max_travel_km"], low=1, high=500)
    urgent_within_days = _number(LABELS["urgent_within_days"], high=365)
    long_wait_days = _number(LABELS["long_wait_days"], high=1000)
    priority = forms.ChoiceField(label=LABELS["priority"], choices=PriorityMode.choices)  # type: ignore[arg-type]
    hold_hours = _number(LABELS["hold_hours"], low=1, high=720)
    answer_business_days = _number(LABELS["answer_business_days"], low=1, high=60)
    proposal_business_days = _number(LABELS["proposal_business_days"], low=1, high=60)
    freeze_days = _number(LABELS["freeze_days"], high=180)
    seed = _number(LABELS["seed"], high=2_147_483_647)
    talk_interval_weeks = _number(LABELS["talk_interval_weeks"], low=1, high=52)
    absence_percent = _number(LABELS["absence_percent"], low=1, high=100)
    absence_weeks = _number(LABELS["absence_weeks"], low=1, high=26)
    absence_in_row = _number(LABELS["absence_in_row"], low=1, high=20)
    retention_months = _number(LABELS["retention_months"], low=1, high=240)
    letter_opening = _sentences("letter_opening", gettext_lazy("Empty: the text of Passend."))
    letter_closing = _sentences(
        "letter_closing", gettext_lazy("Dutch (A1). Empty: nothing is added.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Needed to publish: everybody can read later why this was decided."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FACTORS:
            self.fields[f"weight_{name}"] = _number(texts.factor_label(name), high=1000)

    def weight_fields(self) -> list[Any]:
        return [self[f"weight_{name}"] for name in FACTORS]

    def other_fields(self) -> list[Any]:
        apart = {*CASEWORK, *LETTERS}
        return [self[name] for name in LABELS if name not in apart]

    def casework_fields(self) -> list[Any]:
        return [self[name] for name in CASEWORK]

    def letter_fields(self) -> list[Any]:
        return [self[name] for name in LETTERS]

    def weight_sum(self) -> int:
        """The sum of what the fields hold now, whether or not it is right."""
        values = [self[f"weight_{name}"].value() for name in FACTORS]
        return sum(int(value) for value in values if str(value).isdecimal())

    def policy(self) -> PolicyData:
        given = self.cleaned_data
        return PolicyData(
            weights={name: given[f"weight_{name}"] for name in FACTORS},
            **{name: given[name] for name in LABELS},
        )


class PolicyNewPage(TwoStepPage):
    """A new version: first its effect on who waits now, then a reason, then publishing."""

    permission = Permission.MANAGE_POLICY
    template_name = "matching/policy_form.html"
    form_class = PolicyForm
    intro = gettext_lazy(
        "Change what you want and look at the effect on everybody who waits now. Only after that "
        "you can publish."
    )
    look_label = gettext_lazy("Look at the effect")
    submit_label = gettext_lazy("Publish this version")
    success_message = gettext_lazy("The version has been published.")
    without_effect = frozenset({"reason"})
    error_fields: ClassVar[Mapping[str, str]] = {"weights": f"weight_{FACTORS[0]}"}

    def prepare(self) -> None:
        found = managed_by(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.organisation = found

    def get_title(self) -> str:
        return _("New policy for %(name)s") % {"name": self.organisation.name}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (POLICIES,)

    def get_initial(self) -> dict[str, Any]:
        today = clock.today()
        current = policy_in_force(organisation_id=self.organisation.pk, on=today)
        values = {name: getattr(current, name) for name in COMPARED}
        weights = {f"weight_{name}": current.weights[name] for name in FACTORS}
        return {**values, **weights, "valid_from": today}

    def effect(self, form: forms.BaseForm) -> dict[str, Any]:
        assert isinstance(form, PolicyForm)
        found = policy_preview(actor=self.actor, organisation=self.organisation, data=form.policy())
        return {"preview": found, "headline": headline(found), "tables": preview_tables(found)}

    def perform(self, form: forms.BaseForm) -> MatchingPolicy:
        assert isinstance(form, PolicyForm)
        return policy_publish(
            actor=self.actor,
            organisation_id=self.organisation.pk,
            data=form.policy(),
            reason=form.cleaned_data["reason"],
        )

    def get_success_url(self, result: MatchingPolicy) -> str:
        return reverse("policy", args=[result.uuid])
