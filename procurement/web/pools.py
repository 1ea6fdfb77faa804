"""Shared lots on screen: who may use how much, who used how much, and what it costs at home."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.organisations.permissions import Permission
from backend.web.filters import PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Bar, Link, Money, Value
from procurement.choices import PoolMode
from procurement.models import Lot
from procurement.selectors.pools import PoolLine, pool_lines
from procurement.services.pools import lot_pool_set

READERS = Permission.VIEW_CONTRACTS
LIST: Crumb = (gettext_lazy("Shared lots"), "/lot-pools")
QUOTA_FIELD = "quota_%s"


def mode_of(lot: Lot) -> str:
    pool = getattr(lot, "pool", None)
    return pool.mode if pool is not None else PoolMode.FIRST_COME.value


def mode_badge(lot: Lot) -> Badge:
    mode = PoolMode(mode_of(lot))
    return Badge(mode.label, "info" if mode == PoolMode.QUOTA else "neutral")


class PoolFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Lot"), method="find")

    class Meta:
        model = Lot
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(title__icontains=value) | queryset.filter(code__icontains=value)


class PoolList(ListPage):
    permission = READERS
    model = Lot
    title = gettext_lazy("Shared lots")
    intro = gettext_lazy(
        "Municipalities that buy together share the places of a lot: first come, first served, "
        "or each up to its own share. The cost falls to the municipality of the person."
    )
    filterset_class = PoolFilters
    default_sort = "lot"
    export_name = "lot-pools"
    empty_title = gettext_lazy("No lots yet")
    empty_text = gettext_lazy("Lots are registered with a contract or a tender.")
    columns = (
        Column(
            "lot",
            gettext_lazy("Lot"),
            lambda one: Link(str(one), reverse("lot-pool", args=[one.uuid])),
            sort=("code",),
            header=True,
        ),
        Column("buyer", gettext_lazy("Buyer"), "buyer.name", sort=("buyer__name",)),
        Column("takers", gettext_lazy("Municipalities"), "takers", sort=("takers",), numeric=True),
        Column("mode", gettext_lazy("Sharing"), mode_badge),
    )

    def get_queryset(self) -> QuerySet[Any]:
        takers = Count("participations__municipality", distinct=True)
        return super().get_queryset().select_related("buyer", "pool").annotate(takers=takers)


def _used(line: PoolLine) -> Value:
    if line.quota is None:
        return _("%(used)s, no share") % {"used": line.used}
    label = _("%(used)s of %(quota)s") % {"used": line.used, "quota": line.quota}
    return Bar(line.used, line.quota, label)


LINE_COLUMNS = (
    Column("municipality", gettext_lazy("Municipality"), "municipality", header=True),
    Column("used", gettext_lazy("Used of the share"), _used),
    Column("left", gettext_lazy("Left"), "left", numeric=True),
    Column(
        "amount", gettext_lazy("Committed at home"), lambda one: Money(one.amount), numeric=True
    ),
    Column("payer", gettext_lazy("Paid by"), "payer"),
)


class PoolPage(DetailPage):
    """One lot: quota, use and cost per home municipality."""

    permission = READERS
    model = Lot
    object: Lot

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("buyer", "pool")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.may(Permission.MANAGE_CONTRACTS, self.object.buyer_id):
            return ()
        url = reverse("lot-pool-change", args=[self.object.uuid])
        return (Action(_("Change the sharing"), url, primary=True),)

    def get_facts(self) -> Sequence[Fact]:
        return (
            Fact(_("Buyer"), self.object.buyer.name),
            Fact(_("Sharing"), mode_badge(self.object)),
        )

    def get_tables(self) -> Sequence[Table]:
        return (
            table_of(
                LINE_COLUMNS,
                pool_lines(self.object),
                caption=_("Shares and use"),
                empty=_("No municipality takes part in this lot."),
            ),
        )


class PoolForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("Sharing"), choices=PoolMode.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, lines: Sequence[PoolLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[QUOTA_FIELD % line.municipality_id] = forms.IntegerField(
                label=_("Places for %(name)s") % {"name": line.municipality},
                min_value=0,
                max_value=100_000,
                required=False,
                initial=line.quota,
            )
        self.fields["reason"] = forms.CharField(
            label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3})
        )


class PoolChangePage(FormPage):
    permission = Permission.MANAGE_CONTRACTS
    title = gettext_lazy("Change the sharing")
    intro = gettext_lazy(
        "Running places stay as they are. A share of 0 stops new places for a municipality."
    )
    form_class = PoolForm
    submit_label = gettext_lazy("Save the sharing")
    success_message = gettext_lazy("The sharing has been changed.")
    error_fields = {"quotas": "mode"}

    def prepare(self) -> None:
        lots = Lot.objects.visible_to(self.actor).select_related("pool", "buyer")
        found = lots.filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.lot, self.lines = found, pool_lines(found)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST, (str(self.lot), reverse("lot-pool", args=[self.lot.uuid])))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines}

    def get_initial(self) -> dict[str, Any]:
        return {"mode": mode_of(self.lot)}

    def perform(self, form: Any) -> Any:
        data = form.cleaned_data
        quotas = {
            line.municipality_id: data[QUOTA_FIELD % line.municipality_id] or 0
            for line in self.lines
        }
        return lot_pool_set(
            actor=self.actor,
            lot=self.lot,
            mode=data["mode"],
            quotas=quotas,
            reason=data["reason"],
        )

    def get_success_url(self, result: Any) -> str:
        return reverse("lot-pool", args=[self.lot.uuid])
