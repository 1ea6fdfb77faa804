"""A household that starts together is not torn by one place, whoever chooses it and however."""

from datetime import date

import pytest

from backend.accounts.public import accounts_actor, grant_permission
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from matching.errors import PlacementInfeasibleError, ReasonRequiredError
from matching.household_choices import Coupling, Wish
from matching.models import Placement
from matching.services.households import HouseholdData, household_register
from matching.services.placements import Choice, seat_hold_for_need
from matching.services.recommendations import recommendation_create
from matching.services.runs import match_run_execute, match_run_request
from matching.services.what_if import what_if
from matching.services.why_not import why_not
from matching.web.proposal_decisions import effect_text
from matching.web.record_pdf import record_data
from tests.factories.matching import contracted_intake, everything, pip, placement
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TORN = "Het huishouden begint samen, en niet iedereen kan hier beginnen."
OWN_WORDS = "Dichtbij, en de lessen passen bij het werk."


@pytest.fixture
def couple(municipality):
    """Two who wait for the same, and how they agreed to start."""

    def agree(**agreed):
        plans = [pip(municipality), pip(municipality)]
        household_register(
            actor=everything(municipality),
            data=HouseholdData(participants=[one.participant for one in plans], **agreed),
        )
        return plans

    return agree


def hold(actor, plan, intake, **fields):
    need = plan.needs.get(component="B")
    return seat_hold_for_need(actor=actor, choice=Choice(need=need, intake_moment=intake, **fields))


def without_overrule(municipality):
    actor = everything(municipality)
    rights = {key: value for key, value in actor.organisations.items() if key != "overrule"}
    return type(actor)(**{**vars(actor), "organisations": rights})


def test_a_place_where_the_other_cannot_start_is_refused(municipality, couple):
    first, _second = couple()
    small = contracted_intake(municipality, seats_total=1)
    with pytest.raises(PlacementInfeasibleError) as refused:
        hold(without_overrule(municipality), first, small)
    assert [one.code for one in refused.value.violations] == ["HOUSEHOLD"]
    assert not Placement.objects.exists()


def test_it_may_be_set_aside_with_the_right_and_a_reason_only(municipality, couple):
    first, _second = couple()
    small = contracted_intake(municipality, seats_total=1)
    with pytest.raises(ReasonRequiredError):
        hold(everything(municipality), first, small)
    with pytest.raises(NotAllowedError):
        hold(without_overrule(municipality), first, small, overrule_reason="Op eigen verzoek.")
    made = hold(
        everything(municipality),
        first,
        small,
        overruled_rules=["HOUSEHOLD"],
        overrule_reason="Op eigen verzoek.",
    )
    assert made.overruled_rules == ["HOUSEHOLD"]


def test_both_start_where_there_is_room_for_both(municipality, couple):
    actor, intake = without_overrule(municipality), contracted_intake(municipality, seats_total=2)
    assert [hold(actor, one, intake).overruled_rules for one in couple()] == [[], []]


def test_who_has_a_place_elsewhere_keeps_the_other_from_here(municipality, couple):
    first, second = couple()
    here = contracted_intake(municipality, group__location__latitude=52.1)
    there = contracted_intake(municipality, group__location__latitude=52.15)
    placement(municipality, intake=there, of=second.needs.get(component="B"))
    with pytest.raises(PlacementInfeasibleError):
        hold(without_overrule(municipality), first, here)
    assert hold(without_overrule(municipality), first, there)


@pytest.mark.parametrize(
    "agreed",
    [{"coupling": Coupling.SPLIT}, {"until_date": date(2026, 11, 18)}],
    ids=["each alone", "until today"],
)
def test_who_may_start_alone_does(municipality, couple, frozen_clock, agreed):
    first, _second = couple(**agreed)
    small = contracted_intake(municipality, seats_total=1)
    frozen_clock.move_to("2026-11-19T10:00:00+00:00")
    assert hold(without_overrule(municipality), first, small)


def test_opposite_times_need_another_start(municipality, couple):
    first, _second = couple(wish=Wish.OPPOSITE_TIMES)
    monday = contracted_intake(municipality, group__weekdays=(1, 3))
    with pytest.raises(PlacementInfeasibleError):
        hold(without_overrule(municipality), first, monday)
    contracted_intake(municipality, group__weekdays=(2, 4))
    assert hold(without_overrule(municipality), first, monday)


def test_who_is_temporarily_exempt_keeps_nobody(municipality, couple):
    first, second = couple()
    small = contracted_intake(municipality, seats_total=1)
    type(second.participant).objects.filter(pk=second.participant_id).update(
        exempt_until=date(2026, 12, 31)
    )
    assert hold(without_overrule(municipality), first, small)


def test_the_rule_costs_others_no_query(municipality, couple):
    actor = without_overrule(municipality)
    couple()
    intake = contracted_intake(municipality)
    hold(actor, pip(municipality), intake)  # What is read once per process is read now.
    plan = pip(municipality)
    record = recommendation_create(actor=actor, need=plan.needs.get(component="B"))
    with counted() as found:
        hold(actor, plan, intake, match_record=record)
    # Once, within the statement that asks for all the facts.
    assert sum("household" in one["sql"] for one in found.captured_queries) == 1
    assert_query_count("hold a seat, no household", len(found))


def test_why_not_names_it(municipality, couple):
    first, _second = couple()
    small = contracted_intake(municipality, seats_total=1)
    found = why_not(need=first.needs.get(component="B"), intake=small)
    assert [one.code for one in found.failed] == ["HOUSEHOLD"]


def test_the_record_on_screen_and_paper_says_it_before_the_choice(
    municipality, couple, web_as, caseworker
):
    first, second = couple()
    small = contracted_intake(municipality, seats_total=1)
    record = recommendation_create(
        actor=everything(municipality), need=first.needs.get(component="B")
    )
    visitor = web_as(caseworker)
    choose = f"/match-records/{record.uuid}/choose/{small.uuid}"
    for address in (f"/match-records/{record.uuid}", choose):
        page = visitor.get(address).content.decode()
        assert TORN in page
        assert second.participant.reference in page
    paper = record_data(record)
    assert dict(paper["search"])["Huishouden"].startswith("Alle leden beginnen")
    assert TORN in paper["ranking"]["rows"][0][1]
    answer = visitor.post(choose, {"motivation": OWN_WORDS, "offer": "no"})
    assert TORN in answer.content.decode()
    assert not Placement.objects.exists()


def test_who_may_overrule_gives_the_reason_with_the_choice(
    municipality, couple, web_as, caseworker
):
    first, _second = couple()
    small = contracted_intake(municipality, seats_total=1)
    record = recommendation_create(
        actor=everything(municipality), need=first.needs.get(component="B")
    )
    grant_permission(
        actor=accounts_actor("test", municipality),
        user=caseworker,
        organisation=municipality,
        permission=Permission.OVERRULE,
        reason="Teamleider.",
    )
    choose = f"/match-records/{record.uuid}/choose/{small.uuid}"
    data = {"motivation": OWN_WORDS, "offer": "no", "overrule_reason": "Op eigen verzoek."}
    page = web_as(caseworker).get(choose).content.decode()
    assert 'value="HOUSEHOLD"' in page
    assert 'value="SEATS"' not in page
    refused = web_as(caseworker).post(choose, data)
    assert refused.status_code == 400
    web_as(caseworker).post(choose, data | {"overruled_rules": ["HOUSEHOLD"]})
    assert Placement.objects.get().overruled_rules == ["HOUSEHOLD"]


def test_what_another_choice_does_to_the_household_is_said(municipality, couple):
    first, _second = couple()
    small = contracted_intake(municipality, seats_total=1, start_date=date(2026, 12, 7))
    large = contracted_intake(municipality, seats_total=2, group__location__latitude=52.15)
    actor = everything(municipality)
    asked = match_run_request(actor=actor, organisation=municipality)
    run = match_run_execute(run_id=asked.pk)
    proposal = run.proposals.get(need=first.needs.get(component="B"))
    found = what_if(actor=actor, proposal=proposal, intake_moments=[small, large])
    assert [one.tears_household for one in found] == [True, False]
    assert TORN in effect_text(found[0])
    assert TORN not in effect_text(found[1])
