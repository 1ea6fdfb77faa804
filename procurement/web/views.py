"""The lists of contracts and of lots."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component
from backend.organisations.permissions import Permission
from backend.web.access import holds
from backend.web.pages import Action, ListPage
from backend.web.tables import Column
from backend.web.values import Lines, Link, Money
from procurement.choices import CallOffState
from procurement.models import CallOff, Contract, ContractLot, Lot, LotMunicipality
from procurement.web.common import (
    MANAGER,
    READERS,
    contract_url,
    lot_url,
    status_badge,
    tender_url,
)
from procurement.web.filters import ContractFilters, LotFilters


class ContractList(ListPage):
    permission = READERS
    model = Contract
    title = gettext_lazy("Contracts")
    filterset_class = ContractFilters
    default_sort = "number"
    export_name = "contracts"
    empty_title = gettext_lazy("No contracts yet")
    empty_text = gettext_lazy(
        "Contracts of your organisation, and of regions it takes part in, appear here."
    )
    columns = (
        Column(
            "number",
            gettext_lazy("Contract"),
            lambda contract: Link(contract.number, contract_url(contract)),
            sort=("number",),
            header=True,
        ),
        Column("title", gettext_lazy("Title"), "title", sort=("title",)),
        Column(
            "provider",
            gettext_lazy("Provider"),
            "provider.organisation.name",
            sort=("provider__organisation__name",),
        ),
        Column("buyer", gettext_lazy("Buyer"), "buyer.name", sort=("buyer__name",)),
        Column("start", gettext_lazy("Start"), "start_date", sort=("start_date",)),
        Column("end", gettext_lazy("End"), "end_date", sort=("end_date",)),
        Column("lots", gettext_lazy("Lots"), "lot_count", sort=("lot_count",), numeric=True),
        Column(
            "places",
            gettext_lazy("Places called off"),
            "places_used",
            sort=("places_used",),
            numeric=True,
        ),
        Column("status", gettext_lazy("Status"), status_badge, sort=("status",)),
    )

    def get_actions(self) -> tuple[Action, ...]:
        if not holds(self.actor, MANAGER):
            return ()
        return (
            Action(_("New contract"), reverse("contract-new"), primary=True),
            Action(_("Import contracts"), reverse("contract-sheet-new")),
            Action(_("Calendar"), reverse("contract-calendar")),
        )

    def get_queryset(self) -> QuerySet[Any]:
        # Counted apart: counting through both relations at once would multiply the rows.
        lots = (
            ContractLot.objects.filter(contract=OuterRef("pk"))
            .order_by()
            .values("contract")
            .annotate(number=Count("pk"))
            .values("number")
        )
        used = (
            CallOff.objects.filter(
                contract_lot__contract=OuterRef("pk"), state=CallOffState.COMMITTED
            )
            .order_by()
            .values("contract_lot__contract")
            .annotate(number=Count("pk"))
            .values("number")
        )
        return (
            Contract.objects.visible_to(self.actor)
            .select_related("provider__organisation", "buyer")
            .annotate(lot_count=_or_zero(lots), places_used=_or_zero(used))
        )


def _or_zero(numbers: QuerySet[Any]) -> Any:
    return Coalesce(Subquery(numbers, output_field=IntegerField()), 0)


class LotList(ListPage):
    permission = Permission.VIEW_CONTRACTS
    model = Lot
    title = gettext_lazy("Lots")
    filterset_class = LotFilters
    default_sort = "code"
    export_name = "lots"
    empty_title = gettext_lazy("No lots yet")
    empty_text = gettext_lazy("Register a tender or a contract first; its lots appear here.")
    columns = (
        Column(
            "code",
            gettext_lazy("Lot"),
            lambda lot: Link(lot.code, lot_url(lot)),
            sort=("code",),
            header=True,
        ),
        Column("title", gettext_lazy("Title"), "title", sort=("title",)),
        Column(
            "components",
            gettext_lazy("Components"),
            lambda lot: Lines(tuple(str(Component(one).label) for one in lot.components)),
        ),
        Column("buyer", gettext_lazy("Buyer"), "buyer.name", sort=("buyer__name",)),
        Column(
            "tender",
            gettext_lazy("Tender"),
            lambda lot: (
                None if lot.tender is None else Link(lot.tender.reference, tender_url(lot.tender))
            ),
            sort=("tender__reference",),
        ),
        Column(
            "municipalities",
            gettext_lazy("Municipalities"),
            "municipality_count",
            sort=("municipality_count",),
            numeric=True,
        ),
        Column(
            "contracts",
            gettext_lazy("Contracts"),
            "contract_count",
            sort=("contract_count",),
            numeric=True,
        ),
        Column(
            "ceiling",
            gettext_lazy("Ceiling"),
            lambda lot: Money(lot.ceiling_amount),
            sort=("ceiling_amount",),
            numeric=True,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        takers = (
            LotMunicipality.objects.filter(lot=OuterRef("pk"))
            .order_by()
            .values("lot")
            .annotate(number=Count("municipality", distinct=True))
            .values("number")
        )
        contracts = (
            ContractLot.objects.filter(lot=OuterRef("pk"))
            .order_by()
            .values("lot")
            .annotate(number=Count("pk"))
            .values("number")
        )
        return (
            Lot.objects.visible_to(self.actor)
            .select_related("buyer", "tender")
            .annotate(municipality_count=_or_zero(takers), contract_count=_or_zero(contracts))
        )
