"""The door of audit: write history, log looks at personal data, read history back.

Promise: `record` stays inside the caller's transaction, `record_access` outside it; rows are never
changed afterwards. Which organisations' events an actor may read is decided by accounts
(`backend.accounts.public.audit_events_visible_to`).
"""

from backend.audit.models import AccessEvent, AuditEvent
from backend.audit.services import ActorLike, change_event, record, record_access, snapshot

__all__ = [
    "AccessEvent",
    "ActorLike",
    "AuditEvent",
    "change_event",
    "record",
    "record_access",
    "snapshot",
]
