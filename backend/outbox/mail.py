"""Mails that leave only when the change that caused them is committed, and then for certain."""

import hashlib
from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from backend.outbox.models import OutboxMessage
from backend.outbox.registry import Payload, handles
from backend.outbox.services import enqueue

MAIL_TOPIC = "outbox.mail"


def queue_mail(*, to: Sequence[str] | str, subject: str, body: str, key: str) -> OutboxMessage:
    """The message that will send this mail after commit; once per `key`.

    MUST run inside atomic(). Addresses, subject and text are emptied from the table once sent.
    """
    recipients = [to] if isinstance(to, str) else list(to)
    payload = {"to": recipients, "subject": subject, "body": body, "key": key}
    return enqueue(MAIL_TOPIC, payload, key=f"mail:{key}")


@handles(MAIL_TOPIC, forgets_payload=True)
def send_mail(payload: Payload) -> None:
    """Sends at least once; the Message-ID is the same each time, so that a mail server sees it."""
    digest = hashlib.sha256(payload["key"].encode()).hexdigest()[:32]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    EmailMessage(
        subject=payload["subject"],
        body=payload["body"],
        to=payload["to"],
        headers={"Message-ID": f"<{digest}@{domain}>", "Auto-Submitted": "auto-generated"},
    ).send()
