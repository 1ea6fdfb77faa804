"""Three layers of capacity in one picture, with the alerts and where teachers will run short."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.exports import FORMATS, export_response
from backend.web.pages import Page
from backend.web.tables import (
    Column,
    Sorting,
    Table,
    export_rows,
    headings_of,
    sorting_of,
    table_of,
)
from backend.web.values import Badge, Bar, Lines, Link, Value
from providers.selectors.capacity import (
    ORDERS,
    PERIOD,
    CapacityLine,
    CapacityWish,
    capacity_list,
)
from providers.selectors.teachers import teacher_shortages
from providers.web.forms import CapacityForm
from providers.web.own import own_providers

# A school, and its contracts in the order of their names.
BY_PROVIDER = (ORDERS["provider"], ORDERS["name"])
KNOWN_KEYS = {*CapacityForm.base_fields, "sort", "export"}


def provider_link(line: CapacityLine) -> Value:
    return Link(str(line.provider), reverse("provider", args=[line.provider.uuid]))


def label_link(line: CapacityLine) -> Value:
    return Link(line.label, line.path) if line.path else line.label


def published_bar(line: CapacityLine) -> Value:
    if line.contracted is None:
        return _("%(published)s, no contract") % {"published": line.published}
    label = _("%(published)s of %(contracted)s contracted") % {
        "published": line.published,
        "contracted": line.contracted,
    }
    return Bar(line.published, line.contracted, label, fuller_is_worse=False)


def used_bar(line: CapacityLine) -> Value:
    label = _("%(used)s of %(published)s published") % {
        "used": line.used,
        "published": line.published,
    }
    return Bar(line.used, line.published, label)


def alerts(line: CapacityLine) -> Value:
    found: list[Value] = []
    if line.missing:
        found.append(Badge(_("%(missing)s places missing") % {"missing": line.missing}, "danger"))
    if line.closed:
        found.append(Badge(_("%(closed)s free seats closed") % {"closed": line.closed}, "warning"))
    return Lines(tuple(found)) if found else Badge(_("In order"), "success")


LAYER_COLUMNS = (
    Column("provider", gettext_lazy("Provider"), provider_link, header=True, sort=BY_PROVIDER),
    Column("lot", gettext_lazy("Contract and lot"), label_link, sort=("label", BY_PROVIDER[0])),
    Column(
        "published",
        gettext_lazy("Published"),
        published_bar,
        sort=("published", *BY_PROVIDER),
        export=(
            (gettext_lazy("Contracted"), "contracted"),
            (gettext_lazy("Published"), "published"),
        ),
    ),
    Column(
        "used",
        gettext_lazy("Used"),
        used_bar,
        sort=("used", *BY_PROVIDER),
        export=((gettext_lazy("Used"), "used"),),
    ),
    Column(
        "alerts",
        gettext_lazy("Alerts"),
        alerts,
        sort=("missing", "closed", *BY_PROVIDER),
        export=(
            (gettext_lazy("Places missing"), "missing"),
            (gettext_lazy("Free seats closed"), "closed"),
        ),
    ),
)
SHORTAGE_COLUMNS = (
    Column(
        "group",
        gettext_lazy("Group"),
        lambda one: Link(str(one.group), reverse("course-group", args=[one.group.uuid])),
        header=True,
    ),
    Column("place", gettext_lazy("Place"), "group.location.place"),
    Column("first", gettext_lazy("From the week of"), "first_week"),
    Column("last", gettext_lazy("Up to the week of"), "last_week"),
    Column("promised", gettext_lazy("Seats promised"), "seats_promised", numeric=True),
    Column("carried", gettext_lazy("Seats with a teacher"), "seats_carried", numeric=True),
    Column("lost", gettext_lazy("Seats lost"), "seats_lost", numeric=True),
)


class CapacityPage(Page):
    """Contracted, published and used places of the starts in a period."""

    permission = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)
    template_name = "providers/capacity.html"
    title = gettext_lazy("Capacity")
    intro = gettext_lazy(
        "What was contracted, what providers publish, and what is used. Contracted places are "
        "spread evenly over the term of the contract."
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.GET
        form = CapacityForm(asked if set(asked) & set(CapacityForm.base_fields) else None)
        faults = [
            _("This list has no filter called “%(name)s”.") % {"name": name}
            for name in sorted(set(asked) - KNOWN_KEYS)
        ]
        token = asked.get("sort") or "provider"
        sorting = sorting_of(LAYER_COLUMNS, token)
        if sorting is None:
            faults.append(_("This list cannot be sorted by “%(name)s”.") % {"name": token})
        data = form.cleaned_data if form.is_bound and form.is_valid() else {}
        first = data.get("first") or clock.today()
        last = data.get("last") or first + PERIOD
        if last < first:
            faults.append(_("The last day is before the first day. Correct one of the two."))
        if asked.get("export", "csv") not in FORMATS:
            faults.append(_("Choose CSV or XLSX as the format of the download."))
        if faults or sorting is None or (form.is_bound and not form.is_valid()):
            return self.show(status=400, form=form, faults=faults, table=None, active=True)
        wish = CapacityWish(
            first=first,
            last=last,
            search=data.get("search", ""),
            has_alert={"true": True, "false": False}.get(data.get("alert", "")),
            # Without the key of a row, which lines do not have.
            order=sorting.order_by()[:-1],
        )
        lines = capacity_list(actor=self.actor, wish=wish)
        if file_format := asked.get("export"):
            return export_response(
                export_rows(LAYER_COLUMNS, lines),
                file_name=f"capacity-{first}-{last}",
                file_format=file_format,
            )
        return self._shown(lines, wish, sorting)

    def _shown(
        self, lines: Sequence[CapacityLine], wish: CapacityWish, sorting: Sorting
    ) -> HttpResponse:
        asked = self.request.GET
        active = bool(asked.get("search") or asked.get("alert"))
        nothing = _("No contract with a number of places runs in this period.")
        if active:
            nothing = _("Nothing fits all filters together. Remove a filter.")
        return self.show(
            form=CapacityForm({**asked.dict(), "first": wish.first, "last": wish.last}),
            faults=[],
            active=active,
            alert_count=sum(line.has_alert for line in lines),
            total=len(lines),
            table=table_of(
                LAYER_COLUMNS,
                lines,
                caption=_("Capacity by contract and lot"),
                headings=headings_of(LAYER_COLUMNS, sorting, asked),
                empty=nothing,
            ),
            shortages=self._shortages(),
        )

    def _shortages(self) -> Table | None:
        own = own_providers(self.actor)
        if not own:
            return None
        return table_of(
            SHORTAGE_COLUMNS,
            teacher_shortages(provider_ids=[one.pk for one in own], on=clock.today()),
            caption=_("Seats lost to a lack of teachers"),
            empty=_("In the coming 12 weeks there are enough qualified teachers."),
        )
