"""The single-object forms of the selectors answer exactly as the forms for many do."""

import itertools
from datetime import date, timedelta

import pytest

from backend.common import clock
from matching.models import Need
from matching.selectors.needs import ONE_NEED, need_rows
from procurement.public import COVER_OF_COURSE, coverage, coverage_of
from procurement.services.pools import lot_pool_set
from providers.models import IntakeStop
from providers.public import OFFERED_INTAKE, offered_intakes, stops_in_force
from providers.selectors.stops import STOP_OF_INTAKE
from tests.factories.matching import contracted_intake, everything, need, placement
from tests.factories.organisations import RegionMembershipFactory
from tests.factories.procurement import contract_for
from tests.factories.providers import IntakeMomentFactory, QualityMarkFactory, SeatClaimFactory

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
            assert OFFERED_INTAKE(as_of=TODAY, pk=pk) == [row]
        # The second time the hold has expired: the moment is that of the run.
        frozen_clock.shift(timedelta(hours=2))
    assert OFFERED_INTAKE(as_of=TODAY, pk=0) == []
    assert OFFERED_INTAKE(as_of=date(2027, 1, 1), pk=one.pk) == []


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
        found = COVER_OF_COURSE(course=course.pk, municipality=place.pk, on=TODAY)
        assert [coverage_of(row, place.pk) for row in found] == listed


def test_the_share_of_a_municipality_limits_its_cover_alone(municipality, other_municipality):
    shares = {municipality.pk: 1, other_municipality.pk: 2}
    intakes = [contracted_intake(municipality, other_municipality, places=9) for _ in range(2)]
    for intake in intakes:
        lot_pool_set(
            actor=everything(municipality),
            lot=intake.group.course.contract_courses.get().contract_lot.lot,
            mode="quota",
            quotas=shares,
            reason="Samen delen.",
        )
    for town, places in shares.items():
        (row,) = COVER_OF_COURSE(course=intakes[0].group.course_id, municipality=town, on=TODAY)
        assert coverage_of(row, town).places_left == places


def test_the_mark_of_one_start_is_that_of_the_list_after_a_renewal(municipality):
    one = contracted_intake(municipality)
    provider = one.group.course.provider
    provider.quality_marks.update(valid_to=one.start_date - timedelta(days=1))
    QualityMarkFactory(provider=provider, valid_from=one.start_date, valid_to=one.end_date)
    QualityMarkFactory(provider=provider, valid_from=one.end_date + timedelta(days=1))
    (row,) = offered_intakes(as_of=TODAY)
    assert OFFERED_INTAKE(as_of=TODAY, pk=one.pk) == [row]
    assert row[-1] == one.end_date


def test_one_need_is_the_row_of_the_list(municipality):
    one = need(municipality)
    (row,) = need_rows(Need.objects.filter(pk=one.pk), on=TODAY)
    assert ONE_NEED(pk=one.pk, on=TODAY) == [row]
    assert ONE_NEED(pk=one.pk, on=date(2020, 1, 1)) == []


def test_the_stop_of_one_start_is_that_of_the_list(municipality, region):
    """Whole provider or narrowed to kind, course and location; of the town or its region."""
    intake = contracted_intake(municipality)
    other = IntakeMomentFactory()
    course, group = intake.group.course, intake.group
    elsewhere = RegionMembershipFactory().municipality
    seen = set()
    for organisation, days, narrowed in itertools.product(
        (municipality, region, elsewhere),
        ((0, None), (-9, -1), (1, None), (-9, 0)),
        (
            {},
            {"kind": course.kind},
            {"kind": "integration" if course.kind != "integration" else "literacy"},
            {"course": course, "location": group.location},
            {"course": other.group.course},
            {"location": other.group.location},
        ),
    ):
        first, last = (None if day is None else TODAY + timedelta(days=day) for day in days)
        stop = IntakeStop.objects.create(
            provider=course.provider,
            organisation=organisation,
            state="approved",
            ground="staff",
            reason="Docenten weg",
            starts_on=first,
            ends_on=last,
            requested_at=clock.now(),
            decided_at=clock.now(),
            **narrowed,
        )
        listed = stops_in_force(on=TODAY).municipalities(
            provider_id=course.provider_id,
            kind=course.kind,
            course_id=course.pk,
            location_id=group.location_id,
        )
        for town in (municipality, elsewhere):
            asked = {"municipality": town.pk, "on": TODAY}
            found = bool(STOP_OF_INTAKE(intake=intake.pk, **asked))
            assert found == (town.pk in listed), (organisation, days, narrowed)
            assert not STOP_OF_INTAKE(intake=other.pk, **asked)
            seen.add(found)
        stop.delete()
    assert seen == {True, False}
