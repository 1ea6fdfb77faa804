"""An act is committed as a whole, and what is written last goes along with the commit."""

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus

from backend.api.models import IdempotencyRecord
from backend.common import clock
from backend.common.transactions import one_act
from backend.common.write_set import asked_insert

pytestmark = pytest.mark.django_db(transaction=True)


def record(key):
    return IdempotencyRecord(
        scope="tests", key=key, request_digest=b"", status=201, body=b"", expires_at=clock.now()
    )


def kept():
    """As another connection sees them."""
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("select key from api_idempotencyrecord order by key")
        found = [key for (key,) in cursor.fetchall()]
    other.close()
    return found


def idle():
    return connection.connection.pgconn.transaction_status == TransactionStatus.IDLE


def test_what_is_written_last_is_committed_with_the_act_and_then_the_listeners_hear():
    heard = []
    with one_act() as act:
        record("first").save()
        transaction.on_commit(lambda: heard.extend(kept()))
        act.write_last(asked_insert(record("last")))
        assert kept() == []
    assert heard == kept() == ["first", "last"]
    assert idle()
    assert connection.get_autocommit()


def test_when_the_last_cannot_be_written_nothing_is():
    record("twice").save()
    heard = []

    def write_twice():
        with one_act() as act:
            record("first").save()
            transaction.on_commit(lambda: heard.append(1))
            act.write_last(asked_insert(record("twice")))

    with pytest.raises(IntegrityError):
        write_twice()
    assert kept() == ["twice"]
    assert heard == []
    assert idle()


def test_an_error_on_the_way_leaves_nothing():
    def fail():
        with one_act() as act:
            act.write_last(asked_insert(record("last")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept() == []


def test_what_is_only_checked_at_the_end_refuses_the_act():
    with connection.cursor() as cursor:
        cursor.execute("create temporary table one (number int primary key)")
        cursor.execute(
            "create temporary table many (one int references one deferrable initially deferred)"
        )

    def write_without_parent():
        with one_act() as act:
            with connection.cursor() as cursor:
                cursor.execute("insert into many values (1)")
            act.write_last(asked_insert(record("last")))

    with pytest.raises(IntegrityError):
        write_without_parent()
    assert kept() == []
    assert idle()


def test_inside_another_transaction_and_under_a_log_of_queries_django_ends_it():
    with transaction.atomic():
        with one_act() as act:
            act.write_last(asked_insert(record("inner")))
        assert kept() == []
        assert not idle()
    with CaptureQueriesContext(connection), one_act() as act:
        act.write_last(asked_insert(record("seen")))
    assert kept() == ["inner", "seen"]
