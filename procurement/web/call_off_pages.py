"""Call-offs on screen: the list with its totals, and one of them with its ledger and claims."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.access import holds
from backend.web.pages import Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Money, Text, day_text
from backend.web.values import Value as Shown
from procurement.choices import CallOffState
from procurement.models import CallOff, ClaimLine, DeliveredMonth, LedgerEntry, Lot
from procurement.money_choices import EntryKind
from procurement.selectors.ledger import Balance, balance_of
from procurement.web.claim_pages import claim_url, line_badge
from procurement.web.common import READERS, contract_url, lot_url
from procurement.web.money_filters import CallOffFilters
from procurement.web.money_pages import KIND_TONES

# What most call-offs never have stands above the list, on the page of one and in the download.
SELDOM = {EntryKind.RELEASED, EntryKind.CREDITED}


def call_off_url(call_off: CallOff) -> str:
    return reverse("call-off", kwargs={"uuid": call_off.uuid})


def state_badge(call_off: CallOff) -> Badge:
    is_open = call_off.state == CallOffState.COMMITTED
    return Badge(call_off.get_state_display(), "info" if is_open else "neutral")


def _sum_column(kind: EntryKind) -> Column:
    key = str(kind.value)
    return Column(
        key,
        kind.label,
        lambda one: Money(getattr(one, key)),
        sort=(key,),
        numeric=True,
        screen=kind not in SELDOM,
    )


class CallOffList(ListPage):
    permission = READERS
    model = CallOff
    template_name = "procurement/call_offs.html"
    title = gettext_lazy("Call-offs")
    intro = gettext_lazy(
        "Each accepted placement calls off from a contract, at the price of its first day. A"
        " call-off carries a reference and no name."
    )
    filterset_class = CallOffFilters
    default_sort = "-start"
    export_name = "call-offs"
    empty_title = gettext_lazy("Nothing has been called off yet")
    empty_text = gettext_lazy("The first call-off appears when a provider accepts a placement.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Placement reference"),
            lambda one: Link(str(one.reference)[:8], call_off_url(one)),
            sort=("reference",),
            header=True,
            export=((gettext_lazy("Placement reference"), lambda one: str(one.reference)),),
        ),
        Column(
            "contract",
            gettext_lazy("Contract"),
            lambda one: Lines(
                (
                    f"{one.contract_lot.contract.number} / {one.contract_lot.lot.code}",
                    one.contract_lot.contract.provider.organisation.name,
                )
            ),
            sort=("contract_lot__contract__number", "contract_lot__lot__code"),
            export=(
                (gettext_lazy("Contract"), "contract_lot.contract.number"),
                (gettext_lazy("Lot"), "contract_lot.lot.code"),
                (gettext_lazy("Provider"), "contract_lot.contract.provider.organisation.name"),
            ),
        ),
        Column(
            "municipality",
            gettext_lazy("Municipality"),
            lambda one: (
                one.municipality.name
                if one.payer_id == one.municipality_id
                else _("%(municipality)s, paid by %(payer)s")
                % {"municipality": one.municipality.name, "payer": one.payer.name}
            ),
            sort=("municipality__name",),
            export=(
                (gettext_lazy("Municipality"), "municipality.name"),
                (gettext_lazy("Paid by"), "payer.name"),
            ),
        ),
        Column(
            "component",
            gettext_lazy("Component"),
            "tariff.get_component_display",
            screen=False,
        ),
        Column(
            "start",
            gettext_lazy("Start"),
            "start_date",
            sort=("start_date",),
            export=((gettext_lazy("Start"), "start_date"), (gettext_lazy("End"), "end_date")),
        ),
        Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True, screen=False),
        Column(
            "price",
            gettext_lazy("Price"),
            lambda one: Money(one.tariff.amount),
            numeric=True,
            screen=False,
        ),
        *map(_sum_column, EntryKind),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related(
                "contract_lot__contract__provider__organisation",
                "contract_lot__lot",
                "municipality",
                "payer",
                "tariff",
            )
            .with_balance()  # type: ignore[attr-defined]
        )

    def get_overview(self, rows: QuerySet[Any]) -> Mapping[str, Any]:
        """The sums of all call-offs that the filters leave, added up in the database."""
        found = CallOff.objects.filter(pk__in=rows.order_by().values("pk"))
        return {"totals": sums(balance_of(LedgerEntry.objects.filter(call_off__in=found)))}


def sums(balance: Balance) -> tuple[Fact, ...]:
    return tuple(Fact(kind.label, Money(getattr(balance, str(kind.value)))) for kind in EntryKind)


LEDGER_COLUMNS = (
    Column("written", gettext_lazy("Written"), "created_at", header=True),
    Column(
        "kind",
        gettext_lazy("Kind"),
        lambda one: Badge(one.get_kind_display(), KIND_TONES[one.kind]),
    ),
    Column("month", gettext_lazy("Month"), "month"),
    Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
    Column("amount", gettext_lazy("Amount"), lambda one: Money(one.amount), numeric=True),
)
MONTH_COLUMNS = (
    Column("month", gettext_lazy("Month"), "month", header=True),
    Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
    Column("amount", gettext_lazy("Amount"), lambda one: Money(one.amount), numeric=True),
)
CLAIM_COLUMNS = (
    Column(
        "claim",
        gettext_lazy("Claim"),
        lambda one: Link(one.claim.number, claim_url(one.claim)),
        header=True,
    ),
    Column("month", gettext_lazy("Month"), "claim.month"),
    Column("line", gettext_lazy("Line"), "line_reference"),
    Column("quantity", gettext_lazy("Quantity"), "quantity", numeric=True),
    Column(
        "amount",
        gettext_lazy("Amount"),
        lambda one: Money(-one.amount if one.is_credit else one.amount),
        numeric=True,
    ),
    Column("state", gettext_lazy("Status"), line_badge),
)


class CallOffPage(DetailPage):
    """What was agreed, delivered, claimed and paid for one reference; no person is known here."""

    permission = READERS
    model = CallOff

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related(
                "contract_lot__contract__provider__organisation",
                "contract_lot__lot",
                "municipality",
                "payer",
                "tariff",
            )
        )

    def get_title(self) -> Text:
        return _("Call-off %(reference)s") % {"reference": str(self.object.reference)[:8]}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Call-offs"), reverse("call-offs")),)

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        contract, lot, tariff = one.contract_lot.contract, one.contract_lot.lot, one.tariff
        price = _("%(unit)s, as on %(day)s")
        return (
            Fact(_("Placement reference"), str(one.reference)),
            Fact(_("Contract"), Link(contract.number, contract_url(contract))),
            Fact(_("Lot"), self._lot(lot)),
            Fact(_("Provider"), contract.provider.organisation.name),
            Fact(_("Municipality"), one.municipality.name),
            Fact(_("Paid by"), one.payer.name),
            Fact(_("Component"), tariff.get_component_display()),
            Fact(_("Start"), one.start_date),
            Fact(_("End"), one.end_date),
            Fact(_("Price"), Money(tariff.amount)),
            Fact(
                _("Unit"),
                price % {"unit": tariff.get_unit_display(), "day": day_text(one.start_date)},
            ),
            Fact(_("Quantity"), one.quantity),
            Fact(_("Status"), state_badge(one)),
            *sums(balance_of(LedgerEntry.objects.filter(call_off=one))),
        )

    def _lot(self, lot: Lot) -> Shown:
        """Lots have a page for buyers and municipalities only."""
        label = f"{lot.code} {lot.title}"
        return Link(label, lot_url(lot)) if holds(self.actor, Permission.VIEW_CONTRACTS) else label

    def get_tables(self) -> Sequence[Table]:
        one = self.object
        return (
            table_of(
                LEDGER_COLUMNS,
                LedgerEntry.objects.visible_to(self.actor).filter(call_off=one).order_by("-pk"),
                caption=_("Lines in the ledger"),
            ),
            table_of(
                MONTH_COLUMNS,
                DeliveredMonth.objects.filter(call_off=one),
                caption=_("Delivered per month"),
                empty=_("Nothing has been delivered yet."),
            ),
            table_of(
                CLAIM_COLUMNS,
                ClaimLine.objects.visible_to(self.actor)
                .filter(call_off=one)
                .select_related("claim")
                .order_by("claim__month", "pk"),
                caption=_("Claims"),
                empty=_("Nothing has been claimed yet."),
            ),
        )
