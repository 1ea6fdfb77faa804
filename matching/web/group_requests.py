"""Requests for groups: the list, one request with its bids, for who asks and for who bids."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import WEEKDAY_CODES, Component, Weekday
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Tone, Value
from matching.models import GroupBid, GroupRequest
from matching.waiting_choices import GroupBidState, GroupRequestState
from matching.web import texts

LIST: Crumb = (gettext_lazy("Requests for groups"), "/group-requests")
READERS = (Permission.VIEW_PARTICIPANTS, Permission.ANSWER_PLACEMENTS)
REQUEST_TONES: dict[str, Tone] = {
    GroupRequestState.OPEN: "info",
    GroupRequestState.CLOSED: "warning",
    GroupRequestState.AWARDED: "success",
    GroupRequestState.WITHDRAWN: "neutral",
}
BID_TONES: dict[str, Tone] = {
    GroupBidState.SUBMITTED: "info",
    GroupBidState.WITHDRAWN: "neutral",
    GroupBidState.AWARDED: "success",
    GroupBidState.NOT_CHOSEN: "neutral",
}


def request_badge(request: GroupRequest) -> Badge:
    return Badge(GroupRequestState(request.state).label, REQUEST_TONES[request.state])


def bid_badge(bid: GroupBid) -> Badge:
    return Badge(GroupBidState(bid.state).label, BID_TONES[bid.state])


def due_badge(request: GroupRequest) -> Badge | None:
    """How much time providers have left to answer."""
    if request.state != GroupRequestState.OPEN:
        return None
    day = clock.local_day(request.answer_due_at)
    days = (day - clock.today()).days
    return Badge(f"{day:%d-%m-%Y}", "danger" if days <= 1 else "warning" if days <= 2 else "info")


def request_url(request: GroupRequest) -> str:
    return reverse("group-request", args=[request.uuid])


class GroupRequestFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Place or lot"), method="find")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=GroupRequestState.choices)
    component = ChoiceFilter(label=gettext_lazy("Component"), choices=Component.choices)

    class Meta:
        model = GroupRequest
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(place__icontains=value) | Q(lot__title__icontains=value))


class GroupRequestList(ListPage):
    permission = READERS
    model = GroupRequest
    title = gettext_lazy("Requests for groups")
    intro = gettext_lazy(
        "Groups that municipalities ask for because people wait for them. Contracted providers "
        "bid before the date; the chosen bid becomes a start in the catalogue."
    )
    filterset_class = GroupRequestFilters
    default_sort = "-created"
    export_name = "group-requests"
    empty_title = gettext_lazy("No requests yet")
    empty_text = gettext_lazy("A request starts from the advice on supply.")
    columns = (
        Column(
            "place",
            gettext_lazy("Group"),
            lambda one: Link(f"{one.get_component_display()}, {one.place}", request_url(one)),
            sort=("place",),
            header=True,
        ),
        Column(
            "level", gettext_lazy("Level"), lambda one: f"{one.entry_level} → {one.target_level}"
        ),
        Column("slots", gettext_lazy("Lessons on"), lambda one: texts.slot_labels(one.slots)),
        Column("seats", gettext_lazy("Seats"), "seats", sort=("seats",), numeric=True),
        Column(
            "start",
            gettext_lazy("Start from"),
            "earliest_start_date",
            sort=("earliest_start_date",),
        ),
        Column("by", gettext_lazy("Asked by"), "organisation.name", sort=("organisation__name",)),
        Column("due", gettext_lazy("Answer before"), due_badge, sort=("answer_due_at",)),
        Column("created", gettext_lazy("Entered"), "created_at", sort=("created_at",)),
        Column("state", gettext_lazy("Status"), request_badge, sort=("state",)),
    )

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.VIEW_PARTICIPANTS):
            return ()
        return (Action(_("Advice on supply"), reverse("supply-advices")),)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "lot")


def lessons_text(bid: GroupBid) -> Value:
    return Lines(
        tuple(f"{Weekday(one['weekday']).label} {one['start']}–{one['end']}" for one in bid.lessons)
    )


def fits_wish(bid: GroupBid) -> Value:
    """Whether dates, lessons and seats are as they were asked."""
    request = bid.group_request
    in_window = request.earliest_start_date <= bid.start_date <= request.latest_start_date
    parts = {"1": "12:00", "2": "17:00", "3": "24:00"}
    given = set()
    for one in bid.lessons:
        part = next(code for code, end in parts.items() if one["start"] < end)
        given.add(f"{WEEKDAY_CODES[one['weekday'] - 1]}{part}")
    faults = [
        (not in_window, _("another start")),
        (not given <= set(request.slots), _("other lesson times")),
        (bid.seats < request.seats, _("fewer seats")),
    ]
    found = [text for broken, text in faults if broken]
    return Badge(", ".join(found), "warning") if found else Badge(_("as asked"), "success")


BID_COLUMNS = (
    Column("provider", gettext_lazy("Provider"), "provider.organisation.name", header=True),
    Column("course", gettext_lazy("Course"), "course.name"),
    Column(
        "location",
        gettext_lazy("Location"),
        lambda one: f"{one.location.name}, {one.location.place}",
    ),
    Column("start", gettext_lazy("Start"), "start_date"),
    Column("end", gettext_lazy("End"), "end_date"),
    Column("lessons", gettext_lazy("Lessons"), lessons_text),
    Column("seats", gettext_lazy("Seats"), "seats", numeric=True),
    Column("teacher", gettext_lazy("Qualified teacher"), "teacher"),
    Column("fits", gettext_lazy("Compared with the request"), fits_wish),
    Column("state", gettext_lazy("Status"), bid_badge),
    Column("steps", gettext_lazy("Steps"), lambda one: one.steps, export=()),
)


class GroupRequestPage(DetailPage):
    """One request: what is asked, the bids side by side, and the choice."""

    permission = READERS
    model = GroupRequest
    object: GroupRequest

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation", "lot")

    def get_title(self) -> str:
        return _("Group asked: %(component)s near %(place)s") % {
            "component": self.object.get_component_display(),
            "place": self.object.place,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    @property
    def asks(self) -> bool:
        return self.actor.may(Permission.RUN_BATCH, self.object.organisation_id)

    @property
    def sees_people(self) -> bool:
        return self.actor.may(Permission.VIEW_PARTICIPANTS, self.object.organisation_id)

    def get_actions(self) -> Sequence[Action]:
        request, found = self.object, []
        is_open = request.state == GroupRequestState.OPEN
        if is_open and self._own_providers().exists():
            url = reverse("group-bid-new", args=[request.uuid])
            found.append(Action(_("Bid a group"), url, primary=True))
        if is_open and self.asks:
            url = reverse("group-request-postpone", args=[request.uuid])
            found.append(Action(_("Give providers more time"), url))
        if self.asks and request.state in {GroupRequestState.OPEN, GroupRequestState.CLOSED}:
            url = reverse("group-request-withdraw", args=[request.uuid])
            found.append(Action(_("Withdraw this request"), url))
        return found

    def _own_providers(self) -> QuerySet[Any]:
        return self.object.providers.filter(
            organisation__in=self.actor.with_permission(Permission.ANSWER_PLACEMENTS)
        )

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        facts = [
            Fact(_("Asked by"), one.organisation.name),
            Fact(_("Lot"), str(one.lot)),
            Fact(_("Component"), one.get_component_display()),
            Fact(_("Level"), f"{one.entry_level} → {one.target_level}"),
            Fact(_("Literacy training"), one.get_literacy_display()),
            Fact(_("Near"), one.place),
            Fact(_("Lessons on"), texts.slot_labels(one.slots)),
            Fact(_("Hours per week"), one.hours_per_week),
            Fact(_("Seats"), one.seats),
            Fact(_("Smallest group"), one.min_size),
            Fact(_("Earliest start"), one.earliest_start_date),
            Fact(_("Latest start"), one.latest_start_date),
            Fact(_("Answer before"), clock.local_day(one.answer_due_at)),
            Fact(_("Status"), request_badge(one)),
            Fact(_("Explanation"), one.note or None),
        ]
        if self.sees_people:
            facts += [
                Fact(_("People in the advice"), one.evidence.get("people")),
                Fact(_("More people placed"), one.evidence.get("extraPlaced")),
                Fact(_("Reason of the choice"), one.decision_reason or None),
            ]
        return facts

    def get_tables(self) -> Sequence[Table]:
        bids = list(
            GroupBid.objects.visible_to(self.actor)
            .filter(group_request=self.object)
            .select_related("provider__organisation", "course", "location", "intake_moment")
        )
        for bid in bids:
            bid.group_request = self.object
            bid.steps = self._steps(bid)  # type: ignore[attr-defined]
        tables = [
            table_of(BID_COLUMNS, bids, caption=_("Bids"), empty=_("No bids have come in yet."))
        ]
        if self.sees_people:
            tables.append(
                table_of(
                    (Column("name", _("Provider"), "organisation.name", header=True),),
                    self.object.providers.select_related("organisation"),
                    caption=_("Providers that were asked"),
                )
            )
        return tables

    def _steps(self, bid: GroupBid) -> Value:
        if bid.intake_moment is not None:
            url = reverse("intake-moment", args=[bid.intake_moment.uuid])
            return Link(_("To the start"), url)
        if bid.state != GroupBidState.SUBMITTED:
            return None
        if self.asks:
            return Link(_("Choose this bid"), reverse("group-bid-award", args=[bid.uuid]))
        if self.actor.may(Permission.ANSWER_PLACEMENTS, bid.provider.organisation_id):
            return Link(_("Take back"), reverse("group-bid-withdraw", args=[bid.uuid]))
        return None
