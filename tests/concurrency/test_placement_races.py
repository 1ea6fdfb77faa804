"""Many at once: exactly the seats and the ceiling are sold, and a message counts once.

Every race has its twin: the same clients without the lock, which must break the invariant.
"""

import time
from functools import partial
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from backend.accounts.roles import Role
from matching.choices import PlacementState
from matching.models import Placement, PlacementEvent
from matching.selectors import pair
from matching.selectors.policy import default_policy
from matching.services.placement_steps import placement_accept, placement_withdraw
from matching.services.placements import Choice, seat_hold_for_need
from matching.services.recommendations import recommendation_create
from procurement.models import CallOff
from procurement.services import call_offs
from providers.models import IntakeMoment, SeatClaim
from providers.services import seats
from tests.factories.accounts import client_with
from tests.factories.matching import contracted_intake, everything, need, pip, placement
from tests.factories.organisations import MunicipalityFactory
from tests.factories.providers import CourseFactory
from tests.support.races import ask_unlocked, kinds, race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CLIENTS = 64
SEATS = 10


@pytest.fixture
def town():
    return MunicipalityFactory(name="Eigenstad").organisation


def holds(town, intake, count):
    """`count` caseworkers who each want this intake moment for somebody of their own."""
    actor = everything(town)
    default_policy()
    acts = []
    for _ in range(count):
        one = need(town)
        grounds = recommendation_create(actor=actor, need=one)
        choice = Choice(need=one, intake_moment=intake, match_record=grounds)
        acts.append(partial(seat_hold_for_need, actor=actor, choice=choice))
    return acts


def without_overrule(monkeypatch):
    """A full group is then refused as it is for everybody without that named right."""
    monkeypatch.setattr("matching.policies.may_overrule", lambda actor, key: False)


def test_64_clients_and_10_seats_exactly_10_are_sold(town, monkeypatch):
    without_overrule(monkeypatch)
    intake = contracted_intake(town, seats_total=SEATS)
    results = race(holds(town, intake, CLIENTS))
    assert kinds(results) == {"Placement": SEATS, "intake_full": CLIENTS - SEATS}
    assert SeatClaim.objects.occupying().filter(intake_moment=intake).count() == SEATS
    assert Placement.objects.count() == SEATS


def test_twin_without_the_lock_oversells(town, monkeypatch):
    without_overrule(monkeypatch)
    monkeypatch.setattr(seats, "ask_locked", ask_unlocked)
    intake = contracted_intake(town, seats_total=SEATS)
    race(holds(town, intake, CLIENTS))
    assert SeatClaim.objects.occupying().filter(intake_moment=intake).count() > SEATS


def accepts(town, count, places):
    intake = contracted_intake(town, seats_total=count, places=places)
    asked = [placement(town, intake=intake, state=PlacementState.OFFERED) for _ in range(count)]
    actor = everything(town, intake.group.course.provider.organisation)
    return [partial(placement_accept, actor=actor, placement=one) for one in asked]


def test_a_ceiling_is_never_exceeded(town):
    results = race(accepts(town, count=20, places=6))
    assert kinds(results) == {"Placement": 6, "ceiling_reached": 14}
    assert CallOff.objects.filter(state="committed").count() == 6
    assert Placement.objects.filter(state=PlacementState.ACCEPTED).count() == 6
    # Who lost keeps the offer: the seat is still held.
    assert Placement.objects.filter(state=PlacementState.OFFERED).count() == 14


def test_twin_without_the_ceiling_lock_exceeds_it(town, monkeypatch):
    from procurement.models import Ceiling

    def unlocked(*, contract_lot_id):
        found = Ceiling.objects.get(contract_lot=contract_lot_id)
        time.sleep(0.02)
        return found

    check = call_offs._check_ceiling

    def slowly(ceiling, amount):
        check(ceiling, amount)
        time.sleep(0.02)

    monkeypatch.setattr(call_offs, "ceiling_lock", unlocked)
    monkeypatch.setattr(call_offs, "_check_ceiling", slowly)
    monkeypatch.setattr(seats, "_lock_intake", lambda pk: IntakeMoment.objects.get(pk=pk))
    race(accepts(town, count=20, places=6))
    assert CallOff.objects.filter(state="committed").count() > 6


def test_one_message_sent_16_times_at_once_counts_once(town):
    found = placement(town, state=PlacementState.OFFERED)
    actor = everything(town, found.provider_organisation)
    message = uuid4()
    results = race(
        [partial(placement_accept, actor=actor, placement=found, message_id=message)] * 16
    )
    outcomes = kinds(results)
    assert set(outcomes) == {"Placement"}
    assert PlacementEvent.objects.filter(placement=found, state="accepted").count() == 1
    assert CallOff.objects.count() == 1


def test_accept_and_withdraw_at_once_leave_one_consistent_outcome(town):
    for _ in range(5):
        found = placement(town, state=PlacementState.OFFERED)
        actor = everything(town, found.provider_organisation)
        race(
            [
                partial(placement_accept, actor=actor, placement=found),
                partial(placement_withdraw, actor=actor, placement=found, reason="moved"),
            ]
        )
        found.refresh_from_db()
        found.seat_claim.refresh_from_db()
        taken = found.state == PlacementState.ACCEPTED
        assert found.seat_claim.state == ("confirmed" if taken else "released")
        open_call_offs = CallOff.objects.filter(reference=found.uuid, state="committed")
        assert open_call_offs.count() == int(taken)


def test_two_people_at_one_desk_cannot_place_one_person_twice(town):
    one = need(town)
    actor = everything(town)
    places = [contracted_intake(town) for _ in range(8)]
    grounds = recommendation_create(actor=actor, need=one)
    results = race(
        [
            partial(
                seat_hold_for_need,
                actor=actor,
                choice=Choice(need=one, intake_moment=place, match_record=grounds),
            )
            for place in places
        ]
    )
    assert kinds(results) == {"Placement": 1, "already_placed": 7}
    assert SeatClaim.objects.occupying().count() == 1


def test_one_idempotency_key_16_times_at_once_makes_one_placement(town):
    intake, one = contracted_intake(town), need(town)
    default_policy()
    _, key = client_with(Role.CASEWORKER, organisation=town)
    body = {"need": str(one.uuid), "intakeMoment": str(intake.uuid)}

    def send():
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        return client.post(
            "/api/v1/placements", body, format="json", headers={"Idempotency-Key": "een"}
        )

    answers = race([send] * 16)
    made = [one for one in answers if one.status_code == 201]
    assert {one.status_code for one in answers} <= {201, 409}
    assert {one.content for one in made} == {made[0].content}
    assert {one.json()["code"] for one in answers if one.status_code == 409} <= {
        "idempotency_key_in_use"
    }
    assert Placement.objects.count() == 1


def both_needs_of_one_person(town):
    """Two caseworkers who each choose a place for another component, with the same lessons."""
    actor = everything(town)
    default_policy()
    acts = []
    found = pip(town)
    for one in found.needs.filter(component__in=["B", "KNM"]):
        course = CourseFactory(component=one.component)
        intake = contracted_intake(town, group__course=course)
        grounds = recommendation_create(actor=actor, need=one)
        choice = Choice(need=one, intake_moment=intake, match_record=grounds)
        acts.append(partial(seat_hold_for_need, actor=actor, choice=choice))
    assert len(acts) == 2
    return acts


def test_two_caseworkers_do_not_give_one_person_lessons_at_the_same_time(town, monkeypatch):
    without_overrule(monkeypatch)

    results = race(both_needs_of_one_person(town))

    assert kinds(results) == {"Placement": 1, "placement_infeasible": 1}


def test_twin_without_the_lock_on_the_pip_gives_both(town, monkeypatch):
    without_overrule(monkeypatch)
    monkeypatch.setattr(pair, "ask_locked", ask_unlocked)

    assert kinds(race(both_needs_of_one_person(town))) == {"Placement": 2}
