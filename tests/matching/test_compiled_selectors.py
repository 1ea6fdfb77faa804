"""The single-object forms of the selectors answer exactly as the forms for many do."""

from datetime import date, timedelta

import pytest

from backend.common import clock
from matching.models import Need
from matching.selectors.needs import need_row, need_rows
from procurement.public import course_coverage, coverage
from providers.public import offered_intake, offered_intakes
from tests.factories.matching import contracted_intake, need, placement
from tests.factories.procurement import contract_for
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)


def test_one_intake_moment_is_the_row_of_the_list(municipality, frozen_clock):
    one = contracted_intake(municipality, group__course__provider__mark=False)
    two = IntakeMomentFactory(seats_total=3)
    SeatClaimFactory(intake_moment=two, held=True, expires_at=clock.now() + timedelta(hours=1))
    IntakeMomentFactory(closed=True)
    for _ in range(2):
        listed = {row[0]: row for row in offered_intakes(as_of=TODAY)}
        assert set(listed) == {one.pk, two.pk}
        for pk, row in listed.items():
            assert offered_intake(as_of=TODAY, intake_moment_id=pk) == [row]
        # The second time the hold has expired: the moment is that of the run.
        frozen_clock.shift(timedelta(hours=2))
    assert offered_intake(as_of=TODAY, intake_moment_id=0) == []
    assert offered_intake(as_of=date(2027, 1, 1), intake_moment_id=one.pk) == []


def test_one_course_is_the_cover_of_the_list(municipality, other_municipality):
    intake = contracted_intake(municipality, other_municipality, places=3)
    course = intake.group.course
    contract_for(course, municipalities=[municipality], price=None, target_groups=("family",))
    contract_for(course, municipalities=[other_municipality])
    placement(municipality, intake=intake, state="accepted")
    contracted_intake(municipality)
    for place in (municipality, other_municipality):
        listed = [
            one
            for one in coverage(municipality_ids=[place.pk], on=TODAY)
            if one.course_id == course.pk
        ]
        assert len(listed) == 2
        found = course_coverage(course_id=course.pk, municipality_id=place.pk, on=TODAY)
        assert found == listed


def test_one_need_is_the_row_of_the_list(municipality):
    one = need(municipality)
    (row,) = need_rows(Need.objects.filter(pk=one.pk), on=TODAY)
    assert need_row(one.pk, on=TODAY) == row
    assert need_row(one.pk, on=date(2020, 1, 1)) is None
