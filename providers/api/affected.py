"""What a changed start or a lack of teachers touches: people, where they can go, seats lost."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backend.api.computed import ComputedList, OneReferenceFilter
from backend.api.filters import PassendFilterSet
from backend.api.serializers import PassendSerializer
from backend.common import clock
from backend.organisations.permissions import Permission
from providers.api.serializers import ProviderReference
from providers.models import IntakeMoment, Provider, TeacherHours
from providers.ports import AffectedPlace, affected_places
from providers.selectors.alternatives import Alternative, alternatives_for
from providers.selectors.teachers import Shortage, teacher_shortages


class StartFilterSet(PassendFilterSet):
    intake_moment = OneReferenceFilter(help_text="Required.")

    class Meta:
        model = IntakeMoment

    unfiltered: ClassVar = {}


class OfStart(ComputedList):
    """Lines about one start, which the caller names."""

    model = IntakeMoment
    filterset_class = StartFilterSet
    required_permission = Permission.VIEW_CATALOGUE
    needed: ClassVar = {"intakeMoment": _("Name the start that you ask about.")}

    def start(self, asked: Mapping[str, Any]) -> IntakeMoment | None:
        found: IntakeMoment | None = (
            self.visible()
            .filter(uuid=asked["intakeMoment"])
            .select_related("group__course", "group__location")
            .first()
        )
        return found


class AffectedPlaceSerializer(PassendSerializer):
    """A place on the start: a code for the person, never a name."""

    placement = serializers.UUIDField()
    participant_reference = serializers.CharField(source="label")
    municipality = serializers.CharField()
    state = serializers.CharField(help_text="In words; the placement has the code.")


class AffectedPlaceViewSet(OfStart):
    """Open places on a start, as far as the caller may see them."""

    serializer_class = AffectedPlaceSerializer

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> Sequence[AffectedPlace]:
        start = self.start(asked)
        return () if start is None else affected_places(self.actor, [start.pk]).get(start.pk, ())


class AlternativeStartSerializer(PassendSerializer):
    intake_moment = serializers.UUIDField(source="intake_moment.uuid")
    provider = ProviderReference(source="intake_moment.group.course.provider")
    course_name = serializers.CharField(source="intake_moment.group.course.name")
    place = serializers.CharField(source="intake_moment.group.location.place")
    start_date = serializers.DateField(source="intake_moment.start_date")
    days_later = serializers.IntegerField()
    distance_km = serializers.FloatField()
    seats_free = serializers.IntegerField()


class AlternativeStartViewSet(OfStart):
    """Where people of a start can go: own course first, then near and soon; five at most."""

    serializer_class = AlternativeStartSerializer

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[Alternative]:
        start = self.start(asked)
        return [] if start is None else alternatives_for(start)


class TeacherShortageSerializer(PassendSerializer):
    group = serializers.UUIDField(source="group.uuid")
    group_code = serializers.CharField(source="group.code")
    first_week = serializers.DateField(help_text="The Monday of the week.")
    last_week = serializers.DateField()
    seats_promised = serializers.IntegerField()
    seats_carried = serializers.IntegerField()
    seats_lost = serializers.IntegerField()


class TeacherShortageFilterSet(PassendFilterSet):
    provider = OneReferenceFilter(help_text="Left out: all providers whose catalogue you keep.")

    class Meta:
        model = TeacherHours

    unfiltered: ClassVar = {}


class TeacherShortageViewSet(ComputedList):
    """Weeks in which the teachers of a group carry fewer seats than are promised."""

    model = TeacherHours
    serializer_class = TeacherShortageSerializer
    filterset_class = TeacherShortageFilterSet
    required_permission = Permission.MANAGE_CATALOGUE

    def lines(self, asked: Mapping[str, Any], order: Sequence[str]) -> list[Shortage]:
        own = Provider.objects.managed_by(self.actor)
        if "provider" in asked:
            own = own.filter(uuid=asked["provider"])
        keys = list(own.values_list("pk", flat=True))
        return teacher_shortages(provider_ids=keys, on=clock.today())
