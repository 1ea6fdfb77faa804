"""Claims on screen: the list, and one claim with its lines and their differences."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.exports import FORMATS, export_response
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, export_rows, table_of
from backend.web.values import Badge, Lines, Link, Money, Text, Tone, day_text
from backend.web.values import Value as Shown
from procurement.models import Claim, ClaimLine, DeliveredMonth
from procurement.money_choices import ClaimFault, ClaimLineState, ClaimState, ClaimWarning
from procurement.money_policies import may_assess_claim, may_submit_claim
from procurement.web.common import READERS, contract_url
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
    empty_text = gettext_lazy(
        "A provider claims what was delivered per calendar month, on screen, with a file or through"
        " the API."
    )
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

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.MANAGE_CATALOGUE):
            return ()
        return (Action(_("Make a claim"), reverse("claims-to-send"), primary=True),)

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
    labels: list[Any] = []
    if line.is_credit:
        labels.append(_("Takes back line %(line)s") % {"line": line.credits_reference})
    labels += [ClaimFault(one).label for one in line.faults]
    labels += [ClaimWarning(one).label for one in line.warnings]
    return Lines((*map(str, labels), *([line.note] if line.note else [])))


def line_badge(line: Any) -> Badge:
    if line.is_partly_approved:
        return Badge(_("Approved in part"), "warning")
    return Badge(line.get_state_display(), LINE_TONES[line.state])


def _difference(line: Any) -> Shown:
    """Claimed above (or below) what was delivered in the month of the claim."""
    if line.is_credit or line.call_off_id is None:
        return None
    found: Decimal = line.quantity - line.delivered
    return found


def lines_of(claim: Claim) -> QuerySet[Any]:
    """The lines of a claim with what was delivered for each in its month."""
    delivered = DeliveredMonth.objects.filter(
        call_off=OuterRef("call_off"), month=OuterRef("claim__month")
    )
    return (
        claim.lines.select_related("call_off")
        .annotate(delivered=Coalesce(Subquery(delivered.values("quantity")), Value(Decimal(0))))
        .order_by("line_reference")
    )


CLAIM_LINE_COLUMNS = (
    Column("line", gettext_lazy("Line"), "line_reference", header=True),
    Column(
        "reference",
        gettext_lazy("Placement reference"),
        lambda one: (
            str(one.reference)[:8]
            if one.call_off is None
            else Link(str(one.reference)[:8], reverse("call-off", args=[one.call_off.uuid]))
        ),
    ),
    Column(
        "period",
        gettext_lazy("Period"),
        lambda one: f"{day_text(one.start_date)} – {day_text(one.end_date)}",
        export=((gettext_lazy("From"), "start_date"), (gettext_lazy("Until"), "end_date")),
    ),
    Column("unit", gettext_lazy("Unit"), "get_unit_display", screen=False),
    Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
    Column("delivered", gettext_lazy("Delivered"), "delivered", numeric=True),
    Column("difference", gettext_lazy("Difference"), _difference, numeric=True),
    Column("rate", gettext_lazy("Price"), lambda one: Money(one.rate), numeric=True, screen=False),
    Column(
        "amount",
        gettext_lazy("Amount"),
        lambda one: Money(-one.amount if one.is_credit else one.amount),
        numeric=True,
    ),
    Column(
        "approved_amount",
        gettext_lazy("Approved"),
        lambda one: None if one.approved_amount is None else Money(one.approved_amount),
        numeric=True,
    ),
    Column("credits", gettext_lazy("Takes back line"), "credits_reference", screen=False),
    Column("state", gettext_lazy("Status"), line_badge),
    Column("reasons", gettext_lazy("Why"), _reasons),
)
CREDIT_STEP = Column(
    "steps",
    gettext_lazy("Steps"),
    lambda one: (
        Link(_("Take back"), reverse("claim-line-credit", args=[one.uuid]))
        if one.state == ClaimLineState.APPROVED and not one.is_credit and not one.taken_back
        else None
    ),
    export=(),
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
        found = [
            Action(_("Lines (Excel)"), reverse("claim-lines", args=[claim.uuid, "xlsx"])),
            Action(_("Lines (CSV)"), reverse("claim-lines", args=[claim.uuid, "csv"])),
        ]
        if claim.state != ClaimState.ASSESSED and may_assess_claim(self.actor, claim):
            assess = Action(_("Assess"), reverse("claim-decide", args=[claim.uuid]), primary=True)
            found.insert(0, assess)
        return found

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
        claim = self.object
        credit = ClaimLine.objects.filter(credits=OuterRef("pk"), state=ClaimLineState.APPROVED)
        may_credit = may_assess_claim(self.actor, claim) or may_submit_claim(
            self.actor, claim.contract
        )
        return (
            table_of(
                CLAIM_LINE_COLUMNS + (CREDIT_STEP,) * may_credit,
                lines_of(claim).annotate(taken_back=Exists(credit)),
                caption=_("Lines of the claim"),
            ),
        )


class ClaimLinesExport(ClaimPage):
    """The lines of a claim with the decisions, as a download."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        claim = self.get_object()
        if self.kwargs["ending"] not in FORMATS:
            raise Http404
        return export_response(
            export_rows(CLAIM_LINE_COLUMNS, lines_of(claim)),
            file_name=f"claim-{slugify(claim.number)}",
            file_format=self.kwargs["ending"],
        )
