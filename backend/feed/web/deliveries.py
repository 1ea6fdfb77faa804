"""Messages that were sent to webhooks, or not, and sending one again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.feed.choices import DeliveryError, DeliveryState, EventKind
from backend.feed.models import WebhookDelivery
from backend.feed.services.deliveries import OPEN_STATES, delivery_resend, host_of
from backend.organisations.permissions import Permission
from backend.web.filters import ChoiceFilter, PageFilterSet
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column
from backend.web.values import Badge, Link, Text, Tone

WEBHOOKS: Crumb = (gettext_lazy("Webhooks"), "/webhooks")
LIST: Crumb = (gettext_lazy("Messages"), "/webhook-messages")
TONES: dict[str, Tone] = {
    DeliveryState.WAITING: "neutral",
    DeliveryState.DELIVERED: "success",
    DeliveryState.FAILED: "warning",
    DeliveryState.GIVEN_UP: "danger",
}


def state_badge(one: WebhookDelivery) -> Badge:
    return Badge(DeliveryState(one.state).label, TONES[one.state])


def fault(one: WebhookDelivery) -> str:
    """What was wrong with the last attempt, in words."""
    if not one.error:
        return ""
    label = str(DeliveryError(one.error).label)
    return f"{label} ({one.answer_status})" if one.answer_status else label


DELIVERY_COLUMNS = (
    Column(
        "event",
        gettext_lazy("Event"),
        lambda one: Link(
            str(EventKind(one.event.kind).label), reverse("webhook-message", args=[one.uuid])
        ),
        sort=("event__kind",),
        header=True,
    ),
    Column("address", gettext_lazy("Address"), lambda one: host_of(one.subscription.url)),
    Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
    Column("attempts", gettext_lazy("Attempts"), "attempts", sort=("attempts",), numeric=True),
    Column("fault", gettext_lazy("Fault"), fault),
    Column("last", gettext_lazy("Last attempt"), "last_attempt_at", sort=("last_attempt_at",)),
    Column("next", gettext_lazy("Next attempt"), "next_attempt_at", sort=("next_attempt_at",)),
    Column("made", gettext_lazy("Recorded"), "created_at", sort=("created_at",)),
)


class DeliveryFilters(PageFilterSet):
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=DeliveryState.choices)
    error = ChoiceFilter(label=gettext_lazy("Fault"), choices=DeliveryError.choices)
    kind = ChoiceFilter(
        label=gettext_lazy("Event"), field_name="event__kind", choices=EventKind.choices
    )

    class Meta:
        model = WebhookDelivery
        fields: list[str] = []


class DeliveryList(ListPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = WebhookDelivery
    title = LIST[0]
    intro = gettext_lazy(
        "Each event for each webhook. What fails is tried again for a day and a half; after that "
        "you can send it again yourself."
    )
    filterset_class = DeliveryFilters
    default_sort = "-made"
    export_name = "webhook-messages"
    empty_title = gettext_lazy("No messages")
    empty_text = gettext_lazy("As soon as something happens that a webhook asks for, it is here.")
    columns = DELIVERY_COLUMNS

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WEBHOOKS,)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("event", "subscription")


class DeliveryPage(DetailPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = WebhookDelivery
    object: WebhookDelivery

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("event", "subscription")

    def get_title(self) -> str:
        return str(EventKind(self.object.event.kind).label)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WEBHOOKS, LIST)

    def get_actions(self) -> Sequence[Action]:
        if self.object.state in OPEN_STATES:
            return ()
        return (Action(_("Send again"), reverse("webhook-resend", args=[self.object.uuid]), True),)

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        webhook = reverse("webhook", args=[one.subscription.uuid])
        return [
            Fact(_("Webhook"), Link(host_of(one.subscription.url), webhook)),
            Fact(_("Number of the event"), one.event_id),
            Fact(_("Id of the event"), str(one.event.uuid)),
            Fact(_("Happened"), one.event.occurred_at),
            Fact(_("Status"), state_badge(one)),
            Fact(_("Attempts"), one.attempts),
            Fact(_("Fault"), fault(one)),
            Fact(_("Last attempt"), one.last_attempt_at),
            Fact(_("Next attempt"), one.next_attempt_at),
            Fact(_("Delivered"), one.delivered_at),
        ]


class ResendPage(ConfirmPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Send this message again?")
    submit_label = gettext_lazy("Yes, send again")
    success_message = gettext_lazy("The message is on its way.")
    danger = False
    delivery: WebhookDelivery

    def prepare(self) -> None:
        seen = WebhookDelivery.objects.visible_to(self.actor).select_related("subscription")
        found = seen.filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.delivery = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        here = reverse("webhook-message", args=[self.delivery.uuid])
        return (WEBHOOKS, LIST, (gettext_lazy("Message"), here))

    def get_consequences(self) -> Sequence[Text]:
        return [_("Your system gets it under the same id, so that it can see it came before.")]

    def perform(self, form: forms.BaseForm) -> WebhookDelivery:
        return delivery_resend(actor=self.actor, delivery=self.delivery)

    def get_success_url(self, result: WebhookDelivery) -> str:
        return reverse("webhook-message", args=[result.uuid])
