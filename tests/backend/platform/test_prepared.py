"""Statements are planned once per connection, also through errors, and mend themselves."""

import gc
import weakref

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.db.utils import DataError, NotSupportedError
from psycopg.pq import TransactionStatus

from backend.accounts.roles import Role
from backend.common import prepared
from backend.common.prepared import Statement, run_together
from backend.common.transactions import one_act
from tests.factories.accounts import client_with
from tests.factories.organisations import MunicipalityFactory

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


def test_values_longer_than_the_line_takes_at_once_arrive():
    length = Statement("select length(%s::text), %s::text")
    long = "x" * 20_000_000
    found = run_together([(length, [long, long]), (length, ["kort", "kort"])])
    assert [rows[0][0] for rows in found] == [len(long), 4]
    assert found[0][0][1] == long


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


def test_a_list_of_the_api_does_not_ask_either(api_as, asked):
    municipality = MunicipalityFactory().organisation
    api = api_as(key=client_with(Role.CASEWORKER, organisation=municipality)[1])
    connections["default"].health_check_done = False
    asked.clear()
    assert api.get("/api/v1/courses").status_code == 200
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


def server_statuses():
    return TransactionStatus(connection.connection.pgconn.transaction_status).name


def test_statements_together_open_the_transaction_and_answer_in_their_order():
    first, second = Statement("select %s::int"), Statement("select %s::text, pg_backend_pid()")
    with transaction.atomic():
        ((number,),), ((text, _pid),) = run_together([(first, [1]), (second, ["a"])])
        assert (number, text) == (1, "a")
        assert server_statuses() == "INTRANS"
    assert server_statuses() == "IDLE"


def test_nothing_runs_after_the_one_that_fails():
    Statement("create table pg_temp.once (number int)").run([])
    insert, divide = Statement("insert into once values (%s::int)"), Statement("select 1/%s::int")
    with pytest.raises(DataError):
        run_together([(insert, [1]), (divide, [0]), (insert, [2])])
    # Without a transaction of Django they are one of their own.
    assert Statement("select number from once").run([]) == []
    with pytest.raises(DataError), transaction.atomic():
        run_together([(insert, [1]), (divide, [0])])
    assert run_together([(insert, [3]), (Statement("select number from once"), [])])[1] == [(3,)]


def test_a_connection_that_is_lost_on_the_way_is_an_operational_error():
    end = Statement("select pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(OperationalError), transaction.atomic():
        run_together([(end, []), (Statement("select 1"), [])])
    connection.close()
    assert Statement("select 2").run([]) == [(2,)]


def plan_of(text):
    """As it was made when the statement was prepared."""
    asked = Statement(text)
    asked.run([1])
    session = connection.connection.__dict__["passend_session"]
    with connection.cursor() as cursor:
        cursor.execute(f"explain execute {session._names[asked].decode()} (null)")
        return cursor.fetchall()[0][0]


def test_a_plan_that_is_made_on_an_empty_table_looks_up_by_key(monkeypatch):
    Statement("create table pg_temp.growing (number int primary key)").run([])
    with connection.cursor() as cursor:
        cursor.execute("analyze growing")
    by_key = "select * from growing where number = %s::int"
    assert "Seq Scan" not in plan_of(by_key)
    monkeypatch.setattr(prepared, "_PLAN_FOR_GROWTH", b"SET enable_seqscan = on")
    assert "Seq Scan" in plan_of(f"{by_key} and true")
