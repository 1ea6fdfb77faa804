"""A placement from held seat to last lesson: rules, states, seats, money, history."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from backend.audit.models import AuditEvent
from backend.common import clock
from backend.common.codes import Component, TargetGroup
from backend.common.errors import InvalidError, NotAllowedError
from backend.outbox.models import OutboxMessage
from matching.choices import NeedState, PlacementState
from matching.errors import (
    MessageIdReusedError,
    NeedNotWaitingError,
    PlacementExpiredError,
    PlacementInfeasibleError,
    ReasonRequiredError,
    RulesNotNamedError,
    TransitionError,
)
from matching.folding import folded_state
from matching.models import MatchRecord, Placement, PlacementEvent
from matching.services.notices import PLACEMENT_TOPIC
from matching.services.participants import target_group_change
from matching.services.placement_steps import (
    placement_accept,
    placement_expire_due,
    placement_refuse,
    placement_stop,
    placement_withdraw,
)
from matching.services.placements import Choice, placement_offer, seat_hold_for_need
from matching.services.recommendations import recommendation_create
from procurement.models import CallOff
from procurement.public import CeilingReachedError
from providers.choices import SeatState
from providers.models import QualityMark
from providers.public import IntakeFullError, IntakeNotOpenError
from tests.factories.matching import contracted_intake, everything, need, pip, placement
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def hold(actor, one, intake, **fields):
    return seat_hold_for_need(actor=actor, choice=Choice(need=one, intake_moment=intake, **fields))


def codes(error):
    return [violation.code for violation in error.value.violations]


def test_a_held_seat_is_a_draft_with_expiry_match_record_event_and_history(
    municipality, caseworker, make_actor
):
    actor = everything(municipality)
    one, intake = need(municipality), contracted_intake(municipality)
    found = hold(actor, one, intake, motivation="Dichtbij.")
    assert found.state == PlacementState.DRAFT
    assert found.seat_claim.state == SeatState.HOLD
    assert found.seat_claim.expires_at == clock.now() + timedelta(hours=48)
    one.refresh_from_db()
    assert one.state == NeedState.OFFERED
    assert [event.state for event in found.events.all()] == ["draft"]
    assert found.match_record.result["candidates"][0]["intakeMomentId"] == str(intake.uuid)
    history = AuditEvent.objects.get(action="placement.held")
    assert history.subject_uuid == found.uuid
    assert history.reason == "Dichtbij."
    # The provider is not asked yet, so nobody is told.
    assert not OutboxMessage.objects.filter(topic=PLACEMENT_TOPIC).exists()


def test_offer_accept_takes_the_seat_opens_the_call_off_and_tells_both(municipality):
    found = placement(municipality, state=PlacementState.ACCEPTED)
    assert found.state == PlacementState.ACCEPTED
    assert found.seat_claim.state == SeatState.CONFIRMED
    call_off = CallOff.objects.get(reference=found.uuid)
    assert call_off.amount == 600 * call_off.tariff.amount
    found.need.refresh_from_db()
    assert found.need.state == NeedState.PLACED
    told = OutboxMessage.objects.filter(topic=PLACEMENT_TOPIC)
    assert [one.payload["state"] for one in told.order_by("pk")] == [
        "offered",
        "accepted",
    ]


def test_the_answer_is_due_at_the_end_of_the_fifth_working_day(municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    assert clock.local_day(found.answer_due_at) == date(2026, 11, 25)
    found.seat_claim.refresh_from_db()
    assert found.seat_claim.expires_at == found.answer_due_at


@pytest.mark.parametrize("state", [PlacementState.REFUSED, PlacementState.WITHDRAWN])
def test_a_place_that_ends_frees_the_seat_and_the_person_waits_again(municipality, state):
    found = placement(municipality, state=state)
    found.need.refresh_from_db()
    found.seat_claim.refresh_from_db()
    assert found.need.state == NeedState.WAITING
    assert found.seat_claim.state == SeatState.RELEASED
    assert not CallOff.objects.exists()


def test_withdrawing_an_accepted_place_gives_back_the_money(municipality):
    found = placement(municipality, state=PlacementState.ACCEPTED)
    placement_withdraw(actor=everything(municipality), placement=found, reason="moved")
    assert CallOff.objects.get().state == "released"


def test_all_failing_rules_are_named_at_once_law_first(municipality, other_municipality):
    one = need(municipality, availability=("TU1",), max_travel_km=1, latitude=51.5)
    intake = contracted_intake(other_municipality, group__course__provider__mark=False)
    with pytest.raises(PlacementInfeasibleError) as error:
        hold(everything(municipality), one, intake)
    assert codes(error) == ["MARK", "REGION_CONTRACT", "DISTANCE", "DAYPART"]
    assert {violation.field for violation in error.value.violations} == {"intake_moment"}
    assert not Placement.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"literacy": "A"}, "LITERACY"),
        ({"entry_level": "B1"}, "LEVEL"),
        ({"earliest_start_date": date(2027, 1, 4)}, "START_EARLY"),
        ({"latest_start_date": date(2026, 12, 1)}, "START_LATE"),
        ({"needs_childcare": True}, "CHILDCARE"),
        ({"needs_wheelchair_access": True}, "ACCESS"),
    ],
)
def test_each_rule_of_fit(municipality, fields, code):
    with pytest.raises(PlacementInfeasibleError) as error:
        hold(
            everything_but_overrule(municipality),
            need(municipality, **fields),
            contracted_intake(municipality),
        )
    assert codes(error) == [code]


def everything_but_overrule(*organisations):
    actor = everything(*organisations)
    rights = {key: value for key, value in actor.organisations.items() if key != "overrule"}
    return replace(actor, organisations=rights)


def test_a_full_intake_moment_has_its_own_code(municipality):
    intake = contracted_intake(municipality, seats_total=1)
    SeatClaimFactory(intake_moment=intake)
    with pytest.raises(IntakeFullError):
        hold(everything_but_overrule(municipality), need(municipality), intake)


def test_a_closed_intake_moment_is_refused(municipality):
    with pytest.raises(IntakeNotOpenError):
        hold(
            everything(municipality),
            need(municipality),
            contracted_intake(municipality, closed=True),
        )


def test_a_reached_ceiling_is_refused_at_the_hold_and_at_acceptance(municipality):
    intake = contracted_intake(municipality, places=1)
    first = placement(municipality, intake=intake, state=PlacementState.OFFERED)
    second = placement(municipality, intake=intake, state=PlacementState.OFFERED)
    actor = everything(municipality, intake.group.course.provider.organisation)
    placement_accept(actor=actor, placement=first)
    with pytest.raises(CeilingReachedError):
        placement_accept(actor=actor, placement=second)
    second.refresh_from_db()
    assert second.state == PlacementState.OFFERED
    with pytest.raises(PlacementInfeasibleError) as error:
        hold(everything_but_overrule(municipality), need(municipality), intake)
    assert codes(error) == ["CEILING"]


def test_a_family_migrant_is_referred_without_contract_or_call_off(municipality):
    one = need(municipality, person={"target_group": TargetGroup.FAMILY})
    intake = IntakeMomentFactory()
    found = placement(municipality, intake=intake, of=one, state=PlacementState.ACCEPTED)
    assert found.is_referral
    assert not CallOff.objects.exists()


def test_map_for_a_family_migrant_is_bought(municipality):
    one = need(municipality, Component.MAP, person={"target_group": TargetGroup.FAMILY})
    intake = contracted_intake(
        municipality, group__course__map=True, target_groups=("asylum", "family")
    )
    found = placement(municipality, intake=intake, of=one, state=PlacementState.ACCEPTED)
    assert not found.is_referral
    assert CallOff.objects.count() == 1


def test_who_pays_is_looked_at_again_at_acceptance(municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    actor = everything(municipality, found.provider_organisation)
    target_group_change(
        actor=actor,
        participant=found.participant,
        target_group=TargetGroup.FAMILY,
        valid_from=clock.today(),
    )
    with pytest.raises(PlacementInfeasibleError) as error:
        placement_accept(actor=actor, placement=found)
    assert codes(error) == ["FUNDING"]


def test_a_mark_withdrawn_after_the_offer_blocks_acceptance(municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    QualityMark.objects.update(status="withdrawn")
    with pytest.raises(PlacementInfeasibleError) as error:
        placement_accept(
            actor=everything(municipality, found.provider_organisation), placement=found
        )
    assert codes(error) == ["MARK"]


def test_fit_may_be_overruled_with_right_and_reason_only(municipality):
    one, intake = need(municipality, literacy="AA"), contracted_intake(municipality)
    with pytest.raises(ReasonRequiredError):
        hold(everything(municipality), one, intake)
    with pytest.raises(NotAllowedError) as error:
        hold(everything_but_overrule(municipality), one, intake, **aside("LITERACY"))
    assert error.value.code == "overrule_not_allowed"
    found = hold(everything(municipality), one, intake, **aside("LITERACY", why="Kan lezen."))
    assert found.overruled_rules == ["LITERACY"]
    assert AuditEvent.objects.get(action="placement.held").reason == "Kan lezen."


def test_law_and_contract_cannot_be_overruled(municipality):
    with pytest.raises(PlacementInfeasibleError) as error:
        hold(
            everything(municipality),
            need(municipality),
            IntakeMomentFactory(),
            **aside("REGION_CONTRACT"),
        )
    assert codes(error) == ["REGION_CONTRACT"]


def test_overbooking_is_an_overrule_with_reason(municipality):
    intake = contracted_intake(municipality, seats_total=0)
    found = hold(everything(municipality), need(municipality), intake, **aside("SEATS"))
    assert found.seat_claim.overbooked_reason == "Broer."


def test_a_reason_for_one_rule_sets_no_other_aside(municipality):
    one = need(municipality, literacy="AA")
    full = contracted_intake(municipality, seats_total=0)
    actor = everything(municipality)
    for named, missing in (((), ["LITERACY", "SEATS"]), (("LITERACY",), ["SEATS"])):
        with pytest.raises(RulesNotNamedError) as error:
            hold(actor, one, full, **aside(*named))
        assert codes(error) == missing
    assert not Placement.objects.exists()
    found = hold(actor, one, full, **aside("SEATS", "LITERACY", "DISTANCE"))
    # What did not fail was not set aside.
    assert found.overruled_rules == ["LITERACY", "SEATS"]


def test_who_names_another_rule_overbooks_nobody(municipality):
    intake = contracted_intake(municipality, seats_total=1)
    first = need(municipality, literacy="AA")
    found = hold(everything(municipality), first, intake, **aside("LITERACY"))
    assert found.seat_claim.overbooked_reason == ""
    with pytest.raises(RulesNotNamedError):
        hold(everything(municipality), need(municipality), intake, **aside("LITERACY"))


def aside(*rules, why="Broer."):
    return {"overruled_rules": rules, "overrule_reason": why}


def test_lessons_of_two_courses_may_not_overlap(municipality):
    plan = pip(municipality)
    hold(everything(municipality), plan.needs.get(component="B"), contracted_intake(municipality))
    clash = contracted_intake(municipality, group__course__knm=True)
    with pytest.raises(PlacementInfeasibleError) as error:
        hold(everything_but_overrule(municipality), plan.needs.get(component="KNM"), clash)
    assert codes(error) == ["OVERLAP"]
    beside = contracted_intake(municipality, group__course__knm=True, group__weekdays=(2,))
    assert hold(everything(municipality), plan.needs.get(component="KNM"), beside)


def test_one_need_has_one_open_place(municipality):
    one = need(municipality)
    hold(everything(municipality), one, contracted_intake(municipality))
    with pytest.raises(NeedNotWaitingError):
        hold(everything(municipality), one, contracted_intake(municipality))


def test_steps_follow_the_table(municipality):
    found = placement(municipality)
    actor = everything(municipality, found.provider_organisation)
    with pytest.raises(TransitionError):
        placement_accept(actor=actor, placement=found)
    with pytest.raises(TransitionError):
        placement_stop(actor=actor, placement=found, end_date=clock.today(), reason="31")
    assert found.events.count() == 1


def test_refusal_needs_a_lawful_ground(municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    with pytest.raises(InvalidError) as error:
        placement_refuse(
            actor=everything(found.provider_organisation), placement=found, reason="geen zin"
        )
    assert codes(error) == ["unknown_code"]


def test_a_message_that_comes_twice_counts_once(municipality):
    found = placement(municipality, state=PlacementState.OFFERED)
    actor = everything(municipality, found.provider_organisation)
    message = uuid4()
    placement_accept(actor=actor, placement=found, message_id=message)
    again = placement_accept(actor=actor, placement=found, message_id=message)
    assert again.state == PlacementState.ACCEPTED
    assert PlacementEvent.objects.filter(placement=found, state="accepted").count() == 1
    with pytest.raises(MessageIdReusedError):
        placement_refuse(actor=actor, placement=found, reason="weighty_reasons", message_id=message)


def test_time_ends_holds_and_offers_and_an_answer_after_it_is_refused(municipality, frozen_clock):
    draft = placement(municipality)
    offered = placement(municipality, state=PlacementState.OFFERED)
    frozen_clock.shift(timedelta(days=3))
    assert placement_expire_due() == 1
    draft.refresh_from_db()
    assert draft.state == PlacementState.EXPIRED
    frozen_clock.shift(timedelta(days=5))
    with pytest.raises(PlacementExpiredError):
        placement_accept(actor=everything(offered.provider_organisation), placement=offered)
    assert placement_expire_due() == 1
    offered.need.refresh_from_db()
    assert offered.need.state == NeedState.WAITING


def test_an_expired_hold_is_taken_again_when_there_is_room(municipality, frozen_clock):
    intake = contracted_intake(municipality, seats_total=1)
    late = placement(municipality, intake=intake)
    frozen_clock.shift(timedelta(hours=49))
    placement(municipality, intake=intake)
    with pytest.raises(IntakeFullError):
        placement_offer(actor=everything(municipality), placement=late)


def test_stopped_as_planned_closes_the_need(municipality):
    found = placement(municipality, state=PlacementState.STOPPED)
    found.need.refresh_from_db()
    assert found.need.state == NeedState.CLOSED
    assert (found.start_date, found.end_date) == (date(2026, 11, 16), date(2026, 11, 17))


def test_rights(municipality, other_municipality, provider, make_actor):
    intake = contracted_intake(municipality, provider=provider)
    one = need(municipality)
    with pytest.raises(NotAllowedError):
        hold(everything(other_municipality), one, intake)
    found = placement(municipality, intake=intake, of=one, state=PlacementState.OFFERED)
    with pytest.raises(NotAllowedError):
        placement_accept(actor=everything(municipality), placement=found)
    with pytest.raises(NotAllowedError):
        placement_withdraw(actor=everything(provider), placement=found, reason="moved")
    found.refresh_from_db()
    assert found.state == PlacementState.OFFERED


def test_the_database_refuses_to_change_events_and_match_records(municipality):
    found = placement(municipality)
    for rows in (PlacementEvent.objects.all(), MatchRecord.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(actor_label="iemand anders")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows._raw_delete(rows.db)
    assert found.events.count() == 1


def test_the_state_is_what_the_events_say_in_any_order(municipality):
    found = placement(municipality, state=PlacementState.STOPPED)
    events = list(found.events.all())
    assert folded_state(events) == found.state
    assert folded_state(reversed(events)) == found.state
    assert folded_state([*events, *events]) == found.state


def test_a_match_record_of_another_need_is_refused(municipality):
    other = recommendation_create(actor=everything(municipality), need=need(municipality))
    with pytest.raises(InvalidError) as error:
        hold(
            everything(municipality),
            need(municipality),
            contracted_intake(municipality),
            match_record=other,
        )
    assert codes(error) == ["other_need"]
