"""Money of contracts on screen: ledger, balances and ceilings, forecast, claims."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Link, Money, Text, Tone
from backend.web.values import Value as Shown
from procurement.choices import CallOffState
from procurement.models import Contract, ContractLot, LedgerEntry
from procurement.money_choices import (
    EntryKind,
)
from procurement.selectors.budgets import months_of_contract
from procurement.selectors.ledger import Balance, balances_of_lots
from procurement.web.budget_pages import MONTH_COLUMNS, forecast_picture
from procurement.web.common import READERS, contract_url, places_bar
from procurement.web.money_filters import LedgerFilters

KIND_TONES: dict[str, Tone] = {
    EntryKind.COMMITTED: "info",
    EntryKind.RELEASED: "neutral",
    EntryKind.DELIVERED: "success",
    EntryKind.CLAIMED: "warning",
    EntryKind.APPROVED: "success",
    EntryKind.CREDITED: "danger",
}
ALERT_TONES: tuple[tuple[int, Tone], ...] = ((100, "danger"), (90, "warning"), (70, "info"))


def _contract_link(entry: LedgerEntry) -> Shown:
    if entry.contract_lot is None:
        return _("Outside any contract")
    contract = entry.contract_lot.contract
    return Link(contract.number, reverse("contract-money", args=[contract.uuid]))


def _reference(entry: LedgerEntry) -> Shown:
    return None if entry.call_off is None else str(entry.call_off.reference)


class LedgerList(ListPage):
    permission = READERS
    model = LedgerEntry
    title = gettext_lazy("Ledger")
    intro = gettext_lazy(
        "Every change of money, never altered afterwards. An amount below zero corrects an earlier"
        " line."
    )
    filterset_class = LedgerFilters
    default_sort = "-written"
    export_name = "ledger"
    empty_title = gettext_lazy("Nothing has been written yet")
    empty_text = gettext_lazy("The first line appears when a provider accepts a placement.")
    columns = (
        Column("contract", gettext_lazy("Contract"), _contract_link, header=True),
        Column("lot", gettext_lazy("Lot"), "contract_lot.lot.code"),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            "municipality.name",
            sort=("municipality__name",),
        ),
        Column(
            "kind",
            gettext_lazy("Kind"),
            lambda one: Badge(one.get_kind_display(), KIND_TONES[one.kind]),
            sort=("kind",),
        ),
        Column("category", gettext_lazy("Category"), "get_category_display", sort=("category",)),
        Column("month", gettext_lazy("Month"), "month", sort=("month",)),
        Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
        Column(
            "amount",
            gettext_lazy("Amount"),
            lambda one: Money(one.amount),
            sort=("amount",),
            numeric=True,
        ),
        Column("reference", gettext_lazy("Placement reference"), _reference, screen=False),
        Column("written", gettext_lazy("Written"), "created_at", sort=("created_at",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related(
                "contract_lot__contract", "contract_lot__lot", "municipality", "call_off"
            )
        )


BALANCE_COLUMNS = (
    Column("lot", gettext_lazy("Lot"), lambda one: one["lot"].lot.code, header=True),
    Column(
        "places",
        gettext_lazy("Places called off"),
        lambda one: places_bar(one["lot"].places_used, one["places"]),
    ),
    Column(
        "ceiling", gettext_lazy("Maximum amount"), lambda one: Money(one["ceiling"]), numeric=True
    ),
    Column("bound", gettext_lazy("Bound"), lambda one: Money(one["balance"].bound), numeric=True),
    Column("alert", gettext_lazy("Ceiling"), lambda one: one["alert"]),
    Column(
        "delivered",
        gettext_lazy("Delivered"),
        lambda one: Money(one["balance"].delivered),
        numeric=True,
    ),
    Column(
        "claimed", gettext_lazy("Claimed"), lambda one: Money(one["balance"].claimed), numeric=True
    ),
    Column("paid", gettext_lazy("Paid"), lambda one: Money(one["balance"].paid), numeric=True),
    Column(
        "open",
        gettext_lazy("Still to deliver"),
        lambda one: Money(one["balance"].to_deliver),
        numeric=True,
    ),
)


class ContractMoneyPage(DetailPage):
    """Balances of the lots against their ceilings, and the forecast to the end."""

    permission = READERS
    model = Contract
    template_name = "procurement/money.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("provider__organisation", "buyer")

    def get_title(self) -> Text:
        return _("Money of %(number)s") % {"number": self.object.number}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Contracts"), reverse("contracts")),
            (self.object.number, contract_url(self.object)),
        )

    def get_actions(self) -> Sequence[Action]:
        number = self.object.number
        return (
            Action(_("Call-offs"), f"{reverse('call-offs')}?contract={number}"),
            Action(_("Ledger"), f"{reverse('ledger')}?contract={number}"),
            Action(_("Claims"), f"{reverse('claims')}?search={number}"),
        )

    def get_facts(self) -> Sequence[Fact]:
        return (
            Fact(_("Buyer"), self.object.buyer.name),
            Fact(_("Provider"), self.object.provider.organisation.name),
            Fact(_("Start"), self.object.start_date),
            Fact(_("End"), self.object.end_date),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        lots, months = _lots(self.object), months_of_contract(self.object.pk)
        balances, forecast = _("Balance per lot"), _("Forecast per month")
        return super().get_context(
            parts=[
                {
                    "title": balances,
                    "text": _("Bound is what was committed and not given back."),
                    "table": table_of(
                        BALANCE_COLUMNS, lots, caption=balances, empty=_("No lots yet.")
                    ),
                },
                {
                    "title": forecast,
                    "text": _(
                        "Expected: what is not delivered yet, spread over the days that are left."
                    ),
                    "chart": forecast_picture(months, forecast),
                    "table": table_of(
                        MONTH_COLUMNS,
                        months,
                        caption=forecast,
                        empty=_("Nothing has been called off yet."),
                    ),
                },
            ],
            alerts=[one["warning"] for one in lots if one["warning"]],
            **extra,
        )


def _lots(contract: Contract) -> list[dict[str, Any]]:
    """The lots of a contract with ceiling, balance and alert. Two queries."""
    committed = Count("call_offs", filter=Q(call_offs__state=CallOffState.COMMITTED))
    lots = list(
        ContractLot.objects.filter(contract=contract)
        .select_related("lot", "ceiling")
        .annotate(places_used=committed)
        .order_by("lot__code", "pk")
    )
    sums = balances_of_lots(one.pk for one in lots)
    found = []
    for lot in lots:
        ceiling = getattr(lot, "ceiling", None)
        balance = sums.get(lot.pk, Balance())
        places = ceiling.places if ceiling else None
        amount = ceiling.amount if ceiling else None
        share = _share(lot.places_used, places, balance.bound, amount)
        found.append(
            {
                "lot": lot,
                "places": places,
                "ceiling": amount,
                "balance": balance,
                "alert": _alert(share),
                "warning": _warning(lot, share),
            }
        )
    return found


def _share(used: int, places: int | None, bound: Decimal, amount: Decimal | None) -> int | None:
    """The fullest of the two ceilings in per cent; None where neither is agreed."""
    shares = [100 * used // places] if places else []
    if amount:
        shares.append(int(100 * bound / amount))
    return max(shares, default=None)


def _alert(share: int | None) -> Shown:
    if share is None:
        return _("no ceiling")
    tones: list[Tone] = [tone for threshold, tone in ALERT_TONES if share >= threshold]
    tone: Tone = tones[0] if tones else "success"
    return Badge(_("%(share)s%% used") % {"share": share}, tone)


def _warning(lot: ContractLot, share: int | None) -> dict[str, Text] | None:
    if share is None or share < ALERT_TONES[-1][0]:
        return None
    threshold, tone = next(one for one in ALERT_TONES if share >= one[0])
    return {
        "tone": "warning" if tone == "info" else tone,
        "heading": _("Lot %(code)s: %(share)s%% of the ceiling is used")
        % {"code": lot.lot.code, "share": share},
        "text": _("Nothing can be called off any more. Raise the ceiling with an amendment.")
        if threshold >= ALERT_TONES[0][0]
        else _("Talk with the provider within two weeks and decide what to do."),
    }
