"""History cannot be changed: proved against the database, not against our own code."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from backend.accounts.actor import system_actor
from backend.audit import own_connection
from backend.audit.models import AccessEvent, AuditEvent
from backend.audit.services import record, record_access, snapshot
from backend.organisations.models import Organisation
from tests.factories.organisations import OrganisationFactory

ACTOR = system_actor("tests", {})


@pytest.fixture
def history(db: None) -> None:
    organisation = OrganisationFactory()
    with transaction.atomic():
        record(actor=ACTOR, action="organisation.created", subject=organisation)
    record_access(actor=ACTOR, subject_type="x", subject_uuid=uuid.uuid4(), purpose="testing")


@pytest.mark.parametrize("table", ["audit_auditevent", "audit_accessevent"])
@pytest.mark.parametrize(
    "statement",
    ["update {} set actor_label = 'someone else'", "delete from {}", "truncate {}"],
)
def test_database_refuses_to_change_history(history: None, table: str, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {table}")
        before = cursor.fetchall()
        assert len(before) == 1
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(statement.format(table))
        cursor.execute(f"select * from {table}")
        assert cursor.fetchall() == before


@pytest.mark.parametrize("model", [AuditEvent, AccessEvent])
def test_models_cannot_change_history_either(history: None, model: type) -> None:
    event = model.objects.get()
    event.actor_label = "someone else"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all().delete()
    assert model.objects.get().actor_label == "tests"


@pytest.mark.django_db(transaction=True)
def test_record_refuses_to_write_outside_a_transaction() -> None:
    organisation = OrganisationFactory()
    with pytest.raises(transaction.TransactionManagementError):
        record(actor=ACTOR, action="organisation.created", subject=organisation)
    assert not AuditEvent.objects.exists()


def change_look_and_fail(organisation: Organisation, seen: list[uuid.UUID]) -> None:
    with transaction.atomic():
        record(actor=ACTOR, action="organisation.created", subject=organisation)
        record_access(actor=ACTOR, subject_type="person", subject_uuid=seen, purpose="list")
        raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_a_rollback_takes_the_change_along_but_hides_no_look(settings) -> None:
    settings.ACCESS_LOG_OWN_CONNECTION = True
    seen = [uuid.uuid4(), uuid.uuid4()]
    organisation = OrganisationFactory()
    try:
        with pytest.raises(RuntimeError):
            change_look_and_fail(organisation, seen)
    finally:
        own_connection.close()
    assert not AuditEvent.objects.exists()
    assert set(AccessEvent.objects.values_list("subject_uuid", flat=True)) == set(seen)


@pytest.mark.django_db(transaction=True)
def test_control_without_its_own_connection_the_look_is_lost(settings) -> None:
    settings.ACCESS_LOG_OWN_CONNECTION = False
    with pytest.raises(RuntimeError):
        change_look_and_fail(OrganisationFactory(), [uuid.uuid4()])
    assert not AccessEvent.objects.exists()


def test_many_looks_cost_one_statement(db, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        record_access(
            actor=ACTOR,
            subject_type="person",
            subject_uuid=[uuid.uuid4() for _ in range(50)],
            purpose="export",
        )
    assert AccessEvent.objects.count() == 50


def test_record_keeps_who_what_and_why(db) -> None:
    organisation = OrganisationFactory()
    with transaction.atomic():
        record(
            actor=ACTOR,
            action="organisation.renamed",
            subject=organisation,
            before={"name": "A"},
            after=snapshot(organisation, ["name", "kind"]),
            reason="merger",
            organisation_ids=[organisation.pk, organisation.pk],
        )
    event = AuditEvent.objects.about(organisation).get()
    assert (event.actor_key, event.actor_label, event.action, event.reason) == (
        "system:tests",
        "tests",
        "organisation.renamed",
        "merger",
    )
    assert event.before == {"name": "A"}
    assert event.after == {"name": organisation.name, "kind": "provider"}
    assert event.organisation_ids == [organisation.pk]


def test_snapshot_refuses_personal_data(db) -> None:
    organisation = OrganisationFactory()
    organisation.PERSONAL_FIELDS = frozenset({"name"})
    with pytest.raises(ValueError, match="name"):
        snapshot(organisation, ["code", "name"])
