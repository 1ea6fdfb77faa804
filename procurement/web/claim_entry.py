"""A provider claims what was delivered: which months are open, and the lines of a month."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.spreadsheets import CSV_TYPE, XLSX_TYPE, write_csv, write_xlsx
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.computed import ComputedListPage
from backend.web.exports import FORMATS
from backend.web.pages import Action, Crumb, Fact, FormPage, Page
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Lines, Link, Money, Text
from backend.web.values import Value as Shown
from procurement.models import CallOff, Claim, Contract
from procurement.money_errors import DeliveredChangedError
from procurement.selectors.claim_proposals import (
    MONTHS_SEARCHED,
    CallOffMonth,
    MonthToClaim,
    months_of_call_offs,
    months_to_claim_by,
    proposed_lines,
)
from procurement.services.claim_sheets import CLAIM_LINES, line_values
from procurement.services.claims import claim_submit
from procurement.web.claim_pages import claim_url

OWN = Permission.MANAGE_CATALOGUE
SHOWN = 200
FIRST_YEAR, LAST_YEAR = 2021, 2100


def month_text(month: date) -> str:
    return month.strftime("%m-%Y")


def _prepare_link(one: MonthToClaim) -> Shown:
    where = [one.contract_uuid, one.municipality_uuid, one.month.year, one.month.month]
    return Link(_("Prepare the claim"), reverse("claim-prepare", args=where))


def _direction(one: MonthToClaim) -> Badge:
    if one.difference > 0:
        return Badge(_("To claim"), "info")
    return Badge(_("Claimed too much"), "warning")


# Turned around, the newest month comes first and its contracts by name.
MONTH_ORDER = ("month", "-contract", "-municipality")
OPEN_COLUMNS = (
    Column(
        "contract",
        gettext_lazy("Contract"),
        "contract",
        sort=("contract", "-month", "municipality"),
        header=True,
    ),
    Column(
        "municipality",
        gettext_lazy("Municipality"),
        "municipality",
        sort=("municipality", "-month", "contract"),
    ),
    Column("month", gettext_lazy("Month"), lambda one: month_text(one.month), sort=MONTH_ORDER),
    Column(
        "delivered",
        gettext_lazy("Delivered"),
        lambda one: Money(one.delivered),
        numeric=True,
        sort=("delivered", "-month"),
    ),
    Column(
        "claimed",
        gettext_lazy("Claimed"),
        lambda one: Money(one.claimed),
        numeric=True,
        sort=("claimed", "-month"),
    ),
    Column(
        "difference",
        gettext_lazy("Difference"),
        lambda one: Money(one.difference),
        numeric=True,
        sort=("difference", "-month"),
    ),
    Column("state", gettext_lazy("Status"), _direction),
    Column("steps", gettext_lazy("Steps"), _prepare_link, export=()),
)


class ClaimsToSendPage(ComputedListPage):
    """Every month in which what was claimed differs from what was delivered."""

    permission = OWN
    title = gettext_lazy("Delivered and not claimed")
    intro = gettext_lazy(
        "What was delivered follows from the attendance of your lessons, and is counted every hour."
        " Claim a month when its attendance is complete."
    )
    columns = OPEN_COLUMNS
    searched = MONTHS_SEARCHED
    default_sort = "-month"
    export_name = "delivered-not-claimed"
    most_shown = SHOWN
    empty = gettext_lazy(
        "Everything that was delivered has been claimed. New months appear here as soon as"
        " attendance has been recorded."
    )

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Claims"), reverse("claims")),)

    def lines(self, asked: Mapping[str, Any]) -> Sequence[MonthToClaim]:
        return months_to_claim_by(self.actor)


class OfMonth:
    """The contract, municipality and month that an address names; 404 when they do not belong."""

    actor: Any
    kwargs: dict[str, Any]
    contract: Contract
    municipality: Organisation
    month: date

    def prepare(self) -> None:
        mine = self.actor.with_permission(OWN)
        contract = (
            Contract.objects.filter(uuid=self.kwargs["contract"], provider__organisation__in=mine)
            .select_related("provider", "buyer")
            .first()
        )
        year, month = self.kwargs["year"], self.kwargs["month"]
        if contract is None or not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            raise Http404
        municipality = Organisation.objects.filter(
            uuid=self.kwargs["municipality"],
            pk__in=CallOff.objects.filter(contract_lot__contract=contract).values("municipality"),
        ).first()
        if municipality is None:
            raise Http404
        self.contract, self.municipality = contract, municipality
        self.month = date(year, month, 1)

    @property
    def where(self) -> list[Any]:
        return [self.contract.uuid, self.municipality.uuid, self.month.year, self.month.month]

    def call_offs(self) -> list[CallOffMonth]:
        return months_of_call_offs(self.contract, self.municipality.pk, self.month)

    def free_number(self) -> str:
        """A number that this contract has not used: the month, and which claim of it this is."""
        start = f"{self.month:%Y-%m}-{self.municipality.code}"[:34]
        used = Claim.objects.filter(contract=self.contract, number__startswith=start).count()
        return f"{start}-{used + 1}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Claims"), reverse("claims")),
            (_("Delivered and not claimed"), reverse("claims-to-send")),
        )


def _result(one: CallOffMonth) -> Shown:
    if one.is_waiting:
        return Badge(_("First decided by the municipality"), "warning")
    lines = one.lines()
    words = []
    if any(line.credits_reference for line in lines):
        words.append(_("takes back the earlier line and claims again"))
    if one.beyond > 0:
        words.append(
            _("%(quantity)s above what was called off is left out") % {"quantity": one.beyond}
        )
    if not lines and not words:
        return Badge(_("Equal"), "success")
    return Lines(tuple(words))


def _to_claim(one: CallOffMonth) -> Money:
    amounts = (-line.amount if line.credits_reference else line.amount for line in one.lines())
    return Money(sum(amounts, Decimal(0)))


LINE_COLUMNS = (
    Column(
        "reference",
        gettext_lazy("Placement reference"),
        lambda one: str(one.call_off.reference)[:8],
        header=True,
    ),
    Column("lot", gettext_lazy("Lot"), "call_off.contract_lot.lot.code"),
    Column("unit", gettext_lazy("Unit"), "call_off.tariff.get_unit_display"),
    Column(
        "rate", gettext_lazy("Price"), lambda one: Money(one.call_off.tariff.amount), numeric=True
    ),
    Column("delivered", gettext_lazy("Delivered"), "delivered", numeric=True),
    Column("claimed", gettext_lazy("Claimed before"), "claimed", numeric=True),
    Column("amount", gettext_lazy("Now to claim"), _to_claim, numeric=True),
    Column("result", gettext_lazy("Differences"), _result),
)


class NumberForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("Claim number"), max_length=40)
    # What the lines added up to when they were shown: nobody sends what he did not see.
    shown = forms.DecimalField(widget=forms.HiddenInput, max_digits=12, decimal_places=2)


class ClaimPreparePage(OfMonth, FormPage):
    """The lines of a month as they follow from what was delivered, with every difference."""

    permission = OWN
    template_name = "procurement/claim_prepare.html"
    form_class = NumberForm
    submit_label = gettext_lazy("Send this claim")
    success_message = gettext_lazy("The claim has been sent.")

    def prepare(self) -> None:
        super().prepare()
        self.rows = self.call_offs()
        self.lines = proposed_lines(self.rows)
        self.total = sum(
            (-one.amount if one.credits_reference else one.amount for one in self.lines), Decimal(0)
        )

    def get_title(self) -> Text:
        return _("Claim of %(month)s to %(municipality)s") % {
            "month": month_text(self.month),
            "municipality": self.municipality.name,
        }

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Lines (Excel)"), reverse("claim-lines-file", args=[*self.where, "xlsx"])),
            Action(_("Lines (CSV)"), reverse("claim-lines-file", args=[*self.where, "csv"])),
            Action(_("Send a file with lines"), reverse("claim-upload", args=self.where)),
        )

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.free_number(), "shown": self.total}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(
            facts=[
                Fact(_("Contract"), self.contract.number),
                Fact(_("Lines of this claim"), len(self.lines)),
                Fact(_("Amount of this claim"), Money(self.total)),
            ],
            table=table_of(
                LINE_COLUMNS,
                self.rows[:SHOWN],
                caption=_("Delivered and claimed per placement"),
                empty=_("Nothing was delivered or claimed in this month."),
            ),
            rest=max(0, len(self.rows) - SHOWN),
            nothing=not self.lines,
            **extra,
        )

    def perform(self, form: Any) -> Claim:
        if form.cleaned_data["shown"] != self.total or not self.lines:
            raise DeliveredChangedError
        return claim_submit(
            actor=self.actor,
            contract=self.contract,
            municipality=self.municipality,
            number=form.cleaned_data["number"],
            month=self.month,
            lines=self.lines,
        )

    def get_success_url(self, result: Claim) -> str:
        return claim_url(result)


class ClaimLinesFile(OfMonth, Page):
    """The proposed lines as a file that can be changed and sent back."""

    permission = OWN

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        rows = line_values(proposed_lines(self.call_offs()))
        ending = self.kwargs["ending"]
        if ending not in FORMATS:
            raise Http404
        content, kind = (
            (write_xlsx([(CLAIM_LINES, rows)]), XLSX_TYPE)
            if ending == "xlsx"
            else (write_csv(CLAIM_LINES, rows), CSV_TYPE)
        )
        response = HttpResponse(content, content_type=kind)
        name = f"claim-{self.month:%Y-%m}-{self.municipality.code}.{ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
