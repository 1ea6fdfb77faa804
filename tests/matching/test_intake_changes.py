"""Caseworkers hear of a cancelled or moved start; a stop keeps people away from matching."""

from datetime import timedelta

import pytest

from backend.common import clock
from backend.notifications.models import Notification
from backend.outbox.models import OutboxMessage
from matching.models import Placement
from matching.selectors.affected import affected_places
from matching.selectors.offers import bought_offers
from matching.services.intake_changes import intake_change_tell
from providers.choices import IntakeStatus
from providers.services.catalogue import intake_moment_change_status
from providers.services.intake_moments import intake_moment_move
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseGroupFactory, IntakeMomentFactory
from tests.support.entering import planner_of


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["cancel", "move"])
def test_the_message_is_left_after_the_commit(step):
    start = IntakeMomentFactory(start_date=clock.today() + timedelta(days=40))
    actor = planner_of(start.group.course.provider)
    if step == "cancel":
        intake_moment_change_status(
            actor=actor, intake_moment_id=start.pk, status=IntakeStatus.CANCELLED, reason="x"
        )
    else:
        intake_moment_move(
            actor=actor,
            intake_moment_id=start.pk,
            start_date=start.start_date + timedelta(days=7),
            reason="x",
        )
    assert OutboxMessage.objects.filter(topic="matching.intake_changed").count() == 1


@pytest.mark.django_db
def test_nobody_is_told_of_an_empty_start():
    start = IntakeMomentFactory()
    assert intake_change_tell(intake_moment_id=start.pk, kind="intake_cancelled") == 0
    assert affected_places(planner_of(start.group.course.provider), [start.pk]) == {}
    assert not Notification.objects.exists()
    assert not Placement.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
def test_a_stop_takes_the_offer_away_for_its_municipality_only(municipality, other_municipality):
    from providers.models import IntakeStop

    start = IntakeMomentFactory(group=CourseGroupFactory())
    course = start.group.course
    contract_for(course, municipalities=[municipality, other_municipality])
    both = {"municipality_ids": [municipality.pk, other_municipality.pk], "as_of": clock.today()}
    assert len(bought_offers(**both)) == 1
    IntakeStop.objects.create(
        provider=course.provider,
        organisation=municipality,
        ground="safety",
        reason="x",
        state="approved",
        starts_on=clock.today(),
        requested_at=clock.now(),
        decided_at=clock.now(),
    )
    assert len(bought_offers(**both)) == 1
    own = {**both, "municipality_ids": [municipality.pk]}
    assert len(bought_offers(**own)) == 0
