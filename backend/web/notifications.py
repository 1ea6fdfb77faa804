"""What an organisation should act on: the list, one of them, and marking them as read."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.notifications.public import (
    Notification,
    notification_mark_read,
    notifications_mark_all_read,
)
from backend.web.pages import ConfirmPage, Crumb, ListPage, VisibleMixin
from backend.web.tables import Column
from backend.web.values import Badge, Link, Text
from backend.web.views import ActorRequiredMixin


def read_badge(one: Notification) -> Badge:
    return Badge(_("New"), "info") if one.read_at is None else Badge(_("Read"))


class NotificationList(ListPage):
    """What the organisations of this person were told, the newest first, read or not."""

    model = Notification
    template_name = "web/pages/notifications.html"
    title = gettext_lazy("Notifications")
    columns = (
        Column(
            "subject",
            gettext_lazy("Subject"),
            lambda one: Link(one.title, reverse("notification", args=[one.uuid])),
            header=True,
        ),
        Column("status", gettext_lazy("Status"), read_badge, sort=("read_at",)),
        Column("at", gettext_lazy("When"), "created_at", sort=("created_at",)),
        Column("organisation", gettext_lazy("Organisation"), "organisation.name"),
    )
    default_sort = "-at"
    export_name = "notifications"
    empty_title = gettext_lazy("No notifications")
    empty_text = gettext_lazy("As soon as something asks for your attention, it stands here.")

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("organisation")


class NotificationPage(VisibleMixin, ConfirmPage):
    """One notification; the button marks it as read for the whole team and goes to its subject."""

    model = Notification
    object: Notification
    danger = False
    submit_label = gettext_lazy("Read, and go to it")

    def prepare(self) -> None:
        self.object = self.get_object()

    def get_title(self) -> Text:
        return self.object.title

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Notifications"), reverse("notifications")),)

    def get_consequences(self) -> Sequence[Text]:
        return (self.object.body,)

    def perform(self, form: Any) -> Notification:
        return notification_mark_read(actor=self.actor, notification_uuid=self.object.uuid)

    def get_success_url(self, result: Notification) -> str:
        return result.path


class ReadAllView(ActorRequiredMixin):
    """Marks everything this person sees as read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        notifications_mark_all_read(actor=self.actor)
        messages.success(request, _("All notifications are marked as read."))
        return HttpResponseRedirect(reverse("notifications"))
