"""The pages that take a step with a placement; each calls one service."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import offered
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import ConfirmPage, Crumb, FormPage
from backend.web.personal_text import PersonalTextField
from backend.web.values import Text
from matching.code_lists import REFUSALS, STOPS, WITHDRAWALS, lists_day
from matching.models import Placement
from matching.public import (
    placement_accept,
    placement_offer,
    placement_refuse,
    placement_start,
    placement_stop,
    placement_withdraw,
)

NOTE_HELP = gettext_lazy("Only if needed. Do not write names or health details.")


class PlacementStepMixin:
    """Loads the placement through the actor's eyes and goes back to it."""

    actor: Any
    kwargs: dict[str, Any]
    placement: Placement

    def prepare(self) -> None:
        found = (
            Placement.objects.visible_to(self.actor)
            .select_related("participant", "intake_moment__group__course")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        self.placement = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        name = _("Place for %(reference)s") % {"reference": self.placement.participant.reference}
        return ((name, reverse("placement", args=[self.placement.uuid])),)

    def get_success_url(self, result: Placement) -> str:
        return reverse("placement", args=[result.uuid])


class OfferPage(PlacementStepMixin, ConfirmPage):
    permission = Permission.PLACE
    title = gettext_lazy("Offer this place?")
    submit_label = gettext_lazy("Yes, offer the place")
    success_message = gettext_lazy("The place has been offered. The provider has been notified.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The seat stays held until the provider has answered."),
            _("The provider sees the reference and the plan, and the name after accepting."),
        ]

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_offer(actor=self.actor, placement=self.placement)


class AcceptPage(PlacementStepMixin, ConfirmPage):
    permission = Permission.ANSWER_PLACEMENTS
    title = gettext_lazy("Accept this person?")
    submit_label = gettext_lazy("Yes, accept")
    success_message = gettext_lazy("You accepted. The municipality has been notified.")
    danger = False

    def get_consequences(self) -> Sequence[Text]:
        return [
            _("The seat on “%(course)s” is taken for good.")
            % {"course": self.placement.intake_moment.group.course},
            _("You then see the name and the contact details of the person."),
        ]

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_accept(actor=self.actor, placement=self.placement)


class ReasonForm(forms.Form):
    """A coded reason of the list that the place keeps and, only where needed, a few words."""

    code_list: ClassVar[str]
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), widget=forms.RadioSelect)
    note = PersonalTextField(
        label=gettext_lazy("Explanation"),
        help_text=NOTE_HELP,
        required=False,
        max_length=400,
    )

    def __init__(self, *args: Any, placement: Placement, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = offered(self.code_list, lists_day(placement))
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]


class ReasonPage(PlacementStepMixin, FormPage):
    """A step that needs a coded reason."""

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"placement": self.placement}


class RefusalForm(ReasonForm):
    code_list = REFUSALS


class WithdrawalForm(ReasonForm):
    code_list = WITHDRAWALS


class RefusePage(ReasonPage):
    permission = Permission.ANSWER_PLACEMENTS
    title = gettext_lazy("Refuse this place")
    intro = gettext_lazy("The contract allows three grounds. The person goes back on the list.")
    form_class = RefusalForm
    submit_label = gettext_lazy("Refuse the place")
    success_message = gettext_lazy("You refused. The municipality has been notified.")

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_refuse(actor=self.actor, placement=self.placement, **form.cleaned_data)


class WithdrawPage(ReasonPage):
    permission = Permission.PLACE
    title = gettext_lazy("Withdraw this place")
    intro = gettext_lazy("The seat becomes free at once and the person waits again.")
    form_class = WithdrawalForm
    submit_label = gettext_lazy("Withdraw the place")
    success_message = gettext_lazy("The place has been withdrawn. The person waits again.")

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_withdraw(actor=self.actor, placement=self.placement, **form.cleaned_data)


class StartForm(forms.Form):
    start_date = forms.DateField(label=gettext_lazy("First lesson"), widget=DateInput())


class StartPage(PlacementStepMixin, FormPage):
    permission = Permission.RECORD_DELIVERY
    title = gettext_lazy("Report the start")
    intro = gettext_lazy("The day on which this person really attended the first lesson.")
    form_class = StartForm
    submit_label = gettext_lazy("Report start")
    success_message = gettext_lazy("The start has been reported to the municipality.")

    def get_initial(self) -> dict[str, Any]:
        return {"start_date": min(self.placement.intake_moment.start_date, clock.today())}

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_start(actor=self.actor, placement=self.placement, **form.cleaned_data)


class StopForm(ReasonForm):
    code_list = STOPS
    end_date = forms.DateField(label=gettext_lazy("Last lesson"), widget=DateInput())
    field_order = ["end_date", "reason", "note"]


class StopPage(ReasonPage):
    permission = Permission.RECORD_DELIVERY
    title = gettext_lazy("Report the end")
    intro = gettext_lazy("The day of the last lesson, and why the course ended for this person.")
    form_class = StopForm
    submit_label = gettext_lazy("Report end")
    success_message = gettext_lazy("The end has been reported to the municipality.")

    def get_initial(self) -> dict[str, Any]:
        return {"end_date": min(self.placement.intake_moment.end_date, clock.today())}

    def perform(self, form: forms.BaseForm) -> Placement:
        return placement_stop(actor=self.actor, placement=self.placement, **form.cleaned_data)
