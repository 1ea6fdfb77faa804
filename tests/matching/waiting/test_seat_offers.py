"""A seat that comes free is held for the next person in line, until a caseworker decides."""

from datetime import date, timedelta

import pytest

from backend.common import clock
from backend.common.errors import NotAllowedError
from backend.notifications.models import Notification
from backend.outbox.models import OutboxMessage
from backend.outbox.public import consume
from matching.choices import NeedState, PlacementState, StopReason
from matching.errors import SeatOfferDecidedError
from matching.models import Placement, SeatOffer
from matching.public import placement_start, placement_stop, placement_withdraw
from matching.services.placements import Choice, placement_create
from matching.services.seat_offers import (
    place_ended,
    seat_offer_decline,
    seat_offer_expire,
    seat_offer_take,
    seats_offer,
)
from matching.waiting_choices import SeatOfferState, SeatSource
from providers.models import SeatClaim
from providers.services.seats import intake_moment_set_seats
from tests.factories import matching as make

LONG_AGO, LATELY = date(2026, 6, 1), date(2026, 11, 2)


def waiting(town, since, **fields):
    found = make.need(town, **fields)
    found.waiting_since = since
    found.save(update_fields=["waiting_since"])
    return found


def offered(intake, number=1):
    return seats_offer(intake_moment_id=intake.pk, number=number, source=SeatSource.PLACE_ENDED)


@pytest.fixture
def intake(municipality):
    return make.contracted_intake(municipality, seats_total=1)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
class TestWhoIsNext:
    def test_urgency_goes_before_waiting_time_and_waiting_time_before_entry(
        self, municipality, intake
    ):
        last = waiting(municipality, LATELY)
        longest = waiting(municipality, LONG_AGO)
        (offer,) = offered(intake)
        assert offer.need == longest
        assert offer.tier == 2
        assert offer.need != last

    def test_somebody_whom_the_place_does_not_fit_is_passed_over_and_that_is_kept(
        self, municipality, intake
    ):
        waiting(municipality, LONG_AGO, availability=("TU3",))
        fits = waiting(municipality, LATELY)
        (offer,) = offered(intake)
        assert offer.need == fits
        assert offer.passed_over == {"DAYPART": 1}

    def test_a_full_start_offers_nothing(self, municipality):
        full = make.contracted_intake(municipality, full=True)
        waiting(municipality, LONG_AGO)
        assert offered(full) == []

    def test_never_more_than_there_are_seats(self, municipality):
        intake = make.contracted_intake(municipality, seats_total=2)
        for _ in range(4):
            waiting(municipality, LONG_AGO)
        assert len(offered(intake, number=4)) == 2
        assert SeatClaim.objects.occupying().count() == 2

    def test_nobody_gets_two_seats_held_and_nobody_is_asked_twice(self, municipality, intake):
        one = waiting(municipality, LONG_AGO)
        (offer,) = offered(intake)
        elsewhere = make.contracted_intake(municipality, seats_total=1)
        assert offered(elsewhere) == []
        actor = make.everything(municipality)
        seat_offer_decline(actor=actor, seat_offer=offer, reason="not_wanted")
        assert offered(intake) == []
        assert offered(elsewhere)[0].need == one

    def test_a_start_that_has_begun_offers_nothing(self, municipality, frozen_clock):
        intake = make.contracted_intake(municipality, seats_total=1)
        waiting(municipality, LONG_AGO)
        frozen_clock.shift(timedelta(days=60))
        assert offered(intake) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
class TestDeciding:
    @pytest.fixture
    def offer(self, municipality, intake):
        waiting(municipality, LONG_AGO)
        return offered(intake)[0]

    def test_the_seat_is_held_as_long_as_the_policy_says(self, offer):
        assert offer.expires_at == clock.now() + timedelta(hours=48)
        assert offer.seat_claim.expires_at == offer.expires_at
        assert offer.need.state == NeedState.WAITING

    def test_taking_it_offers_the_place_to_the_provider_on_the_one_seat(
        self, municipality, intake, offer
    ):
        actor = make.everything(municipality)
        taken = seat_offer_take(actor=actor, seat_offer=offer, motivation="Past goed.")
        assert taken.state == SeatOfferState.TAKEN
        assert taken.placement.state == PlacementState.OFFERED
        assert taken.placement.motivation == "Past goed."
        assert SeatClaim.objects.occupying().filter(intake_moment=intake).count() == 1

    def test_a_decided_or_expired_offer_cannot_be_taken(self, municipality, offer, frozen_clock):
        actor = make.everything(municipality)
        frozen_clock.shift(timedelta(hours=49))
        with pytest.raises(SeatOfferDecidedError):
            seat_offer_take(actor=actor, seat_offer=offer, motivation="Te laat.")
        assert not Placement.objects.exists()

    def test_passing_it_on_frees_the_seat_and_asks_for_the_next(self, municipality, intake, offer):
        following = waiting(municipality, LATELY)
        actor = make.everything(municipality)
        seat_offer_decline(actor=actor, seat_offer=offer, reason="not_reached")
        consume()
        assert SeatOffer.objects.open().get().need == following
        assert SeatOffer.objects.open().get().source == SeatSource.PASSED_ON

    def test_it_expires_once_and_goes_to_the_next(self, municipality, offer, frozen_clock):
        following = waiting(municipality, LATELY)
        seat_offer_expire(seat_offer_uuid=offer.uuid)
        offer.refresh_from_db()
        assert offer.state == SeatOfferState.OPEN
        frozen_clock.shift(timedelta(hours=49))
        consume()
        seat_offer_expire(seat_offer_uuid=offer.uuid)
        offer.refresh_from_db()
        assert offer.state == SeatOfferState.EXPIRED
        assert SeatOffer.objects.open().get().need == following

    def test_only_caseworkers_of_the_own_municipality_decide(
        self, make_actor, other_municipality, municipality, offer
    ):
        from backend.accounts.roles import Role

        for actor in (
            make_actor(Role.CASEWORKER, other_municipality),
            make_actor(Role.QUALITY_OFFICER, municipality),
        ):
            with pytest.raises(NotAllowedError):
                seat_offer_take(actor=actor, seat_offer=offer, motivation="x")
            with pytest.raises(NotAllowedError):
                seat_offer_decline(actor=actor, seat_offer=offer, reason="not_wanted")

    def test_the_caseworkers_hear_of_it_once(self, offer):
        consume()
        consume()
        assert Notification.objects.filter(kind="seat_offer_made").count() == 1


@pytest.mark.django_db(transaction=True)
class TestFacts:
    """Fact > outbox > service: the seat is offered when the worker comes by, and once."""

    @pytest.fixture(autouse=True)
    def _still(self, frozen_clock):
        return frozen_clock

    def test_a_withdrawn_place_goes_to_the_next_and_never_back_to_the_same(
        self, municipality, intake
    ):
        placed = make.placement(municipality, intake=intake, state=PlacementState.OFFERED)
        following = waiting(municipality, LATELY)
        actor = make.everything(municipality)
        placement_withdraw(actor=actor, placement=placed, reason="participant_declined")
        assert not SeatOffer.objects.exists()
        consume()
        assert SeatOffer.objects.get().need == following
        place_ended(placement_id=placed.uuid)
        assert SeatOffer.objects.count() == 1

    def test_more_seats_go_to_as_many_people(self, municipality, intake):
        make.placement(municipality, intake=intake, state=PlacementState.ACCEPTED)
        for _ in range(3):
            waiting(municipality, LONG_AGO)
        provider = intake.group.course.provider.organisation
        intake_moment_set_seats(
            actor=make.everything(provider), intake_moment_id=intake.pk, seats_total=3
        )
        consume()
        assert SeatOffer.objects.open().count() == 2

    def test_a_stop_before_the_course_begins_frees_the_seat(self, municipality):
        intake = make.contracted_intake(municipality, seats_total=1, start_date=clock.today())
        placed = make.placement(municipality, intake=intake, state=PlacementState.ACCEPTED)
        following = waiting(municipality, LATELY)
        actor = make.everything(municipality, placed.provider_organisation)
        placement_start(actor=actor, placement=placed, start_date=clock.today())
        placement_stop(
            actor=actor, placement=placed, end_date=clock.today(), reason=StopReason.BY_PARTICIPANT
        )
        consume()
        assert SeatOffer.objects.get().need == following

    def test_another_place_ends_the_offer_and_frees_the_seat(self, municipality, intake):
        one = waiting(municipality, LONG_AGO)
        (offer,) = offered(intake)
        elsewhere = make.contracted_intake(municipality)
        placement_create(
            actor=make.everything(municipality),
            choice=Choice(need=one, intake_moment=elsewhere, motivation="Dichterbij."),
        )
        following = waiting(municipality, LATELY)
        consume()
        offer.refresh_from_db()
        assert (offer.state, offer.reason) == (SeatOfferState.ENDED, "placed_elsewhere")
        assert SeatOffer.objects.open().get().need == following

    def test_taking_an_offer_does_not_end_it_again(self, municipality, intake):
        waiting(municipality, LONG_AGO)
        (offer,) = offered(intake)
        seat_offer_take(actor=make.everything(municipality), seat_offer=offer, motivation="Ja.")
        consume()
        offer.refresh_from_db()
        assert offer.state == SeatOfferState.TAKEN
        assert not OutboxMessage.objects.filter(state="failed").exists()
