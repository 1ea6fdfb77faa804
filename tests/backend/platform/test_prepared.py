"""Statements are planned once per connection, also through errors, and mend themselves."""

import gc
import weakref

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import DataError, NotSupportedError

from backend.common import prepared
from backend.common.prepared import Statement
from backend.common.transactions import one_act

pytestmark = pytest.mark.django_db(transaction=True)


def prepared_texts():
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements")
        return [text for (text,) in cursor.fetchall()]


def test_a_statement_is_prepared_once_also_through_a_rollback():
    double = Statement("select %(a)s::int * 2, %(b)s::text, %(a)s::int, '100%%'")
    assert double.run([4, "vier"]) == [(8, "vier", 4, "100%")]
    with pytest.raises(DataError), transaction.atomic():
        double.run(["drie", None])
    assert double.run([5, None]) == [(10, None, 5, "100%")]
    assert prepared_texts() == ["select $1::int * 2, $2::text, $1::int, '100%'"]


def test_a_transaction_begins_and_ends_as_that_of_django():
    Statement("create table pg_temp.kept (number int)").run([])
    insert = Statement("insert into kept values (%s::int)")
    with transaction.atomic():
        insert.run([1])
        transaction.set_rollback(True)
    with transaction.atomic():
        insert.run([2])
    assert Statement("select number from kept").run([]) == [(2,)]


def test_a_broken_transaction_takes_no_statement():
    with transaction.atomic():
        with pytest.raises(ProgrammingError):
            Statement("select nothing_of_the_kind").run([])
        connection.needs_rollback = True
        with pytest.raises(TransactionManagementError):
            Statement("select 1").run([])


def test_a_table_that_has_changed_fails_once():
    Statement("create table pg_temp.changing (number int)").run([])
    read = Statement("select * from changing")
    read.run([])
    with connection.cursor() as cursor:
        cursor.execute("alter table changing add column name text")
    with pytest.raises(NotSupportedError):
        read.run([])
    assert read.run([]) == []


def test_statements_that_are_no_longer_asked_for_make_room(monkeypatch):
    monkeypatch.setattr(prepared, "KEPT_STATEMENTS", 3)
    connection.close()
    for number in range(7):
        assert Statement(f"select {number}").run([]) == [(number,)]
    assert sorted(prepared_texts()) == ["select 4", "select 5", "select 6"]


def test_a_lost_connection_is_an_operational_error_and_is_forgotten():
    one = Statement("select pg_backend_pid()")
    ((pid,),) = one.run([])
    driver = weakref.ref(connection.connection)
    with pytest.raises(OperationalError):
        Statement("select pg_terminate_backend(%s::int)").run([pid])
    connection.close()
    gc.collect()
    assert driver() is None
    assert one.run([]) != [(pid,)]


@pytest.fixture
def asked(monkeypatch):
    """The connection as a request finds it; each entry is one time that Django asked the server."""
    connection.ensure_connection()
    database, found = connections["default"], []
    usable = database.is_usable
    monkeypatch.setattr(database, "is_usable", lambda: found.append(1) or usable())
    monkeypatch.setattr(database, "health_check_enabled", True)
    monkeypatch.setattr(database, "health_check_done", False)
    return found


def test_a_quiet_connection_is_not_asked_whether_it_lives(asked):
    with one_act():
        assert Statement("select 1").run([]) == [(1,)]
    assert asked == []


def test_without_the_look_at_the_line_django_asks(asked):
    with transaction.atomic():
        assert Statement("select 1").run([]) == [(1,)]
    assert asked == [1]


def test_a_session_that_the_server_ended_is_asked_and_replaced(asked):
    ended = connection.connection.info.backend_pid
    other = connections["default"].copy()
    with other.cursor() as cursor:
        # Waits until the session is gone.
        cursor.execute("select pg_terminate_backend(%s, 5000)", [ended])
    other.close()
    with one_act():
        ((now,),) = Statement("select pg_backend_pid()").run([])
    assert asked == [1]
    assert now != ended
