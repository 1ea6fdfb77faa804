"""What the catalogue shows; the same to everybody who may see it."""

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer
from backend.organisations.models import Organisation
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
    Teacher,
    TeacherHours,
    WeeklySlot,
)
from providers.models.provider import QualityMark


class ProviderReference(PassendModelSerializer):
    """A provider where it is mentioned by something else."""

    name = serializers.CharField(source="organisation.name", read_only=True)

    class Meta:
        model = Provider
        fields = ("id", "name")


class MunicipalityReference(PassendModelSerializer):
    """A municipality with its CBS code."""

    class Meta:
        model = Organisation
        fields = ("id", "code", "name")


class QualityMarkSerializer(PassendModelSerializer):
    class Meta:
        model = QualityMark
        fields = ("id", "kind", "status", "valid_from", "valid_to", "source")


class ProviderSerializer(PassendModelSerializer):
    name = serializers.CharField(source="organisation.name", read_only=True)
    quality_marks = QualityMarkSerializer(many=True, read_only=True)

    class Meta:
        model = Provider
        fields = (
            "id",
            "name",
            "kvk_number",
            "duo_number",
            "bow_number",
            "brin",
            "email",
            "phone",
            "website",
            "quality_marks",
            "created_at",
        )


class LocationReference(PassendModelSerializer):
    class Meta:
        model = Location
        fields = ("id", "name", "place", "postcode", "latitude", "longitude")


class LocationSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)
    municipality = MunicipalityReference(read_only=True, allow_null=True)

    class Meta:
        model = Location
        fields = (
            "id",
            "provider",
            "code",
            "name",
            "street",
            "house_number",
            "postcode",
            "place",
            "municipality",
            "latitude",
            "longitude",
            "wheelchair_accessible",
            "childcare",
            "created_at",
        )


class CourseReference(PassendModelSerializer):
    provider = ProviderReference(read_only=True)

    class Meta:
        model = Course
        fields = (
            "id",
            "code",
            "name",
            "component",
            "level_from",
            "level_to",
            "target_level",
            "mode",
            "provider",
        )


class CourseSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)

    class Meta:
        model = Course
        fields = (
            "id",
            "provider",
            "code",
            "name",
            "kind",
            "component",
            "level_from",
            "level_to",
            "target_level",
            "literacy",
            "hours_per_week",
            "total_hours",
            "mode",
            "age_from",
            "age_to",
            "special_groups",
            "support_languages",
            "description",
            "is_active",
            "created_at",
        )


class WeeklySlotSerializer(PassendModelSerializer):
    """A weekly lesson: it has no life of its own, so it has no id."""

    id = None  # type: ignore[assignment]

    class Meta:
        model = WeeklySlot
        fields = ("weekday", "slot", "start_time", "end_time")
        extra_kwargs = {"slot": {"help_text": "Weekday and day-part: MO1 is Monday morning."}}


class CourseGroupReference(PassendModelSerializer):
    course = CourseReference(read_only=True)
    location = LocationReference(read_only=True)

    class Meta:
        model = CourseGroup
        fields = ("id", "code", "course", "location")


class CourseGroupSerializer(PassendModelSerializer):
    course = CourseReference(read_only=True)
    location = LocationReference(read_only=True)
    weekly_slots = WeeklySlotSerializer(many=True, read_only=True)

    class Meta:
        model = CourseGroup
        fields = (
            "id",
            "course",
            "location",
            "code",
            "min_size",
            "max_size",
            "room_seats",
            "weekly_slots",
            "created_at",
        )


class IntakeMomentSerializer(PassendModelSerializer):
    group = CourseGroupReference(read_only=True)
    seats_free = serializers.IntegerField(
        read_only=True, help_text="Seats minus places taken and holds that have not expired."
    )

    class Meta:
        model = IntakeMoment
        fields = (
            "id",
            "group",
            "start_date",
            "end_date",
            "seats_total",
            "seats_free",
            "status",
            "created_at",
        )


class PartyReference(PassendModelSerializer):
    """The other party: a municipality or region, without its code."""

    class Meta:
        model = Organisation
        fields = ("id", "name")


class QualityMarkRecord(PassendModelSerializer):
    """A quality mark as a resource of its own."""

    provider = ProviderReference(read_only=True)

    class Meta:
        model = QualityMark
        fields = (
            "id",
            "provider",
            "kind",
            "status",
            "valid_from",
            "valid_to",
            "source",
            "created_at",
        )


class ProviderContactSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)

    class Meta:
        model = ProviderContact
        fields = ("id", "provider", "name", "role", "email", "phone", "created_at")


class ProviderDocumentSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)

    class Meta:
        model = ProviderDocument
        fields = (
            "id",
            "provider",
            "kind",
            "title",
            "issue_date",
            "valid_until",
            "reference",
            "file_name",
            "file_size",
            "is_current",
            "created_at",
        )


class DeliveryPartySerializer(PassendModelSerializer):
    course = CourseReference(read_only=True)
    provider = ProviderReference(read_only=True, allow_null=True)

    class Meta:
        model = DeliveryParty
        fields = (
            "id",
            "course",
            "provider",
            "name",
            "kvk_number",
            "role",
            "valid_from",
            "valid_to",
            "consent_date",
            "created_at",
        )


class TeacherSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)

    class Meta:
        model = Teacher
        fields = (
            "id",
            "provider",
            "code",
            "qualification",
            "hours_per_week",
            "valid_from",
            "valid_to",
            "created_at",
        )


class TeacherReference(PassendModelSerializer):
    class Meta:
        model = Teacher
        fields = ("id", "code", "qualification")


class TeacherHoursSerializer(PassendModelSerializer):
    teacher = TeacherReference(read_only=True)
    group = CourseGroupReference(read_only=True)

    class Meta:
        model = TeacherHours
        fields = (
            "id",
            "teacher",
            "group",
            "hours_per_week",
            "valid_from",
            "valid_to",
            "created_at",
        )


class IntakeStopSerializer(PassendModelSerializer):
    provider = ProviderReference(read_only=True)
    organisation = PartyReference(read_only=True)
    course = CourseReference(read_only=True, allow_null=True)
    location = LocationReference(read_only=True, allow_null=True)

    class Meta:
        model = IntakeStop
        fields = (
            "id",
            "provider",
            "organisation",
            "kind",
            "course",
            "location",
            "state",
            "ground",
            "reason",
            "alternatives",
            "is_imposed",
            "starts_on",
            "ends_on",
            "requested_at",
            "decided_at",
            "decision_note",
            "lifted_at",
        )
