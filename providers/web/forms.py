"""Forms of the provider's own pages; rules stand in the services."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.codelists.public import offered
from backend.common.codes import Component, Level, Literacy, Weekday
from backend.web.forms import DateInput
from providers.choices import (
    ContactRole,
    CourseKind,
    DeliveryMode,
    DeliveryRole,
    DocumentKind,
    Frequency,
    IntakeStatus,
    MarkKind,
    MarkStatus,
    SupportLanguage,
    TeacherQualification,
)
from providers.code_lists import SPECIAL_GROUPS
from providers.models import CourseGroup, Location, Provider, WeeklySlot
from providers.services.drafts import SlotDraft

NONE_CHOSEN = ("", gettext_lazy("Choose"))
LESSON = re.compile(r"^(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})$")


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DateInput())


def many_field(label: Any, choices: Any, *, required: bool = False) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, widget=forms.CheckboxSelectMultiple
    )


class ProviderForm(forms.Form):
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=30)
    website = forms.URLField(label=gettext_lazy("Website"), required=False, assume_scheme="https")


class RegisteredProviderForm(ProviderForm):
    """What only those who register providers may change comes first."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    kvk_number = forms.RegexField(
        r"^[0-9]{8}$",
        label=gettext_lazy("KvK number"),
        required=False,
        error_messages={"invalid": gettext_lazy("A KvK number has eight digits.")},
    )
    duo_number = forms.CharField(label=gettext_lazy("DUO number"), required=False, max_length=10)
    bow_number = forms.CharField(
        label=gettext_lazy("Blik op Werk number"), required=False, max_length=10
    )
    brin = forms.CharField(label=gettext_lazy("BRIN"), required=False, max_length=4)

    field_order = ("name", "kvk_number", "duo_number", "bow_number", "brin")


class ContactForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ContactRole.choices)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    phone = forms.CharField(label=gettext_lazy("Telephone"), required=False, max_length=30)


class DocumentForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=DocumentKind.choices)
    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    issue_date = day_field(gettext_lazy("Issued"))
    valid_until = day_field(
        gettext_lazy("Counts until"),
        required=False,
        help_text=gettext_lazy("Only if it ends earlier than this kind of document usually does."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Filed under"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Where the document itself is kept, for example a case number."),
    )


class MarkForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("Recognition"), choices=MarkKind.choices)
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=MarkStatus.choices)
    valid_from = day_field(gettext_lazy("First day"))
    valid_to = day_field(gettext_lazy("Last day"), required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=100,
        help_text=gettext_lazy("Where you found this, for example a letter of Blik op Werk."),
    )


class LocationForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Location code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    street = forms.CharField(label=gettext_lazy("Street"), required=False, max_length=120)
    house_number = forms.CharField(
        label=gettext_lazy("House number"), required=False, max_length=12
    )
    postcode = forms.RegexField(
        r"^[1-9][0-9]{3} ?[A-Za-z]{2}$",
        label=gettext_lazy("Postcode"),
        help_text=gettext_lazy("The place on the map follows from the postcode."),
        error_messages={"invalid": gettext_lazy("A postcode looks like 1234 AB.")},
    )
    place = forms.CharField(label=gettext_lazy("Place"), max_length=80)
    wheelchair_accessible = forms.BooleanField(
        label=gettext_lazy("Wheelchair accessible"), required=False
    )
    childcare = forms.BooleanField(label=gettext_lazy("Childcare"), required=False)

    def clean_postcode(self) -> str:
        return str(self.cleaned_data["postcode"]).replace(" ", "").upper()


class CourseForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Course code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of course"), choices=CourseKind.choices)
    component = forms.ChoiceField(
        label=gettext_lazy("Part of learning route"),
        choices=[("", gettext_lazy("None")), *Component.choices[:3]],
        required=False,
        help_text=gettext_lazy("For literacy training only: the route it belongs to."),
    )
    level_from = forms.ChoiceField(label=gettext_lazy("Lowest entry level"), choices=Level.choices)
    level_to = forms.ChoiceField(label=gettext_lazy("Highest entry level"), choices=Level.choices)
    target_level = forms.ChoiceField(label=gettext_lazy("Target level"), choices=Level.choices)
    literacy = many_field(gettext_lazy("Literacy"), Literacy.choices, required=True)
    hours_per_week = forms.DecimalField(
        label=gettext_lazy("Hours per week"), min_value=0, max_digits=4, decimal_places=1
    )
    total_hours = forms.IntegerField(label=gettext_lazy("Total hours"), min_value=1)
    mode = forms.ChoiceField(label=gettext_lazy("Form of teaching"), choices=DeliveryMode.choices)
    age_from = forms.IntegerField(
        label=gettext_lazy("From age"), required=False, min_value=16, max_value=99
    )
    age_to = forms.IntegerField(
        label=gettext_lazy("To age"), required=False, min_value=16, max_value=99
    )
    special_groups = many_field(gettext_lazy("Made for"), ())
    support_languages = many_field(
        gettext_lazy("Languages for explanation"), SupportLanguage.choices
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea
    )
    is_active = forms.BooleanField(label=gettext_lazy("Offered"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = self.initial.get("special_groups", ())
        self.fields["special_groups"].choices = offered(  # type: ignore[attr-defined]
            SPECIAL_GROUPS, besides=named
        )

    def clean(self) -> dict[str, Any]:
        """Without a choice the component follows from the kind; only literacy has one to choose."""
        data = dict(super().clean() or {})
        kind = data.get("kind", "")
        if kind in Component.values:
            data["component"] = kind
        return data


def lesson_fields() -> dict[str, forms.CharField]:
    """A box per weekday, so that a week is typed with the keyboard alone."""
    return {
        f"day_{number}": forms.CharField(
            label=label,
            required=False,
            max_length=60,
            help_text=(
                gettext_lazy("From and until, for example 09:00-12:00, 13:00-15:00.")
                if number == 1
                else ""
            ),
        )
        for number, label in Weekday.choices
    }


class GroupForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Group code"), max_length=40)
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"), queryset=Location.objects.none()
    )
    min_size = forms.IntegerField(label=gettext_lazy("Smallest group"), min_value=1, initial=6)
    max_size = forms.IntegerField(label=gettext_lazy("Largest group"), min_value=1, initial=15)
    room_seats = forms.IntegerField(
        label=gettext_lazy("Seats in the room"), required=False, min_value=1
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].queryset = provider.locations.order_by("name")  # type: ignore[attr-defined]
        self.fields |= lesson_fields()

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        slots: list[SlotDraft] = []
        for number in Weekday.values:
            text = data.pop(f"day_{number}", "") or ""
            try:
                slots += parse_lessons(number, text)
            except ValidationError as error:
                self.add_error(f"day_{number}", error)
        data["slots"] = tuple(slots)
        return data


def parse_lessons(weekday: int, text: str) -> list[SlotDraft]:
    """The lessons of one day. Raises ValidationError with an example."""
    slots = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        found = LESSON.match(part)
        try:
            if found is None:
                raise ValueError(part)
            hours = [int(one) for one in found.groups()]
            slots.append(SlotDraft(weekday, time(hours[0], hours[1]), time(hours[2], hours[3])))
        except ValueError:
            raise ValidationError(
                _("“%(text)s” is no lesson time. Write it as 09:00-12:00.") % {"text": part}
            ) from None
    return slots


def lessons_as_text(group: CourseGroup) -> Mapping[str, str]:
    """The lessons of a group as they are typed, for the form."""
    days: dict[str, list[str]] = {}
    for slot in WeeklySlot.objects.filter(group=group).order_by("weekday", "start_time"):
        days.setdefault(f"day_{slot.weekday}", []).append(
            f"{slot.start_time:%H:%M}-{slot.end_time:%H:%M}"
        )
    return {day: ", ".join(lessons) for day, lessons in days.items()}


class IntakeForm(forms.Form):
    start_date = day_field(gettext_lazy("Start"))
    end_date = day_field(gettext_lazy("End"))
    seats_total = forms.IntegerField(label=gettext_lazy("Seats"), min_value=1)
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[
            (IntakeStatus.PUBLISHED.value, IntakeStatus.PUBLISHED.label),
            (IntakeStatus.DRAFT.value, IntakeStatus.DRAFT.label),
        ],
    )


class SeriesForm(forms.Form):
    first_date = day_field(gettext_lazy("First start"))
    last_date = day_field(gettext_lazy("Last start, at the latest"))
    step = forms.IntegerField(label=gettext_lazy("Every"), min_value=1, initial=6)
    frequency = forms.ChoiceField(
        label=gettext_lazy("Weeks or months"),
        choices=[
            (Frequency.WEEKS.value, gettext_lazy("weeks")),
            (Frequency.MONTHS.value, gettext_lazy("months")),
        ],
    )
    weeks = forms.IntegerField(
        label=gettext_lazy("Length of the course in weeks"), min_value=1, max_value=260, initial=40
    )
    seats_total = forms.IntegerField(label=gettext_lazy("Seats per start"), min_value=1)


class SeatsForm(forms.Form):
    seats_total = forms.IntegerField(label=gettext_lazy("Seats"), min_value=0)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Municipalities read this. Do not write names."),
    )


class MoveForm(ReasonForm):
    start_date = day_field(gettext_lazy("New start"))
    end_date = day_field(
        gettext_lazy("New end"),
        required=False,
        help_text=gettext_lazy("Leave empty to keep the same length."),
    )
    field_order = ("start_date", "end_date", "reason")


class TeacherForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Teacher code"),
        max_length=40,
        help_text=gettext_lazy("A staff number or initials; no name is needed."),
    )
    qualification = forms.ChoiceField(
        label=gettext_lazy("Qualification"), choices=TeacherQualification.choices
    )
    hours_per_week = forms.DecimalField(
        label=gettext_lazy("Hours per week"), min_value=0, max_digits=4, decimal_places=1
    )
    valid_from = day_field(gettext_lazy("Works from"))
    valid_to = day_field(gettext_lazy("Works until"), required=False)


class TeacherHoursForm(forms.Form):
    teacher: Any = forms.ModelChoiceField(label=gettext_lazy("Teacher"), queryset=None)
    hours_per_week = forms.DecimalField(
        label=gettext_lazy("Hours per week"), min_value=0, max_digits=4, decimal_places=1
    )
    valid_from = day_field(gettext_lazy("From"))
    valid_to = day_field(gettext_lazy("Until"), required=False)

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = provider.teachers.order_by("code")  # type: ignore[attr-defined]


class DeliveryPartyForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=160)
    kvk_number = forms.CharField(label=gettext_lazy("KvK number"), required=False, max_length=8)
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=DeliveryRole.choices)
    valid_from = day_field(gettext_lazy("From"))
    valid_to = day_field(gettext_lazy("Until"), required=False)
    consent_date = day_field(
        gettext_lazy("Consent given"),
        required=False,
        help_text=gettext_lazy("The day on which the municipality agreed to this party."),
    )


class InstitutionsForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File with the list of DUO (JSON)"),
        required=False,
        help_text=gettext_lazy("Leave empty to fetch the list from DUO itself."),
    )


class CapacityForm(forms.Form):
    search = forms.CharField(
        label=gettext_lazy("Search"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
        help_text=gettext_lazy("Part of the name of the provider, the contract or the lot."),
    )
    alert = forms.ChoiceField(
        label=gettext_lazy("Alerts"),
        choices=(
            ("", gettext_lazy("All")),
            ("true", gettext_lazy("With an alert")),
            ("false", gettext_lazy("In order")),
        ),
        required=False,
    )
    first = day_field(gettext_lazy("Starts on or after"), required=False)
    last = day_field(gettext_lazy("Starts on or before"), required=False)
