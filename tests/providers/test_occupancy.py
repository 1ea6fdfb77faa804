"""Seats that are counted in memory are those that the database counts, at any moment."""

from datetime import timedelta

import numpy as np
import pytest

from backend.common import clock
from providers.models import SeatClaim
from providers.public import occupancy_of
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def counted(intakes):
    return [SeatClaim.objects.occupying().filter(intake_moment=one).count() for one in intakes]


@pytest.fixture
def intakes():
    made = [IntakeMomentFactory() for _ in range(3)]
    for state, minutes in (("hold", 5), ("hold", 5), ("hold", 10), ("confirmed", 5)):
        until = clock.now() + timedelta(minutes=minutes)
        SeatClaimFactory(intake_moment=made[0], state=state, expires_at=until)
    SeatClaimFactory(intake_moment=made[0], state="released")
    SeatClaimFactory(intake_moment=made[1])
    return made


def read(intakes):
    return occupancy_of(np.array([one.pk for one in intakes]))


def test_at_any_moment_it_counts_what_occupies(intakes, frozen_clock):
    found = read(intakes)
    seen = []
    for _ in range(4):
        assert found.taken(clock.now()).tolist() == counted(intakes)
        seen.append(counted(intakes)[0])
        frozen_clock.shift(timedelta(minutes=5))
    assert seen == [4, 2, 1, 1]


def test_what_changed_is_read_again_and_nothing_else(intakes):
    found = read(intakes)
    SeatClaim.objects.filter(intake_moment=intakes[0], state="hold").update(state="released")
    SeatClaimFactory(intake_moment=intakes[2], held=True, expires_at=clock.now() + timedelta(1))
    again = found.read_again({intakes[0].pk, intakes[2].pk, 10**9})
    assert again.taken(clock.now()).tolist() == counted(intakes) == [1, 1, 1]
    assert found.taken(clock.now()).tolist() == [4, 1, 0]
    assert found.read_again({10**9}) is found
