"""The pages of the functional administrator: webhooks, and what became of their messages."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.feed.choices import EventKind, SubscriptionState
from backend.feed.models import WebhookDelivery, WebhookSubscription
from backend.feed.services.deliveries import KEEP_DELIVERED, host_of
from backend.feed.services.subscriptions import (
    SubscriptionData,
    secret_of,
    subscription_change,
    subscription_create,
    subscription_ping,
    subscription_remove,
    subscription_renew_secret,
)
from backend.feed.web.deliveries import DELIVERY_COLUMNS
from backend.feed.web.forms import NewSubscriptionForm, SubscriptionForm
from backend.organisations.permissions import Permission
from backend.web.account_pages import managed_organisations
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Lines, Link, Text

LIST: Crumb = (gettext_lazy("Webhooks"), "/webhooks")
SHOWN_DELIVERIES = 20


def state_badge(one: WebhookSubscription) -> Badge:
    label = SubscriptionState(one.state).label
    if one.state == SubscriptionState.PAUSED:
        return Badge(label, "danger")
    return Badge(label, "warning" if one.failures else "success")


def kind_lines(one: WebhookSubscription) -> Lines:
    known = dict(EventKind.choices)
    return Lines(tuple(str(known.get(kind, kind)) for kind in one.kinds))


class SubscriptionFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Address"), field_name="url", lookup_expr="icontains")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=SubscriptionState.choices)

    class Meta:
        model = WebhookSubscription
        fields: list[str] = []


class SubscriptionList(ListPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = WebhookSubscription
    title = LIST[0]
    intro = gettext_lazy(
        "Passend tells your own system at once what happens: a place accepted, a start cancelled. "
        "What a system missed, it reads in the change feed of the API."
    )
    filterset_class = SubscriptionFilters
    default_sort = "url"
    export_name = "webhooks"
    empty_title = gettext_lazy("No webhooks yet")
    empty_text = gettext_lazy("Add the address of your system, and choose what it should hear.")
    columns = (
        Column(
            "url",
            gettext_lazy("Address"),
            lambda one: Link(host_of(one.url), reverse("webhook", args=[one.uuid])),
            sort=("url",),
            header=True,
        ),
        Column(
            "organisation",
            gettext_lazy("Organisation"),
            "organisation.name",
            sort=("organisation__name",),
        ),
        Column("kinds", gettext_lazy("Events"), kind_lines),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
        Column(
            "failures",
            gettext_lazy("Failures in a row"),
            "failures",
            sort=("failures",),
            numeric=True,
        ),
    )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_actions(self) -> Sequence[Action]:
        return (
            Action(_("Add a webhook"), reverse("webhook-new"), primary=True),
            Action(_("All messages"), reverse("webhook-messages")),
        )


class SubscriptionPage(DetailPage):
    permission = Permission.MANAGE_ACCOUNTS
    model = WebhookSubscription
    object: WebhookSubscription

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")

    def get_title(self) -> str:
        return host_of(self.object.url)

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_actions(self) -> Sequence[Action]:
        at = [self.object.uuid]
        if self.object.state == SubscriptionState.PAUSED:
            steps = [Action(_("Make active again"), reverse("webhook-resume", args=at), True)]
        else:
            steps = [
                Action(_("Send a test message"), reverse("webhook-ping", args=at), True),
                Action(_("Pause"), reverse("webhook-pause", args=at)),
            ]
        return (
            *steps,
            Action(_("Change"), reverse("webhook-change", args=at)),
            Action(_("New secret"), reverse("webhook-secret", args=at)),
            Action(_("Remove"), reverse("webhook-remove", args=at)),
        )

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return [
            Fact(_("Organisation"), one.organisation.name),
            Fact(_("Address"), one.url),
            Fact(_("Events"), kind_lines(one)),
            Fact(_("Status"), state_badge(one)),
            Fact(_("Failures in a row"), one.failures),
            Fact(_("Next attempt"), one.retry_at),
            Fact(_("Paused since"), one.paused_at),
        ]

    def get_tables(self) -> Sequence[Table]:
        newest = WebhookDelivery.objects.filter(subscription=self.object).select_related(
            "event", "subscription"
        )
        return (
            table_of(
                DELIVERY_COLUMNS,
                list(newest.order_by("-pk")[:SHOWN_DELIVERIES]),
                caption=_("Newest messages"),
                empty=_("Nothing was sent in the last %(days)s days.")
                % {"days": KEEP_DELIVERED.days},
            ),
        )


class _SecretPage(FormPage):
    """Shows the secret in the answer itself, and nowhere after that."""

    permission = Permission.MANAGE_ACCOUNTS
    secret_template = "feed/secret.html"  # noqa: S105 - the name of a template

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.made: list[WebhookSubscription] = []
        answer = super().post(request, *args, **kwargs)
        if not self.made:
            return answer
        self.template_name = self.secret_template
        one = self.made[0]
        shown = self.show(
            host=host_of(one.url),
            secret=secret_of(one),
            back=reverse("webhook", args=[one.uuid]),
        )
        shown.headers["Cache-Control"] = "no-store"
        return shown

    def get_success_url(self, result: WebhookSubscription) -> str:
        self.made.append(result)
        return reverse("webhook", args=[result.uuid])


class SubscriptionNewPage(_SecretPage):
    title = gettext_lazy("Add a webhook")
    form_class = NewSubscriptionForm
    submit_label = gettext_lazy("Add and show the secret")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (LIST,)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"organisations": managed_organisations(self.actor)}

    def perform(self, form: forms.BaseForm) -> WebhookSubscription:
        data = form.cleaned_data
        return subscription_create(
            actor=self.actor,
            organisation=data["organisation"],
            data=SubscriptionData(data["url"], data["kinds"]),
        )


class _SubscriptionMixin:
    actor: Any
    kwargs: dict[str, Any]
    subscription: WebhookSubscription

    def prepare(self) -> None:
        seen = WebhookSubscription.objects.visible_to(self.actor)
        found = seen.filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        self.subscription = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        one = self.subscription
        return (LIST, (host_of(one.url), reverse("webhook", args=[one.uuid])))

    def get_success_url(self, result: Any) -> str:
        return reverse("webhook", args=[self.subscription.uuid])


class SubscriptionChangePage(_SubscriptionMixin, FormPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Change the webhook")
    form_class = SubscriptionForm
    success_message = gettext_lazy("The webhook has been changed.")

    def get_initial(self) -> dict[str, Any]:
        return {"url": self.subscription.url, "kinds": self.subscription.kinds}

    def perform(self, form: forms.BaseForm) -> WebhookSubscription:
        return subscription_change(
            actor=self.actor, subscription=self.subscription, changes=form.cleaned_data
        )


class SubscriptionSecretPage(_SubscriptionMixin, _SecretPage, ConfirmPage):
    title = gettext_lazy("Make a new secret?")
    submit_label = gettext_lazy("Yes, make a new secret")

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The next message is signed with the new secret; the old one is worth nothing."),
            _("You see the new secret once: put it in your system straight away."),
        ]

    def get_success_url(self, result: WebhookSubscription) -> str:
        return _SecretPage.get_success_url(self, result)

    def perform(self, form: forms.BaseForm) -> WebhookSubscription:
        return subscription_renew_secret(actor=self.actor, subscription=self.subscription)


class _StatePage(_SubscriptionMixin, ConfirmPage):
    permission = Permission.MANAGE_ACCOUNTS
    state: ClassVar[SubscriptionState]

    def perform(self, form: forms.BaseForm) -> WebhookSubscription:
        return subscription_change(
            actor=self.actor, subscription=self.subscription, changes={"state": self.state}
        )


class SubscriptionPausePage(_StatePage):
    title = gettext_lazy("Pause the webhook?")
    submit_label = gettext_lazy("Yes, pause")
    success_message = gettext_lazy("The webhook is paused.")
    state = SubscriptionState.PAUSED

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("Nothing is sent until you make it active again, also not afterwards."),
            _("What your system misses, it reads in the change feed of the API."),
        ]


class SubscriptionResumePage(_StatePage):
    title = gettext_lazy("Make the webhook active again?")
    submit_label = gettext_lazy("Yes, make active")
    success_message = gettext_lazy("The webhook is active.")
    state = SubscriptionState.ACTIVE
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("From now on new events are sent."),
            _("What your system missed, it reads in the change feed of the API."),
        ]


class SubscriptionPingPage(_SubscriptionMixin, ConfirmPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Send a test message?")
    submit_label = gettext_lazy("Yes, send")
    success_message = gettext_lazy("The test message is on its way; see below what became of it.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [_("Your system gets a signed message of the kind “ping”, without a meaning.")]

    def perform(self, form: forms.BaseForm) -> WebhookDelivery:
        return subscription_ping(actor=self.actor, subscription=self.subscription)


class SubscriptionRemovePage(_SubscriptionMixin, ConfirmPage):
    permission = Permission.MANAGE_ACCOUNTS
    title = gettext_lazy("Remove the webhook?")
    submit_label = gettext_lazy("Yes, remove")
    success_message = gettext_lazy("The webhook has been removed.")

    def get_consequences(self) -> Sequence[Text]:
        return [_("Nothing is sent to this address any more, and its list of messages goes away.")]

    def perform(self, form: forms.BaseForm) -> None:
        subscription_remove(actor=self.actor, subscription=self.subscription)

    def get_success_url(self, result: Any) -> str:
        return reverse("webhooks")
