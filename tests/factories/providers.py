"""The supply side: a provider with its mark, a course, a group with lessons, intake moments."""

from datetime import date, time, timedelta
from decimal import Decimal

import factory

from backend.common.codes import Component, Level, Literacy
from providers.choices import DeliveryMode, IntakeStatus, MarkKind, MarkStatus, SeatState
from providers.models import (
    Course,
    CourseGroup,
    IntakeMoment,
    Location,
    Provider,
    QualityMark,
    SeatClaim,
    WeeklySlot,
)
from tests.factories.organisations import OrganisationFactory

# Tests run around 18 November 2026; starts lie a month ahead.
START = date(2026, 12, 14)


class ProviderFactory(factory.django.DjangoModelFactory):
    """A provider with a valid quality mark; `mark=False` has none, `mark="tst"` the other kind."""

    class Meta:
        model = Provider
        skip_postgeneration_save = True

    organisation = factory.SubFactory(OrganisationFactory)

    @factory.post_generation
    def mark(provider, create, extracted, **kwargs):  # noqa: N805
        """`mark=False` for a provider without; otherwise the kind, keurmerk unless said."""
        if extracted is not False:
            QualityMarkFactory(provider=provider, kind=extracted or MarkKind.KEURMERK)


class QualityMarkFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = QualityMark

    class Params:
        suspended = factory.Trait(status=MarkStatus.SUSPENDED)

    provider = factory.SubFactory(ProviderFactory, mark=False)
    kind = MarkKind.KEURMERK
    status = MarkStatus.VALID
    valid_from = date(2022, 1, 1)


class LocationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Location

    provider = factory.SubFactory(ProviderFactory)
    code = factory.Sequence(lambda n: f"L{n}")
    name = "Hoofdlocatie"
    place = "Utrecht"
    latitude = 52.09
    longitude = 5.12


class CourseFactory(factory.django.DjangoModelFactory):
    """A B1 course from A0; `knm`, `map`, `pvt` and `z_route` are the other components."""

    class Meta:
        model = Course

    class Params:
        z_route = factory.Trait(component=Component.Z_ROUTE, target_level=Level.A2)
        knm = factory.Trait(component=Component.KNM)
        map = factory.Trait(component=Component.MAP)
        pvt = factory.Trait(component=Component.PVT)

    provider = factory.SubFactory(ProviderFactory)
    code = factory.Sequence(lambda n: f"C{n}")
    name = factory.Sequence(lambda n: f"Cursus {n}")
    component = Component.B1_ROUTE
    kind = factory.SelfAttribute("component")
    level_from = Level.A0
    level_to = Level.A2
    target_level = Level.B1
    literacy = [Literacy.NOT_APPLICABLE]
    hours_per_week = Decimal("12.0")
    total_hours = 600
    mode = DeliveryMode.ONSITE


class CourseGroupFactory(factory.django.DjangoModelFactory):
    """A group with lessons on Monday and Wednesday morning."""

    class Meta:
        model = CourseGroup
        skip_postgeneration_save = True

    course = factory.SubFactory(CourseFactory)
    location = factory.SubFactory(
        LocationFactory, provider=factory.SelfAttribute("..course.provider")
    )
    code = factory.Sequence(lambda n: f"G{n}")
    min_size = 4
    max_size = 200

    @factory.post_generation
    def weekdays(group, create, extracted, **kwargs):  # noqa: N805
        """`weekdays=(1, 3)`: mornings of those ISO weekdays."""
        for weekday in (1, 3) if extracted is None else extracted:
            WeeklySlot.objects.create(
                group=group, weekday=weekday, start_time=time(9), end_time=time(12)
            )


class IntakeMomentFactory(factory.django.DjangoModelFactory):
    """A published start with 10 seats, a month ahead; `closed`, `full` and `online` as named."""

    class Meta:
        model = IntakeMoment

    class Params:
        closed = factory.Trait(status=IntakeStatus.CLOSED)
        full = factory.Trait(seats_total=0)

    group = factory.SubFactory(CourseGroupFactory)
    start_date = START
    end_date = factory.LazyAttribute(lambda one: one.start_date + timedelta(days=300))
    seats_total = 10


class SeatClaimFactory(factory.django.DjangoModelFactory):
    """A taken seat; `held` one that runs out."""

    class Meta:
        model = SeatClaim

    class Params:
        held = factory.Trait(state=SeatState.HOLD)

    intake_moment = factory.SubFactory(IntakeMomentFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    state = SeatState.CONFIRMED
