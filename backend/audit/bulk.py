"""History of many changes of one kind in one statement, for imports and seasons of courses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import connection, models, transaction

from backend.audit.models import AuditEvent
from backend.audit.services import LABEL_LENGTH, ActorLike

BATCH_SIZE = 1000


@dataclass(frozen=True)
class Change:
    """One changed row with what history keeps of it; no personal data (see `snapshot`)."""

    subject: models.Model
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    organisation_ids: tuple[int, ...] = ()


def record_many(
    *, actor: ActorLike, action: str, changes: Iterable[Change], reason: str = ""
) -> None:
    """Writes as many changes as given in the running transaction, as `record` does for one.

    MUST be called inside `transaction.atomic()`.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "audit.record_many belongs in the transaction of the changes: use transaction.atomic()."
        )
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                actor_key=actor.key,
                actor_label=actor.label[:LABEL_LENGTH],
                action=action,
                subject_type=change.subject._meta.label_lower,
                subject_uuid=getattr(change.subject, "uuid", None),
                organisation_ids=sorted(set(change.organisation_ids)),
                before=None if change.before is None else dict(change.before),
                after=None if change.after is None else dict(change.after),
                reason=reason,
                request_id=request_id,
            )
            for change in changes
        ],
        batch_size=BATCH_SIZE,
    )
