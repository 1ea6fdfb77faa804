"""The Celery side of the outbox; importing this module also registers the outbox's own topics."""

from datetime import timedelta

from celery import shared_task

from backend.outbox import mail, services

__all__ = ["mail", "relay_messages_task", "run_message_task"]

RELAY_LIMIT = 500
# A task that was lost with its worker or with Redis is given out again after this time, so that
# all work is done within two minutes of any crash.
HAND_AGAIN_AFTER = timedelta(seconds=60)


@shared_task(name="outbox.relay_messages")
def relay_messages_task() -> None:
    """Hands every due message to the workers; two relays at once share the messages."""
    for message_id in services.hand_over(RELAY_LIMIT, again_after=HAND_AGAIN_AFTER):
        run_message_task.delay(message_id)


@shared_task(name="outbox.run_message")
def run_message_task(message_id: int) -> None:
    """Does one message; nothing happens when it is done already or in other hands."""
    services.run(message_id)


@shared_task(name="outbox.enqueue_scheduled")
def enqueue_scheduled_task(topic: str, local_hour: int | None = None) -> None:
    """Asks for scheduled work, once per period however many schedulers run."""
    services.enqueue_scheduled(topic, local_hour=local_hour)
