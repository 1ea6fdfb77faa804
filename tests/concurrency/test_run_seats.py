"""A provider lowers seats while a run is busy: what no longer fits is left out, with the reason."""

from threading import Event

import pytest
from django.db import transaction

from matching.choices import NeedState
from matching.models import Need
from matching.selectors.policy import default_policy
from matching.services import runs
from matching.services.runs import match_run_execute, match_run_request
from providers.models import IntakeMoment
from providers.services import seats
from providers.services.seats import intake_moment_set_seats
from tests.factories.matching import contracted_intake, everything, need
from tests.factories.organisations import MunicipalityFactory
from tests.support.races import race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def town():
    default_policy()
    return MunicipalityFactory(name="Eigenstad").organisation


@pytest.fixture
def intake(town):
    found = contracted_intake(town, seats_total=3)
    for _ in range(3):
        need(town)
    Need.objects.exclude(component="B").update(state=NeedState.CLOSED)
    return found


def lower(intake, number):
    owner = everything(intake.group.course.provider.organisation)
    intake_moment_set_seats(actor=owner, intake_moment_id=intake.pk, seats_total=number)


def run_while(town, act, stage="storing"):
    run = match_run_request(actor=everything(town), organisation=town)
    return match_run_execute(
        run_id=run.pk, listen=lambda share, now: act() if now == stage else None
    )


def test_what_no_longer_fits_is_left_out_with_the_reason(town, intake):
    run = run_while(town, lambda: lower(intake, 1))
    assert run.proposals.filter(intake_moment=intake).count() == 1
    out = run.proposals.filter(intake_moment=None)
    assert {one.cause for one in out} == {"all_full"}
    assert [one.explained.reasons for one in out] == [{"SEATS": 1}] * 2
    assert out[0].explained.near_misses == [
        {"intakeMomentId": str(intake.uuid), "rule": "SEATS", "relax": 1}
    ]
    summary = run.summary
    assert (summary["placed"], summary["seatsGone"], summary["isOptimal"]) == (1, 2, False)
    assert summary["placedByTier"] == [0, 0, 1]
    assert summary["unplacedByCause"] == {"all_full": 2}


def test_without_the_guard_more_is_stored_than_there_are_seats(town, intake, monkeypatch):
    monkeypatch.setattr(runs, "with_seats_left", lambda routed, reserved: routed)
    run = run_while(town, lambda: lower(intake, 1))
    assert run.proposals.filter(intake_moment=intake).count() == 3


def test_a_start_that_is_cancelled_meanwhile_is_proposed_to_nobody(town, intake):
    run = run_while(
        town, lambda: IntakeMoment.objects.filter(pk=intake.pk).update(status="cancelled")
    )
    assert run.summary["placed"] == 0
    assert run.proposals.count() == 3


def lowering_beside(town, intake):
    """A provider that has lowered the seats and not committed yet when the run counts them."""
    lowered = Event()

    def provider():
        with transaction.atomic():
            lower(intake, 1)
            lowered.set()
            # The run counts within this time when nothing makes it wait.
            Event().wait(1)

    found = race([provider, lambda: run_while(town, lambda: lowered.wait(10))])
    return found[1]


def test_a_run_waits_for_who_is_changing_the_seats(town, intake):
    assert lowering_beside(town, intake).summary["placed"] == 1


def test_without_a_lock_the_same_query_reads_the_old_number(town, intake, monkeypatch):
    def unlocked(queryset, pks, *columns):
        rows = queryset.filter(pk__in=set(pks)).order_by("pk").values_list("pk", *columns)
        return {pk: tuple(values) for pk, *values in rows}

    monkeypatch.setattr(seats, "lock_values", unlocked)
    assert lowering_beside(town, intake).summary["placed"] == 3
