"""Feedback rounds: list, a new one, response, invitations (shown once) and closing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.web.exports import export_response
from backend.web.forms import DateInput
from backend.web.pages import Action, ConfirmPage, Crumb, DetailPage, Fact, FormPage, ListPage
from backend.web.tables import Column, Table, table_of
from backend.web.values import Badge, Link, Percentage, Text
from quality import selectors
from quality.choices import WaveState
from quality.models import FeedbackWave
from quality.services.feedback import wave_close, wave_create, wave_invite


def wave_url(wave: FeedbackWave) -> str:
    return reverse("feedback-round", args=[wave.uuid])


class WaveListPage(ListPage):
    permission = Permission.MANAGE_QUALITY
    model = FeedbackWave
    title = gettext_lazy("Feedback rounds")
    intro = gettext_lazy("Participants give their opinion anonymously, by a personal link.")
    default_sort = "-opens"
    export_name = "feedback-rounds"
    empty_title = gettext_lazy("No feedback rounds yet")
    empty_text = gettext_lazy("Plan the first round with the button above.")
    columns = (
        Column(
            "name",
            gettext_lazy("Round"),
            lambda wave: Link(wave.name, wave_url(wave)),
            sort=("name",),
            header=True,
        ),
        Column("sender", gettext_lazy("Sender"), "organisation.name", sort=("organisation__name",)),
        Column("opens", gettext_lazy("First day"), "opens_date", sort=("opens_date",)),
        Column("closes", gettext_lazy("Last day"), "closes_date", sort=("closes_date",)),
        Column(
            "state",
            gettext_lazy("Status"),
            lambda wave: Badge(wave.get_state_display()),
            sort=("state",),
        ),
    )

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Plan a round"), reverse("feedback-round-new"), primary=True),)


class WavePage(DetailPage):
    """One round: its dates, and how many were asked and answered per provider."""

    permission = Permission.MANAGE_QUALITY
    model = FeedbackWave

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Feedback rounds"), reverse("feedback-rounds")),)

    def get_actions(self) -> Sequence[Action]:
        key = [self.object.uuid]
        if self.object.state == WaveState.PLANNED:
            return (
                Action(_("Make invitations"), reverse("feedback-round-invite", args=key), True),
            )
        if self.object.state == WaveState.OPEN:
            return (Action(_("Close round"), reverse("feedback-round-close", args=key)),)
        return ()

    def get_facts(self) -> Sequence[Fact]:
        wave = self.object
        return (
            Fact(_("Sender"), wave.organisation.name),
            Fact(_("Status"), wave.get_state_display()),
            Fact(_("First day"), wave.opens_date),
            Fact(_("Last day"), wave.closes_date),
            Fact(_("Invitations made"), wave.invited_date),
        )

    def get_tables(self) -> Sequence[Table]:
        return (
            table_of(
                (
                    Column("provider", _("Provider"), "provider", header=True),
                    Column("invited", _("Invited"), "invited", numeric=True),
                    Column("answered", _("Answered"), "answered_text", numeric=True),
                    Column(
                        "rate",
                        _("Response"),
                        lambda line: Percentage(line.response_rate),
                        numeric=True,
                    ),
                ),
                selectors.wave_response(self.object),
                caption=_("Response per provider"),
                empty=_("Nobody has been invited yet."),
            ),
        )


class WaveForm(forms.Form):
    organisation = forms.ModelChoiceField(
        label=gettext_lazy("Sender"), queryset=Organisation.objects.none()
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    opens_date = forms.DateField(label=gettext_lazy("First day"), widget=DateInput())
    closes_date = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=DateInput(),
        help_text=gettext_lazy("Three weeks is usual."),
    )

    def __init__(self, *args: Any, senders: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = senders


class WaveNewPage(FormPage):
    permission = Permission.MANAGE_QUALITY
    title = gettext_lazy("Plan a feedback round")
    form_class = WaveForm
    submit_label = gettext_lazy("Plan this round")
    success_message = gettext_lazy("The round is planned. Make the invitations when it starts.")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Feedback rounds"), reverse("feedback-rounds")),)

    def get_form_kwargs(self) -> dict[str, Any]:
        mine = self.actor.with_permission(Permission.MANAGE_QUALITY)
        return {"senders": Organisation.objects.of(mine).active()}

    def perform(self, form: forms.BaseForm) -> Any:
        return wave_create(actor=self.actor, **form.cleaned_data)

    def get_success_url(self, result: Any) -> str:
        return wave_url(result)


class _WaveConfirmPage(ConfirmPage):
    permission = Permission.MANAGE_QUALITY
    wave: FeedbackWave

    def prepare(self) -> None:
        wave = FeedbackWave.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        if wave is None:
            raise Http404
        self.wave = wave

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Feedback rounds"), reverse("feedback-rounds")),
            (self.wave.name, wave_url(self.wave)),
        )

    def get_success_url(self, result: Any) -> str:
        return wave_url(self.wave)


class WaveInvitePage(_WaveConfirmPage):
    """Makes the links and gives them out as one download: they are stored nowhere."""

    title = gettext_lazy("Make invitations")
    submit_label = gettext_lazy("Make invitations and download the list")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return (
            _("The list holds one link per person, for the letters. It can be made only once."),
            _("Nobody can see later which answers belong to which link."),
            _("Delete the list when the letters have been sent."),
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.prepare()
        # The answer is the list itself: a page after a redirect could not show it any more.
        links = wave_invite(actor=self.actor, wave=self.wave)
        rows: list[list[Any]] = [[_("Reference of the municipality"), _("Link"), _("Code")]]
        rows += [
            [
                link.reference,
                f"{settings.PUBLIC_URL}{reverse('feedback')}?c={link.token}",
                link.token,
            ]
            for link in links
        ]
        response = export_response(
            rows, file_name=f"feedback-{clock.today().isoformat()}", file_format="xlsx"
        )
        response["Cache-Control"] = "no-store"
        return response


class WaveClosePage(_WaveConfirmPage):
    title = gettext_lazy("Close round")
    submit_label = gettext_lazy("Close this round")
    success_message = gettext_lazy("The round is closed.")

    def get_consequences(self) -> Sequence[Text]:
        return (
            _("Links that were not used stop working."),
            _("A closed round cannot be opened again."),
        )

    def perform(self, form: forms.BaseForm) -> Any:
        return wave_close(actor=self.actor, wave=self.wave)
