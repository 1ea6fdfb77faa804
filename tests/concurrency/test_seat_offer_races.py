"""Seats that come free while everybody wants them: exactly the seats, to different people.

The twin runs the same clients without the lock on the intake moment, and gives more than there are.
"""

import time
from functools import partial

import pytest

from matching.models import SeatOffer
from matching.selectors.policy import default_policy
from matching.services import seat_offers
from matching.services.placements import Choice, seat_hold_for_need
from matching.services.recommendations import recommendation_create
from matching.waiting_choices import SeatSource
from providers.models import IntakeMoment, SeatClaim
from providers.services import seats
from tests.factories.matching import contracted_intake, everything, need
from tests.factories.organisations import MunicipalityFactory
from tests.support.races import ask_unlocked, kinds, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

WORKERS, CASEWORKERS, SEATS = 12, 12, 4


def acts(monkeypatch):
    """Workers that offer a seat that came free, and caseworkers who choose the start by hand."""
    monkeypatch.setattr("matching.policies.may_overrule", lambda actor, key: False)
    town = MunicipalityFactory(name="Eigenstad").organisation
    default_policy()
    intake = contracted_intake(town, seats_total=SEATS)
    for _ in range(WORKERS):
        need(town)
    actor, found = everything(town), []
    for _ in range(CASEWORKERS):
        one = need(town)
        grounds = recommendation_create(actor=actor, need=one)
        choice = Choice(need=one, intake_moment=intake, match_record=grounds)
        found.append(partial(seat_hold_for_need, actor=actor, choice=choice))
    offer = partial(
        seat_offers.seats_offer,
        intake_moment_id=intake.pk,
        number=1,
        source=SeatSource.PLACE_ENDED,
    )
    return intake, [*[offer] * WORKERS, *found]


def taken(intake):
    return SeatClaim.objects.occupying().filter(intake_moment=intake).count()


def test_workers_and_caseworkers_at_once_give_exactly_the_seats(monkeypatch):
    intake, all_acts = acts(monkeypatch)
    results = race(all_acts)
    assert set(kinds(results)) <= {"list", "Placement", "intake_full", "already_placed"}
    assert taken(intake) == SEATS
    offers = SeatOffer.objects.open()
    assert offers.values("need").distinct().count() == offers.count()
    # Nobody has both a held seat from the list and a place of a caseworker's choice here.
    assert not offers.filter(need__placements__intake_moment=intake).exists()


def test_twin_without_the_lock_gives_more_than_there_are(monkeypatch):
    def unlocked(pk):
        return IntakeMoment.objects.get(pk=pk)

    count = seats.seats_taken

    def slowly(pk):
        found = count(pk)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(seats, "ask_locked", ask_unlocked)
    monkeypatch.setattr(seat_offers, "_lock_intake", unlocked)
    monkeypatch.setattr(seats, "seats_taken", slowly)
    intake, all_acts = acts(monkeypatch)
    race(all_acts)
    assert taken(intake) > SEATS
