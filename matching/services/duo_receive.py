"""Receiving what DUO says: once per message number, in any order, also about people not known yet.

A message that is wrong is refused by itself with all its faults; the others are processed (OP065).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import Violation
from backend.common.imports import ImportFaultsError
from backend.common.json_check import JsonCheck
from backend.common.locks import lock_row
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Municipality, Permission
from matching import policies
from matching.duo_choices import EVENTS, DuoMessageKind, DuoMessageState, DuoTask
from matching.errors import MessageIdReusedError
from matching.events import ParticipantsRegistered
from matching.models import DuoMessage, Participant
from matching.services.duo_bodies import body_check, moment_of
from matching.services.duo_effects import message_apply

ENVELOPE: Final = ("messageId", "kind", "sentAt", "municipality", "reference", "body")
MOST_MESSAGES: Final = 2000
TASK_NOTICE: Final = "duo_message_task"
# Two resources that write the same facts: the newest of both counts.
SAME_FACTS: Final[Mapping[str, tuple[str, ...]]] = {
    DuoMessageKind.TARGET_GROUP: (
        DuoMessageKind.TARGET_GROUP,
        DuoMessageKind.TARGET_GROUP_HISTORY,
    ),
    DuoMessageKind.TARGET_GROUP_HISTORY: (
        DuoMessageKind.TARGET_GROUP,
        DuoMessageKind.TARGET_GROUP_HISTORY,
    ),
}


@dataclass(frozen=True)
class Envelope:
    """A message whose form is right."""

    position: int
    message_id: UUID
    kind: str
    sent_at: datetime
    municipality_id: int
    reference: str
    body: Any

    @property
    def event_code(self) -> str:
        is_event = self.kind == DuoMessageKind.NOTIFICATION
        return str(self.body["gebeurtenisId"]) if is_event else ""


@dataclass(frozen=True)
class Outcome:
    """What became of one message: its row, or all its faults."""

    position: int
    message: DuoMessage | None = None
    is_replay: bool = False
    faults: tuple[Violation, ...] = field(default=())


def register_kinds() -> None:
    """Declares the text of the task; called once when the house is wired."""
    register_kind(
        TASK_NOTICE,
        title=gettext_lazy("A message of DUO asks for somebody's attention"),
        body=gettext_lazy("Reference %(reference)s"),
    )


def duo_messages_check(*, actor: Actor, document: object) -> list[Violation]:
    """Every fault in every message; nothing is written."""
    return [one for faults in _parse(actor, document)[1].values() for one in faults]


def duo_messages_receive(*, actor: Actor, document: object) -> list[Outcome]:
    """One outcome per message, in the order of the list; each message in its own transaction.

    The same message again gives the first result. Processed in the order in which they were sent.
    Raises ImportFaultsError when it is no list of messages.
    """
    envelopes, faults = _parse(actor, document)
    outcomes = {
        position: Outcome(position, faults=tuple(found)) for position, found in faults.items()
    }
    for one in sorted(envelopes, key=lambda one: (one.sent_at, one.position)):
        outcomes[one.position] = _receive(actor, one)
    return [outcomes[position] for position in sorted(outcomes)]


@transaction.atomic
def duo_message_handle(*, actor: Actor, message: DuoMessage) -> DuoMessage:
    """The caseworker has done what the message asked. Raises NotAllowedError."""
    policies.require_manage_pips(actor, message.municipality_id)
    message = lock_row(DuoMessage.objects.all(), message.pk)
    if message.state == DuoMessageState.TO_HANDLE:
        message.state = DuoMessageState.HANDLED
        message.handled_at = clock.now()
        message.handled_by_label = actor.label[:200]
        message.save(update_fields=["state", "handled_at", "handled_by_label"])
        record(
            actor=actor,
            action="duo_message.handled",
            subject=message,
            after={"task": message.task},
            organisation_ids=[message.municipality_id],
        )
    return message


def on_participants_registered(event: ParticipantsRegistered) -> None:
    """What DUO said about somebody before Passend knew the person is processed now."""
    references = dict(
        Participant.objects.filter(pk__in=event.participant_ids).values_list("reference", "pk")
    )
    waiting = DuoMessage.objects.filter(
        municipality=event.municipality_id,
        participant__isnull=True,
        reference__in=list(references),
    ).order_by("sent_at", "pk")
    mine = frozenset({event.municipality_id})
    actor = system_actor("duo-messages", {Permission.MANAGE_PIPS: mine})
    for message in waiting:
        with transaction.atomic():
            person = lock_row(Participant.objects.all(), references[message.reference])
            message.participant = person
            _settle(actor, message, person)
            message.save(update_fields=["participant", "state", "task"])


def _receive(actor: Actor, one: Envelope) -> Outcome:
    try:
        with transaction.atomic():
            return _receive_once(actor, one)
    except IntegrityError:
        # The same message at the same time: the other one was first.
        with transaction.atomic():
            return _receive_once(actor, one)


def _receive_once(actor: Actor, one: Envelope) -> Outcome:
    person = Participant.objects.filter(
        municipality=one.municipality_id, reference=one.reference
    ).first()
    if person is not None:
        person = lock_row(
            Participant.objects.select_related("municipality__municipality"), person.pk
        )
    known = DuoMessage.objects.filter(
        municipality=one.municipality_id, message_id=one.message_id
    ).first()
    if known is not None:
        return _replayed(one, known)
    message = DuoMessage(
        municipality_id=one.municipality_id,
        message_id=one.message_id,
        kind=one.kind,
        reference=one.reference,
        participant=person,
        sent_at=one.sent_at,
        body=one.body,
        event_code=one.event_code,
    )
    if person is None:
        message.state, message.task = DuoMessageState.TO_HANDLE, DuoTask.UNKNOWN_PERSON
    else:
        _settle(actor, message, person)
    message.save()
    record(
        actor=actor,
        action="duo_message.received",
        subject=message,
        after={"kind": message.kind, "state": message.state},
        organisation_ids=[one.municipality_id],
    )
    if message.state == DuoMessageState.TO_HANDLE:
        notify(
            organisation_id=one.municipality_id,
            permission=Permission.MANAGE_PIPS,
            kind=TASK_NOTICE,
            path=f"/duo-messages/{message.uuid}",
            key=f"duo-message:{message.uuid}",
            params={"reference": one.reference},
        )
    return Outcome(one.position, message)


def _replayed(one: Envelope, known: DuoMessage) -> Outcome:
    same = (known.kind, known.reference, known.sent_at, known.body) == (
        one.kind,
        one.reference,
        one.sent_at,
        one.body,
    )
    if same:
        return Outcome(one.position, known, is_replay=True)
    fault = Violation(
        f"$[{one.position}].messageId", MessageIdReusedError.code, MessageIdReusedError.message
    )
    return Outcome(one.position, faults=(fault,))


def _settle(actor: Actor, message: DuoMessage, person: Participant) -> None:
    """Status and task of a message about a known person, after doing what it says."""
    newer = DuoMessage.objects.filter(
        participant=person,
        kind__in=SAME_FACTS.get(message.kind, (message.kind,)),
        event_code=message.event_code,
        sent_at__gt=message.sent_at,
    )
    if newer.exists():
        message.state, message.task = DuoMessageState.OUTDATED, ""
        return
    message.task = message_apply(actor, message, person)
    message.state = DuoMessageState.TO_HANDLE if message.task else DuoMessageState.APPLIED


def _parse(actor: Actor, document: object) -> tuple[list[Envelope], dict[int, list[Violation]]]:
    """The messages whose form is right, and the faults of the others by position."""
    if not isinstance(document, list) or not document or len(document) > MOST_MESSAGES:
        raise ImportFaultsError(
            [
                Violation(
                    "$",
                    "no_message_list",
                    _("Send a list of 1 to %(most)s messages.") % {"most": MOST_MESSAGES},
                )
            ]
        )
    mine = _municipalities(actor, document)
    found: list[Envelope] = []
    faults: dict[int, list[Violation]] = {}
    for position, value in enumerate(document):
        check = JsonCheck()
        one = _envelope(check, value, position, mine)
        if one is None:
            faults[position] = check.faults
        else:
            found.append(one)
    return found, faults


def _municipalities(actor: Actor, document: Sequence[object]) -> dict[str, int]:
    codes = {str(one.get("municipality")) for one in document if isinstance(one, dict)}
    return dict(
        Municipality.objects.filter(
            cbs_code__in=codes, organisation__in=actor.with_permission(Permission.MANAGE_PIPS)
        ).values_list("cbs_code", "organisation_id")
    )


def _envelope(
    check: JsonCheck, value: object, position: int, mine: Mapping[str, int]
) -> Envelope | None:
    path = f"$[{position}]"
    row = check.record(value, path, required=ENVELOPE)
    if row is None:
        return None
    message_id = _message_id(check, row, path)
    kind = check.choice(row, "kind", path, DuoMessageKind.values)
    sent_at = moment_of(check, row, "sentAt", path)
    reference = check.text(row, "reference", path, longest=40)
    code = check.text(row, "municipality", path, longest=4)
    if code is not None and code not in mine:
        check.fault(
            f"{path}.municipality",
            "unknown_municipality",
            _("You have no municipality with this code. Correct the code."),
        )
    if kind is not None and "body" in row:
        body_check(check, kind, row["body"], f"{path}.body")
        if not check.faults:
            _term_in_order(check, kind, row["body"], f"{path}.body")
    if sent_at is not None and sent_at > clock.now():
        check.fault(f"{path}.sentAt", "date_in_future", _("This message was sent in the future."))
    if check.faults or not (message_id and kind and sent_at and reference and code):
        return None
    return Envelope(position, message_id, kind, sent_at, mine[code], reference, row["body"])


def _message_id(check: JsonCheck, row: Mapping[str, Any], path: str) -> UUID | None:
    text = check.text(row, "messageId", path, longest=36)
    try:
        return UUID(text) if text else None
    except ValueError:
        check.fault(f"{path}.messageId", "invalid_uuid", _("This is not a valid id (UUID)."))
        return None


def _term_in_order(check: JsonCheck, kind: str, body: Any, path: str) -> None:
    if kind == DuoMessageKind.TERM and body["einddatum"] <= body["startdatum"]:
        check.fault(
            f"{path}.einddatum",
            "term_dates_out_of_order",
            _("The integration term needs a start and a later end."),
        )


def event_text(message: DuoMessage) -> str:
    """What DUO's event says, in words."""
    return str(EVENTS.get(message.event_code, message.get_kind_display()))
