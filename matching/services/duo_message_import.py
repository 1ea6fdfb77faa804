"""Importing PIP messages: check with all faults and a preview, then commit, whole or not at all.

The key is municipality and reference. The same file again changes nothing; a changed message
becomes a new version of the PIP and leaves the person's place in the queue as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.errors import Violation
from backend.common.imports import Changed, ImportFaultsError, Preview
from backend.organisations.models import Municipality
from backend.organisations.permissions import Permission
from matching.models import Participant, ParticipantIdentity, Pip, TargetGroupPeriod
from matching.services.duo_messages import PATHS, PipMessage, parse
from matching.services.participants import (
    identity_set,
    participant_violations,
    participants_register,
    target_group_change,
)
from matching.services.pip_rules import PersonFacts, PipData, pip_violations, with_default_level
from matching.services.pips import pips_check, pips_register

# Facts of the person that a message may correct. The first PIP and the term only fill gaps: DUO
# decides about them once (R-TRM-2), and a message that leaves them out says nothing about them.
PERSON_FIELDS = ("obligation_start_date", "settlement_date", "notified_at_date")
TERM_FIELDS = ("first_pip_date", "term_start_date", "term_end_date")
POINT_FIELDS = frozenset({"latitude", "longitude"})


@dataclass
class _Known:
    """What Passend has under a key already."""

    participant: Participant
    pip: Pip | None
    identity: ParticipantIdentity | None
    target_group: str | None


@dataclass
class _Plan:
    """Every message beside what is known, and what committing it would do."""

    municipalities: dict[str, int] = field(default_factory=dict)
    new: list[PipMessage] = field(default_factory=list)
    changed: list[tuple[PipMessage, _Known, tuple[str, ...]]] = field(default_factory=list)
    unchanged: int = 0
    faults: list[Violation] = field(default_factory=list)

    def preview(self) -> Preview:
        if self.faults:
            return Preview(faults=tuple(self.faults))
        return Preview(
            new=tuple(one.key for one in self.new),
            changed=tuple(
                Changed(one.key, tuple(PATHS.get(name, name) for name in fields))
                for one, _known, fields in self.changed
            ),
            unchanged=self.unchanged,
        )


def pip_messages_check(*, actor: Actor, document: object) -> Preview:
    """What importing the messages would do, or every fault in them. Writes nothing."""
    return _plan(actor, document).preview()


@transaction.atomic
def pip_messages_import(*, actor: Actor, document: object) -> Preview:
    """Imports all messages or none, and says what was new and what changed.

    Raises ImportFaultsError with every fault, OpenOfferError, BusyError.
    """
    plan = _plan(actor, document)
    if plan.faults:
        raise ImportFaultsError(plan.faults)
    by_municipality: dict[str, list[PipMessage]] = defaultdict(list)
    for one in plan.new:
        by_municipality[one.municipality_code].append(one)
    pips: list[tuple[Participant, PipData]] = []
    for code in sorted(by_municipality):
        messages = by_municipality[code]
        participants = participants_register(
            actor=actor,
            municipality_id=plan.municipalities[code],
            rows=[(one.participant, one.identity) for one in messages],
        )
        pips += [(who, one.pip) for who, one in zip(participants, messages, strict=True)]
    for message, known, fields in plan.changed:
        _change(actor, message, known, set(fields))
        if set(fields) & set(_pip_fields()):
            pips.append((known.participant, message.pip))
    if pips:
        pips_register(actor=actor, rows=pips)
    return plan.preview()


def _plan(actor: Actor, document: object) -> _Plan:
    messages, faults = parse(document)
    plan = _Plan(faults=faults)
    plan.municipalities = _municipalities(actor, messages)
    known = _known(plan.municipalities, messages)
    old: list[tuple[PipMessage, _Known]] = []
    for message in messages:
        if message.municipality_code not in plan.municipalities:
            plan.faults.append(
                Violation(
                    f"{message.path}.pip.gemeentecode",
                    "unknown_municipality",
                    _("You have no municipality with this code. Correct the code."),
                )
            )
            continue
        found = known.get(message.key)
        plan.faults += _faults(message, participant_violations(message.participant))
        if found is None:
            plan.faults += _faults(message, _first_pip_violations(message))
            plan.new.append(message)
        else:
            old.append((message, found))
    _compare(plan, old)
    return plan


def _compare(plan: _Plan, old: Sequence[tuple[PipMessage, _Known]]) -> None:
    """Sorts known messages into changed and unchanged; judges only plans that change."""
    to_judge = []
    for message, found in old:
        fields = tuple(_differences(message, found))
        if not fields:
            plan.unchanged += 1
            continue
        plan.changed.append((message, found, fields))
        if set(fields) & set(_pip_fields()):
            to_judge.append((message, found))
    checked = pips_check([(found.participant, message.pip) for message, found in to_judge])
    for (message, _found), violations in zip(to_judge, checked, strict=True):
        plan.faults += _faults(message, violations)


def _municipalities(actor: Actor, messages: Iterable[PipMessage]) -> dict[str, int]:
    """Keys by CBS code of the municipalities for which this actor may enter PIPs."""
    return dict(
        Municipality.objects.filter(
            cbs_code__in={one.municipality_code for one in messages},
            organisation__in=actor.with_permission(Permission.MANAGE_PIPS),
        ).values_list("cbs_code", "organisation_id")
    )


def _known(municipalities: dict[str, int], messages: Sequence[PipMessage]) -> dict[str, _Known]:
    codes = {organisation_id: code for code, organisation_id in municipalities.items()}
    participants = list(
        Participant.objects.filter(
            municipality__in=list(codes),
            reference__in=[one.participant.reference for one in messages],
        )
    )
    keys = [one.pk for one in participants]
    pips = {
        one.participant_id: one for one in Pip.objects.filter(participant__in=keys, is_current=True)
    }
    identities = {
        one.participant_id: one for one in ParticipantIdentity.objects.filter(participant__in=keys)
    }
    groups = dict(
        TargetGroupPeriod.objects.filter(participant__in=keys)
        .order_by("valid_from")
        .values_list("participant_id", "target_group")
    )
    return {
        f"{codes[one.municipality_id]}/{one.reference}": _Known(
            participant=one,
            pip=pips.get(one.pk),
            identity=identities.get(one.pk),
            target_group=groups.get(one.pk),
        )
        for one in participants
    }


def _differences(message: PipMessage, known: _Known) -> Iterable[str]:
    """Names of the fields in which the message differs from what is known."""
    data = message.participant
    for name in PERSON_FIELDS:
        if getattr(data, name) != getattr(known.participant, name):
            yield name
    for name in TERM_FIELDS:
        if getattr(data, name) and getattr(known.participant, name) is None:
            yield name
    if data.target_group != known.target_group:
        yield "target_group"
    yield from _plan_differences(message.pip, known.pip)
    if message.identity is not None:
        for name, value in asdict(message.identity).items():
            if getattr(known.identity, name, None) != value:
                yield name


def _plan_differences(data: PipData, pip: Pip | None) -> Iterable[str]:
    plan = with_default_level(data)
    for name in _pip_fields():
        value = getattr(plan, name)
        if (list(value) if name == "availability" else value) != getattr(pip, name, None):
            yield name


def _pip_fields() -> list[str]:
    """The fields of a plan that a message carries; the point follows from the postcode."""
    return [name for name in PipData.__dataclass_fields__ if name not in POINT_FIELDS]


def _first_pip_violations(message: PipMessage) -> list[Violation]:
    """What is wrong with the PIP of somebody whom Passend does not know yet."""
    person = message.participant
    return pip_violations(
        with_default_level(message.pip),
        PersonFacts(
            obligation_start_date=person.obligation_start_date,
            settlement_date=person.settlement_date,
            target_group=person.target_group,
            first_pip_date=person.first_pip_date,
            term_start_date=person.term_start_date,
            term_end_date=person.term_end_date,
            previous_decision_date=None,
            previous_route=None,
            previous_level=None,
        ),
        clock.today(),
    )


def _faults(message: PipMessage, violations: Iterable[Violation]) -> list[Violation]:
    """Violations of the rules at their place in the file."""
    return [Violation(message.place_of(one.field), one.code, one.message) for one in violations]


def _change(actor: Actor, message: PipMessage, known: _Known, fields: set[str]) -> None:
    """Corrects what is known of the person; the plan itself gets a new version afterwards."""
    participant = known.participant
    corrected = [name for name in (*PERSON_FIELDS, *TERM_FIELDS) if name in fields]
    if corrected:
        before = snapshot(participant, corrected)
        for name in corrected:
            setattr(participant, name, getattr(message.participant, name))
        participant.save(update_fields=corrected)
        record(
            actor=actor,
            action="participant.corrected",
            subject=participant,
            before=before,
            after=snapshot(participant, corrected),
            organisation_ids=[participant.municipality_id],
        )
    if "target_group" in fields:
        target_group_change(
            actor=actor,
            participant=participant,
            target_group=message.participant.target_group,
            valid_from=clock.today(),
        )
    if message.identity is not None and fields & set(asdict(message.identity)):
        identity_set(actor=actor, participant=participant, data=message.identity)
