"""The nightly recount finds what slipped past the locks, and nothing else."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from backend.common import clock
from backend.nightly import ExceededCapacity, exceeded_capacities
from providers.choices import SeatState
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def intake():
    return IntakeMomentFactory(seats_total=2)


def taken(intake, **values):
    return SeatClaimFactory(intake_moment=intake, state=SeatState.CONFIRMED, **values)


def held(intake, minutes):
    expires_at = clock.now() + timedelta(minutes=minutes)
    return SeatClaimFactory(intake_moment=intake, state=SeatState.HOLD, expires_at=expires_at)


def test_a_full_intake_moment_with_a_reasoned_overbooking_is_in_order(intake, capsys):
    taken(intake)
    held(intake, minutes=10)
    held(intake, minutes=-10)
    taken(intake, overbooked_reason="Broer en zus samen")
    SeatClaimFactory(intake_moment=intake, state=SeatState.RELEASED)
    assert exceeded_capacities() == []
    call_command("check_capacity")
    assert capsys.readouterr().out == ""


def test_an_oversold_intake_moment_is_named(intake, capsys):
    for _ in range(2):
        taken(intake)
    held(intake, minutes=10)
    taken(IntakeMomentFactory(seats_total=5))
    assert exceeded_capacities() == [ExceededCapacity(intake.uuid, 2, 3)]
    with pytest.raises(SystemExit):
        call_command("check_capacity")
    assert str(intake.uuid) in capsys.readouterr().out


def test_the_number_of_queries_does_not_grow(django_assert_num_queries):
    for _ in range(3):
        taken(IntakeMomentFactory(seats_total=0))
    with django_assert_num_queries(1):
        assert len(exceeded_capacities()) == 3
