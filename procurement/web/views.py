"""Contracts on screen: which there are, and what one of them lets a municipality buy."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import Component, TargetGroup
from backend.organisations.permissions import Permission
from backend.web.pages import Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Bar, Lines, Link, Money, Text, Tone, Value, day_text
from procurement.choices import CallOffState, ContractStatus
from procurement.models import CallOff, Contract, ContractCourse, ContractLot, LotMunicipality
from procurement.web.filters import ContractFilters

STATUS_TONES: dict[str, Tone] = {
    ContractStatus.DRAFT: "neutral",
    ContractStatus.ACTIVE: "success",
    ContractStatus.SUSPENDED: "danger",
    ContractStatus.ENDED: "neutral",
}
# Buyers and municipalities see their contracts, a provider sees its own.
READERS = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)


def status_badge(contract: Contract) -> Badge:
    return Badge(contract.get_status_display(), STATUS_TONES[contract.status])


def contract_url(contract: Contract) -> str:
    return reverse("contract", kwargs={"uuid": contract.uuid})


def places_bar(places_used: int, places: int | None) -> Value:
    """The bar of a ceiling in places, or only the number where nothing is agreed."""
    if places is None:
        return _("%(used)s, no maximum") % {"used": places_used}
    return Bar(places_used, places)


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


class ContractPage(DetailPage):
    """A contract with its lots: municipalities, courses, tariffs and how much is left."""

    permission = READERS
    model = Contract
    template_name = "procurement/contract.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("provider__organisation", "buyer")

    def get_title(self) -> Text:
        return f"{self.object.number}: {self.object.title}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def get_facts(self) -> Sequence[Fact]:
        contract = self.object
        return (
            Fact(_("Buyer"), contract.buyer.name),
            Fact(_("Provider"), contract.provider.organisation.name),
            Fact(_("Contract number"), contract.number),
            Fact(_("Status"), status_badge(contract)),
            Fact(_("Start"), contract.start_date),
            Fact(_("End"), contract.end_date),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        lots = [lot_section(one) for one in lots_of(self.object)]
        return super().get_context(lots=lots, **extra)


def lots_of(contract: Contract) -> QuerySet[Any]:
    """The lots of a contract with everything the page shows, in a fixed number of queries."""
    committed = Q(call_offs__state=CallOffState.COMMITTED)
    return (
        ContractLot.objects.filter(contract=contract)
        .select_related("lot", "ceiling")
        .prefetch_related(
            Prefetch(
                "lot__participations",
                LotMunicipality.objects.select_related("municipality").order_by(
                    "municipality__name", "valid_from"
                ),
            ),
            Prefetch(
                "contract_courses",
                ContractCourse.objects.select_related("course__provider__organisation").order_by(
                    "course__name", "pk"
                ),
            ),
            "tariffs",
        )
        .annotate(
            places_used=Count("call_offs", filter=committed),
            committed=Sum("call_offs__amount", filter=committed),
        )
        .order_by("lot__code", "pk")
    )


def lot_section(contract_lot: Any) -> dict[str, Any]:
    """Facts and tables of one lot."""
    lot = contract_lot.lot
    ceiling = getattr(contract_lot, "ceiling", None)
    name = {"code": lot.code}
    return {
        "title": _("Lot %(code)s: %(title)s") % {"code": lot.code, "title": lot.title},
        "facts": (
            Fact(
                _("Components"),
                Lines(tuple(str(Component(one).label) for one in lot.components)),
            ),
            Fact(
                _("Target groups"),
                Lines(tuple(str(TargetGroup(one).label) for one in lot.target_groups)),
            ),
            Fact(
                _("Places called off"),
                places_bar(contract_lot.places_used, ceiling.places if ceiling else None),
            ),
            Fact(_("Committed amount"), Money(contract_lot.committed or Decimal(0))),
            Fact(_("Maximum amount"), Money(ceiling.amount if ceiling else None)),
        ),
        "tables": (
            table_of(
                TARIFF_COLUMNS,
                contract_lot.tariffs.all(),
                caption=_("Tariffs of lot %(code)s") % name,
                empty=_("No tariff has been agreed. Without a tariff nobody can be placed."),
            ),
            table_of(
                COURSE_COLUMNS,
                contract_lot.contract_courses.all(),
                caption=_("Courses of lot %(code)s") % name,
                empty=_("No course has been named. Nobody can be placed from this lot."),
            ),
            table_of(
                MUNICIPALITY_COLUMNS,
                lot.participations.all(),
                caption=_("Municipalities of lot %(code)s") % name,
                empty=_("No municipality takes part in this lot."),
            ),
        ),
    }


def _period(row: Any) -> str:
    if row.valid_to is None:
        return _("from %(day)s") % {"day": day_text(row.valid_from)}
    return _("%(first)s to %(last)s") % {
        "first": day_text(row.valid_from),
        "last": day_text(row.valid_to),
    }


def _in_force(row: Any) -> Badge:
    today = clock.today()
    if row.valid_from > today:
        return Badge(_("Later"), "info")
    if row.valid_to is not None and row.valid_to < today:
        return Badge(_("Past"))
    return Badge(_("In force"), "success")


TARIFF_COLUMNS = (
    Column("component", gettext_lazy("Component"), "get_component_display", header=True),
    Column("unit", gettext_lazy("Unit"), "get_unit_display"),
    Column(
        "amount", gettext_lazy("Amount excluding VAT"), lambda one: Money(one.amount), numeric=True
    ),
    Column("period", gettext_lazy("Period"), _period),
    Column("state", gettext_lazy("Status"), _in_force),
)
COURSE_COLUMNS = (
    Column(
        "course",
        gettext_lazy("Course"),
        lambda one: Link(one.course.name, reverse("course", kwargs={"uuid": one.course.uuid})),
        header=True,
    ),
    Column("code", gettext_lazy("Code"), "course.code"),
    Column("component", gettext_lazy("Component"), "course.get_component_display"),
    Column("target", gettext_lazy("Target level"), "course.target_level"),
)
MUNICIPALITY_COLUMNS = (
    Column("name", gettext_lazy("Municipality"), "municipality.name", header=True),
    Column("period", gettext_lazy("Period"), _period),
    Column("state", gettext_lazy("Status"), _in_force),
)
