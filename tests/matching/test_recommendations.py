"""One person, all offers: ranked, explained, stored for good."""

from datetime import date

import pytest

from backend.common.errors import NotFoundError
from matching.errors import NeedNotWaitingError
from matching.models import MatchRecord
from matching.selectors.policy import default_policy, policy_in_force
from matching.services.pips import pip_register
from matching.services.policy import PolicyData
from matching.services.recommendations import recommendation_create
from matching.services.why_not import rejected_of
from tests.factories.matching import PIP, contracted_intake, everything, make_policy, need, pip
from tests.factories.procurement import contract_for
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory
from tests.support.queries import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def recommend(municipality, one):
    return recommendation_create(actor=everything(municipality), need=one)


def ids(rows):
    return [row["intakeMomentId"] for row in rows]


def failed(record):
    """The starts that did not fit, by the rules on which they failed."""
    return {
        "+".join(one["rules"]): [str(key) for key in one["intake_moment_ids"]]
        for one in rejected_of(record)
    }


def test_candidates_are_ranked_with_points_that_add_up_to_the_score(municipality):
    near = contracted_intake(municipality)
    late = contracted_intake(municipality, start_date=date(2027, 3, 1))
    result = recommend(municipality, need(municipality)).result
    assert ids(result["candidates"]) == [str(near.uuid), str(late.uuid)]
    first = result["candidates"][0]
    assert first["score"] == sum(first["factors"].values())
    assert first["rank"] == 1
    assert first["provider"] == near.group.course.provider.organisation.name
    assert first["seatsFree"] == 10
    assert result["counts"] == {"offers": 2, "feasible": 2}


def test_rejected_offers_keep_their_failed_rules_and_near_misses_say_what_helps(municipality):
    far = contracted_intake(municipality, group__location__latitude=52.5)
    full = contracted_intake(municipality, seats_total=1)
    SeatClaimFactory(intake_moment=full)
    elsewhere = IntakeMomentFactory()
    record = recommend(municipality, need(municipality))
    result = record.result
    assert result["candidates"] == []
    assert failed(record) == {
        "DISTANCE": [str(far.uuid)],
        "SEATS": [str(full.uuid)],
        "REGION_CONTRACT": [str(elsewhere.uuid)],
    }
    assert result["reasons"] == {"REGION_CONTRACT": 1, "DISTANCE": 1, "SEATS": 1}
    relax = {row["rule"]: row["relax"] for row in result["nearMisses"]}
    assert relax["DISTANCE"] == pytest.approx(19.5, abs=0.5)
    assert relax["SEATS"] == 1
    assert relax["REGION_CONTRACT"] == ["municipality", "targetGroup"]


def test_a_ceiling_without_places_left_is_a_failed_rule(municipality):
    intake = contracted_intake(municipality, places=0)
    record = recommend(municipality, need(municipality))
    assert failed(record) == {"CEILING": [str(intake.uuid)]}
    assert record.result["candidates"] == []


def test_a_course_in_two_contracts_is_one_candidate(municipality):
    intake = contracted_intake(municipality, places=0)
    contract_for(intake.group.course, municipalities=[municipality])
    result = recommend(municipality, need(municipality)).result
    assert ids(result["candidates"]) == [str(intake.uuid)]


def test_family_migrants_are_ranked_on_every_open_course(municipality):
    intake = IntakeMomentFactory()
    record = recommend(municipality, need(municipality, person={"target_group": "family"}))
    assert ids(record.result["candidates"]) == [str(intake.uuid)]
    assert record.need_facts["isReferral"] is True


def test_other_components_are_another_question(municipality):
    contracted_intake(municipality, group__course__knm=True)
    record = recommend(municipality, need(municipality))
    assert record.result["counts"]["offers"] == 0
    assert failed(record) == {}


def test_the_record_holds_facts_policy_and_actor_but_no_place_or_name(municipality):
    contracted_intake(municipality)
    record = recommend(municipality, need(municipality))
    assert record.policy == default_policy()
    assert record.actor_key == "system:test"
    assert record.need_facts["available"] == ["MO1", "TU1", "WE1", "TH1", "FR1"]
    assert not {"latitude", "longitude", "postcode", "name"} & set(record.need_facts)


def test_the_number_of_queries_does_not_depend_on_the_number_of_offers(municipality):
    one = need(municipality)
    for _ in range(2):
        contracted_intake(municipality)
    # The first makes the default policy, the second reads it; versions are kept in memory.
    recommend(municipality, one)
    recommend(municipality, one)
    with counted() as few:
        recommend(municipality, one)
    for _ in range(8):
        contracted_intake(municipality)
    with counted() as many:
        recommend(municipality, one)
    # Among them one for the lessons that run already, one for the household, one for shared lots.
    # A transaction that has changed the supply itself keeps nothing of it in memory.
    assert len(few) == len(many) <= 21


def test_only_for_those_who_may_see_the_person_and_for_the_plan_in_force(
    municipality, other_municipality
):
    plan = pip(municipality)
    one = plan.needs.get(component="B")
    with pytest.raises(NotFoundError):
        recommend(other_municipality, one)
    pip_register(actor=everything(municipality), participant=plan.participant, data=PIP)
    with pytest.raises(NeedNotWaitingError):
        recommend(municipality, one)
    assert not MatchRecord.objects.exists()


def test_the_own_policy_in_force_decides(municipality):
    make_policy(
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=date(2026, 1, 1), max_travel_km=1),
    )
    make_policy(
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=date(2027, 1, 1), max_travel_km=40),
    )
    contracted_intake(municipality)
    one = need(municipality)
    assert recommend(municipality, one).result["reasons"] == {"DISTANCE": 1}
    later = policy_in_force(organisation_id=municipality.pk, on=date(2027, 1, 1))
    assert (later.version, later.max_travel_km) == (2, 40)
