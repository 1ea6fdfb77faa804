"""The tools the demo stands on: a clock that can be turned back, history in bulk, progress."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from backend.accounts.actor import system_actor
from backend.audit.bulk import Change, record_many
from backend.audit.models import AuditEvent
from backend.common import clock
from backend.demo.progress import Bars
from tests.factories.organisations import OrganisationFactory

THEN = datetime(2024, 2, 29, 23, 30, tzinfo=UTC)


def test_clock_is_turned_back_inside_only() -> None:
    before = clock.now()
    with clock.replay(THEN):
        assert clock.now() == THEN
        # Half past midnight in the Netherlands.
        assert clock.today().isoformat() == "2024-03-01"
    assert clock.now() >= before


def _fail_in_the_past() -> None:
    with clock.replay(THEN):
        raise RuntimeError


def test_clock_runs_again_after_a_failure() -> None:
    with pytest.raises(RuntimeError):
        _fail_in_the_past()
    assert clock.now() > THEN


@pytest.mark.django_db
def test_history_in_bulk_carries_the_moment_and_the_parties() -> None:
    organisations = OrganisationFactory.create_batch(3)
    changes = [Change(one, after={"n": 1}, organisation_ids=(one.pk,)) for one in organisations]
    with clock.replay(THEN), transaction.atomic():
        record_many(actor=system_actor("demo", {}), action="school.seen", changes=changes)
    events = AuditEvent.objects.filter(action="school.seen").order_by("pk")
    assert [(one.at, one.subject_uuid, one.organisation_ids) for one in events] == [
        (THEN, one.uuid, [one.pk]) for one in organisations
    ]


@pytest.mark.django_db(transaction=True)
def test_history_in_bulk_needs_the_transaction_of_the_changes() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        record_many(actor=system_actor("demo", {}), action="school.seen", changes=[])


def test_without_a_terminal_a_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(Bars().each("Scholen", [1, 2, 3])) == [1, 2, 3]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("  Scholen")
