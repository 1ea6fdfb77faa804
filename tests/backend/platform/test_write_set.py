"""Rows of one act in one statement, and locks and questions that are planned once."""

from threading import Event, Thread

import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction

from backend.audit.models import AuditEvent
from backend.common.compiled import CompiledRows, JoinedRows, Part
from backend.common.errors import BusyError
from backend.common.locks import lock_by_key
from backend.common.transactions import one_act, service
from backend.common.write_set import Change, insert_row, write_rows
from backend.organisations.models import Organisation
from backend.outbox.models import OutboxMessage
from providers.models import Location, Provider
from tests.support.queries import counted


def rows_of_a_school(organisation, name="Hal"):
    school = Provider(organisation=organisation)
    return school, Location(
        provider=school, code="L1", name=name, place="Utrecht", latitude=52, longitude=5
    )


@pytest.mark.django_db
def test_rows_that_refer_to_each_other_are_one_statement(provider):
    school, hall = rows_of_a_school(provider)
    with counted() as queries:
        assert write_rows([school, hall, OutboxMessage(topic="a", payload={"x": 1})])
    assert len(queries) == 1
    found = Location.objects.get()
    assert (found.pk, found.provider_id, found.provider.organisation_id) == (
        hall.pk,
        school.pk,
        provider.pk,
    )
    assert hall.provider is school
    assert hall.provider_id == school.pk
    assert OutboxMessage.objects.get().payload == {"x": 1}


@pytest.mark.django_db
def test_without_the_change_there_are_no_rows(provider):
    def change(expected):
        return Change(Organisation, provider.pk, "name", expected, "Nieuw")

    rows = rows_of_a_school(provider)
    assert not write_rows(rows, if_changed=change("Anders"))
    assert not Provider.objects.exists()
    assert rows[0].pk is None
    assert write_rows(rows, if_changed=change(provider.name))
    provider.refresh_from_db()
    assert (provider.name, Provider.objects.count(), Location.objects.count()) == ("Nieuw", 1, 1)


@pytest.mark.django_db
def test_what_the_database_refuses_stays_refused(provider):
    school, hall = rows_of_a_school(provider, name="x" * 5000)
    with pytest.raises(DataError), transaction.atomic():
        write_rows([school, hall])
    insert_row(Provider(organisation=provider))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_row(Provider(organisation=provider))
    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_joined_questions_keep_their_rows_and_say_what_is_absent(provider, municipality):
    one = CompiledRows(
        lambda pk: Organisation.objects.filter(pk=pk).values_list("pk", "name"), pk=int
    )
    none = CompiledRows(
        lambda pk: Provider.objects.filter(organisation=pk).values_list("pk"), pk=int
    )
    joined = JoinedRows(
        first=Part(one, {"pk": "first"}),
        absent=Part(none, {"pk": "first"}),
        second=Part(one, {"pk": "second"}),
    )
    for first, second in ((provider, municipality), (municipality, provider)):
        assert joined(first=first.pk, second=second.pk) == [
            ((first.pk, first.name), None, (second.pk, second.name))
        ]


def prepared_now():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_does_not_make_everything_be_planned_anew(provider):
    connection.close()
    names = CompiledRows(lambda pk: Organisation.objects.filter(pk=pk).values_list("name"), pk=int)
    for _ in range(3):
        with transaction.atomic():
            assert names(pk=provider.pk) == [(provider.name,)]
            transaction.set_rollback(True)
        assert prepared_now() == 1
    # A table that changes is another matter.
    with connection.cursor() as cursor:
        cursor.execute("create temporary table short (id int)")
        cursor.execute("drop table short")
    assert names(pk=provider.pk) == [(provider.name,)]
    assert prepared_now() == 1


@pytest.mark.django_db
def test_a_service_inside_one_act_takes_no_savepoint():
    @service
    def act():
        assert connection.in_atomic_block

    with counted() as joined, one_act():
        act()
    with counted() as alone, transaction.atomic():
        act()
    texts = [sum("SAVEPOINT" in one["sql"] for one in found) for found in (joined, alone)]
    # The outer block of each is a savepoint of the test's own transaction.
    assert texts == [2, 4]


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction_that_outlives_it(provider):
    with pytest.raises(transaction.TransactionManagementError):
        lock_by_key(Organisation, provider.pk)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_a_lock_hears_busy_after_the_timeout(provider, monkeypatch):
    held, done = Event(), Event()

    def hold():
        with transaction.atomic():
            assert lock_by_key(Organisation, provider.pk) == provider
            held.set()
            done.wait(30)
        connections.close_all()

    other = Thread(target=hold, daemon=True)
    other.start()
    assert held.wait(30)
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # The session itself would wait for ever: the statement brings its own limit.
                cursor.execute("set local lock_timeout = 0")
            with pytest.raises(BusyError), transaction.atomic():
                lock_by_key(Organisation, provider.pk)
    finally:
        done.set()
        other.join(30)
