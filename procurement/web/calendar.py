"""The contract calendar: a page, and a feed that a calendar program reads."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from icalendar import Alarm, Calendar, Event

from backend.common import clock
from backend.common.periods import add_months
from backend.web.computed import ComputedListPage, SearchForm
from backend.web.pages import Action, Crumb, FormPage
from backend.web.tables import Column
from backend.web.values import Link, Value
from procurement.models import CalendarFeed
from procurement.selectors.deadlines import (
    KIND_LABELS,
    SEARCHED,
    Deadline,
    contract_deadlines,
)
from procurement.services.calendar_feeds import (
    calendar_feed_create,
    calendar_feed_reader,
    calendar_feed_revoke,
)
from procurement.web.common import READERS, contract_url, tender_url

# A calendar program shows the recent past and what somebody plans for.
FEED_BACK, FEED_AHEAD = 1, 24
PERIODS = (
    (3, gettext_lazy("3 months")),
    (6, gettext_lazy("6 months")),
    (12, gettext_lazy("a year")),
)
ALARM_DAYS = 14


def deadline_url(one: Deadline) -> str:
    if one.contract is not None:
        return contract_url(one.contract)
    return tender_url(one.tender) if one.tender is not None else ""


def _subject(one: Deadline) -> Value:
    url = deadline_url(one)
    return Link(one.number, url) if url else one.number


COLUMNS = (
    Column("day", gettext_lazy("Day"), "day", sort=("day", "number", "kind", "key")),
    Column(
        "subject",
        gettext_lazy("Contract or tender"),
        _subject,
        header=True,
        sort=("number", "day"),
    ),
    Column("kind", gettext_lazy("What"), "label", sort=("label", "day")),
    Column("detail", gettext_lazy("About"), "detail", sort=("detail", "day")),
)


class CalendarForm(SearchForm):
    months = forms.TypedChoiceField(
        label=gettext_lazy("Look ahead"), choices=PERIODS, coerce=int, required=False
    )
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = [("", _("Everything"))]
        self.fields["kind"].choices = everything + list(KIND_LABELS.items())  # type: ignore[attr-defined]


class CalendarPage(ComputedListPage):
    permission = READERS
    title = gettext_lazy("Contract calendar")
    columns = COLUMNS
    form_class = CalendarForm
    searched = SEARCHED
    default_sort = "day"
    export_name = "contract-calendar"
    empty = gettext_lazy("Nothing is due in this period. Look further ahead.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Put it in my own calendar"), reverse("calendar-feed-new")),)

    def defaults(self) -> Mapping[str, Any]:
        return {"months": PERIODS[1][0]}

    def lines(self, asked: Mapping[str, Any]) -> Sequence[Deadline]:
        today = clock.today()
        kinds = [asked["kind"]] if asked["kind"] else ()
        return contract_deadlines(
            self.actor, first=today, last=add_months(today, asked["months"]), kinds=kinds
        )


class FeedForm(forms.Form):
    pass


class FeedPage(FormPage):
    """Makes the secret address and shows it once, or stops it."""

    permission = READERS
    title = gettext_lazy("The contract calendar in your own calendar")
    intro = gettext_lazy(
        "You get a secret address for your calendar program. Whoever has it reads your deadlines, "
        "so do not share it. Names of participants are not in it."
    )
    template_name = "procurement/calendar_feed.html"
    form_class = FeedForm
    submit_label = gettext_lazy("Make a new address")
    address = ""

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Contracts"), reverse("contracts")),
            (_("Contract calendar"), reverse("contract-calendar")),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        feed = CalendarFeed.objects.filter(user=self.user_id, revoked_at__isnull=True).first()
        return super().get_context(feed=feed, address=self.address, **extra)

    @property
    def user_id(self) -> int:
        key = self.request.user.pk
        assert key is not None
        return int(key)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "stop" in request.POST:
            calendar_feed_revoke(actor=self.actor, user_id=self.user_id)
        else:
            token = calendar_feed_create(actor=self.actor, user_id=self.user_id)
            self.address = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
        response = self._form_page(self.get_form(bound=False))
        # The address must not stay behind in a cache.
        response["Cache-Control"] = "no-store"
        return response


class FeedView(View):
    """What a calendar program reads; without a log-in, by its secret address only."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        actor = calendar_feed_reader(token)
        if actor is None:
            raise Http404
        today = clock.today()
        found = contract_deadlines(
            actor, first=add_months(today, -FEED_BACK), last=add_months(today, FEED_AHEAD)
        )
        content = feed_content(found, lambda one: request.build_absolute_uri(deadline_url(one)))
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="passend.ics"'
        response["Cache-Control"] = "private, max-age=900"
        response["Referrer-Policy"] = "no-referrer"
        return response


def feed_content(found: Sequence[Deadline], address: Any) -> bytes:
    """The deadlines as iCalendar (RFC 5545): whole days, with a reminder two weeks before."""
    calendar = Calendar()
    calendar.add("prodid", "-//Passend//Contract calendar//NL")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _("Contract calendar"))
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"value": "DURATION"})
    for one in found:
        calendar.add_component(_event(one, address(one)))
    return bytes(calendar.to_ical())


def _event(one: Deadline, url: str) -> Event:
    event = Event()
    event.add("uid", f"{one.key}@passend")
    event.add("dtstamp", clock.now())
    event.add("dtstart", one.day)
    event.add("dtend", one.day + timedelta(days=1))
    event.add("summary", f"{one.label}: {one.number}")
    event.add("transp", "TRANSPARENT")
    if one.detail:
        event.add("description", one.detail)
    if url:
        event.add("url", url)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", one.label)
    alarm.add("trigger", -timedelta(days=ALARM_DAYS))
    event.add_component(alarm)
    return event
