"""What other apps may use of notifications."""

from backend.notifications.kinds import register_kind
from backend.notifications.models import Notification
from backend.notifications.services import (
    notification_mark_read,
    notifications_mark_all_read,
    notify,
)

__all__ = [
    "Notification",
    "notification_mark_read",
    "notifications_mark_all_read",
    "notify",
    "register_kind",
]
