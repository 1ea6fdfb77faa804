"""The SQL that counts seats says what the queryset of claims says."""

from datetime import timedelta

import pytest

from backend.common import clock
from providers.models import IntakeMoment, SeatClaim
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def test_seats_are_counted_as_claims_occupy_them():
    start, other = IntakeMomentFactory(seats_total=3), IntakeMomentFactory(seats_total=5)
    now = clock.now()
    SeatClaimFactory.create_batch(2, intake_moment=start)
    SeatClaimFactory(intake_moment=start, held=True, expires_at=now + timedelta(seconds=1))
    SeatClaimFactory(intake_moment=start, held=True, expires_at=now)
    SeatClaimFactory(intake_moment=start, state="released")
    SeatClaimFactory(intake_moment=start)
    rows = IntakeMoment.objects.with_seats_free().order_by("pk")
    found = [(one.seats_taken, one.seats_free) for one in rows]
    assert found == [(4, -1), (0, 5)]
    assert SeatClaim.objects.occupying().filter(intake_moment=start).count() == 4
    nested = IntakeMoment.objects.filter(
        pk__in=IntakeMoment.objects.with_seats_free().filter(seats_free__gt=0).values("pk")
    )
    assert list(nested) == [other]
