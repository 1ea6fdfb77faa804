"""What systems send to change the supply side; rules stand in the services."""

from typing import Any

from rest_framework import serializers

from backend.api.serializers import PassendSerializer, ReferenceField
from backend.common.codes import Component, Level, Literacy, Weekday
from backend.organisations.models import Organisation
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
    SupportLanguage,
    TeacherQualification,
)
from providers.models import Course, CourseGroup, Location, Provider, Teacher

SMALLEST = 0
SMALL_INTEGER = 32767
HOURS: Any = {"max_digits": 4, "decimal_places": 1, "min_value": 0}


def whole(*, least: int = SMALLEST, most: int = SMALL_INTEGER, **kwargs: Any) -> Any:
    return serializers.IntegerField(min_value=least, max_value=most, **kwargs)


class BuyerField(ReferenceField):
    """A municipality or region, each of which may be asked for an intake stop."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organisation, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        identity = serializers.UUIDField().run_validation(data)
        bodies = Organisation.objects.filter(is_active=True).exclude(kind="provider")
        found = bodies.filter(uuid=identity).first()
        if found is None:
            self.fail("unknown_reference")
        return found


class ProviderChange(PassendSerializer):
    name = serializers.CharField(max_length=200, required=False)
    kvk_number = serializers.RegexField(r"^([0-9]{8})?$", required=False, allow_blank=True)
    duo_number = serializers.CharField(max_length=10, required=False, allow_blank=True)
    bow_number = serializers.CharField(max_length=10, required=False, allow_blank=True)
    brin = serializers.CharField(max_length=4, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    website = serializers.URLField(max_length=200, required=False, allow_blank=True)


class LocationChange(PassendSerializer):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120)
    street = serializers.CharField(max_length=120, required=False, allow_blank=True)
    house_number = serializers.CharField(max_length=12, required=False, allow_blank=True)
    postcode = serializers.CharField(max_length=6, required=False, allow_blank=True)
    place = serializers.CharField(max_length=80)
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    wheelchair_accessible = serializers.BooleanField(required=False)
    childcare = serializers.BooleanField(required=False)


class CourseChange(PassendSerializer):
    code = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=160)
    kind = serializers.ChoiceField(CourseKind.choices)
    component = serializers.ChoiceField(Component.choices, required=False, allow_blank=True)
    level_from = serializers.ChoiceField(Level.choices)
    level_to = serializers.ChoiceField(Level.choices)
    target_level = serializers.ChoiceField(Level.choices)
    literacy = serializers.ListField(
        child=serializers.ChoiceField(Literacy.choices), min_length=1, max_length=3
    )
    hours_per_week = serializers.DecimalField(**HOURS)
    total_hours = whole(least=1)
    mode = serializers.ChoiceField(DeliveryMode.choices)
    age_from = whole(most=120, required=False, allow_null=True)
    age_to = whole(most=120, required=False, allow_null=True)
    special_groups = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        max_length=20,
        help_text="Codes of `/code-lists/special-groups` that hold today.",
    )
    support_languages = serializers.ListField(
        child=serializers.ChoiceField(SupportLanguage.choices), required=False, max_length=20
    )
    description = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    is_active = serializers.BooleanField(required=False)


class WeeklySlotInput(PassendSerializer):
    weekday = serializers.ChoiceField(Weekday.choices)
    start_time = serializers.TimeField()
    end_time = serializers.TimeField()


class CourseGroupChange(PassendSerializer):
    location = ReferenceField(Location)
    code = serializers.CharField(max_length=40)
    min_size = whole(least=1, required=False)
    max_size = whole(least=1)
    room_seats = whole(least=1, required=False, allow_null=True)
    weekly_slots = WeeklySlotInput(many=True, max_length=50)  # type: ignore[call-arg]


class IntakeMomentInput(PassendSerializer):
    group = ReferenceField(CourseGroup)
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    seats_total = whole()
    status = serializers.ChoiceField(
        [IntakeStatus.DRAFT.value, IntakeStatus.PUBLISHED.value], required=False
    )


class SeatsInput(PassendSerializer):
    seats_total = whole()


class MoveInput(PassendSerializer):
    start_date = serializers.DateField()
    end_date = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=400)


class ReasonInput(PassendSerializer):
    reason = serializers.CharField(max_length=400)


class QualityMarkInput(PassendSerializer):
    provider = ReferenceField(Provider)
    kind = serializers.ChoiceField(MarkKind.choices)
    status = serializers.ChoiceField(MarkStatus.choices)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=100, required=False, allow_blank=True
    )


class ContactChange(PassendSerializer):
    name = serializers.CharField(max_length=120)
    role = serializers.ChoiceField(ContactRole.choices)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)


class DocumentInput(PassendSerializer):
    provider = ReferenceField(Provider)
    kind = serializers.ChoiceField(DocumentKind.choices)
    title = serializers.CharField(max_length=160)
    issue_date = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True)
    reference = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DeliveryPartyInput(PassendSerializer):
    course = ReferenceField(Course)
    provider = ReferenceField(Provider, required=False, allow_null=True)
    name = serializers.CharField(max_length=160)
    kvk_number = serializers.RegexField(r"^([0-9]{8})?$", required=False, allow_blank=True)
    role = serializers.ChoiceField(DeliveryRole.choices)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)
    consent_date = serializers.DateField(required=False, allow_null=True)


class TeacherChange(PassendSerializer):
    code = serializers.CharField(max_length=40)
    qualification = serializers.ChoiceField(TeacherQualification.choices)
    hours_per_week = serializers.DecimalField(**HOURS)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)


class TeacherHoursInput(PassendSerializer):
    teacher = ReferenceField(Teacher)
    group = ReferenceField(CourseGroup)
    hours_per_week = serializers.DecimalField(**HOURS)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)


class IntakeStopInput(PassendSerializer):
    provider = ReferenceField(Provider)
    organisation = BuyerField()
    ground = serializers.ChoiceField(StopGround.choices)
    reason = serializers.CharField(max_length=1000)
    alternatives = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True)
    kind = serializers.ChoiceField(CourseKind.choices, required=False, allow_blank=True)
    course = ReferenceField(Course, required=False, allow_null=True)
    location = ReferenceField(Location, required=False, allow_null=True)


class NoteInput(PassendSerializer):
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class LocationInput(LocationChange):
    provider = ReferenceField(Provider)


class CourseInput(CourseChange):
    provider = ReferenceField(Provider)


class CourseGroupInput(CourseGroupChange):
    course = ReferenceField(Course)


class ContactInput(ContactChange):
    provider = ReferenceField(Provider)


class TeacherInput(TeacherChange):
    provider = ReferenceField(Provider)
