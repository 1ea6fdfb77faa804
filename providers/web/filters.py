"""Filters of the catalogue pages."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter, Filter, NumberFilter

from backend.codelists.public import known_codes
from backend.common.codes import Component, DayPart, Level, Weekday
from backend.organisations.public import (
    Coordinate,
    coordinate_of_place,
    coordinates_by_postcode,
)
from backend.web.filters import ChoiceFilter, DayFilter, PageFilterSet, SearchFilter
from providers.choices import CourseKind
from providers.code_lists import SPECIAL_GROUPS
from providers.models import Location, WeeklySlot


class _PointField(forms.CharField):
    """Where a postcode (its four digits or all of it) or a place is."""

    def clean(self, value: Any) -> Coordinate | None:
        text = super().clean(value)
        if not text:
            return None
        if text[:4].isdecimal():
            point = coordinates_by_postcode({text[:4]}).get(text[:4])
        else:
            point = coordinate_of_place(text)
        if point is None:
            raise forms.ValidationError(
                _("This postcode or place is not on the map. Check the spelling.")
            )
        return point


class PointFilter(Filter):
    field_class = _PointField


def words(value: str) -> list[str]:
    return value.split()


class CatalogueFilters(PageFilterSet):
    """What a caseworker asks of the catalogue: what, for which level, where and when."""

    search = SearchFilter(method="find", label=_("Course, provider or code"))
    kind = ChoiceFilter(
        label=_("Kind of course"), field_name="group__course__kind", choices=CourseKind.choices
    )
    component = ChoiceFilter(
        label=_("Component"), field_name="group__course__component", choices=Component.choices
    )
    level = ChoiceFilter(label=_("Entry level"), choices=Level.choices, method="fits_level")
    near = PointFilter(
        label=_("Near postcode (four digits) or place"), method="find_near", max_length=60
    )
    within = NumberFilter(
        label=_("At most so many kilometres"), method="ignored", min_value=1, max_value=300
    )
    place = ChoiceFilter(label=_("Place"), field_name="group__location__place")
    weekday = ChoiceFilter(label=_("Day"), choices=Weekday.choices, method="has_lesson")
    day_part = ChoiceFilter(label=_("Day part"), choices=DayPart.choices, method="has_lesson")
    starts_from = DayFilter(
        label=_("Starts on or after"), field_name="start_date", lookup_expr="gte"
    )
    starts_until = DayFilter(
        label=_("Starts on or before"), field_name="start_date", lookup_expr="lte"
    )
    special_group = ChoiceFilter(
        label=_("Made for"), choices=lambda: known_codes(SPECIAL_GROUPS), method="made_for"
    )
    childcare = BooleanFilter(
        label=_("With childcare"), method="with_childcare", widget=forms.CheckboxInput
    )
    wheelchair = BooleanFilter(
        label=_("Wheelchair accessible"), method="accessible", widget=forms.CheckboxInput
    )
    seats_free = BooleanFilter(
        label=_("Only with free seats"), method="free", widget=forms.CheckboxInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.order_by("place").values_list("place", flat=True).distinct()
        self.filters["place"].extra["choices"] = [(place, place) for place in places]

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in words(value):
            queryset = queryset.filter(
                Q(group__course__name__icontains=word)
                | Q(group__course__code__icontains=word)
                | Q(group__course__provider__organisation__name__icontains=word)
            )
        return queryset

    def find_near(self, queryset: QuerySet[Any], name: str, value: Coordinate) -> QuerySet[Any]:
        return queryset.near(value.latitude, value.longitude, self.kilometres)  # type: ignore[attr-defined]

    @property
    def centre(self) -> Coordinate | None:
        found: Coordinate | None = self.form.cleaned_data.get("near")
        return found

    @property
    def kilometres(self) -> float | None:
        asked = self.form.cleaned_data.get("within")
        return float(asked) if asked else None

    def ignored(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        # Read together with the postcode.
        return queryset

    def made_for(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(group__course__special_groups__contains=[value])

    def with_childcare(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(group__location__childcare=True) if value else queryset

    def accessible(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        if not value:
            return queryset
        return queryset.filter(group__location__wheelchair_accessible=True)

    def fits_level(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        # Levels sort from low to high as text.
        return queryset.filter(
            group__course__level_from__lte=value, group__course__level_to__gte=value
        )

    def has_lesson(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        lessons = WeeklySlot.objects.filter(group=OuterRef("group"))
        if name == "weekday":
            lessons = lessons.filter(weekday=value)
        else:
            lessons = lessons.filter(slot__endswith=value)
        return queryset.filter(Exists(lessons))

    def free(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(seats_free__gt=0) if value else queryset


class OwnCourseFilters(PageFilterSet):
    """Filters of a provider's own catalogue."""

    search = SearchFilter(method="find", label=_("Course or code"))
    kind = ChoiceFilter(label=_("Kind of course"), choices=CourseKind.choices)
    component = ChoiceFilter(label=_("Component"), choices=Component.choices)
    offered = ChoiceFilter(
        label=_("Offered"),
        choices=(("yes", _("Yes")), ("no", _("No"))),
        method="is_offered",
    )

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in words(value):
            queryset = queryset.filter(Q(name__icontains=word) | Q(code__icontains=word))
        return queryset

    def is_offered(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(is_active=value == "yes")
