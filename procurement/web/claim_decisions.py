"""Deciding on a claim line by line, and taking an approved line back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.pages import Crumb, Fact, FormPage
from backend.web.values import Money, Text
from procurement.models import Claim, ClaimLine
from procurement.money_choices import ClaimLineState, ClaimWarning
from procurement.services.claim_decisions import Reduction, claim_assess, claim_line_credit
from procurement.web import fields
from procurement.web.claim_pages import claim_url, lines_of
from procurement.web.common import READERS, OfContract

APPROVE, PART, REFUSE = "approve", "part", "refuse"
DECISIONS = (
    (APPROVE, gettext_lazy("Approve")),
    (PART, gettext_lazy("Approve a part")),
    (REFUSE, gettext_lazy("Refuse")),
)
# Three fields a line; more would not be read by a person either. The rest is approved together.
MOST_BY_LINE = 250


class AssessForm(forms.Form):
    """A decision per waiting line: approve, approve a part, or refuse, the last two with reason."""

    def __init__(self, *args: Any, lines: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for one in lines:
            key = one.uuid.hex
            self.fields[f"decision_{key}"] = forms.ChoiceField(
                label=_("Decision"), choices=DECISIONS, initial=APPROVE
            )
            self.fields[f"quantity_{key}"] = forms.DecimalField(
                label=_("Quantity that you approve"),
                required=False,
                localize=True,
                min_value=Decimal(0),
                max_digits=9,
                decimal_places=2,
                help_text=_("Only when you approve a part."),
            )
            self.fields[f"reason_{key}"] = forms.CharField(
                label=_("Reason"),
                max_length=300,
                required=False,
                help_text=_("When you refuse or approve a part. The provider reads this."),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for one in self.lines:
            key = one.uuid.hex
            is_part = data.get(f"decision_{key}") == PART
            if (
                is_part
                and data.get(f"quantity_{key}") is None
                and not self.errors.get(f"quantity_{key}")
            ):
                self.add_error(f"quantity_{key}", _("Enter the quantity that you approve."))
        return data

    def decided(self, decision: str) -> list[Any]:
        data = self.cleaned_data
        return [one for one in self.lines if data[f"decision_{one.uuid.hex}"] == decision]

    def reason(self, line: Any) -> str:
        return str(self.cleaned_data[f"reason_{line.uuid.hex}"])


class ClaimAssessPage(OfContract, FormPage):
    permission = Permission.MANAGE_CONTRACTS
    template_name = "procurement/claim_decide.html"
    title = gettext_lazy("Assess this claim")
    intro = gettext_lazy(
        "Decide per line. What you approve will be paid, and cannot be changed afterwards: it can"
        " only be taken back with a credit line."
    )
    form_class = AssessForm
    submit_label = gettext_lazy("Decide on all lines")
    success_message = gettext_lazy("The claim has been assessed.")
    claim: Claim

    def prepare(self) -> None:
        self.claim = self.load(Claim, "contract__provider__organisation", "municipality")
        waiting = list(lines_of(self.claim).filter(state=ClaimLineState.PENDING))
        self.waiting = len(waiting)
        # Lines to look at come first: those that claim more than was delivered.
        waiting.sort(key=lambda one: (not one.warnings, one.quantity == one.delivered))
        self.lines = waiting[:MOST_BY_LINE]

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Claims"), reverse("claims")),
            (self.claim.number, claim_url(self.claim)),
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        form = extra["form"]
        shown = [
            {
                "title": f"{one.line_reference}: € {number_format(one.amount, 2)}",
                "facts": (
                    Fact(_("Placement reference"), str(one.reference)[:8]),
                    Fact(_("Claimed"), f"{number_format(one.quantity)} {one.get_unit_display()}"),
                    Fact(_("Delivered"), one.delivered),
                    Fact(_("Difference"), one.quantity - one.delivered),
                    Fact(_("Price"), Money(one.rate)),
                ),
                "warnings": [ClaimWarning(code).label for code in one.warnings],
                "fields": [
                    form[f"{name}_{one.uuid.hex}"] for name in ("decision", "quantity", "reason")
                ],
            }
            for one in self.lines
        ]
        return super().get_context(lines=shown, rest=self.waiting - len(self.lines), **extra)

    @property
    def error_fields(self) -> dict[str, str]:  # type: ignore[override]
        found = {f"refusals.{one.uuid}": f"reason_{one.uuid.hex}" for one in self.lines}
        return found | {
            f"reductions.{one.uuid}.{name}": f"{name}_{one.uuid.hex}"
            for one in self.lines
            for name in ("quantity", "reason")
        }

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        return claim_assess(
            actor=self.actor,
            claim=self.claim,
            refusals={one.uuid: form.reason(one) for one in form.decided(REFUSE)},
            reductions={
                one.uuid: Reduction(data[f"quantity_{one.uuid.hex}"], form.reason(one))
                for one in form.decided(PART)
            },
        )

    def get_success_url(self, result: Any) -> str:
        return claim_url(self.claim)


class CreditForm(forms.Form):
    reason = fields.reason()


class ClaimLineCreditPage(OfContract, FormPage):
    """Takes back an approved line; asks for the reason first, and says what will happen."""

    permission = READERS
    template_name = "procurement/claim_credit.html"
    form_class = CreditForm
    submit_label = gettext_lazy("Take this line back")
    success_message = gettext_lazy("The line has been taken back.")
    line: ClaimLine

    def prepare(self) -> None:
        self.line = self.load(ClaimLine, "claim__contract__provider__organisation")

    def get_title(self) -> Text:
        return _("Take back line %(line)s") % {"line": self.line.line_reference}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        claim = self.line.claim
        return ((_("Claims"), reverse("claims")), (claim.number, claim_url(claim)))

    def get_context(self, **extra: Any) -> dict[str, Any]:
        amount = self.line.approved_amount or Decimal(0)
        return super().get_context(
            consequences=[
                _("€ %(amount)s is taken off what was approved, in the same month.")
                % {"amount": number_format(amount)},
                _("This cannot be undone. What was right of it is claimed again."),
            ],
            **extra,
        )

    def perform(self, form: Any) -> Claim:
        return claim_line_credit(
            actor=self.actor, line=self.line, reason=form.cleaned_data["reason"]
        )

    def get_success_url(self, result: Claim) -> str:
        return claim_url(result)
