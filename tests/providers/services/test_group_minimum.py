"""A group has a smallest size: starts offer at least that, and too few people is told in time."""

from datetime import date, timedelta

import pytest

from backend.accounts.roles import Role
from backend.common.errors import InvalidError
from backend.outbox.models import OutboxMessage
from providers.choices import IntakeStatus
from providers.services.alerts import alert_small_starts
from providers.services.catalogue import group_add, intake_moment_publish
from providers.services.drafts import GroupDraft, IntakeDraft
from providers.services.editing import group_update
from providers.services.seats import intake_moment_set_seats
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
    SeatClaimFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)


@pytest.fixture
def group(provider):
    school = ProviderFactory(organisation=provider)
    return CourseGroupFactory(
        course=CourseFactory(provider=school),
        location=LocationFactory(provider=school),
        min_size=6,
        max_size=12,
    )


@pytest.fixture
def planner(make_actor, provider):
    return make_actor(Role.PROVIDER_PLANNER, provider)


def codes(error) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in error.value.violations]


def test_a_start_offers_at_least_the_smallest_group(planner, group) -> None:
    draft = IntakeDraft(group, date(2027, 2, 1), date(2027, 9, 1), 5)
    with pytest.raises(InvalidError) as error:
        intake_moment_publish(actor=planner, provider=group.course.provider, draft=draft)
    assert codes(error) == [("seats_total", "below_group_minimum")]
    assert "minstens 6 mensen" in str(error.value.violations[0].message)
    start = IntakeMomentFactory(group=group, seats_total=8)
    with pytest.raises(InvalidError) as error:
        intake_moment_set_seats(actor=planner, intake_moment_id=start.pk, seats_total=5)
    assert codes(error) == [("seats_total", "below_group_minimum")]
    intake_moment_set_seats(actor=planner, intake_moment_id=start.pk, seats_total=6)


def test_the_smallest_group_fits_its_room_and_its_open_starts(planner, group) -> None:
    with pytest.raises(InvalidError) as error:
        group_add(
            actor=planner,
            provider=group.course.provider,
            draft=GroupDraft(group.course, group.location, "G9", 12, (), min_size=8, room_seats=7),
        )
    assert codes(error) == [("room_seats", "room_below_minimum")]
    start = IntakeMomentFactory(group=group, seats_total=7, start_date=date(2027, 2, 1))
    with pytest.raises(InvalidError) as error:
        group_update(actor=planner, group=group, min_size=8)
    assert codes(error) == [("min_size", "above_open_start")]
    assert "01-02-2027" in str(error.value.violations[0].message)
    start.status = IntakeStatus.CANCELLED
    start.save()
    assert group_update(actor=planner, group=group, min_size=8).min_size == 8


def test_too_few_people_is_told_two_weeks_ahead_and_once(group) -> None:
    small = IntakeMomentFactory(group=group, start_date=TODAY + timedelta(days=14))
    enough = IntakeMomentFactory(group=group, start_date=TODAY + timedelta(days=7))
    IntakeMomentFactory(group=group, start_date=TODAY + timedelta(days=15))
    IntakeMomentFactory(group=group, start_date=TODAY, status=IntakeStatus.CANCELLED)
    SeatClaimFactory.create_batch(5, intake_moment=small)
    SeatClaimFactory.create_batch(6, intake_moment=enough)
    alert_small_starts()
    alert_small_starts()
    [told] = OutboxMessage.objects.filter(topic="notifications.create")
    assert told.payload["kind"] == "start_below_minimum"
    assert told.payload["path"] == f"/intake-moments/{small.uuid}"
    assert told.payload["params"] == {
        "course": group.course.name,
        "day": "2026-12-02",
        "taken": 5,
        "least": 6,
    }
