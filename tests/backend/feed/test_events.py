"""The feed tells what happened, in order, to whoever may see it, and to nobody else."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import InternalError, ProgrammingError, connection, transaction

from backend.accounts.public import actor_for
from backend.accounts.roles import Role
from backend.common import clock
from backend.feed.choices import EventKind
from backend.feed.models import FeedEvent
from backend.feed.services.events import KEEP_EVENTS, events_forget, lock_recorder
from backend.outbox.public import consume
from matching.choices import PlacementState
from matching.services.placement_steps import placement_withdraw
from providers.choices import IntakeStatus
from providers.services.catalogue import intake_moment_change_status
from tests.factories import feed
from tests.factories.accounts import user_with
from tests.factories.matching import contracted_intake, everything, need, placement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def kinds(organisation, **fields):
    found = FeedEvent.objects.filter(organisation=organisation, **fields).order_by("pk")
    return list(found.values_list("kind", flat=True))


def test_every_state_that_somebody_hears_of_has_a_kind():
    told = {f"placement.{one.value}" for one in PlacementState if one != PlacementState.DRAFT}
    assert told <= set(EventKind.values)


def test_both_parties_hear_of_a_place_from_offer_to_end(municipality, provider):
    intake = contracted_intake(municipality, provider=provider)
    placed = placement(municipality, state=PlacementState.STOPPED, intake=intake)
    consume()
    steps = ["placement.offered", "placement.accepted", "placement.started", "placement.stopped"]
    assert kinds(provider) == steps
    assert kinds(municipality, resource="placements") == steps
    assert {str(one.subject_id) for one in FeedEvent.objects.filter(organisation=provider)} == {
        str(placed.uuid)
    }


def test_a_held_seat_is_nobodys_business_and_its_end_only_the_municipalitys(municipality, provider):
    held = placement(municipality, intake=contracted_intake(municipality, provider=provider))
    consume()
    assert kinds(municipality, resource="placements") == []
    placement_withdraw(actor=everything(municipality), placement=held, reason="better_place")
    consume()
    assert kinds(municipality, resource="placements") == ["placement.withdrawn"]
    assert kinds(provider) == []


def test_a_new_plan_tells_of_its_needs_and_a_refused_place_of_the_need_that_waits_again(
    municipality,
):
    waiting = need(municipality)
    consume()
    assert kinds(municipality, subject_id=waiting.uuid) == ["need.waiting"]
    placement(municipality, state=PlacementState.REFUSED, of=waiting)
    consume()
    assert kinds(municipality, subject_id=waiting.uuid) == ["need.waiting", "need.waiting"]


def test_a_cancelled_start_is_told_to_its_provider_and_to_whoever_has_a_place(
    municipality, other_municipality, provider, django_capture_on_commit_callbacks
):
    intake = contracted_intake(municipality, other_municipality, provider=provider)
    placement(municipality, state=PlacementState.OFFERED, intake=intake)
    with django_capture_on_commit_callbacks(execute=True):
        intake_moment_change_status(
            actor=everything(provider),
            intake_moment_id=intake.pk,
            status=IntakeStatus.CANCELLED,
            reason="Te weinig deelnemers",
        )
    consume()
    assert "intake-moment.cancelled" in kinds(municipality)
    assert "intake-moment.cancelled" in kinds(provider)
    assert kinds(other_municipality) == []


def test_an_event_is_seen_by_whoever_sees_the_object(
    municipality, other_municipality, region, caseworker, functional_administrator
):
    told = feed.event(municipality)

    def sees(user):
        return FeedEvent.objects.visible_to(actor_for(user)).filter(pk=told.pk).exists()

    assert sees(caseworker)
    assert sees(user_with(Role.REGIONAL_COORDINATOR, region))
    assert not sees(functional_administrator)
    assert not sees(user_with(Role.CASEWORKER, other_municipality))


def test_the_database_refuses_to_change_an_event(municipality):
    told = feed.event(municipality)
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        FeedEvent.objects.filter(pk=told.pk).update(kind=EventKind.PING)


def test_events_are_kept_ninety_days_and_a_cursor_before_them_is_refused(
    municipality, machine_client, api_as, frozen_clock
):
    first, second = feed.event(municipality), feed.event(municipality)
    frozen_clock.shift(KEEP_EVENTS + timedelta(days=1))
    third = feed.event(municipality)
    api = api_as(key=machine_client[1])
    assert api.get(f"/api/v1/events?sequenceAfter={first.pk}").json()["total"] == 2

    assert events_forget() == 1
    assert list(FeedEvent.objects.order_by("pk")) == [second, third]
    answer = api.get(f"/api/v1/events?sequenceAfter={first.pk}")
    assert (answer.status_code, answer.json()["code"]) == (404, "cursor_expired")
    assert api.get(f"/api/v1/events?sequenceAfter={second.pk}").json()["total"] == 1
    assert api.get("/api/v1/events").json()["total"] == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_whoever_reads_up_to_a_number_has_missed_nothing_below_it(municipality):
    """Without the lock the second writer would commit the higher number first."""
    at_work = threading.Event()

    def slow_writer():
        try:
            with transaction.atomic():
                lock_recorder()
                FeedEvent.objects.create(
                    organisation=municipality,
                    permission="view_participants",
                    kind=EventKind.PING,
                    resource="needs",
                    subject_id="00000000-0000-0000-0000-000000000001",
                    occurred_at=clock.now(),
                )
                at_work.set()
                time.sleep(0.3)
        finally:
            connection.close()

    slow = threading.Thread(target=slow_writer)
    slow.start()
    assert at_work.wait(5)
    quick = feed.event(municipality)
    below = FeedEvent.objects.filter(pk__lt=quick.pk).count()
    slow.join()
    assert below == FeedEvent.objects.filter(pk__lt=quick.pk).count() == 1
