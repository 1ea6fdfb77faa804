"""Tell an organisation what happened, and mark it as read."""

from uuid import UUID

from django.db import transaction

from backend.accounts.actor import Actor
from backend.common import clock
from backend.notifications.errors import NotificationUnknownError
from backend.notifications.kinds import Params, is_registered
from backend.notifications.models import Notification
from backend.organisations.permissions import Permission
from backend.outbox.public import Payload, enqueue

NOTIFY_TOPIC = "notifications.create"


def notify(
    *,
    organisation_id: int,
    permission: Permission,
    kind: str,
    path: str,
    key: str,
    params: Params | None = None,
) -> None:
    """Those who hold `permission` on the organisation will see this, once per `key`.

    MUST run inside the transaction of the fact it tells of; the row itself is written by the
    outbox, so that a burst of notifications slows nobody down. `params` MUST hold no personal data.
    """
    if not is_registered(kind):
        raise ValueError(f"notification kind {kind!r} is not declared with register_kind")
    payload = {
        "organisation_id": organisation_id,
        "permission": permission.value,
        "kind": kind,
        "params": dict(params or {}),
        "path": path,
        "key": key,
    }
    enqueue(NOTIFY_TOPIC, payload, key=f"notification:{key}")


def notification_create(payload: Payload) -> None:
    """Writes the notification of a message of the outbox; a second time changes nothing."""
    Notification.objects.bulk_create([Notification(**payload)], ignore_conflicts=True)


def notification_mark_read(*, actor: Actor, notification_uuid: UUID) -> Notification:
    """The notification, read from now on for the whole team. Raises NotificationUnknownError."""
    with transaction.atomic():
        seen = Notification.objects.visible_to(actor).select_for_update(of=("self",))
        notification = seen.filter(uuid=notification_uuid).first()
        if notification is None:
            raise NotificationUnknownError
        if notification.read_at is None:
            notification.read_at = clock.now()
            notification.read_by = actor.key
            notification.save(update_fields=["read_at", "read_by"])
        return notification


def notifications_mark_all_read(*, actor: Actor) -> int:
    """Marks everything the actor sees as read; how many were not."""
    return (
        Notification.objects.visible_to(actor)
        .unread()
        .update(read_at=clock.now(), read_by=actor.key)
    )
