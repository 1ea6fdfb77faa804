"""Background work: asked for with the change, done once, retried, and put before a person."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction

from backend.outbox import services
from backend.outbox.choices import MessageState
from backend.outbox.models import OutboxMessage
from backend.outbox.public import OutsideTransactionError, enqueue, queue_mail, register
from tests.backend.platform import effects

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)


def ask(item: int, **options) -> OutboxMessage:
    with transaction.atomic():
        return enqueue("test.effect", {"item": item}, **options)


@pytest.fixture
def effect_topic(topics, effect_table) -> None:
    register("test.effect", lambda payload: effects.write(payload["item"]))


@pytest.mark.usefixtures("transactional_db")
def test_asking_outside_a_transaction_is_refused(topics):
    with pytest.raises(OutsideTransactionError):
        enqueue("test.effect", {})
    assert OutboxMessage.objects.count() == 0


@pytest.mark.usefixtures("effect_topic")
def test_work_of_a_change_that_is_rolled_back_is_never_done():
    with transaction.atomic():
        enqueue("test.effect", {"item": 1})
        transaction.set_rollback(True)
    assert services.consume() == 0
    assert effects.items() == []


@pytest.mark.usefixtures("effect_topic")
def test_committed_work_is_done_once_and_marked():
    message = ask(1)
    assert services.consume() == 1
    assert services.consume() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.DONE, 1)
    assert message.done_at is not None
    assert effects.items() == [1]


@pytest.mark.usefixtures("effect_topic")
def test_the_same_key_is_one_piece_of_work():
    assert ask(1, key="a").pk == ask(2, key="a").pk
    assert ask(3, key="b").pk != ask(4, key="c").pk
    services.consume()
    assert effects.items() == [1, 3, 4]


@pytest.mark.usefixtures("effect_topic")
def test_work_for_later_waits():
    with time_machine.travel(NOON, tick=False):
        ask(1, available_at=NOON + timedelta(hours=1))
        assert services.consume() == 0
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert services.consume() == 1


def test_a_handler_that_crashes_half_way_leaves_nothing_and_is_tried_again(topics, effect_table):
    crashes = [RuntimeError("Jan Jansen, 12-03-1980"), None]

    def handler(payload):
        effects.write(payload["item"])
        error = crashes.pop(0)
        if error:
            raise error

    register("test.effect", handler)
    with time_machine.travel(NOON, tick=False):
        message = ask(1)
        assert services.consume() == 1
        assert effects.items() == []
        message.refresh_from_db()
        assert (message.state, message.attempts) == (MessageState.PENDING, 1)
        assert timedelta(0) < message.available_at - NOON < timedelta(seconds=10)
        assert "RuntimeError" in message.last_error
        assert "Jansen" not in message.last_error
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert services.consume() == 1
    assert effects.items() == [1]


def test_a_handler_that_loses_its_connection_is_tried_again(topics, effect_table):
    def handler(payload):
        effects.write(payload["item"])
        if not OutboxMessage.objects.filter(attempts=1).exists():
            with connection.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    register("test.effect", handler)
    with time_machine.travel(NOON, tick=False):
        message = ask(1)
        assert services.consume() == 1
        message.refresh_from_db()
        assert (message.state, message.attempts) == (MessageState.PENDING, 1)
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False):
        assert services.consume() == 1
    assert effects.items() == [1]


def test_after_the_last_attempt_it_is_failed_visible_and_can_be_revived(topics, effect_table):
    outcomes = []

    def handler(payload):
        outcomes.append(payload["item"])
        if len(outcomes) <= services.LAST_ATTEMPT:
            raise RuntimeError

    register("test.effect", handler)
    with time_machine.travel(NOON, tick=False):
        message = ask(7)
    for day in range(1, services.LAST_ATTEMPT + 3):
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            services.consume()
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, services.LAST_ATTEMPT)
    assert services.backlog() == {"late": 0, "failed": 1}
    assert services.retry_failed(message.pk)
    assert not services.retry_failed(message.pk)
    assert services.consume() == 1
    message.refresh_from_db()
    assert message.state == MessageState.DONE


@pytest.mark.usefixtures("topics", "transactional_db")
def test_a_message_of_an_unknown_topic_waits_for_a_version_that_knows_it():
    with transaction.atomic():
        message = enqueue("test.nobody", {})
    assert services.consume() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.PENDING, 1)
    assert message.last_error.startswith("UnknownTopicError")


def test_long_work_commits_its_progress_and_comes_back_after_its_lease(topics, effect_table, hour):
    def killed(payload):
        assert not connection.in_atomic_block
        effects.write(payload["item"])
        raise SystemExit  # as far as the transaction sees, a killed process

    register("test.long", killed, lease=hour)
    with time_machine.travel(NOON, tick=False):
        with transaction.atomic():
            message = enqueue("test.long", {"item": 1})
        with pytest.raises(SystemExit):
            services.consume()
        assert effects.items() == [1]
        message.refresh_from_db()
        assert (message.state, message.attempts) == (MessageState.PENDING, 1)
        assert services.consume() == 0
    del topics["test.long"]
    register("test.long", lambda payload: effects.write(payload["item"]), lease=hour)
    with time_machine.travel(NOON + hour, tick=False):
        assert services.consume() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.DONE, 2)


@pytest.mark.usefixtures("effect_topic")
def test_the_relay_tells_celery_once_and_again_when_the_task_was_lost():
    minute = timedelta(minutes=1)
    with time_machine.travel(NOON, tick=False):
        message = ask(1)
        assert services.hand_over(10, again_after=minute) == [message.pk]
        assert services.hand_over(10, again_after=minute) == []
    with time_machine.travel(NOON + timedelta(minutes=2), tick=False):
        assert services.hand_over(10, again_after=minute) == [message.pk]
        assert services.run(message.pk)
        assert not services.run(message.pk)
        assert services.hand_over(10, again_after=minute) == []
    assert effects.items() == [1]


@pytest.mark.django_db
def test_a_mail_leaves_after_commit_and_its_text_is_forgotten(topics):
    for _ in range(2):
        queue_mail(to="planner@school.example", subject="Nieuw", body="Een aanbod", key="offer:1")
    assert mail.outbox == []
    assert services.consume() == 1
    assert [(one.to, one.subject) for one in mail.outbox] == [(["planner@school.example"], "Nieuw")]
    assert "Message-ID" in mail.outbox[0].message()
    assert OutboxMessage.objects.get().payload == {}


@pytest.mark.django_db
def test_done_messages_are_forgotten_after_their_time(topics):
    register("test.effect", lambda payload: None)
    with time_machine.travel(NOON, tick=False):
        enqueue("test.effect", {})
        services.consume()
        enqueue("test.effect", {})
    with time_machine.travel(NOON + timedelta(days=91), tick=False):
        assert services.delete_done(older_than=timedelta(days=90)) == 1
    assert OutboxMessage.objects.get().state == MessageState.PENDING


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "asked"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), False),  # 01:59, an hour before summer time
        (datetime(2026, 3, 29, 1, 1, tzinfo=UTC), True),  # 03:01: the hour of two does not exist
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False),  # 02:30 for the second time
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), True),
    ],
)
def test_nightly_work_follows_the_dutch_clock_and_is_asked_for_once(topics, moment, asked):
    register("test.effect", lambda payload: None)
    with time_machine.travel(moment, tick=False):
        for _ in range(2):
            services.enqueue_scheduled("test.effect", local_hour=3)
    assert OutboxMessage.objects.count() == (1 if asked else 0)
