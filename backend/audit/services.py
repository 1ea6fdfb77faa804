"""Writing history: changes inside the transaction of the change, looks at persons outside it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, models, transaction

from backend.audit import own_connection
from backend.audit.models import AccessEvent, AuditEvent
from backend.common import clock
from backend.common.write_set import insert_row

LABEL_LENGTH = 200


class ActorLike(Protocol):
    """What history keeps of an actor; accounts' `Actor` fits, and audit stays below accounts."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...


def record(
    *,
    actor: ActorLike,
    action: str,
    subject: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    organisation_ids: Iterable[int] = (),
) -> AuditEvent:
    """Writes one change to history in the running transaction; with it, it commits or vanishes.

    MUST be called inside `transaction.atomic()`: history outside it would claim what may not have
    happened. `action` is `<entity>.<past participle>`, such as "placement.offered". `before` and
    `after` come from `snapshot` and hold no personal data. `organisation_ids` are the keys of the
    organisations whose auditors may read the event.
    """
    return insert_row(
        change_event(
            actor=actor,
            action=action,
            subject=subject,
            before=before,
            after=after,
            reason=reason,
            organisation_ids=organisation_ids,
        )
    )


def change_event(
    *,
    actor: ActorLike,
    action: str,
    subject: models.Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    organisation_ids: Iterable[int] = (),
) -> AuditEvent:
    """The row that `record` writes, for a service that writes all its rows in one statement.

    MUST be called inside `transaction.atomic()`, and written in it.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "History belongs in the transaction of the change: use transaction.atomic()."
        )
    return AuditEvent(
        actor_key=actor.key,
        actor_label=actor.label[:LABEL_LENGTH],
        action=action,
        subject_type=subject._meta.label_lower,
        subject_uuid=getattr(subject, "uuid", None),
        organisation_ids=sorted(set(organisation_ids)),
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        reason=reason,
        request_id=_request_id(),
    )


def record_access(
    *, actor: ActorLike, subject_type: str, subject_uuid: UUID | Iterable[UUID], purpose: str
) -> None:
    """Writes down that `actor` looked at the personal data of one or several subjects.

    The row is committed when this returns, whatever becomes of the surrounding transaction: outside
    a transaction it is written directly, inside one through a connection of its own. Call it
    before the data leave; when it fails, the look must not happen. Many subjects cost one
    statement.
    """
    uuids = [subject_uuid] if isinstance(subject_uuid, UUID) else list(subject_uuid)
    if not uuids:
        return
    moment, request_id = clock.now(), _request_id()
    rows = [
        AccessEvent(
            at=moment,
            actor_key=actor.key,
            actor_label=actor.label[:LABEL_LENGTH],
            subject_type=subject_type,
            subject_uuid=one,
            purpose=purpose,
            request_id=request_id,
        )
        for one in uuids
    ]
    if connection.in_atomic_block and settings.ACCESS_LOG_OWN_CONNECTION:
        own_connection.insert(rows)
    else:
        AccessEvent.objects.bulk_create(rows)


def snapshot(instance: models.Model, fields: Sequence[str]) -> dict[str, Any]:
    """The named fields of `instance` as JSON values, for `before` and `after`.

    Fields are named one by one so that a new column never slips into history unseen; a field that
    the model lists in `PERSONAL_FIELDS` is refused, because history is kept longer than persons
    may be. Keys of other rows are written as keys.
    """
    personal: Iterable[str] = getattr(instance, "PERSONAL_FIELDS", ())
    refused = sorted(set(personal) & set(fields))
    if refused:
        raise ValueError(f"Personal data do not belong in history: {', '.join(refused)}")
    values = {}
    for name in fields:
        field = instance._meta.get_field(name)
        values[name] = _json_value(getattr(instance, getattr(field, "attname", name)))
    return values


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [_json_value(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _json_value(one) for key, one in value.items()}
    return str(value)


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
