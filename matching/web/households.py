"""Entering and changing the household of somebody with a PIP."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.errors import Violation
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import Action, ConfirmPage, Crumb, Fact, FormPage
from backend.web.values import Text
from matching import policies
from matching.errors import HouseholdInvalidError
from matching.household_choices import Coupling, Wish
from matching.models import Household, Participant, Pip
from matching.services.households import (
    HouseholdData,
    household_change,
    household_dissolve,
    household_register,
)
from matching.web import household_texts
from matching.web.pip_pages import WORK_LIST

SEPARATORS = re.compile(r"[\s,;]+")


def household_of_person(participant: Participant) -> Household | None:
    return Household.objects.filter(members__participant=participant).order_by("pk").first()


def household_facts(participant: Participant) -> list[Fact]:
    """The household in one line, for the pages about the person."""
    household = household_of_person(participant)
    if household is None:
        return []
    others = household.participants.exclude(pk=participant.pk).order_by("reference")
    names = ", ".join(others.values_list("reference", flat=True))
    return [
        Fact(_("Household with"), names),
        Fact(_("Agreed with the household"), household_texts.of_household(household)),
    ]


class HouseholdForm(forms.Form):
    others = forms.CharField(
        label=gettext_lazy("References of the other members"),
        help_text=gettext_lazy("The municipality's own references, with a comma between them."),
        max_length=500,
    )
    coupling = forms.ChoiceField(
        label=gettext_lazy("How do they start?"),
        choices=Coupling.choices,
        widget=forms.RadioSelect,
    )
    until_date = forms.DateField(
        label=gettext_lazy("Together until"),
        help_text=gettext_lazy("After this day each member may start alone. Empty: no end."),
        widget=DateInput(),
        required=False,
    )
    wish = forms.ChoiceField(
        label=gettext_lazy("What do they want?"), choices=Wish.choices, widget=forms.RadioSelect
    )


class HouseholdPage(FormPage):
    """Who belongs together, how they start and until when."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("Household")
    intro = gettext_lazy(
        "Places of a household have to do with each other. A run over the waiting list holds to "
        "it, and a search shows for every place whether the others can start too."
    )
    form_class = HouseholdForm
    submit_label = gettext_lazy("Save the household")
    success_message = gettext_lazy("The household has been saved.")
    error_fields = {"participants": "others"}

    def prepare(self) -> None:
        found = (
            Participant.objects.visible_to(self.actor)
            .select_related("municipality")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        policies.require_manage_pips(self.actor, found.municipality_id)
        self.participant: Participant = found
        self.household = household_of_person(found)

    def get_title(self) -> Text:
        return _("Household of %(reference)s") % {"reference": self.participant.reference}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        pip = Pip.objects.filter(participant=self.participant, is_current=True).first()
        if pip is None:
            return (WORK_LIST,)
        title = _("PIP of %(reference)s") % {"reference": self.participant.reference}
        return (WORK_LIST, (title, reverse("pip", args=[pip.uuid])))

    def get_actions(self) -> Sequence[Action]:
        if self.household is None:
            return ()
        url = reverse("household-dissolve", args=[self.household.uuid])
        return (Action(_("End this household"), url),)

    def get_initial(self) -> dict[str, Any]:
        one = self.household
        if one is None:
            return {"coupling": Coupling.TOGETHER, "wish": Wish.SAME_PLACE}
        others = one.participants.exclude(pk=self.participant.pk).order_by("reference")
        return {
            "others": ", ".join(others.values_list("reference", flat=True)),
            "coupling": one.coupling,
            "until_date": one.until_date,
            "wish": one.wish,
        }

    def perform(self, form: forms.BaseForm) -> Household:
        given = form.cleaned_data
        data = HouseholdData(
            participants=[self.participant, *self._others(given["others"])],
            coupling=given["coupling"],
            wish=given["wish"],
            until_date=given["until_date"],
        )
        if self.household is None:
            return household_register(actor=self.actor, data=data)
        return household_change(actor=self.actor, household=self.household, data=data)

    def get_success_url(self, result: Household) -> str:
        return self.get_breadcrumbs()[-1][1]

    def _others(self, text: str) -> list[Participant]:
        wanted = {one for one in SEPARATORS.split(text) if one}
        found = Participant.objects.visible_to(self.actor).filter(
            municipality=self.participant.municipality, reference__in=wanted
        )
        missing = wanted - {one.reference for one in found}
        if missing:
            raise HouseholdInvalidError(
                violations=[
                    Violation(
                        "participants",
                        "unknown_reference",
                        _("There is nobody here with the reference %(references)s.")
                        % {"references": ", ".join(sorted(missing))},
                    )
                ]
            )
        return list(found)


class HouseholdDissolvePage(ConfirmPage):
    """Everybody stands alone again."""

    permission = Permission.MANAGE_PIPS
    title = gettext_lazy("End this household")
    submit_label = gettext_lazy("End this household")
    success_message = gettext_lazy("The household has ended: each member may start alone.")

    def prepare(self) -> None:
        found = Household.objects.visible_to(self.actor).filter(uuid=self.kwargs["uuid"]).first()
        if found is None:
            raise Http404
        policies.require_manage_pips(self.actor, found.municipality_id)
        self.household: Household = found

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (WORK_LIST,)

    def get_consequences(self) -> Sequence[Text]:
        return (_("The members are no longer held together. Places they have stay as they are."),)

    def perform(self, form: forms.BaseForm) -> None:
        household_dissolve(actor=self.actor, household=self.household)

    def get_success_url(self, result: None) -> str:
        return reverse("work-list")
