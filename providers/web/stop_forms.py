"""Forms of intake stops, for the provider and for the buyer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from providers.choices import CourseKind, StopGround
from providers.models import Course, Location, Provider
from providers.web.forms import day_field


class StopForm(forms.Form):
    """What both parties fill in; scope fields left empty stop everything."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of course"),
        choices=[("", gettext_lazy("All")), *CourseKind.choices],
        required=False,
    )
    course = forms.ModelChoiceField(
        label=gettext_lazy("Course"),
        queryset=Course.objects.none(),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    location = forms.ModelChoiceField(
        label=gettext_lazy("Location"),
        queryset=Location.objects.none(),
        required=False,
        empty_label=gettext_lazy("All"),
    )
    ground = forms.ChoiceField(label=gettext_lazy("Ground"), choices=StopGround.choices)
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, provider: Provider, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = provider.courses.order_by("name")  # type: ignore[attr-defined]
        self.fields["location"].queryset = provider.locations.order_by("name")  # type: ignore[attr-defined]


class StopRequestForm(StopForm):
    organisation: Any = forms.ModelChoiceField(
        label=gettext_lazy("Municipality or region"), queryset=None
    )
    starts_on = day_field(
        gettext_lazy("First day"), help_text=gettext_lazy("At least 14 days from now.")
    )
    ends_on = day_field(gettext_lazy("Last day"), required=False)
    alternatives = forms.CharField(
        label=gettext_lazy("Alternatives for participants"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = (
        "organisation", "starts_on", "ends_on", "kind", "course", "location", "ground", "reason",
        "alternatives",
    )  # fmt: skip

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class StopImposeForm(StopForm):
    organisation: Any = forms.ModelChoiceField(
        label=gettext_lazy("For the placements of"), queryset=None
    )
    field_order = ("organisation", "kind", "course", "location", "ground", "reason")

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Explanation"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
