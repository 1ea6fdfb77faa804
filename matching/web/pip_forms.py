"""The forms of a PIP: few visible fields, prefilled; what is rarely needed stands folded away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common import clock
from backend.common.codes import (
    SLOT_CODES,
    WEEKDAY_CODES,
    DayPart,
    LearningRoute,
    Level,
    Literacy,
    TargetGroup,
    Weekday,
)
from backend.organisations.models import Organisation
from backend.organisations.public import place_of_postcode
from backend.web.forms import DateInput
from backend.web.values import Text
from matching.choices import PipLevel
from matching.models import Pip
from matching.services.participants import IdentityData, ParticipantData
from matching.services.pip_rules import PipData
from matching.web import texts

# By day, from Monday to Friday: when most courses have their lessons.
USUAL_SLOTS = tuple(f"{day}{part}" for day in WEEKDAY_CODES[:5] for part in (1, 2))
USUAL_HOURS_PER_WEEK = 12
START_WINDOW = (timedelta(weeks=1), timedelta(weeks=13))


class SlotGrid(forms.CheckboxSelectMultiple):
    """The week as a grid of checkboxes: a row per day, a column per day-part."""

    template_name = "matching/pip_slots.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        boxes = [options[0] for _group, options, _index in context["widget"]["optgroups"]]
        parts = len(DayPart)
        context["parts"] = [part.label for part in DayPart]
        context["days"] = [
            (day.label, boxes[number * parts : (number + 1) * parts])
            for number, day in enumerate(Weekday)
        ]
        return context


@dataclass(frozen=True)
class FieldGroup:
    """Fields under one heading; `folded` ones stand behind a summary until they are needed."""

    legend: Text
    fields: Sequence[BoundField]
    folded: bool = False

    @property
    def is_open(self) -> bool:
        """Errors in a folded group may not stay hidden."""
        return any(field.errors for field in self.fields)


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), required=required, help_text=help_text)


class PlanForm(forms.Form):
    """What the PIP says."""

    route = forms.ChoiceField(label=gettext_lazy("Learning route"), choices=LearningRoute.choices)
    level = forms.ChoiceField(label=gettext_lazy("Target level"), choices=PipLevel.choices)
    entry_level = forms.ChoiceField(label=gettext_lazy("Current level"), choices=Level.choices)
    literacy = forms.ChoiceField(label=gettext_lazy("Literacy training"), choices=Literacy.choices)
    hours_per_week = forms.IntegerField(label=gettext_lazy("Hours per week"))
    availability = forms.MultipleChoiceField(
        label=gettext_lazy("When can this person have lessons?"),
        choices=[(code, code) for code in SLOT_CODES],
        widget=SlotGrid(),
        required=False,
    )
    postcode4 = forms.CharField(
        label=gettext_lazy("First four digits of the postcode"),
        max_length=4,
        required=False,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "hx-get": reverse_lazy("postcode-place"),
                "hx-trigger": "change",
                "hx-target": "#pip-place",
            }
        ),
    )
    earliest_start_date = _day(gettext_lazy("Earliest start"))
    latest_start_date = _day(gettext_lazy("Latest start"))
    decision_date = _day(gettext_lazy("Date of decision"))
    max_travel_km = forms.IntegerField(
        label=gettext_lazy("Travel limit in km"),
        help_text=gettext_lazy("Empty: as in the policy of the municipality."),
        min_value=1,
        max_value=500,
        required=False,
    )
    accepts_online = forms.BooleanField(
        label=gettext_lazy("Online lessons are possible"), required=False
    )
    needs_childcare = forms.BooleanField(label=gettext_lazy("Needs childcare"), required=False)
    needs_wheelchair_access = forms.BooleanField(
        label=gettext_lazy("Needs wheelchair access"), required=False
    )
    estimated_hours = forms.IntegerField(
        label=gettext_lazy("Estimated hours in the B1 route"),
        help_text=gettext_lazy("Only for asylum status holders in the B1 route."),
        required=False,
    )
    downscale_hours = forms.IntegerField(
        label=gettext_lazy("Course hours followed, when you go from B1 to A2"),
        help_text=gettext_lazy(
            "At a school with the quality mark. You also judge that B1 is out of reach within the "
            "term, and that the person made enough effort."
        ),
        min_value=1,
        max_value=9999,
        required=False,
    )
    may_finish_education = forms.BooleanField(
        label=gettext_lazy("May finish the current education first"), required=False
    )

    MAIN = (
        "route",
        "level",
        "entry_level",
        "literacy",
        "hours_per_week",
        "availability",
        "postcode4",
        "earliest_start_date",
        "latest_start_date",
    )
    REST = (
        "decision_date",
        "max_travel_km",
        "accepts_online",
        "needs_childcare",
        "needs_wheelchair_access",
        "estimated_hours",
        "downscale_hours",
        "may_finish_education",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Here, because the codes have words in the language of the visitor.
        self.fields["availability"].choices = [  # type: ignore[attr-defined]
            (code, texts.slot_label(code)) for code in SLOT_CODES
        ]
        given = self.data if self.is_bound else self.initial
        self.fields["postcode4"].help_text = format_html(
            '<span id="pip-place" role="status">{}</span>',
            place_sentence(str(given.get("postcode4") or "")),
        )

    def groups(self) -> list[FieldGroup]:
        return [
            FieldGroup(_("The plan"), self._bound(self.MAIN)),
            FieldGroup(_("More about the plan"), self._bound(self.REST), folded=True),
        ]

    def _bound(self, names: Iterable[str]) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]

    def plan(self) -> PipData:
        """The plan as the service takes it; the point comes from the postcode."""
        names = (*self.MAIN, *self.REST)
        data = {name: self.cleaned_data[name] for name in names}
        return PipData(**data | {"availability": tuple(data["availability"])})


class NewPipForm(PlanForm):
    """A person who is not in Passend yet, with the first PIP."""

    municipality = forms.ModelChoiceField(
        label=gettext_lazy("Municipality"),
        queryset=Organisation.objects.none(),
        to_field_name="code",
        empty_label=None,
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference of the municipality"),
        help_text=gettext_lazy("Your own case number. Never the BSN."),
        max_length=40,
    )
    given_name = forms.CharField(label=gettext_lazy("Given name"), max_length=80, required=False)
    family_name = forms.CharField(
        label=gettext_lazy("Family name"),
        help_text=gettext_lazy("Kept apart from the plan; matching never sees it."),
        max_length=80,
        required=False,
    )
    target_group = forms.ChoiceField(
        label=gettext_lazy("Target group"),
        help_text=gettext_lazy("As DUO delivers it."),
        choices=TargetGroup.choices,
    )
    obligation_start_date = _day(gettext_lazy("Start of the obligation"))
    settlement_date = _day(
        gettext_lazy("Settled in the municipality"),
        help_text=gettext_lazy("Registration in the BRP of this municipality."),
    )
    notified_at_date = _day(
        gettext_lazy("Notified by DUO"),
        help_text=gettext_lazy("Day of the notification that starts the 10 weeks (SS139)."),
    )
    birth_date = _day(gettext_lazy("Date of birth"), required=False)
    language = forms.CharField(
        label=gettext_lazy("Language"),
        help_text=gettext_lazy("Code of two or three letters, for letters: ar, ti, tr, fa, uk."),
        max_length=3,
        required=False,
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=30, required=False)
    third_party_information_date = _day(
        gettext_lazy("Missing information of others came in on"),
        required=False,
        help_text=gettext_lazy("Gives two weeks from that day, when that is later than 10 weeks."),
    )
    first_pip_date = _day(
        gettext_lazy("First PIP in another municipality"),
        required=False,
        help_text=gettext_lazy("Only as DUO delivers it, just like the term below."),
    )
    term_start_date = _day(gettext_lazy("Start of the integration term"), required=False)
    term_end_date = _day(
        gettext_lazy("End of the integration term"),
        required=False,
        help_text=gettext_lazy("The first day after the term, as DUO delivers it."),
    )

    PERSON = (
        "municipality",
        "reference",
        "given_name",
        "family_name",
        "target_group",
        "obligation_start_date",
        "settlement_date",
        "notified_at_date",
    )
    PERSON_REST = (
        "birth_date",
        "language",
        "email",
        "phone",
        "third_party_information_date",
        "first_pip_date",
        "term_start_date",
        "term_end_date",
    )

    def __init__(self, *args: Any, municipalities: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = municipalities  # type: ignore[attr-defined]

    def groups(self) -> list[FieldGroup]:
        return [
            FieldGroup(_("The person"), self._bound(self.PERSON)),
            FieldGroup(_("More about the person"), self._bound(self.PERSON_REST), folded=True),
            *super().groups(),
        ]

    def person(self) -> ParticipantData:
        return ParticipantData(
            **{name: self.cleaned_data[name] for name in ParticipantData.__dataclass_fields__}
        )

    def identity(self) -> IdentityData | None:
        """Name and contact details, or nothing where none were given."""
        given = {name: self.cleaned_data[name] for name in IdentityData.__dataclass_fields__}
        return IdentityData(**given) if any(given.values()) else None


def usual_plan() -> dict[str, Any]:
    """What most first PIPs say: a start soon, lessons by day, the B1 route."""
    today = clock.today()
    return {
        "decision_date": today,
        "route": LearningRoute.B1_ROUTE,
        "level": PipLevel.B1,
        "entry_level": Level.A0,
        "literacy": Literacy.NOT_APPLICABLE,
        "hours_per_week": USUAL_HOURS_PER_WEEK,
        "availability": USUAL_SLOTS,
        "earliest_start_date": today + START_WINDOW[0],
        "latest_start_date": today + START_WINDOW[1],
    }


def plan_of(pip: Pip) -> dict[str, Any]:
    """The current plan as the start of a new version, decided today."""
    today = clock.today()
    earliest = max(pip.earliest_start_date, today)
    same = {name: getattr(pip, name) for name in (*PlanForm.MAIN, *PlanForm.REST)}
    return same | {
        "decision_date": max(today, pip.decision_date),
        "earliest_start_date": earliest,
        "latest_start_date": max(pip.latest_start_date, earliest),
    }


def place_sentence(postcode4: str) -> str:
    """Which place a postcode is, so that a typing mistake is seen at once."""
    if not postcode4:
        return _("Empty: the centre of the municipality.")
    place = place_of_postcode(postcode4)
    return place or _("This postcode is not known: the centre of the municipality counts.")
