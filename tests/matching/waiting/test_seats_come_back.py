"""Seats that come back after a stop, a reopened start or a lifted intake stop go to who is next."""

from datetime import timedelta

import pytest

from backend.common import clock
from backend.notifications.models import Notification
from backend.outbox.public import consume
from matching.choices import PlacementState, StopReason
from matching.models import Placement, SeatOffer
from matching.public import placement_start, placement_stop
from providers.choices import IntakeStatus, SeatState
from providers.models import IntakeMoment
from providers.services.catalogue import intake_moment_change_status
from providers.services.stops import StopDraft, stop_impose, stop_lift
from tests.factories import matching as make
from tests.factories.providers import IntakeMomentFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("frozen_clock"),
]


@pytest.fixture
def intake(municipality):
    return make.contracted_intake(municipality, seats_total=1)


def waiting(municipality):
    one = make.need(municipality)
    type(one).objects.filter(pip=one.pip).exclude(pk=one.pk).update(state="closed")
    return one


def begun(municipality, intake, days=10):
    """Somebody who started `days` ago in this start, which has begun since."""
    today = clock.today()
    placed = make.placement(municipality, intake=intake, state=PlacementState.ACCEPTED)
    IntakeMoment.objects.filter(pk=intake.pk).update(
        start_date=today - timedelta(days=days), end_date=today + timedelta(days=200)
    )
    actor = make.everything(municipality, placed.provider_organisation)
    placement_start(actor=actor, placement=placed, start_date=today - timedelta(days=days))
    return Placement.objects.get(pk=placed.pk), actor


def stop(placed, actor):
    placement_stop(
        actor=actor, placement=placed, end_date=clock.today(), reason=StopReason.BY_PARTICIPANT
    )
    consume()


class TestStoppedAfterTheFirstDay:
    def following(self, intake, **fields):
        start = clock.today() + timedelta(days=30)
        return IntakeMomentFactory(
            group=intake.group,
            start_date=start,
            end_date=start + timedelta(days=200),
            **fields,
        )

    def test_the_next_start_of_the_group_is_offered(self, municipality, intake):
        placed, actor = begun(municipality, intake)
        later = self.following(intake, seats_total=3)
        person = waiting(municipality)
        stop(placed, actor)
        offer = SeatOffer.objects.get()
        assert (offer.need, offer.intake_moment) == (person, later)
        placed.seat_claim.refresh_from_db()
        assert placed.seat_claim.state == SeatState.RELEASED

    def test_a_full_next_start_asks_the_provider_for_a_seat(self, municipality, intake):
        placed, actor = begun(municipality, intake)
        later = self.following(intake, seats_total=1)
        make.placement(municipality, intake=later, state=PlacementState.ACCEPTED)
        waiting(municipality)
        stop(placed, actor)
        assert not SeatOffer.objects.exists()
        told = Notification.objects.get(kind="seat_free_in_group")
        assert told.organisation == placed.provider_organisation
        assert told.path == f"/intake-moments/{later.uuid}"

    def test_without_a_next_start_the_seat_is_free_and_nobody_is_asked(self, municipality, intake):
        placed, actor = begun(municipality, intake)
        waiting(municipality)
        stop(placed, actor)
        assert not SeatOffer.objects.exists()
        assert not Notification.objects.filter(kind="seat_free_in_group").exists()


def test_a_start_that_opens_again_is_offered_to_who_is_next(municipality, intake):
    owner = make.everything(intake.group.course.provider.organisation)
    for status in (IntakeStatus.CLOSED, IntakeStatus.PUBLISHED):
        if status == IntakeStatus.PUBLISHED:
            person = waiting(municipality)
            consume()
            assert not SeatOffer.objects.exists()
        intake_moment_change_status(
            actor=owner, intake_moment_id=intake.pk, status=status, reason="Docent gevonden."
        )
    consume()
    offer = SeatOffer.objects.get()
    assert (offer.need, offer.source) == (person, "start_reopened")


def test_a_lifted_stop_offers_the_starts_it_closed_and_no_others(municipality, intake):
    elsewhere = make.contracted_intake(municipality, seats_total=1)
    course = intake.group.course
    actor = make.everything(municipality, course.provider.organisation)
    imposed = stop_impose(
        actor=actor,
        draft=StopDraft(
            provider=course.provider,
            organisation=municipality,
            ground="quality",
            reason="Signalen over de lessen.",
            starts_on=clock.today(),
        ),
    )
    first, _second = waiting(municipality), waiting(municipality)
    consume()
    assert not SeatOffer.objects.exists()
    stop_lift(actor=actor, stop=imposed, note="Opgelost.")
    consume()
    offer = SeatOffer.objects.get()
    assert (offer.need, offer.intake_moment, offer.source) == (first, intake, "stop_lifted")
    assert elsewhere.seat_offers.count() == 0
