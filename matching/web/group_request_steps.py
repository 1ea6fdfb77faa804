"""The forms of a request for a group: ask, bid, choose, take back. Each calls one service."""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.business_days import add_business_days
from backend.common.codes import SLOT_CODES, WEEKDAY_CODES, Component, Weekday
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import ConfirmPage, Crumb, FormPage
from backend.web.personal_text import PersonalTextField
from backend.web.values import Text
from matching.choices import RunState
from matching.models import GroupBid, GroupRequest, SupplyAdvice
from matching.services.group_request_rules import GroupBidData, GroupRequestData
from matching.services.group_requests import (
    ANSWER_BUSINESS_DAYS,
    group_bid_award,
    group_bid_submit,
    group_bid_withdraw,
    group_request_open,
)
from matching.services.supply_advice import LARGEST, LEAD
from matching.web import texts
from matching.web.group_requests import LIST, request_url
from matching.web.supply_advice import LIST as ADVICES
from procurement.models import Lot
from procurement.public import contracted_courses
from providers.models import Course, Location, Provider
from providers.public import SlotDraft

# The times of a day-part that a bid starts from.
USUAL_TIMES = {
    "1": (time(9), time(12)),
    "2": (time(13), time(16)),
    "3": (time(18, 30), time(21, 30)),
}
WINDOW, LENGTH = timedelta(days=42), timedelta(days=280)


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), **kwargs)


class NamedChoice(forms.ModelChoiceField):
    """A row named by its UUID in the form."""

    def __init__(self, label: Any) -> None:
        super().__init__(queryset=None, label=label, to_field_name="uuid", empty_label=None)


class GroupRequestForm(forms.Form):
    lot = NamedChoice(gettext_lazy("Lot"))
    place = forms.CharField(label=gettext_lazy("Near"), max_length=80)
    slots = forms.MultipleChoiceField(
        label=gettext_lazy("Lessons on"), widget=forms.CheckboxSelectMultiple
    )
    hours_per_week = forms.IntegerField(
        label=gettext_lazy("Hours per week"), min_value=1, max_value=40
    )
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=60)
    min_size = forms.IntegerField(label=gettext_lazy("Smallest group"), min_value=1, max_value=60)
    earliest_start_date = day_field(gettext_lazy("Earliest start"))
    latest_start_date = day_field(gettext_lazy("Latest start"))
    answer_date = day_field(gettext_lazy("Last day on which providers can answer"))
    note = PersonalTextField(
        label=gettext_lazy("Explanation"),
        help_text=gettext_lazy("Providers read this. Do not write about persons."),
        required=False,
        max_length=400,
    )

    def __init__(
        self, *args: Any, lots: QuerySet[Lot], slots: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].queryset = lots  # type: ignore[attr-defined]
        part = slots[0][-1]
        self.fields["slots"].choices = [  # type: ignore[attr-defined]
            (code, texts.slot_label(code)) for code in SLOT_CODES if code[-1] == part
        ]


class GroupRequestNewPage(FormPage):
    """Asks the providers of a lot for one of the groups of an advice."""

    permission = Permission.RUN_BATCH
    title = gettext_lazy("Ask for this group")
    form_class = GroupRequestForm
    submit_label = gettext_lazy("Send to the contracted providers")
    success_message = gettext_lazy("The request has been sent to the providers of the lot.")

    def prepare(self) -> None:
        advice = (
            SupplyAdvice.objects.visible_to(self.actor)
            .select_related("organisation")
            .filter(uuid=self.kwargs["uuid"], state=RunState.DONE)
            .first()
        )
        number = self.kwargs["number"]
        if advice is None or number >= len(advice.result["clusters"]):
            raise Http404
        self.advice, self.cluster = advice, advice.result["clusters"][number]

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        name = _("Advice on supply for %(name)s") % {"name": self.advice.organisation.name}
        return (ADVICES, (name, reverse("supply-advice", args=[self.advice.uuid])))

    @property
    def intro(self) -> Text:  # type: ignore[override]
        cluster = self.cluster
        return _(
            "%(people)s people wait for %(component)s at level %(level)s. The providers see what "
            "the group must be like, never who waits."
        ) % {
            "people": cluster["people"],
            "component": Component(cluster["component"]).label,
            "level": cluster["level"],
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        lots = Lot.objects.filter(
            components__contains=[self.cluster["component"]],
            contract_lots__contract__status="active",
            participations__municipality__in=self.actor.with_permission(Permission.RUN_BATCH),
        ).distinct()
        return {"lots": lots.order_by("code"), "slots": self.cluster["slots"]}

    def get_initial(self) -> dict[str, Any]:
        one, today = self.cluster, clock.today()
        return {
            "place": one["place"],
            "slots": one["slots"],
            "hours_per_week": one["hoursPerWeek"],
            "seats": max(one["people"], 1),
            "min_size": max(1, min(one["people"], LARGEST) // 2),
            "earliest_start_date": today + LEAD,
            "latest_start_date": today + LEAD + WINDOW,
            "answer_date": add_business_days(today, ANSWER_BUSINESS_DAYS),
        }

    def perform(self, form: Any) -> GroupRequest:
        data, one = form.cleaned_data, self.cluster
        return group_request_open(
            actor=self.actor,
            organisation=self.advice.organisation,
            data=GroupRequestData(
                component=one["component"],
                entry_level=one["level"],
                target_level=one["targetLevel"],
                literacy=one["literacy"],
                evidence={
                    "advice": str(self.advice.uuid),
                    "people": one["people"],
                    "extraPlaced": one["extraPlaced"],
                    "byMunicipality": one["byMunicipality"],
                },
                **{**data, "slots": tuple(data["slots"])},
            ),
        )

    def get_success_url(self, result: GroupRequest) -> str:
        return request_url(result)


class GroupBidForm(forms.Form):
    course = NamedChoice(gettext_lazy("Course"))
    location = NamedChoice(gettext_lazy("Location"))
    start_date = day_field(gettext_lazy("Start date"))
    end_date = day_field(gettext_lazy("End date"))
    weekdays = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Lessons on"),
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    lesson_start = forms.TimeField(
        label=gettext_lazy("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    lesson_end = forms.TimeField(
        label=gettext_lazy("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    seats = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1, max_value=60)
    min_size = forms.IntegerField(label=gettext_lazy("Smallest group"), min_value=1, max_value=60)
    teacher = forms.CharField(
        label=gettext_lazy("Qualified teacher"),
        help_text=gettext_lazy("Who teaches, or the qualification that is ready."),
        max_length=120,
    )
    note = PersonalTextField(
        label=gettext_lazy("Explanation"),
        required=False,
        max_length=400,
    )

    def __init__(
        self,
        *args: Any,
        courses: QuerySet[Course],
        locations: QuerySet[Location],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]
        self.fields["location"].queryset = locations  # type: ignore[attr-defined]


class OfRequest:
    """Loads the request through the actor's eyes and goes back to it."""

    actor: Any
    kwargs: dict[str, Any]
    group_request: GroupRequest

    def load(self, requests: QuerySet[Any]) -> None:
        found = requests.select_related("lot", "organisation").first()
        if found is None:
            raise Http404
        self.group_request = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST, (str(self.group_request), request_url(self.group_request)))

    def get_success_url(self, result: Any) -> str:
        return request_url(self.group_request)


class GroupBidNewPage(OfRequest, FormPage):
    permission = Permission.ANSWER_PLACEMENTS
    title = gettext_lazy("Bid a group")
    intro = gettext_lazy("Prices are those of your contract. You can take the bid back.")
    form_class = GroupBidForm
    submit_label = gettext_lazy("Send the bid")
    success_message = gettext_lazy("Your bid has been sent.")
    error_fields = {"lessons": "weekdays"}
    provider: Provider

    def prepare(self) -> None:
        self.load(GroupRequest.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]))
        provider = self.group_request.providers.filter(
            organisation__in=self.actor.with_permission(Permission.ANSWER_PLACEMENTS)
        ).first()
        if provider is None:
            raise Http404
        self.provider = provider

    def get_form_kwargs(self) -> dict[str, Any]:
        request = self.group_request
        return {
            "courses": contracted_courses(
                lot_id=request.lot_id,
                provider_id=self.provider.pk,
                component=request.component,
                on=clock.today(),
            ),
            "locations": Location.objects.filter(provider=self.provider).order_by("name"),
        }

    def get_initial(self) -> dict[str, Any]:
        one = self.group_request
        start, end = USUAL_TIMES[one.slots[0][-1]]
        return {
            "start_date": one.earliest_start_date,
            "end_date": one.earliest_start_date + LENGTH,
            "weekdays": [WEEKDAY_CODES.index(code[:2]) + 1 for code in one.slots],
            "lesson_start": start,
            "lesson_end": end,
            "seats": one.seats,
            "min_size": one.min_size,
        }

    def perform(self, form: Any) -> GroupBid:
        data = form.cleaned_data
        return group_bid_submit(
            actor=self.actor,
            group_request=self.group_request,
            provider=self.provider,
            data=GroupBidData(
                lessons=tuple(
                    SlotDraft(day, data["lesson_start"], data["lesson_end"])
                    for day in data["weekdays"]
                ),
                **{
                    name: data[name]
                    for name in (
                        "course",
                        "location",
                        "start_date",
                        "end_date",
                        "seats",
                        "min_size",
                        "teacher",
                        "note",
                    )
                },
            ),
        )


class _OfBid(OfRequest):
    """Loads the bid and its request through the actor's eyes."""

    bid: GroupBid

    def prepare(self) -> None:
        found = (
            GroupBid.objects.visible_to(self.actor)
            .select_related("provider__organisation", "course")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.bid = found
        self.load(GroupRequest.objects.filter(pk=found.group_request_id))


class ReasonForm(forms.Form):
    reason = PersonalTextField(
        label=gettext_lazy("Reason"),
        max_length=400,
    )


class GroupBidAwardPage(_OfBid, ConfirmPage):
    permission = Permission.RUN_BATCH
    title = gettext_lazy("Choose this bid?")
    form_class = ReasonForm
    submit_label = gettext_lazy("Yes, choose this bid")
    success_message = gettext_lazy("The start has been published; the next people are asked.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return (
            _("%(provider)s starts “%(course)s” on %(day)s with %(seats)s seats.")
            % {
                "provider": self.bid.provider.organisation.name,
                "course": self.bid.course.name,
                "day": f"{self.bid.start_date:%d-%m-%Y}",
                "seats": self.bid.seats,
            },
            _("The seats are held for the next people on the waiting list."),
            _("All other bids end, and their providers hear of it."),
        )

    def perform(self, form: Any) -> GroupBid:
        return group_bid_award(
            actor=self.actor, group_bid=self.bid, reason=form.cleaned_data["reason"]
        )


class GroupBidWithdrawPage(_OfBid, ConfirmPage):
    permission = Permission.ANSWER_PLACEMENTS
    title = gettext_lazy("Take this bid back?")
    submit_label = gettext_lazy("Yes, take it back")
    success_message = gettext_lazy("The bid has been taken back.")

    def perform(self, form: Any) -> GroupBid:
        return group_bid_withdraw(actor=self.actor, group_bid=self.bid)
