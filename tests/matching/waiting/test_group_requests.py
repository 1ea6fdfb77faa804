"""From unmet demand to a published start: advice, request, bids, choice."""

from datetime import timedelta

import pytest

from backend.accounts.roles import Role
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError
from backend.feed.models import FeedEvent
from backend.feed.public import EventKind
from backend.notifications.models import Notification
from backend.outbox.public import consume
from matching.errors import (
    GroupBidStateError,
    GroupRequestStateError,
    NoContractedProviderError,
    ReasonRequiredError,
)
from matching.models import GroupBid, GroupRequest, SeatOffer
from matching.services.group_requests import (
    group_bid_award,
    group_bid_withdraw,
    group_request_close,
    group_request_postpone,
    group_request_withdraw,
)
from matching.services.supply_advice import supply_advice_execute, supply_advice_request
from matching.waiting_choices import GroupBidState, GroupRequestState
from procurement.models import Lot
from providers.models import IntakeMoment
from tests.factories import matching as make
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory
from tests.permissions.tables.waiting import bid_for, request_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def intake(municipality, provider):
    return make.contracted_intake(municipality, provider=provider, full=True)


@pytest.fixture
def lot(intake):
    return Lot.objects.get(contract_lots__contract_courses__course=intake.group.course)


@pytest.fixture
def actor(municipality, region, provider):
    return make.everything(municipality, region, provider)


@pytest.fixture
def request_(region, lot, actor):
    return request_for(region, lot, actor)


@pytest.fixture
def bid(request_, intake, actor):
    return bid_for(request_, intake, actor)


def test_an_advice_finds_the_group_and_solves_what_it_would_add(municipality, region, actor):
    for _ in range(6):
        make.need(municipality)
    advice = supply_advice_request(actor=actor, organisation=region)
    consume()
    advice.refresh_from_db()
    assert advice.state == "done"
    (cluster,) = [one for one in advice.result["clusters"] if one["component"] == "B"]
    assert (cluster["people"], cluster["extraPlaced"]) == (6, 6)
    assert cluster["dayPart"] == 1
    assert advice.result["unplaced"] >= 6
    again = supply_advice_execute(advice_id=advice.pk)
    assert again.finished_at == advice.finished_at


def test_the_contracted_providers_hear_of_the_request_and_no_other(
    request_, provider, other_provider
):
    consume()
    told = Notification.objects.filter(kind="group_asked")
    assert list(told.values_list("organisation_id", flat=True)) == [provider.pk]
    assert list(request_.providers.values_list("organisation_id", flat=True)) == [provider.pk]


def told(organisation, resource="group-requests"):
    consume()
    found = FeedEvent.objects.filter(organisation=organisation, resource=resource)
    return list(found.order_by("pk").values_list("kind", flat=True))


def test_both_sides_read_in_the_feed_what_happens_to_a_request_and_others_nothing(
    region, municipality, provider, other_provider, actor, request_, bid, intake
):
    group_bid_withdraw(actor=actor, group_bid=bid)
    chosen = bid_for(request_, intake, actor)
    answer_date = clock.local_day(request_.answer_due_at) + timedelta(days=1)
    group_request_postpone(
        actor=actor, group_request=request_, answer_date=answer_date, reason="Vakantie."
    )
    group_bid_award(actor=actor, group_bid=chosen, reason="Dichtbij.")
    steps = ["group-request.open", "group-request.postponed", "group-request.awarded"]
    bids = ["submitted", "withdrawn", "submitted", "awarded"]
    for one in (region, provider):
        assert told(one) == steps
        assert told(one, "group-bids") == [f"group-bid.{kind}" for kind in bids]
    for one in (municipality, other_provider):
        assert told(one) == told(one, "group-bids") == []
    assert {str(one.subject_id) for one in FeedEvent.objects.filter(resource="group-requests")} == {
        str(request_.uuid)
    }


def test_the_feed_tells_of_a_deadline_that_passed_and_of_a_request_taken_back(
    region, provider, actor, request_, bid, frozen_clock
):
    frozen_clock.move_to(request_.answer_due_at + timedelta(seconds=1))
    group_request_close(group_request_uuid=str(request_.uuid))
    # A second message of the same deadline tells nothing.
    group_request_close(group_request_uuid=str(request_.uuid))
    assert told(provider) == ["group-request.open", "group-request.closed"]
    group_request_withdraw(actor=actor, group_request=request_, reason="Niet meer nodig.")
    assert told(region)[-1] == told(provider)[-1] == "group-request.withdrawn"
    assert told(provider, "group-bids")[-1] == "group-bid.not_chosen"


def test_every_state_of_a_request_and_of_a_bid_has_a_kind():
    states = [f"group-request.{one.value}" for one in GroupRequestState]
    states += [f"group-bid.{one.value}" for one in GroupBidState]
    assert set(states) <= set(EventKind.values)


def test_a_lot_without_a_contract_in_force_cannot_be_asked(region, actor, municipality):
    course = CourseFactory()
    lot = contract_for(course, municipalities=[municipality], status="draft").lot
    with pytest.raises(NoContractedProviderError):
        request_for(region, lot, actor)


def test_all_faults_of_a_request_come_at_once(region, lot, actor):
    with pytest.raises(InvalidError) as refused:
        request_for(region, lot, actor, component="KNM", slots=(), seats=2, min_size=4)
    assert {one.code for one in refused.value.violations} == {
        "component_not_in_lot",
        "required",
        "sizes",
    }


def test_the_chosen_bid_becomes_a_start_and_its_seats_go_to_who_is_next(municipality, bid, actor):
    waiting = [make.need(municipality) for _ in range(3)]
    awarded = group_bid_award(actor=actor, group_bid=bid, reason="Dichtbij.")
    start = IntakeMoment.objects.get(pk=awarded.intake_moment_id)
    assert (start.seats_total, start.start_date) == (8, bid.start_date)
    assert start.group.weekly_slots.count() == 2
    assert awarded.group_request.state == "open"
    awarded.group_request.refresh_from_db()
    assert awarded.group_request.state == "awarded"
    consume()
    consume()
    offers = SeatOffer.objects.open().filter(intake_moment=start)
    assert set(offers.values_list("need", flat=True)) == {one.pk for one in waiting}


def test_one_bid_is_chosen_once_and_the_others_end(request_, bid, intake, actor):
    other = bid_for(request_, intake, actor, start_date=bid.start_date + timedelta(days=7))
    group_bid_award(actor=actor, group_bid=bid, reason="Eerder.")
    other.refresh_from_db()
    assert other.state == "not_chosen"
    with pytest.raises(GroupRequestStateError):
        group_bid_award(actor=actor, group_bid=other, reason="Toch deze.")
    assert IntakeMoment.objects.filter(group_bid__isnull=False).count() == 1


def test_choosing_needs_a_reason_and_the_right(request_, bid, make_actor, municipality, actor):
    with pytest.raises(ReasonRequiredError):
        group_bid_award(actor=actor, group_bid=bid, reason=" ")
    caseworker = make_actor(Role.CASEWORKER, municipality)
    with pytest.raises(NotAllowedError):
        group_bid_award(actor=caseworker, group_bid=bid, reason="Ja.")


def test_after_the_deadline_bids_are_compared_and_no_longer_accepted(
    request_, bid, intake, actor, frozen_clock
):
    group_request_close(group_request_uuid=str(request_.uuid))
    request_.refresh_from_db()
    assert request_.state == "open"
    frozen_clock.shift(timedelta(days=20))
    consume()
    request_.refresh_from_db()
    assert request_.state == "closed"
    assert Notification.objects.filter(kind="group_request_closed").count() == 1
    with pytest.raises(GroupRequestStateError):
        bid_for(request_, intake, actor)
    assert group_bid_award(actor=actor, group_bid=bid, reason="Goed.").state == "awarded"


def test_a_bid_with_a_course_outside_the_lot_is_refused(request_, intake, actor):
    foreign = CourseFactory(provider=intake.group.course.provider)
    with pytest.raises(InvalidError) as refused:
        bid_for(request_, intake, actor, course=foreign, lessons=())
    assert {one.code for one in refused.value.violations} == {"not_contracted", "required"}


def test_a_provider_takes_its_bid_back_once(bid, actor):
    assert group_bid_withdraw(actor=actor, group_bid=bid).state == "withdrawn"
    with pytest.raises(GroupBidStateError):
        group_bid_withdraw(actor=actor, group_bid=bid)


def test_a_later_deadline_is_told_to_all_who_were_asked_and_holds(
    request_, bid, actor, frozen_clock
):
    before = clock.local_day(request_.answer_due_at)
    later = before + timedelta(days=5)
    for day, code in ((before, "not_later"), (request_.latest_start_date, "after_latest_start")):
        with pytest.raises(InvalidError) as refused:
            group_request_postpone(
                actor=actor, group_request=request_, answer_date=day, reason="Meer tijd."
            )
        assert [one.code for one in refused.value.violations] == [code]
    group_request_postpone(
        actor=actor, group_request=request_, answer_date=later, reason="Docent nodig."
    )
    consume()
    told = Notification.objects.filter(kind="group_postponed")
    assert {one.organisation for one in told} == {bid.provider.organisation}
    frozen_clock.move_to(f"{before + timedelta(days=1)}T12:00:00+00:00")
    consume()
    request_.refresh_from_db()
    assert (request_.state, clock.local_day(request_.answer_due_at)) == ("open", later)
    bid.refresh_from_db()
    assert bid.state == "submitted"
    frozen_clock.move_to(f"{later + timedelta(days=1)}T12:00:00+00:00")
    consume()
    request_.refresh_from_db()
    assert request_.state == "closed"
    with pytest.raises(GroupRequestStateError):
        group_request_postpone(
            actor=actor,
            group_request=request_,
            answer_date=later + timedelta(days=3),
            reason="Nog meer.",
        )


def test_withdrawing_the_request_ends_all_bids(request_, bid, actor):
    group_request_withdraw(actor=actor, group_request=request_, reason="Opgelost.")
    bid.refresh_from_db()
    assert bid.state == "not_chosen"


def test_providers_never_see_each_others_bids_or_requests(
    request_, bid, make_actor, provider, other_provider, region
):
    own = make_actor(Role.PROVIDER_PLANNER, provider)
    other = make_actor(Role.PROVIDER_PLANNER, other_provider)
    assert GroupBid.objects.visible_to(own).count() == 1
    assert GroupRequest.objects.visible_to(own).count() == 1
    assert not GroupBid.objects.visible_to(other).exists()
    assert not GroupRequest.objects.visible_to(other).exists()
    assert clock.today() < request_.earliest_start_date
