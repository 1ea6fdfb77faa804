"""Starts in a row, moving a start, and intake stops from request to end."""

from datetime import date, timedelta

import pytest

from backend.common.errors import InvalidError, NotAllowedError
from backend.notifications.models import Notification
from backend.organisations.permissions import Permission
from backend.outbox.models import OutboxMessage as Message
from providers.choices import IntakeStatus, StopState
from providers.errors import IntakeStateError, IntakeStoppedError, StopStateError
from providers.models import IntakeMoment, IntakeSeries, IntakeStop
from providers.selectors import alternatives_for, stops_in_force
from providers.services.catalogue import intake_moment_change_status
from providers.services.intake_moments import (
    SeriesDraft,
    intake_moment_move,
    intake_series_preview,
    intake_series_publish,
)
from providers.services.seats import seat_hold
from providers.services.stops import (
    StopDraft,
    stop_decide,
    stop_impose,
    stop_lift,
    stop_request,
    stop_withdraw,
    stops_follow_clock,
)
from tests.factories.organisations import RegionMembershipFactory
from tests.factories.providers import IntakeMomentFactory, ProviderFactory
from tests.support.entering import actor_with, in_days, new_group, new_provider, planner_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def codes(error) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in error.value.violations}


def series(group, **changes):
    base = {
        "group": group,
        "frequency": "weeks",
        "step": 6,
        "first_date": date(2026, 12, 25),
        "last_date": date(2027, 4, 30),
        "weeks": 40,
        "seats_total": 12,
    }
    return SeriesDraft(**base | changes)


def test_a_series_avoids_holidays_and_what_exists():
    provider = new_provider()
    group = new_group(provider)
    actor = planner_of(provider)
    IntakeMomentFactory(group=group, start_date=date(2027, 2, 5))

    planned = intake_series_preview(actor=actor, draft=series(group))
    assert [one.start_date for one in planned] == [
        date(2026, 12, 27),  # Christmas is two days
        date(2027, 2, 5),
        date(2027, 3, 19),
        date(2027, 4, 30),
    ]
    assert [bool(one.remark) for one in planned] == [False, True, False, False]
    made = intake_series_publish(actor=actor, draft=series(group))
    assert made.intake_moments.count() == 3
    with pytest.raises(InvalidError) as caught:
        intake_series_publish(actor=actor, draft=series(group))
    assert codes(caught) == {("first_date", "no_starts")}
    assert IntakeSeries.objects.count() == 1


def test_months_are_counted_from_the_first_day():
    group = new_group(provider := new_provider())
    planned = intake_series_preview(
        actor=planner_of(provider),
        draft=series(
            group,
            frequency="months",
            step=1,
            first_date=date(2027, 1, 31),
            last_date=date(2027, 4, 1),
        ),
    )
    assert [one.start_date for one in planned] == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
    ]


def test_wrong_series_are_refused():
    group = new_group(provider := new_provider())
    actor = planner_of(provider)
    with pytest.raises(InvalidError) as caught:
        intake_series_preview(
            actor=actor, draft=series(group, step=0, weeks=0, last_date=date(2026, 1, 1))
        )
    assert codes(caught) == {
        ("step", "not_positive"),
        ("weeks", "not_positive"),
        ("last_date", "ends_before_start"),
    }
    with pytest.raises(InvalidError) as caught:
        intake_series_preview(actor=actor, draft=series(group, step=1, last_date=date(2030, 1, 1)))
    assert codes(caught) == {("last_date", "too_many")}


def test_a_moved_start_keeps_its_length_and_is_told(django_capture_on_commit_callbacks):
    group = new_group(provider := new_provider())
    start = IntakeMomentFactory(group=group)
    other = IntakeMomentFactory(group=group, start_date=start.start_date + timedelta(days=7))
    actor = planner_of(provider)
    with pytest.raises(InvalidError) as caught:
        intake_moment_move(
            actor=actor, intake_moment_id=start.pk, start_date=other.start_date, reason=" "
        )
    assert codes(caught) == {("start_date", "exists_already"), ("reason", "required")}
    with django_capture_on_commit_callbacks(execute=True):
        moved = intake_moment_move(
            actor=actor,
            intake_moment_id=start.pk,
            start_date=start.start_date + timedelta(days=14),
            reason="Docent ziek",
        )
    assert moved.end_date == start.end_date + timedelta(days=14)
    assert Message.objects.filter(topic="matching.intake_changed").count() == 1


def test_a_cancelled_start_does_not_move():
    group = new_group(provider := new_provider())
    start = IntakeMomentFactory(group=group)
    intake_moment_change_status(
        actor=planner_of(provider),
        intake_moment_id=start.pk,
        status=IntakeStatus.CANCELLED,
        reason="Te weinig aanmeldingen",
    )
    start.refresh_from_db()
    assert start.status_reason == "Te weinig aanmeldingen"
    with pytest.raises(IntakeStateError):
        intake_moment_move(
            actor=planner_of(provider),
            intake_moment_id=start.pk,
            start_date=in_days(90),
            reason="x",
        )


def test_alternatives_are_the_own_course_first_and_have_seats():
    group = new_group(provider := new_provider())
    lost = IntakeMomentFactory(group=group)
    own = IntakeMomentFactory(group=group, start_date=lost.start_date + timedelta(days=42))
    IntakeMomentFactory(group=group, start_date=lost.start_date + timedelta(days=200))
    full = IntakeMomentFactory(
        group=group, start_date=lost.start_date + timedelta(days=1), seats_total=0
    )
    elsewhere = IntakeMomentFactory(
        start_date=lost.start_date,
        group__course__level_from="A0",
        group__course__level_to="A1",
    )
    found = [one.intake_moment for one in alternatives_for(lost)]
    assert found == [own, elsewhere]
    assert full not in found
    assert provider.pk


def draft(provider, organisation, **changes):
    base = {
        "provider": provider,
        "organisation": organisation,
        "ground": "staff",
        "reason": "Twee docenten weg",
        "alternatives": "Start van maart",
        "starts_on": in_days(14),
    }
    return StopDraft(**base | changes)


def buyer_of(organisation):
    return actor_with(
        Permission.MANAGE_CONTRACTS, Permission.VIEW_CONTRACTS, Permission.PLACE, at=[organisation]
    )


def test_a_stop_is_asked_two_weeks_ahead_with_alternatives(municipality):
    provider = ProviderFactory()
    with pytest.raises(InvalidError) as caught:
        stop_request(
            actor=planner_of(provider),
            draft=draft(provider, municipality, starts_on=in_days(13), alternatives=""),
        )
    assert codes(caught) == {("starts_on", "notice_too_short"), ("alternatives", "required")}
    assert not IntakeStop.objects.exists()
    with pytest.raises(NotAllowedError):
        stop_request(actor=buyer_of(municipality), draft=draft(provider, municipality))


def test_only_the_buyer_decides_and_only_once(municipality, other_municipality):
    provider = ProviderFactory()
    stop = stop_request(actor=planner_of(provider), draft=draft(provider, municipality))
    with pytest.raises(InvalidError) as caught:
        stop_request(actor=planner_of(provider), draft=draft(provider, municipality))
    assert codes(caught) == {("organisation", "exists_already")}
    for stranger in (planner_of(provider), buyer_of(other_municipality)):
        with pytest.raises(NotAllowedError):
            stop_decide(actor=stranger, stop=stop, approve=True)
    with pytest.raises(InvalidError):
        stop_decide(actor=buyer_of(municipality), stop=stop, approve=False)
    stop_decide(actor=buyer_of(municipality), stop=stop, approve=False, note="Nog plek genoeg")
    with pytest.raises(StopStateError):
        stop_decide(actor=buyer_of(municipality), stop=stop, approve=True)
    with pytest.raises(StopStateError):
        stop_withdraw(actor=planner_of(provider), stop=stop)


def test_an_approved_stop_blocks_from_its_first_day(frozen_clock, region, municipality):
    """The clock decides, not the nightly run; a region's stop counts for its members."""
    start = IntakeMomentFactory(start_date=in_days(60))
    provider = start.group.course.provider
    stop = stop_request(actor=planner_of(provider), draft=draft(provider, region))
    stop_decide(actor=buyer_of(region), stop=stop, approve=True)
    hold = {
        "actor": buyer_of(municipality),
        "intake_moment_id": start.pk,
        "organisation_id": municipality.pk,
        "expires_at": None,
    }
    from backend.common import clock

    hold["expires_at"] = clock.now() + timedelta(days=30)
    seat_hold(**hold)
    frozen_clock.shift(timedelta(days=14))
    with pytest.raises(IntakeStoppedError):
        seat_hold(**hold)
    outsider = RegionMembershipFactory().municipality
    seat_hold(**hold | {"actor": buyer_of(outsider), "organisation_id": outsider.pk})
    assert stops_follow_clock() == 1
    assert stops_follow_clock() == 0
    stop.refresh_from_db()
    assert stop.state == StopState.ACTIVE
    stop_lift(actor=planner_of(provider), stop=stop)
    seat_hold(**hold)


def test_a_stop_is_imposed_at_once_on_serious_grounds_only(municipality):
    provider = ProviderFactory()
    with pytest.raises(InvalidError) as caught:
        stop_impose(actor=buyer_of(municipality), draft=draft(provider, municipality))
    assert codes(caught) == {("ground", "ground_not_imposable")}
    stop = stop_impose(
        actor=buyer_of(municipality), draft=draft(provider, municipality, ground="safety")
    )
    assert (stop.state, stop.starts_on) == (StopState.ACTIVE, in_days(0))
    scopes = stops_in_force(on=in_days(0))
    assert scopes.municipalities(provider_id=provider.pk, kind="B", course_id=1, location_id=1) == {
        municipality.pk
    }
    with pytest.raises(NotAllowedError):
        stop_lift(actor=planner_of(provider), stop=stop)
    stop_lift(actor=buyer_of(municipality), stop=stop)
    assert not stops_in_force(on=in_days(0))


def test_both_parties_and_caseworkers_see_a_stop(municipality, other_municipality):
    provider = ProviderFactory()
    stop = stop_request(actor=planner_of(provider), draft=draft(provider, municipality))
    for actor in (
        planner_of(provider),
        buyer_of(municipality),
        actor_with(Permission.PLACE, at=[municipality]),
    ):
        assert list(IntakeStop.objects.visible_to(actor)) == [stop]
    for actor in (planner_of(ProviderFactory()), buyer_of(other_municipality)):
        assert not IntakeStop.objects.visible_to(actor).exists()
    assert Message.objects.filter(topic="notifications.create").count() == 1
    assert not Notification.objects.exists()
    assert IntakeMoment.objects.count() == 0
