"""The work of the outbox that belongs to notifications."""

from backend.notifications.services import NOTIFY_TOPIC, notification_create
from backend.outbox.public import register

register(NOTIFY_TOPIC, notification_create)
