"""What goes wrong between offer and first lesson: a mark that falls away, clocks that turn."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from backend.common import clock
from backend.notifications.models import Notification
from backend.outbox.public import consume
from matching.choices import NeedState, PlacementState, WithdrawalReason
from matching.errors import PlacementExpiredError, PlacementInfeasibleError
from matching.public import (
    Choice,
    placement_accept,
    placement_expire_due,
    placement_offer,
    placement_withdraw,
    seat_hold_for_need,
)
from procurement.models import CallOff
from providers.choices import MarkStatus
from providers.models import IntakeMoment
from providers.services.provider import quality_mark_record
from tests.factories.matching import contracted_intake, everything, need, placement

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


def withdraw_mark(intake):
    provider = intake.group.course.provider
    quality_mark_record(
        actor=everything(provider.organisation),
        provider=provider,
        kind="keurmerk",
        status=MarkStatus.WITHDRAWN,
        valid_from=date(2026, 11, 18),
        valid_to=None,
        source="Blik op Werk",
    )


class TestMarkWithdrawn:
    @pytest.fixture(autouse=True)
    def _now(self):
        with time_machine.travel(NOW, tick=False):
            yield

    def test_after_the_offer_nobody_is_accepted_and_nobody_is_lost(self, municipality):
        offered = placement(municipality, state=PlacementState.OFFERED)
        withdraw_mark(offered.intake_moment)
        actor = everything(municipality, offered.provider_organisation)

        with pytest.raises(PlacementInfeasibleError) as caught:
            placement_accept(actor=actor, placement=offered)
        assert [one.code for one in caught.value.violations] == ["MARK"]
        assert not CallOff.objects.exists()

        placement_withdraw(actor=actor, placement=offered, reason=WithdrawalReason.BETTER_PLACE)
        offered.need.refresh_from_db()
        assert offered.need.state == NeedState.WAITING
        intake = IntakeMoment.objects.with_seats_free().get()
        assert intake.seats_free == intake.seats_total

    def test_after_acceptance_the_municipality_is_told_and_decides(
        self, municipality, django_capture_on_commit_callbacks
    ):
        accepted = placement(municipality, state=PlacementState.ACCEPTED)
        with django_capture_on_commit_callbacks(execute=True):
            withdraw_mark(accepted.intake_moment)
        consume()
        consume()

        accepted.refresh_from_db()
        assert accepted.state == PlacementState.ACCEPTED
        assert Notification.objects.filter(organisation=municipality).exists()

        actor = everything(municipality, accepted.provider_organisation)
        placement_withdraw(actor=actor, placement=accepted, reason=WithdrawalReason.BETTER_PLACE)
        accepted.need.refresh_from_db()
        assert accepted.need.state == NeedState.WAITING
        with pytest.raises(PlacementInfeasibleError):
            seat_hold_for_need(
                actor=actor,
                choice=Choice(need=accepted.need, intake_moment=accepted.intake_moment),
            )


# The night of 25 October 2026 has 25 hours in the Netherlands, that of 28 March 2027 has 23.
@pytest.mark.parametrize(
    "evening",
    [datetime(2026, 10, 24, 21, 30, tzinfo=UTC), datetime(2027, 3, 27, 22, 30, tzinfo=UTC)],
    ids=["to winter time", "to summer time"],
)
class TestNightOfTheClock:
    def held(self, municipality):
        intake = contracted_intake(
            municipality, start_date=date(2027, 6, 1), end_date=date(2027, 12, 1)
        )
        actor = everything(municipality, intake.group.course.provider.organisation)
        choice = Choice(need=need(municipality), intake_moment=intake)
        return actor, seat_hold_for_need(actor=actor, choice=choice)

    def test_a_held_seat_is_held_for_its_hours_exactly(self, municipality, evening):
        with time_machine.travel(evening, tick=False) as now:
            _actor, held = self.held(municipality)
            assert held.seat_claim.expires_at - evening == timedelta(hours=48)
            now.move_to(evening + timedelta(hours=47, minutes=59))
            assert placement_expire_due() == 0
            now.move_to(evening + timedelta(hours=48))
            assert placement_expire_due() == 1
            assert placement_expire_due() == 0
        held.refresh_from_db()
        assert held.state == PlacementState.EXPIRED

    def test_the_last_day_to_answer_ends_at_local_midnight(self, municipality, evening):
        with time_machine.travel(evening, tick=False) as now:
            actor, held = self.held(municipality)
            offered = placement_offer(actor=actor, placement=held)
            due = offered.answer_due_at
            local = due.astimezone(clock.NETHERLANDS)
            assert (local.hour, local.minute, local.second) == (23, 59, 59)
            now.move_to(due + timedelta(seconds=1))
            with pytest.raises(PlacementExpiredError):
                placement_accept(actor=actor, placement=offered)
            assert placement_expire_due() == 1
        offered.need.refresh_from_db()
        assert offered.need.state == NeedState.WAITING
