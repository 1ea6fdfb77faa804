"""Recording the final MAP talk, the signed PVT and the end of the Z route."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import Fact, FormPage
from backend.web.values import day_text
from matching.agreement_choices import CompletionKind, Culpable
from matching.models import Completion, Participant
from matching.services.completions import CompletionData, completion_record
from matching.web.agreement_pages import OfPersonMixin


class CompletionForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What"), choices=CompletionKind.choices, widget=forms.RadioSelect
    )
    completed_on = forms.DateField(
        label=gettext_lazy("Completed on"),
        widget=DateInput(),
        required=False,
        help_text=gettext_lazy("Empty when it was not done within the term."),
    )
    culpable = forms.ChoiceField(
        label=gettext_lazy("Late by the person's own fault?"),
        choices=[("", gettext_lazy("Done within the term")), *Culpable.choices],
        required=False,
        help_text=gettext_lazy("Only for MAP and PVT, and only when the term has passed."),
    )


class CompletionPage(OfPersonMixin, FormPage):
    """One of the three; the same again replaces it. DUO gets it from the municipality's system."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Record what was completed")
    intro = gettext_lazy(
        "What you record here is what your own system sends to DUO. Recording the same part again "
        "replaces it; history keeps what stood there before."
    )
    form_class = CompletionForm
    success_message = gettext_lazy("What was completed has been recorded.")

    def get_initial(self) -> dict[str, Any]:
        return {"completed_on": clock.today()}

    def perform(self, form: forms.BaseForm) -> Completion:
        return completion_record(
            actor=self.actor,
            participant=self.participant,
            data=CompletionData(**form.cleaned_data),
        )


def completion_facts(participant: Participant) -> list[Fact]:
    """Each part that was recorded, as facts of the PIP page; one query."""
    return [
        Fact(CompletionKind(one.kind).label, _said(one)) for one in participant.completions.all()
    ]


def _said(one: Completion) -> str:
    parts = [day_text(one.completed_on) if one.completed_on else _("not within the term")]
    parts += [str(Culpable(one.culpable).label)] if one.culpable else []
    return "; ".join(parts)
