"""Households: what is agreed, and what a batch and a search make of it."""

from datetime import date

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from matching.engine import unpacked
from matching.errors import HouseholdInvalidError
from matching.household_choices import Coupling, Wish
from matching.models import Household, HouseholdMember, MatchRun
from matching.public import match_run_execute, match_run_request
from matching.services.households import (
    HouseholdData,
    household_change,
    household_dissolve,
    household_register,
)
from tests.factories.matching import contracted_intake, everything, participant, pip, placement
from tests.factories.organisations import MunicipalityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
HERE, THERE = {"group__location__latitude": 52.1}, {"group__location__latitude": 52.15}


def household(municipality, *plans, **agreed):
    members = [one.participant for one in plans]
    return household_register(
        actor=everything(municipality), data=HouseholdData(participants=members, **agreed)
    )


def run(municipality):
    asked = match_run_request(actor=everything(municipality), organisation=municipality)
    match_run_execute(run_id=asked.pk)
    return MatchRun.objects.get(pk=asked.pk)


def places(run_, component="B"):
    """The intake moment per participant, None without a place."""
    return {
        one.need.pip.participant_id: one.intake_moment
        for one in run_.proposals.filter(need__component=component).select_related(
            "need__pip", "intake_moment"
        )
    }


def test_a_household_is_registered_with_history(municipality):
    first, second = pip(municipality), pip(municipality)
    made = household(municipality, first, second, until_date=date(2027, 1, 1))
    assert made.members.count() == 2
    event = AuditEvent.objects.get(action="household.registered")
    assert event.after["until_date"] == "2027-01-01"
    assert event.after["participants"] == [
        str(first.participant.uuid),
        str(second.participant.uuid),
    ]


def codes(error):
    return {(one.field, one.code) for one in error.value.violations}


def test_all_faults_are_named_at_once(municipality):
    elsewhere = MunicipalityFactory().organisation
    one, other, third = participant(municipality), participant(municipality), participant(elsewhere)
    actor = everything(municipality, elsewhere)
    household_register(actor=actor, data=HouseholdData(participants=[one, other]))
    with pytest.raises(HouseholdInvalidError) as error:
        household_register(
            actor=actor,
            data=HouseholdData(
                participants=[one, third], coupling=Coupling.SPLIT, until_date=date(2027, 1, 1)
            ),
        )
    assert codes(error) == {
        ("participants", "other_municipality"),
        ("participants", "in_other_household"),
        ("until_date", "until_without_together"),
    }
    with pytest.raises(HouseholdInvalidError) as error:
        household_register(
            actor=actor,
            data=HouseholdData(
                participants=[participant(municipality)] * 2, until_date=date(2020, 1, 1)
            ),
        )
    assert codes(error) == {
        ("participants", "too_few_members"),
        ("until_date", "effective_date_past"),
    }


def test_a_household_changes_and_ends(municipality):
    plans = [pip(municipality) for _ in range(3)]
    made = household(municipality, *plans[:2])
    actor = everything(municipality)
    data = HouseholdData(
        participants=[plans[0].participant, plans[2].participant], coupling=Coupling.SPLIT
    )
    changed = household_change(actor=actor, household=made, data=data)
    assert changed.coupling == Coupling.SPLIT
    assert set(changed.members.values_list("participant", flat=True)) == {
        plans[0].participant_id,
        plans[2].participant_id,
    }
    household_dissolve(actor=actor, household=changed)
    assert not Household.objects.exists()
    assert not HouseholdMember.objects.exists()
    assert AuditEvent.objects.filter(action="household.dissolved").exists()


def test_another_municipality_may_not_touch_it(municipality):
    plans = [pip(municipality) for _ in range(2)]
    stranger = everything(MunicipalityFactory().organisation)
    with pytest.raises(NotAllowedError):
        household_register(
            actor=stranger, data=HouseholdData(participants=[one.participant for one in plans])
        )
    made = household(municipality, *plans)
    with pytest.raises(NotAllowedError):
        household_dissolve(actor=stranger, household=made)


def test_a_run_keeps_a_household_at_one_location_until_the_date(municipality):
    """One seat each at two schools: together nobody fits; split or after the date both do."""
    plans = [pip(municipality), pip(municipality)]
    contracted_intake(municipality, seats_total=1, **HERE)
    contracted_intake(municipality, seats_total=1, **THERE)
    made = household(municipality, *plans, until_date=date(2027, 1, 1))
    apart = run(municipality)
    assert list(places(apart).values()) == [None, None]
    proposal = apart.proposals.filter(need__component="B").first()
    assert unpacked(proposal.explanation).reasons["HOUSEHOLD"] == 2
    Household.objects.filter(pk=made.pk).update(until_date=date(2020, 1, 1))
    assert None not in places(run(municipality)).values()
    Household.objects.filter(pk=made.pk).update(until_date=None, coupling=Coupling.SPLIT)
    assert None not in places(run(municipality)).values()


def test_a_run_finds_the_school_with_room_for_both(municipality):
    plans = [pip(municipality), pip(municipality)]
    contracted_intake(municipality, seats_total=1, **HERE)
    room = contracted_intake(municipality, seats_total=2, **THERE)
    household(municipality, *plans)
    assert set(places(run(municipality)).values()) == {room}


def test_who_comes_later_follows_the_member_with_a_place(municipality):
    first, second = pip(municipality), pip(municipality)
    contracted_intake(municipality, **HERE)
    there = contracted_intake(municipality, **THERE)
    household(municipality, first, second)
    placement(municipality, intake=there, of=first.needs.get(component="B"))
    assert places(run(municipality))[second.participant_id] == there


def test_opposite_times_leave_somebody_with_the_children(municipality):
    plans = [pip(municipality), pip(municipality)]
    household(municipality, *plans, wish=Wish.OPPOSITE_TIMES)
    contracted_intake(municipality, group__weekdays=(1, 3))
    assert list(places(run(municipality)).values()) == [None, None]
    contracted_intake(municipality, group__weekdays=(2, 4))
    found = places(run(municipality))
    assert None not in found.values()
    assert len(set(found.values())) == 2


def test_a_bought_and_a_referred_member_are_left_to_a_caseworker(municipality):
    plans = [pip(municipality), pip(municipality, person={"target_group": "family"})]
    contracted_intake(municipality)
    household(municipality, *plans)
    assert list(places(run(municipality)).values()) == [None, None]


def test_no_person_gets_lessons_that_overlap_in_one_run_or_with_a_running_course(municipality):
    plan = pip(municipality)
    contracted_intake(municipality, group__weekdays=(1, 3))
    knm = contracted_intake(municipality, group__weekdays=(1,), group__course__component="KNM")
    found = run(municipality)
    both = [places(found, "B")[plan.participant_id], places(found, "KNM")[plan.participant_id]]
    assert sum(one is not None for one in both) == 1
    assert found.summary["placedAtMost"] == 2
    placement(municipality, intake=knm, of=plan.needs.get(component="KNM"))
    again = run(municipality)
    assert places(again, "B")[plan.participant_id] is None
    explained = unpacked(again.proposals.get(need__component="B").explanation)
    assert explained.reasons["OVERLAP"] == 1
    assert explained.near_misses[0]["relax"] == ["MO1"]
