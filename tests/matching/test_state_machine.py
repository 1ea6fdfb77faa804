"""Any order of steps of two parties and the clock: seats, needs, call-offs and history agree."""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backend.common import clock
from backend.common.errors import DomainError
from matching.choices import (
    ACCEPTED_STATES,
    OPEN_PLACEMENT_STATES,
    NeedState,
    PlacementState,
    RefusalReason,
    WithdrawalReason,
)
from matching.folding import folded_state
from matching.models import Need, Placement
from matching.public import (
    Choice,
    placement_accept,
    placement_create,
    placement_expire_due,
    placement_offer,
    placement_refuse,
    placement_withdraw,
    seat_hold_for_need,
)
from procurement.choices import CallOffState
from procurement.models import CallOff, Ceiling
from providers.models import IntakeMoment, SeatClaim
from providers.services.seats import intake_moment_set_seats
from tests.factories.matching import contracted_intake, everything, need

pytestmark = pytest.mark.django_db
PEOPLE, SEATS, CEILING = 4, 2, 1
WAITS_IN = {
    PlacementState.DRAFT: NeedState.OFFERED,
    PlacementState.OFFERED: NeedState.OFFERED,
    PlacementState.ACCEPTED: NeedState.PLACED,
}
numbers = st.integers(0, 9)


class Market(RuleBasedStateMachine):
    """Four people, a start with two seats, and one with more seats than its ceiling pays."""

    # Set by the test: hypothesis makes the machines itself.
    town = None
    hands = None
    # States that were met, over all runs.
    reached: ClassVar = set()

    def __init__(self):
        super().__init__()
        self.moment = clock.now()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.intakes = [
            contracted_intake(self.town, seats_total=SEATS),
            contracted_intake(self.town, seats_total=SEATS + 1, places=CEILING),
        ]
        self.needs = [need(self.town) for _ in range(PEOPLE)]
        schools = [one.group.course.provider.organisation for one in self.intakes]
        self.actor = everything(self.town, *schools)

    def teardown(self):
        transaction.set_rollback(True)
        self.scope.__exit__(None, None, None)
        self.hands.move_to(self.moment, tick=False)

    def one_of(self, number, *states):
        """A placement, mostly in a state in which the step is possible."""
        found = Placement.objects.order_by("pk")
        likely = list(found.filter(state__in=states)) if number < 8 else []
        some = likely or list(found)
        return some[number % len(some)] if some else None

    def place(self, service, number, second, **how):
        chosen = Need.objects.get(pk=self.needs[number % PEOPLE].pk)
        intake = self.intakes[second % len(self.intakes)]
        free = IntakeMoment.objects.with_seats_free().get(pk=intake.pk).seats_free
        must_work = chosen.state == NeedState.WAITING and free > 0 and second % 2 == 0
        choice = Choice(need=chosen, intake_moment=intake, motivation="Past goed.")
        try:
            service(actor=self.actor, choice=choice, **how)
        except DomainError:
            assert not must_work, "a free seat was refused to somebody who waits"
        else:
            assert chosen.state == NeedState.WAITING
            assert free > 0

    @rule(number=numbers, second=numbers)
    def hold(self, number, second):
        self.place(seat_hold_for_need, number, second)

    @rule(number=numbers, second=numbers)
    def hold_and_offer(self, number, second):
        self.place(placement_create, number, second, offer=True)

    def step(self, service, placement, **how):
        if placement is None:
            return
        before = placement.state
        try:
            service(actor=self.actor, placement=placement, **how)
        except DomainError:
            assert Placement.objects.get(pk=placement.pk).state == before

    @rule(number=numbers)
    def offer(self, number):
        self.step(placement_offer, self.one_of(number, PlacementState.DRAFT))

    @rule(number=numbers)
    def accept(self, number):
        self.step(placement_accept, self.one_of(number, PlacementState.OFFERED))

    @rule(number=numbers)
    def refuse(self, number):
        self.step(
            placement_refuse,
            self.one_of(number, PlacementState.OFFERED),
            reason=RefusalReason.OUTSIDE_EXPERTISE,
        )

    @rule(number=numbers)
    def withdraw(self, number):
        self.step(
            placement_withdraw,
            self.one_of(number, *OPEN_PLACEMENT_STATES),
            reason=WithdrawalReason.BETTER_PLACE,
        )

    @rule(hours=st.sampled_from((1, 30, 49)))
    def time_passes(self, hours):
        # Twelve days in all, so that no start comes within reach of another rule.
        if clock.now() - self.moment < timedelta(days=10):
            self.hands.shift(timedelta(hours=hours))

    @rule()
    def expire(self):
        placement_expire_due()

    @rule(second=numbers, seats=st.integers(0, SEATS + 1))
    def change_capacity(self, second, seats):
        intake = self.intakes[second % len(self.intakes)]
        taken = SeatClaim.objects.occupying().filter(intake_moment=intake).count()
        try:
            intake_moment_set_seats(actor=self.actor, intake_moment_id=intake.pk, seats_total=seats)
        except DomainError:
            assert taken > seats
        else:
            assert taken <= seats

    @invariant()
    def no_start_is_oversold(self):
        for one in IntakeMoment.objects.with_seats_free():
            assert one.seats_free >= 0

    @invariant()
    def each_need_agrees_with_its_open_placement(self):
        is_open = Placement.objects.filter(state__in=OPEN_PLACEMENT_STATES)
        states = dict(is_open.values_list("need", "state"))
        assert len(states) == is_open.count(), "two open placements of one person"
        for one in Need.objects.filter(pk__in=[one.pk for one in self.needs]):
            wanted = WAITS_IN[states[one.pk]] if one.pk in states else NeedState.WAITING
            assert one.state == wanted

    @invariant()
    def call_offs_are_the_accepted_placements(self):
        committed = CallOff.objects.filter(state=CallOffState.COMMITTED)
        accepted = Placement.objects.filter(state__in=ACCEPTED_STATES)
        assert set(committed.values_list("reference", flat=True)) == set(
            accepted.values_list("uuid", flat=True)
        )
        used = Counter(committed.values_list("contract_lot", flat=True))
        for ceiling in Ceiling.objects.filter(places__isnull=False):
            assert used[ceiling.contract_lot_id] <= ceiling.places

    @invariant()
    def history_folds_to_the_state(self):
        for one in Placement.objects.prefetch_related("events"):
            self.reached.add(one.state)
            assert folded_state(one.events.all()) == one.state


def test_whatever_happens_in_whatever_order(municipality, frozen_clock, monkeypatch):
    monkeypatch.setattr(Market, "town", municipality)
    monkeypatch.setattr(Market, "hands", frozen_clock)
    run_state_machine_as_test(
        Market,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    # The invariants spoke about places, and each run took its own away.
    assert {PlacementState.DRAFT, PlacementState.OFFERED} <= Market.reached
    assert not Placement.objects.exists()
