"""Filters of the catalogue; keys are camelCase on the wire."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from backend.api.filters import (
    FILE_FIELDS,
    RECORD_FIELDS,
    AmountFilter,
    CodeFilter,
    DayFilter,
    ExactFilter,
    FlagFilter,
    IntegerFilter,
    PassendFilterSet,
    ReferenceFilter,
    SchemaFilter,
    SearchFilter,
    TextFilter,
)
from backend.codelists.public import known_codes
from backend.common.codes import Component, DayPart, Level, Literacy
from backend.organisations.public import Coordinate, coordinates_by_postcode
from providers.choices import (
    ContactRole,
    CourseKind,
    DeliveryMode,
    DeliveryRole,
    DocumentKind,
    IntakeStatus,
    MarkKind,
    MarkStatus,
    StopGround,
    StopState,
    SupportLanguage,
    TeacherQualification,
)
from providers.code_lists import SPECIAL_GROUPS
from providers.models import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    IntakeStop,
    Location,
    Provider,
    ProviderContact,
    ProviderDocument,
    QualityMark,
    Teacher,
    TeacherHours,
)


def _special_groups() -> list[tuple[str, str]]:
    return known_codes(SPECIAL_GROUPS)


NEAR = re.compile(r"([1-9][0-9]{3})(?:,([1-9][0-9]{0,2}))?")
REMEMBERED_SECONDS = 600
CONTACT = "contact detail, not something to select on"


class ProviderFilterSet(PassendFilterSet):
    search = SearchFilter("organisation__name", "duo_number", "bow_number")
    name = TextFilter("organisation__name")
    kvk_number = ExactFilter()
    duo_number = ExactFilter()
    bow_number = ExactFilter()
    brin = ExactFilter()

    class Meta:
        model = Provider

    unfiltered: ClassVar = {**RECORD_FIELDS, "email": CONTACT, "phone": CONTACT, "website": CONTACT}


class LocationFilterSet(PassendFilterSet):
    search = SearchFilter("name", "place", "street", "provider__organisation__name")
    provider = ReferenceFilter("provider__uuid")
    code = ExactFilter()
    name = TextFilter()
    street = TextFilter()
    postcode = TextFilter(lookup_expr="istartswith")
    place = TextFilter(lookup_expr="iexact")
    municipality = ReferenceFilter("municipality__uuid")
    municipality_code = ExactFilter("municipality__code")
    wheelchair_accessible = FlagFilter()
    childcare = FlagFilter()

    class Meta:
        model = Location

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "house_number": "part of an address, meaningless alone",
        "latitude": "distance belongs to recommendations",
        "longitude": "distance belongs to recommendations",
    }


class CourseFilterSet(PassendFilterSet):
    search = SearchFilter("name", "code", "provider__organisation__name")
    provider = ReferenceFilter("provider__uuid")
    code = ExactFilter()
    name = TextFilter()
    kind = CodeFilter(choices=CourseKind.choices)
    component = CodeFilter(choices=Component.choices)
    special_groups = CodeFilter(lookup_expr="overlap", choices=_special_groups)
    support_languages = CodeFilter(lookup_expr="overlap", choices=SupportLanguage.choices)
    # Courses for somebody of this age.
    age_from = IntegerFilter("age_from", "lte")
    age_to = IntegerFilter("age_to", "gte")
    level_from = CodeFilter(choices=Level.choices)
    level_to = CodeFilter(choices=Level.choices)
    target_level = CodeFilter(choices=Level.choices)
    literacy = CodeFilter(lookup_expr="overlap", choices=Literacy.choices)
    hours_per_week_min = AmountFilter("hours_per_week", "gte")
    hours_per_week_max = AmountFilter("hours_per_week", "lte")
    total_hours_min = IntegerFilter("total_hours", "gte")
    total_hours_max = IntegerFilter("total_hours", "lte")
    mode = CodeFilter(choices=DeliveryMode.choices)
    is_active = FlagFilter()

    class Meta:
        model = Course

    unfiltered: ClassVar = {**RECORD_FIELDS, "description": "long text; use search"}


class CourseGroupFilterSet(PassendFilterSet):
    search = SearchFilter("code", "course__name", "course__provider__organisation__name")
    course = ReferenceFilter("course__uuid")
    provider = ReferenceFilter("course__provider__uuid")
    component = CodeFilter("course__component", choices=Component.choices)
    location = ReferenceFilter("location__uuid")
    place = TextFilter("location__place", "iexact")
    code = ExactFilter()
    min_size_max = IntegerFilter("min_size", "lte")
    max_size_min = IntegerFilter("max_size", "gte")
    room_seats_min = IntegerFilter("room_seats", "gte")

    class Meta:
        model = CourseGroup

    unfiltered: ClassVar = RECORD_FIELDS


def _point_of(postcode: str) -> Coordinate | None:
    """The centre of a postcode area, remembered: postcodes hardly ever move."""
    key = f"postcode4:{postcode}"
    point: Coordinate | None = cache.get(key)
    if point is None:
        point = coordinates_by_postcode({postcode}).get(postcode)
        if point is not None:
            cache.set(key, point, REMEMBERED_SECONDS)
    return point


class _NearField(forms.Field):
    """A known four-digit postcode and at most so many kilometres, 25 unless said."""

    def to_python(self, value: Any) -> tuple[float, float, float] | None:
        if value in self.empty_values:
            return None
        found = NEAR.fullmatch(str(value))
        if found is None:
            raise ValidationError(
                _("Write four digits and, after a comma, kilometres: 3511,25."), code="invalid"
            )
        point = _point_of(found[1])
        if point is None:
            raise ValidationError(
                _("This postcode is not on the map. Check the four digits."),
                code="unknown_postcode",
            )
        return point.latitude, point.longitude, float(found[2] or 25)


class NearFilter(SchemaFilter):
    """Within so many kilometres of a postcode area: `3511,25`. No house number, so no person."""

    field_class = _NearField
    schema = {
        "type": "string",
        "pattern": "^[1-9][0-9]{3}(,[1-9][0-9]{0,2})?$",
        "example": "3511,25",
    }

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value is None else qs.within(*value)


class EntryLevelFilter(CodeFilter):
    """Courses that take in people of this level."""

    def filter(self, qs: Any, value: Any) -> Any:
        for level in value:
            qs = qs.for_entry_level(level)
        return qs


class DayPartFilter(CodeFilter):
    """Groups with a lesson in one of these day-parts."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs.with_lessons_in(value) if value else qs


class IntakeMomentFilterSet(PassendFilterSet):
    search = SearchFilter(
        "group__course__name", "group__course__code", "group__course__provider__organisation__name"
    )
    kind = CodeFilter("group__course__kind", choices=CourseKind.choices)
    level = EntryLevelFilter(choices=Level.choices)
    literacy = CodeFilter("group__course__literacy", "overlap", choices=Literacy.choices)
    day_part = DayPartFilter(choices=DayPart.choices)
    near = NearFilter()
    childcare = FlagFilter("group__location__childcare")
    wheelchair_accessible = FlagFilter("group__location__wheelchair_accessible")
    special_groups = CodeFilter("group__course__special_groups", "overlap", choices=_special_groups)
    group = ReferenceFilter("group__uuid")
    course = ReferenceFilter("group__course__uuid")
    provider = ReferenceFilter("group__course__provider__uuid")
    location = ReferenceFilter("group__location__uuid")
    series = ReferenceFilter("series__uuid")
    place = TextFilter("group__location__place", "iexact")
    component = CodeFilter("group__course__component", choices=Component.choices)
    target_level = CodeFilter("group__course__target_level", choices=Level.choices)
    starts_from = DayFilter("start_date", "gte")
    starts_until = DayFilter("start_date", "lte")
    ends_until = DayFilter("end_date", "lte")
    seats_total_min = IntegerFilter("seats_total", "gte")
    seats_free_min = IntegerFilter("seats_free", "gte")
    status = CodeFilter(choices=IntakeStatus.choices)

    class Meta:
        model = IntakeMoment

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "status_reason": "free text",
        "status_changed_at": "history of the row",
    }


class QualityMarkFilterSet(PassendFilterSet):
    provider = ReferenceFilter("provider__uuid")
    kind = CodeFilter(choices=MarkKind.choices)
    status = CodeFilter(choices=MarkStatus.choices)
    valid_from_until = DayFilter("valid_from", "lte")
    valid_to_from = DayFilter("valid_to", "gte")
    source = TextFilter()

    class Meta:
        model = QualityMark

    unfiltered: ClassVar = RECORD_FIELDS


class ProviderContactFilterSet(PassendFilterSet):
    provider = ReferenceFilter("provider__uuid")
    role = CodeFilter(choices=ContactRole.choices)

    class Meta:
        model = ProviderContact

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "name": "about a person: no personal data in addresses",
        "email": CONTACT,
        "phone": CONTACT,
    }


class ProviderDocumentFilterSet(PassendFilterSet):
    search = SearchFilter("title", "reference")
    provider = ReferenceFilter("provider__uuid")
    kind = CodeFilter(choices=DocumentKind.choices)
    issued_from = DayFilter("issue_date", "gte")
    valid_until_before = DayFilter("valid_until", "lt")
    is_current = FlagFilter()

    class Meta:
        model = ProviderDocument

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "title": "use search",
        "reference": "use search",
        **FILE_FIELDS,
    }


class DeliveryPartyFilterSet(PassendFilterSet):
    search = SearchFilter("name")
    course = ReferenceFilter("course__uuid")
    provider = ReferenceFilter("provider__uuid")
    name = TextFilter()
    kvk_number = ExactFilter()
    role = CodeFilter(choices=DeliveryRole.choices)
    valid_from_until = DayFilter("valid_from", "lte")
    valid_to_from = DayFilter("valid_to", "gte")
    consent_from = DayFilter("consent_date", "gte")

    class Meta:
        model = DeliveryParty

    unfiltered: ClassVar = RECORD_FIELDS


class TeacherFilterSet(PassendFilterSet):
    provider = ReferenceFilter("provider__uuid")
    code = ExactFilter()
    qualification = CodeFilter(choices=TeacherQualification.choices)
    hours_per_week_min = AmountFilter("hours_per_week", "gte")
    valid_from_until = DayFilter("valid_from", "lte")
    valid_to_from = DayFilter("valid_to", "gte")

    class Meta:
        model = Teacher

    unfiltered: ClassVar = RECORD_FIELDS


class TeacherHoursFilterSet(PassendFilterSet):
    teacher = ReferenceFilter("teacher__uuid")
    group = ReferenceFilter("group__uuid")
    hours_per_week_min = AmountFilter("hours_per_week", "gte")
    valid_from_until = DayFilter("valid_from", "lte")
    valid_to_from = DayFilter("valid_to", "gte")

    class Meta:
        model = TeacherHours

    unfiltered: ClassVar = RECORD_FIELDS


class IntakeStopFilterSet(PassendFilterSet):
    search = SearchFilter("reason", "provider__organisation__name")
    provider = ReferenceFilter("provider__uuid")
    organisation = ReferenceFilter("organisation__uuid")
    kind = CodeFilter(choices=CourseKind.choices)
    course = ReferenceFilter("course__uuid")
    location = ReferenceFilter("location__uuid")
    state = CodeFilter(choices=StopState.choices)
    ground = CodeFilter(choices=StopGround.choices)
    is_imposed = FlagFilter()
    starts_from = DayFilter("starts_on", "gte")
    starts_until = DayFilter("starts_on", "lte")
    ends_until = DayFilter("ends_on", "lte")

    class Meta:
        model = IntakeStop

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "reason": "use search",
        "alternatives": "free text",
        "decision_note": "free text",
        "requested_at": "history of the row",
        "decided_at": "history of the row",
        "lifted_at": "history of the row",
    }
