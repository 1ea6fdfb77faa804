"""Findings of the daily evaluation: the list, one of them, and what people do with it."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, DayFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column
from backend.web.values import Badge, Link, Text, Tone, Value
from procurement.clauses.kinds import BREACH_TRANSITIONS, BreachState, ClauseKind, Severity
from procurement.clauses.library import clause_in_words
from procurement.clauses.sentences import sentence
from procurement.models import ClauseBreach, Contract
from procurement.money_policies import is_party
from procurement.policies import may_manage_contracts
from procurement.services.breaches import breach_acknowledge, breach_resolve
from procurement.web.common import READERS, OfContract, contract_url

STATE_TONES: dict[str, Tone] = {
    BreachState.OPEN: "danger",
    BreachState.ACKNOWLEDGED: "warning",
    BreachState.RESOLVED: "success",
}
PLACEMENT_READERS = (Permission.VIEW_PARTICIPANTS, Permission.ANSWER_PLACEMENTS)
# Who may open the page with the evidence; what is not named here is open to all parties.
EVIDENCE_READERS: dict[str, tuple[Permission, ...]] = {
    "matching.placement": PLACEMENT_READERS,
    "quality.lesson": (Permission.VIEW_DELIVERY, Permission.RECORD_DELIVERY),
    "providers.deliveryparty": (Permission.VIEW_CATALOGUE,),
}


def severity_badge(breach: ClauseBreach) -> Badge:
    return Badge(
        breach.get_severity_display(),
        "danger" if breach.severity == Severity.BREACH else "warning",
    )


def state_badge(breach: ClauseBreach) -> Badge:
    return Badge(breach.get_state_display(), STATE_TONES[breach.state])


def breach_url(breach: ClauseBreach) -> str:
    return reverse("breach", kwargs={"uuid": breach.uuid})


def evidence(actor: Actor, breach: ClauseBreach) -> Value:
    """A link to the page with the evidence, for those who may open it."""
    readers = EVIDENCE_READERS.get(breach.subject_type, ())
    may_read = not readers or any(actor.with_permission(one) for one in readers)
    if breach.evidence_url and may_read:
        return Link(breach.subject_label, breach.evidence_url)
    return breach.subject_label


def contractors_of(request: Any) -> QuerySet[Organisation]:
    """The providers with a contract that the reader sees."""
    if request is None:
        return Organisation.objects.none()
    seen = Contract.objects.visible_to(request.actor).order_by()
    return Organisation.objects.filter(pk__in=seen.values("provider__organisation")).order_by(
        "name"
    )


class BreachFilters(PageFilterSet):
    search = SearchFilter(method="find", label=gettext_lazy("Contract, provider or subject"))
    contract = SearchFilter(method="of_contract", label=gettext_lazy("Contract number"))
    provider = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Provider"),
        field_name="contract__provider__organisation",
        queryset=contractors_of,
        to_field_name="uuid",
        empty_label=gettext_lazy("All"),
    )
    kind = ChoiceFilter(label=gettext_lazy("Clause"), choices=ClauseKind.choices)
    severity = ChoiceFilter(label=gettext_lazy("Kind of finding"), choices=Severity.choices)
    state = ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[("unsettled", gettext_lazy("Not resolved")), *BreachState.choices],
        method="in_state",
    )
    found_from = DayFilter(
        label=gettext_lazy("Found on or after"), field_name="first_seen", lookup_expr="gte"
    )

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(contract__number__icontains=word)
                | Q(contract__provider__organisation__name__icontains=word)
                | Q(subject_label__icontains=word)
            )
        return queryset

    def of_contract(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(contract__number=value)

    def in_state(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == "unsettled":
            return queryset.exclude(state=BreachState.RESOLVED)
        return queryset.filter(state=value)


class BreachList(ListPage):
    permission = READERS
    model = ClauseBreach
    title = gettext_lazy("Findings on contracts")
    intro = gettext_lazy(
        "Every night the clauses of all contracts are checked. A breach was not kept; a signal asks"
        " for a decision in time."
    )
    filterset_class = BreachFilters
    default_sort = "-found"
    export_name = "findings"
    empty_title = gettext_lazy("No findings")
    empty_text = gettext_lazy(
        "Nothing was found, or no clauses have been agreed. Add clauses on the page of a contract."
    )
    columns = (
        Column(
            "finding",
            gettext_lazy("Finding"),
            lambda one: Link(sentence(one.kind, one.facts), breach_url(one)),
            header=True,
        ),
        Column("kind", gettext_lazy("Clause"), "get_kind_display", sort=("kind",)),
        Column("severity", gettext_lazy("Kind"), severity_badge, sort=("severity",)),
        Column(
            "contract",
            gettext_lazy("Contract"),
            lambda one: Link(one.contract.number, contract_url(one.contract)),
            sort=("contract__number",),
        ),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "contract.provider.organisation.name",
            sort=("contract__provider__organisation__name",),
        ),
        Column("subject", gettext_lazy("Subject"), "subject_label"),
        Column("due", gettext_lazy("Due"), "due_date", sort=("due_date",)),
        Column("found", gettext_lazy("Found on"), "first_seen", sort=("first_seen",)),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("contract__provider__organisation")


class BreachPage(DetailPage):
    permission = READERS
    model = ClauseBreach

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("contract__provider__organisation", "contract__buyer", "clause")
        )

    def get_title(self) -> Text:
        return f"{self.object.get_kind_display()} ({self.object.contract.number})"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Findings on contracts"), reverse("breaches")),)

    def get_actions(self) -> Sequence[Action]:
        one = self.object
        following = BREACH_TRANSITIONS[BreachState(one.state)]
        found = []
        if BreachState.ACKNOWLEDGED in following and is_party(self.actor, one.contract):
            found.append(Action(_("Acknowledge"), reverse("breach-acknowledge", args=[one.uuid])))
        if BreachState.RESOLVED in following and may_manage_contracts(
            self.actor, one.contract.buyer
        ):
            found.append(
                Action(_("Resolve"), reverse("breach-resolve", args=[one.uuid]), primary=True)
            )
        return found

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return (
            Fact(_("Finding"), sentence(one.kind, one.facts)),
            Fact(_("Agreed"), clause_in_words(one.kind, one.clause.parameters)),
            Fact(_("Evidence"), evidence(self.actor, one)),
            Fact(_("Contract"), Link(one.contract.number, contract_url(one.contract))),
            Fact(_("Provider"), one.contract.provider.organisation.name),
            Fact(_("Kind of finding"), severity_badge(one)),
            Fact(_("Status"), state_badge(one)),
            Fact(_("Due"), one.due_date),
            Fact(_("Found on"), one.first_seen),
            Fact(_("Last found on"), one.last_seen),
            Fact(_("Acknowledged"), _who(one.acknowledged_at, one.acknowledged_by)),
            Fact(_("Resolved"), _who(one.resolved_at, one.resolved_by)),
            Fact(_("Note"), one.note or None),
        )


def _who(moment: Any, name: str) -> Value:
    if moment is None:
        return None
    return _("%(day)s by %(name)s") % {
        "day": clock.local_day(moment).strftime("%d-%m-%Y"),
        "name": name,
    }


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Buyer and provider can read this. Do not name persons."),
    )


class _BreachStep(OfContract, FormPage):
    form_class = NoteForm
    breach: ClauseBreach

    def prepare(self) -> None:
        self.breach = self.load(ClauseBreach, "contract__provider", "contract__buyer")
        self.contract = self.breach.contract

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Findings on contracts"), reverse("breaches")),
            (self.breach.get_kind_display(), breach_url(self.breach)),
        )

    def get_success_url(self, result: Any) -> str:
        return breach_url(self.breach)


class BreachAcknowledgePage(_BreachStep):
    permission = (Permission.MANAGE_CONTRACTS, Permission.MANAGE_CATALOGUE)
    title = gettext_lazy("Acknowledge this finding")
    submit_label = gettext_lazy("Acknowledge")
    success_message = gettext_lazy("The finding has been acknowledged.")

    def perform(self, form: Any) -> Any:
        return breach_acknowledge(actor=self.actor, breach=self.breach, **form.cleaned_data)


class BreachResolvePage(_BreachStep):
    permission = Permission.MANAGE_CONTRACTS
    title = gettext_lazy("Resolve this finding")
    submit_label = gettext_lazy("Resolve")
    success_message = gettext_lazy("The finding has been resolved.")

    def perform(self, form: Any) -> Any:
        return breach_resolve(actor=self.actor, breach=self.breach, **form.cleaned_data)
