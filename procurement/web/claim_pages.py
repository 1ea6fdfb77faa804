"""Claims on screen: the list, one claim with its lines, and the decision."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import DecimalField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Lines, Link, Money, Text, Tone
from backend.web.values import Value as Shown
from procurement.models import Claim
from procurement.money_choices import ClaimFault, ClaimLineState, ClaimState, ClaimWarning
from procurement.money_policies import may_assess_claim
from procurement.services.claim_decisions import claim_assess
from procurement.web.common import READERS, OfContract, contract_url
from procurement.web.money_filters import ClaimFilters

LINE_TONES: dict[str, Tone] = {
    ClaimLineState.PENDING: "info",
    ClaimLineState.APPROVED: "success",
    ClaimLineState.REFUSED: "danger",
}


def claim_url(claim: Claim) -> str:
    return reverse("claim", kwargs={"uuid": claim.uuid})


def _claimed(*states: ClaimLineState) -> Any:
    """Euros of the debit lines in these states; of approved lines what was approved."""
    return Coalesce(
        Sum(
            Coalesce("lines__approved_amount", "lines__amount"),
            filter=Q(lines__state__in=states, lines__credits_reference=""),
        ),
        Value(Decimal(0)),
        output_field=DecimalField(max_digits=12, decimal_places=2),
    )


class ClaimList(ListPage):
    permission = READERS
    model = Claim
    title = gettext_lazy("Claims")
    filterset_class = ClaimFilters
    default_sort = "-month"
    export_name = "claims"
    empty_title = gettext_lazy("No claims yet")
    empty_text = gettext_lazy("Providers send their claims through the API, per calendar month.")
    columns = (
        Column(
            "number",
            gettext_lazy("Claim"),
            lambda one: Link(one.number, claim_url(one)),
            sort=("number",),
            header=True,
        ),
        Column("contract", gettext_lazy("Contract"), "contract.number", sort=("contract__number",)),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "contract.provider.organisation.name",
            sort=("contract__provider__organisation__name",),
        ),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        Column("month", gettext_lazy("Month"), "month", sort=("month",)),
        Column(
            "pending", gettext_lazy("To be assessed"), lambda one: Money(one.pending), numeric=True
        ),
        Column("approved", gettext_lazy("Approved"), lambda one: Money(one.approved), numeric=True),
        Column("refused", gettext_lazy("Refused"), lambda one: Money(one.refused), numeric=True),
        Column("due", gettext_lazy("Answer due"), "answer_due_date", sort=("answer_due_date",)),
        Column(
            "state",
            gettext_lazy("Status"),
            lambda one: Badge(
                one.get_state_display(),
                "success" if one.state == ClaimState.ASSESSED else "info",
            ),
            sort=("state",),
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("contract__provider__organisation", "municipality")
            .annotate(
                pending=_claimed(ClaimLineState.PENDING),
                approved=_claimed(ClaimLineState.APPROVED),
                refused=_claimed(ClaimLineState.REFUSED),
            )
        )


def _reasons(line: Any) -> Shown:
    labels = [ClaimFault(one).label for one in line.faults]
    labels += [ClaimWarning(one).label for one in line.warnings]
    return Lines((*map(str, labels), *([line.note] if line.note else [])))


CLAIM_LINE_COLUMNS = (
    Column("line", gettext_lazy("Line"), "line_reference", header=True),
    Column("reference", gettext_lazy("Placement reference"), lambda one: str(one.reference)[:8]),
    Column("start", gettext_lazy("From"), "start_date"),
    Column("end", gettext_lazy("Until"), "end_date"),
    Column("unit", gettext_lazy("Unit"), "get_unit_display"),
    Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
    Column("rate", gettext_lazy("Price"), lambda one: Money(one.rate), numeric=True),
    Column(
        "amount",
        gettext_lazy("Amount"),
        lambda one: Money(-one.amount if one.is_credit else one.amount),
        numeric=True,
    ),
    Column("credits", gettext_lazy("Takes back line"), "credits_reference"),
    Column(
        "state",
        gettext_lazy("Status"),
        lambda one: Badge(one.get_state_display(), LINE_TONES[one.state]),
    ),
    Column("reasons", gettext_lazy("Why"), _reasons),
)


class ClaimPage(DetailPage):
    permission = READERS
    model = Claim

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("contract__provider__organisation", "municipality")
        )

    def get_title(self) -> Text:
        return _("Claim %(number)s") % {"number": self.object.number}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Claims"), reverse("claims")),)

    def get_actions(self) -> Sequence[Action]:
        claim = self.object
        if claim.state == ClaimState.ASSESSED or not may_assess_claim(self.actor, claim):
            return ()
        return (Action(_("Assess"), reverse("claim-decide", args=[claim.uuid]), primary=True),)

    def get_facts(self) -> Sequence[Fact]:
        claim = self.object
        return (
            Fact(_("Contract"), Link(claim.contract.number, contract_url(claim.contract))),
            Fact(_("Provider"), claim.contract.provider.organisation.name),
            Fact(_("Municipality"), claim.municipality.name),
            Fact(_("Month"), claim.month),
            Fact(_("Status"), claim.get_state_display()),
            Fact(_("Answer due"), claim.answer_due_date),
        )

    def get_tables(self) -> Sequence[Any]:
        return (
            table_of(
                CLAIM_LINE_COLUMNS,
                self.object.lines.order_by("line_reference"),
                caption=_("Lines of the claim"),
            ),
        )


class AssessForm(forms.Form):
    """Which waiting lines are refused, and why; all others are approved."""

    refused = forms.MultipleChoiceField(
        label=gettext_lazy("Refuse these lines"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("All lines that you do not tick are approved."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason of the refusal"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("The provider reads this."),
    )

    def __init__(self, *args: Any, lines: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refused"].choices = [  # type: ignore[attr-defined]
            (str(one.uuid), f"{one.line_reference}: € {one.amount}") for one in lines
        ]


class ClaimAssessPage(OfContract, FormPage):
    permission = Permission.MANAGE_CONTRACTS
    title = gettext_lazy("Assess this claim")
    form_class = AssessForm
    submit_label = gettext_lazy("Decide")
    success_message = gettext_lazy("The claim has been assessed.")
    claim: Claim

    def prepare(self) -> None:
        self.claim = self.load(Claim, "contract__provider")
        self.lines = list(
            self.claim.lines.filter(state=ClaimLineState.PENDING).order_by("line_reference")
        )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Claims"), reverse("claims")),
            (self.claim.number, claim_url(self.claim)),
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines}

    @property
    def error_fields(self) -> dict[str, str]:  # type: ignore[override]
        return {f"refusals.{one.uuid}": "reason" for one in self.lines}

    def perform(self, form: Any) -> Any:
        refused = dict.fromkeys(
            map(UUID, form.cleaned_data["refused"]), form.cleaned_data["reason"]
        )
        return claim_assess(actor=self.actor, claim=self.claim, refusals=refused)

    def get_success_url(self, result: Any) -> str:
        return claim_url(self.claim)
