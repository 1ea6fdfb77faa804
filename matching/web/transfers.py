"""Moving a group of people from one provider to others: alternatives, warning, commit."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.common import clock
from backend.common.personal_text import CONFIRMED
from backend.organisations.permissions import Permission
from backend.web.forms import DateInput
from backend.web.pages import Action, Crumb, Fact, FormPage
from backend.web.personal_text import PersonalTextField
from backend.web.values import Text, day_text
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import GroupTransfer, Placement
from matching.services.group_transfers import group_transfer
from matching.services.transfers import Move, Terms, transfer_warnings
from matching.web.records import overruled_rules_field
from providers.models import Provider
from providers.public import Alternative, alternatives_for

# One field a person; whoever has more does it in two rounds.
MOST = 100
CHOICES_PER_START = 8
# The fields that hold for everybody, in the order of the page.
TERMS = ("motivation", "last_day", "approval", "overruled_rules", "overrule_reason", CONFIRMED)


class TransferForm(forms.Form):
    """Where each person goes, and what holds for all of them."""

    def __init__(
        self, *args: Any, people: Sequence["Person"], may_overrule: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in people:
            self.fields[one.field] = forms.ChoiceField(
                label=_("New place"),
                required=False,
                choices=[("", _("Does not move now")), *one.choices],
                initial=one.proposed,
            )
        self.fields["motivation"] = PersonalTextField(
            label=_("Why these people move"),
            max_length=1000,
            help_text=_("Stays with each new place. No health details."),
        )
        self.fields["last_day"] = forms.DateField(
            label=_("Last lesson at this provider"),
            widget=DateInput(),
            initial=clock.today(),
            help_text=_("For people whose course has started."),
        )
        self.fields["approval"] = PersonalTextField(
            label=_("Written approval of Blik op Werk"),
            widget=forms.TextInput(),
            max_length=300,
            required=False,
            help_text=_("Reference and date. Needed above 15 learners to one holder (R-KEU-3)."),
        )
        if may_overrule:
            self.fields["overruled_rules"] = overruled_rules_field()
            self.fields["overrule_reason"] = PersonalTextField(
                label=_("Reason to set a rule aside"),
                max_length=400,
                required=False,
                help_text=_(
                    "For whom the new place breaks a rule of fit, for instance because it starts "
                    "later than the PIP allows. The reason is kept."
                ),
            )


class Person:
    """A place on the page, with the starts that could take it over."""

    def __init__(self, placement: Placement, alternatives: Sequence[Alternative]) -> None:
        self.placement = placement
        self.alternatives = {str(one.intake_moment.uuid): one for one in alternatives}
        self.proposed = ""

    @property
    def field(self) -> str:
        return f"target_{self.placement.uuid.hex}"

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(key, _label(one)) for key, one in self.alternatives.items()]

    @property
    def facts(self) -> tuple[Fact, ...]:
        place = self.placement
        return (
            Fact(_("Municipality"), place.municipality.name),
            Fact(_("Status"), place.get_state_display()),
            Fact(_("Course"), place.intake_moment.group.course.name),
            Fact(_("Start"), place.intake_moment.start_date),
        )


def _label(one: Alternative) -> str:
    moment = one.intake_moment
    return _("%(school)s, %(course)s, start %(day)s, %(seats)s free, %(km)s km") % {
        "school": moment.group.course.provider,
        "course": moment.group.course.name,
        "day": day_text(moment.start_date),
        "seats": one.seats_free,
        "km": round(one.distance_km),
    }


def _propose(people: Sequence[Person]) -> None:
    """The best alternative of each with a seat left, so that nobody gets a seat twice."""
    taken: dict[str, int] = defaultdict(int)
    for one in people:
        for key, found in one.alternatives.items():
            if taken[key] < found.seats_free:
                taken[key] += 1
                one.proposed = key
                break


class TransferPage(FormPage):
    permission = Permission.PLACE
    template_name = "matching/transfer.html"
    form_class = TransferForm
    submit_label = gettext_lazy("Move these people")

    def prepare(self) -> None:
        provider = (
            Provider.objects.visible_to(self.actor)
            .select_related("organisation")
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if provider is None:
            raise Http404
        self.provider = provider
        places = list(
            Placement.objects.visible_to(self.actor)
            .filter(
                municipality__in=self.actor.with_permission(Permission.PLACE),
                provider_organisation=provider.organisation_id,
                state__in=OPEN_PLACEMENT_STATES,
                intake_moment__end_date__gte=clock.today(),
            )
            .select_related(
                "need",
                "participant",
                "municipality",
                "intake_moment__group__location",
                "intake_moment__group__course__provider__organisation",
            )
            .order_by("intake_moment__start_date", "pk")[: MOST + 1]
        )
        self.more = len(places) > MOST
        found: dict[int, list[Alternative]] = {}
        for one in places[:MOST]:
            if one.intake_moment_id not in found:
                others = alternatives_for(one.intake_moment, most=4 * CHOICES_PER_START)
                found[one.intake_moment_id] = [
                    other
                    for other in others
                    if other.intake_moment.group.course.provider_id != provider.pk
                ][:CHOICES_PER_START]
        self.people = [Person(one, found[one.intake_moment_id]) for one in places[:MOST]]
        _propose(self.people)

    def get_title(self) -> Text:
        return _("Move people away from %(name)s") % {"name": self.provider}

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Providers"), reverse("providers")),
            (str(self.provider), reverse("provider", args=[self.provider.uuid])),
            (_("Who has a place here"), reverse("provider-people", args=[self.provider.uuid])),
        )

    def get_form_kwargs(self) -> dict[str, Any]:
        municipalities = {one.placement.municipality_id for one in self.people}
        return {
            "people": self.people,
            "may_overrule": any(self.actor.may(Permission.OVERRULE, one) for one in municipalities),
        }

    def _moves(self, chosen: dict[str, str]) -> list[Move]:
        return [
            Move(one.placement, one.alternatives[chosen[one.field]].intake_moment)
            for one in self.people
            if chosen.get(one.field)
        ]

    def get_context(self, **extra: Any) -> dict[str, Any]:
        form = extra["form"]
        proposed = self._moves({one.field: one.proposed for one in self.people})
        return super().get_context(
            people=[
                {
                    "title": one.placement.participant.reference,
                    "facts": one.facts,
                    "field": form[one.field],
                    "nowhere": not one.alternatives,
                }
                for one in self.people
            ],
            terms=[form[name] for name in TERMS if name in form.fields],
            warnings=transfer_warnings(proposed),
            more=self.more,
            **extra,
        )

    def get_actions(self) -> Sequence[Action]:
        return (Action(_("Moved groups"), reverse("group-transfers")),)

    def perform(self, form: Any) -> list[GroupTransfer]:
        data = form.cleaned_data
        return group_transfer(
            actor=self.actor,
            moves=self._moves(data),
            terms=Terms(
                data["motivation"],
                data["last_day"],
                data["approval"],
                data.get("overruled_rules", ()),
                data.get("overrule_reason", ""),
            ),
        )

    def get_success_url(self, result: list[GroupTransfer]) -> str:
        """Where nobody stayed the next ones can be moved; otherwise the report says why."""
        moved = sum(one.moved for one in result)
        stayed = sum(one.stayed for one in result)
        if moved:
            text = ngettext(
                "%(number)s person has been offered another place.",
                "%(number)s people have been offered another place.",
                moved,
            )
            messages.success(self.request, text % {"number": moved})
        if not stayed:
            return reverse("provider-transfer", args=[self.provider.uuid])
        text = ngettext(
            "%(number)s person stays. The report says why; you find it again under Moved groups.",
            "%(number)s people stay. The report says why; you find it again under Moved groups.",
            stayed,
        )
        messages.warning(self.request, text % {"number": stayed})
        if len(result) > 1:
            return reverse("group-transfers")
        return reverse("group-transfer", args=[result[0].uuid])
