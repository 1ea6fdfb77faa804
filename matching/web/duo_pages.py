"""Messages about people: the list with what has to be done, one message, and a file of them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common.errors import InvalidError, Violation
from backend.common.imports import ImportFaultsError, Preview, read_json, read_json_lines
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, register
from backend.web.filters import ChoiceFilter, PageFilterSet, SearchFilter
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Text
from backend.web.views import status_of
from matching.duo_choices import DuoMessageKind, DuoMessageState, DuoTask
from matching.models import DuoMessage
from matching.services.duo_message_import import pip_messages_check, pip_messages_import
from matching.services.duo_receive import (
    Outcome,
    duo_message_handle,
    duo_messages_check,
    duo_messages_receive,
    event_text,
)
from matching.web.duo_facts import body_rows

MESSAGES: Crumb = (gettext_lazy("Messages of DUO"), "/duo-messages")
TONES = {
    DuoMessageState.APPLIED: "success",
    DuoMessageState.HANDLED: "success",
    DuoMessageState.OUTDATED: "neutral",
    DuoMessageState.TO_HANDLE: "warning",
}
LINE_SUFFIXES = (".ndjson", ".jsonl")
MOST_BYTES = 8 * 1024 * 1024
SHOWN_FAULTS = 200


def state_badge(one: DuoMessage) -> Badge:
    return Badge(one.get_state_display(), TONES[DuoMessageState(one.state)])  # type: ignore[arg-type]


def about(one: DuoMessage) -> str:
    """What the message is about, in words."""
    if one.kind == DuoMessageKind.NOTIFICATION:
        return event_text(one)
    return one.get_kind_display()


class MessageFilters(PageFilterSet):
    search = SearchFilter(label=gettext_lazy("Reference"), method="find")
    state = ChoiceFilter(label=gettext_lazy("Status"), choices=DuoMessageState.choices)
    kind = ChoiceFilter(label=gettext_lazy("Kind"), choices=DuoMessageKind.choices)

    class Meta:
        model = DuoMessage
        fields: list[str] = []

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(reference__icontains=value)


class MessageList(ListPage):
    permission = Permission.VIEW_PARTICIPANTS
    model = DuoMessage
    title = MESSAGES[0]
    intro = gettext_lazy(
        "What DUO said about people, as your own system delivered it. A message about somebody who "
        "is not in Passend waits until the person is."
    )
    filterset_class = MessageFilters
    default_sort = "-sent"
    export_name = "duo-messages"
    empty_title = gettext_lazy("No messages yet")
    empty_text = gettext_lazy("Upload a file, or let your system deliver them through the API.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda one: Link(one.reference, reverse("duo-message", args=[one.uuid])),
            sort=("reference",),
            header=True,
        ),
        Column("about", gettext_lazy("About"), about),
        Column("sent", gettext_lazy("Sent"), "sent_at", sort=("sent_at",)),
        Column("state", gettext_lazy("Status"), state_badge, sort=("state",)),
        Column("task", gettext_lazy("What to do"), "get_task_display"),
    )

    def get_actions(self) -> Sequence[Action]:
        if not self.actor.with_permission(Permission.MANAGE_PIPS):
            return ()
        return (Action(_("Upload a file"), reverse("message-upload"), primary=True),)


class MessagePage(DetailPage):
    """One message as delivered, and what somebody still has to do with it."""

    permission = Permission.VIEW_PARTICIPANTS
    model = DuoMessage
    object: DuoMessage

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("participant", "municipality")

    def get_title(self) -> str:
        return _("%(about)s: %(reference)s") % {
            "about": about(self.object),
            "reference": self.object.reference,
        }

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (MESSAGES,)

    def get_actions(self) -> Sequence[Action]:
        one = self.object
        found = []
        mine = self.actor.may(Permission.MANAGE_PIPS, one.municipality_id)
        if one.state == DuoMessageState.TO_HANDLE and mine:
            if one.task == DuoTask.UNKNOWN_PERSON:
                found.append(Action(_("New PIP"), reverse("pip-new"), primary=True))
            found.append(
                Action(_("This has been done"), reverse("duo-message-done", args=[one.uuid]))
            )
        pip = one.participant and one.participant.pips.filter(is_current=True).first()
        if pip:
            found.append(Action(_("To the PIP"), reverse("pip", args=[pip.uuid])))
        return found

    def get_facts(self) -> Sequence[Fact]:
        one = self.object
        return [
            Fact(_("Status"), state_badge(one)),
            Fact(_("What to do"), one.get_task_display() or None),
            Fact(_("Municipality"), one.municipality.name),
            Fact(_("Sent"), one.sent_at),
            Fact(_("Received"), one.created_at),
            Fact(_("Message number"), str(one.message_id)),
            Fact(_("Handled by"), one.handled_by_label or None),
        ]

    def get_tables(self) -> Sequence[Table]:
        return (
            table_of(
                (
                    Column("name", _("Field"), lambda one: one[0], header=True),
                    Column("value", _("Value"), lambda one: one[1]),
                ),
                body_rows(self.object.body),
                caption=_("Content as delivered"),
                empty=_("This message is empty: DUO has nothing on record."),
            ),
        )


class MessageDonePage(ConfirmPage):
    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Has this been done?")
    submit_label = gettext_lazy("Yes, it has been done")
    success_message = gettext_lazy("The message is off the list.")
    danger = False

    def prepare(self) -> None:
        self.message = _visible(self.actor, self.kwargs["uuid"])

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        one = self.message
        return (MESSAGES, (one.reference, reverse("duo-message", args=[one.uuid])))

    def get_consequences(self) -> Sequence[Text]:
        return [self.message.get_task_display(), about(self.message)]

    def perform(self, form: forms.BaseForm) -> DuoMessage:
        return duo_message_handle(actor=self.actor, message=self.message)

    def get_success_url(self, result: DuoMessage) -> str:
        return reverse("duo-messages")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File with messages"),
        help_text=gettext_lazy(
            "JSON with a list, or one message per line (NDJSON). PIP messages or messages of DUO."
        ),
    )
    step = forms.ChoiceField(
        label=gettext_lazy("What do you want to do?"),
        choices=[
            ("check", gettext_lazy("Only check: show every mistake and what would change")),
            ("import", gettext_lazy("Check and process")),
        ],
        widget=forms.RadioSelect,
        initial="check",
    )


class UploadPage(FormPage):
    """Checks or processes a file, and shows every fault with its place, or what was done."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Upload messages")
    template_name = "matching/message_upload.html"
    form_class = UploadForm
    submit_label = gettext_lazy("Upload")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (MESSAGES,)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.get_form(bound=True)
        if not form.is_valid():
            return self._form_page(form, status=400)
        try:
            document = _document(form.cleaned_data["file"])
            is_check = form.cleaned_data["step"] == "check"
            lines, faults = self._process(document, is_check=is_check)
        except InvalidError as error:
            lines, faults, is_check = [], list(error.violations), True
        if not is_check and lines:
            messages.success(request, _("The file has been processed."))
        return self.show(
            status=status_of(InvalidError()) if faults and not lines else 200,
            form=self.get_form(bound=False),
            submit_label=self.submit_label,
            cancel_url=self.get_cancel_url(),
            was_check=is_check,
            lines=lines,
            faults=_fault_table(faults) if faults else None,
            number_of_faults=len(faults),
        )

    def _process(
        self, document: list[object], *, is_check: bool
    ) -> tuple[list[str], list[Violation]]:
        if not any(isinstance(one, dict) and "kind" in one for one in document):
            return self._pips(document, is_check=is_check)
        if is_check:
            faults = duo_messages_check(actor=self.actor, document=document)
            return [] if faults else [_("No mistakes found.")], faults
        outcomes = duo_messages_receive(actor=self.actor, document=document)
        return _summary(outcomes), [fault for one in outcomes for fault in one.faults]

    def _pips(self, document: list[object], *, is_check: bool) -> tuple[list[str], list[Violation]]:
        step = pip_messages_check if is_check else pip_messages_import
        found: Preview = step(actor=self.actor, document=document)
        return ([] if found.faults else found.lines()), list(found.faults)


def _document(file: UploadedFile) -> list[object]:
    if (file.size or 0) > MOST_BYTES:
        raise ImportFaultsError(
            [Violation("$", "too_large", _("This file is larger than 8 MB. Split it."))]
        )
    content = file.read()
    if str(file.name).endswith(LINE_SUFFIXES):
        return read_json_lines(content)
    found = read_json(content)
    return found if isinstance(found, list) else [found]


def _summary(outcomes: Sequence[Outcome]) -> list[str]:
    lines = []
    for state in DuoMessageState:
        number = sum(1 for one in outcomes if one.message and one.message.state == state)
        if number:
            lines.append(f"{state.label}: {number}")
    replays = sum(1 for one in outcomes if one.is_replay)
    if replays:
        lines.append(_("Known already, nothing done again: %(number)s") % {"number": replays})
    refused = sum(1 for one in outcomes if one.faults)
    if refused:
        lines.append(_("Refused: %(number)s") % {"number": refused})
    return lines


def _fault_table(faults: Sequence[Violation]) -> Table:
    return table_of(
        (
            Column("place", _("Place in the file"), lambda one: one.field, header=True),
            Column("message", _("What is wrong"), lambda one: str(one.message)),
            Column("code", _("Code"), lambda one: one.code),
        ),
        faults[:SHOWN_FAULTS],
        caption=_("Mistakes"),
    )


def _visible(actor: Actor, uuid: Any) -> DuoMessage:
    found: DuoMessage | None = DuoMessage.objects.visible_to(actor).filter(uuid=uuid).first()
    if found is None:
        raise Http404
    return found


def tasks(actor: Actor) -> Card | None:
    number = (
        DuoMessage.objects.to_handle()
        .filter(municipality__in=actor.with_permission(Permission.MANAGE_PIPS))
        .count()
    )
    if not number:
        return None
    url = f"{reverse('duo-messages')}?state={DuoMessageState.TO_HANDLE}"
    return Tile(_("Messages of DUO to handle"), number, url, _("messages"), "warning")


register(CardEntry("duo-messages", Permission.MANAGE_PIPS, tasks, order=13))
