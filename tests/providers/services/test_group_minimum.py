"""A group has a smallest size: it fits its room, and too few people is told in time."""

from datetime import date, timedelta

import pytest

from backend.accounts.roles import Role
from backend.common.errors import InvalidError
from backend.outbox.models import OutboxMessage
from providers.choices import IntakeStatus
from providers.services.alerts import alert_small_starts
from providers.services.catalogue import group_add
from providers.services.drafts import GroupDraft
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


def test_the_smallest_group_fits_its_room(planner, group) -> None:
    with pytest.raises(InvalidError) as error:
        group_add(
            actor=planner,
            provider=group.course.provider,
            draft=GroupDraft(group.course, group.location, "G9", 12, (), min_size=8, room_seats=7),
        )
    assert codes(error) == [("room_seats", "room_below_minimum")]


def test_too_few_people_is_told_two_weeks_ahead_and_once(group) -> None:
    small = IntakeMomentFactory(group=group, start_date=TODAY + timedelta(days=14))
    later = IntakeMomentFactory(
        group=CourseGroupFactory(min_size=6), start_date=TODAY + timedelta(days=7)
    )
    # Two people join a group in which four are already.
    running = IntakeMomentFactory(
        group=later.group,
        start_date=TODAY - timedelta(days=60),
        end_date=TODAY + timedelta(days=60),
    )
    over = IntakeMomentFactory(
        group=small.group, start_date=TODAY - timedelta(days=90), end_date=TODAY
    )
    IntakeMomentFactory(group=group, start_date=TODAY + timedelta(days=15))
    IntakeMomentFactory(group=group, start_date=TODAY, status=IntakeStatus.CANCELLED)
    SeatClaimFactory.create_batch(5, intake_moment=small)
    for start, people in ((later, 2), (running, 4), (over, 6)):
        SeatClaimFactory.create_batch(people, intake_moment=start)
    alert_small_starts()
    alert_small_starts()
    [told] = OutboxMessage.objects.filter(topic="notifications.create")
    assert told.payload["kind"] == "start_below_minimum"
    assert told.payload["path"] == f"/intake-moments/{small.uuid}"
    assert told.payload["params"] == {
        "course": group.course.name,
        "day": "2026-12-02",
        "people": 5,
        "least": 6,
    }
