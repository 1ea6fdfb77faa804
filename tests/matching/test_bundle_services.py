"""A proposal for all components of one person, and what other lessons and members mean for it."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from backend.common.errors import NotFoundError
from matching.choices import NeedState
from matching.errors import NothingWaitsError
from matching.household_choices import Wish
from matching.models import MatchBundle, Need
from matching.services.bundles import bundle_propose
from matching.services.households import HouseholdData, household_register
from matching.services.recommendations import recommendation_create
from tests.factories.matching import contracted_intake, everything, pip, placement
from tests.factories.organisations import MunicipalityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
LATER = date(2027, 2, 1)


def propose(municipality, plan):
    return bundle_propose(actor=everything(municipality), pip=plan).result


def starts(proposal):
    return {one["component"]: one["intakeMomentId"] for one in proposal["parts"]}


def intake(municipality, component, *weekdays, **fields):
    return contracted_intake(
        municipality,
        group__weekdays=weekdays,
        group__course__component=component,
        **fields,
    )


def test_a_bundle_holds_all_components_without_overlap_in_a_sensible_order(municipality):
    plan = pip(municipality)
    route = intake(municipality, "B", 1, 3)
    intake(municipality, "KNM", 1)
    knm = intake(municipality, "KNM", 5, start_date=LATER)
    early_map = intake(municipality, "MAP", 4, start_date=route.start_date)
    pvt = intake(municipality, "PVT", 2)
    first = propose(municipality, plan)["proposals"][0]
    assert starts(first) == {
        "B": str(route.uuid),
        "KNM": str(knm.uuid),
        "MAP": str(early_map.uuid),
        "PVT": str(pvt.uuid),
    }
    assert first["open"] == []
    assert first["outOfOrder"] == []
    assert first["score"] == sum(one["score"] for one in first["parts"])


def test_what_stays_open_names_what_it_clashes_with(municipality):
    plan = pip(municipality)
    intake(municipality, "B", 1, 3)
    knm = intake(municipality, "KNM", 1)
    result = propose(municipality, plan)
    left = {one["component"]: one["overlaps"] for one in result["proposals"][0]["open"]}
    assert left["KNM"] == [{"intakeMomentId": str(knm.uuid), "component": "B", "slots": ["MO1"]}]
    assert left["MAP"] == []
    waiting = {one["component"]: one["fitting"] for one in result["waiting"]}
    assert waiting == {"B": 1, "KNM": 1, "MAP": 0, "PVT": 0}


def test_places_that_run_already_are_kept_free(municipality):
    plan = pip(municipality)
    route = intake(municipality, "B", 1, 3)
    placement(municipality, intake=route, of=plan.needs.get(component="B"))
    intake(municipality, "KNM", 1)
    free = intake(municipality, "KNM", 2)
    result = propose(municipality, plan)
    assert [one["component"] for one in result["running"]] == ["B"]
    assert starts(result["proposals"][0]) == {"KNM": str(free.uuid)}
    assert result["proposals"][0]["peakHoursPerWeek"] == 24.0


def test_the_search_for_one_component_says_with_which_course_it_overlaps(municipality):
    plan = pip(municipality)
    route = intake(municipality, "B", 1, 3)
    placement(municipality, intake=route, of=plan.needs.get(component="B"))
    busy = intake(municipality, "KNM", 1)
    need = plan.needs.get(component="KNM")
    record = recommendation_create(actor=everything(municipality), need=need)
    result = record.result
    assert result["candidates"] == []
    assert record.rejected == {("OVERLAP",): [busy.pk]}
    near = result["nearMisses"][0]
    assert near["rule"] == "OVERLAP"
    assert near["relax"] == {
        "course": route.group.course.name,
        "component": "B",
        "slots": ["MO1"],
    }


def test_a_bundle_is_for_who_may_see_the_person_and_for_what_waits(municipality):
    plan = pip(municipality)
    with pytest.raises(NotFoundError):
        bundle_propose(actor=everything(MunicipalityFactory().organisation), pip=plan)
    Need.objects.filter(pip=plan).update(state=NeedState.CLOSED)
    with pytest.raises(NothingWaitsError):
        propose(municipality, plan)


def test_a_bundle_is_never_changed(municipality):
    plan = pip(municipality)
    bundle_propose(actor=everything(municipality), pip=plan)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        MatchBundle.objects.update(actor_label="x")
    assert MatchBundle.objects.count() == 1


def household(municipality, *plans, **agreed):
    members = [one.participant for one in plans]
    return household_register(
        actor=everything(municipality), data=HouseholdData(participants=members, **agreed)
    )


def search(municipality, plan):
    record = recommendation_create(
        actor=everything(municipality), need=plan.needs.get(component="B")
    )
    return record.result


def test_a_search_says_where_the_household_can_start_together(municipality):
    first, second = pip(municipality), pip(municipality)
    small = contracted_intake(municipality, seats_total=1, group__location__latitude=52.1)
    large = contracted_intake(municipality, seats_total=2, group__location__latitude=52.15)
    household(municipality, first, second, until_date=date(2027, 1, 1))
    found = search(municipality, first)["household"]
    assert found["inForce"] is True
    assert found["members"] == [{"reference": second.participant.reference, "state": "waiting"}]
    assert found["places"][str(small.uuid)] == [None]
    assert found["places"][str(large.uuid)][0]["intakeMomentId"] == str(large.uuid)


def test_opposite_times_name_the_start_of_the_other_member(municipality):
    first, second = pip(municipality), pip(municipality)
    one = contracted_intake(municipality, group__weekdays=(1, 3))
    other = contracted_intake(municipality, group__weekdays=(2, 4))
    household(municipality, first, second, wish=Wish.OPPOSITE_TIMES)
    places = search(municipality, first)["household"]["places"]
    assert places[str(one.uuid)][0]["intakeMomentId"] == str(other.uuid)
    placement(municipality, intake=other, of=second.needs.get(component="B"))
    found = search(municipality, first)["household"]
    assert found["members"][0]["state"] == "placed"
    assert found["places"][str(one.uuid)] == [{"fits": True, "course": other.group.course.name}]
    assert found["places"][str(other.uuid)] == [None]


def test_without_a_household_nothing_is_said(municipality):
    plan = pip(municipality)
    contracted_intake(municipality)
    assert "household" not in search(municipality, plan)
