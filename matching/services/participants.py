"""Participants, their protected identity and their target group over time."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.bsn import is_bsn
from backend.common.codes import TargetGroup
from backend.common.errors import InvalidError, Violation
from backend.common.events import publish
from backend.common.locks import lock_row
from matching import policies
from matching.errors import ParticipantExistsError
from matching.events import ParticipantsRegistered, TargetGroupChanged
from matching.models import Participant, ParticipantIdentity, TargetGroupPeriod
from matching.services.given import Faults, Given, given_of, judged

HISTORY_FIELDS = (
    "reference",
    "obligation_start_date",
    "settlement_date",
    "notified_at_date",
    "third_party_information_date",
    "first_pip_date",
    "term_start_date",
    "term_end_date",
)


@dataclass(frozen=True)
class ParticipantData:
    """A person as the municipality knows it from DUO; without name and without BSN."""

    reference: str
    obligation_start_date: date
    settlement_date: date
    notified_at_date: date
    target_group: str
    # A PIP of a municipality where the person lived before, as DUO reports it.
    first_pip_date: date | None = None
    term_start_date: date | None = None
    term_end_date: date | None = None
    # The day on which missing information of others came in (R-PIP-2).
    third_party_information_date: date | None = None


@dataclass(frozen=True)
class IdentityData:
    given_name: str
    family_name: str
    birth_date: date | None = None
    language: str = ""
    email: str = ""
    phone: str = ""


def participant_violations(data: ParticipantData) -> list[Violation]:
    """Every fault in the dates and codes of a participant; empty when it is right."""
    return judged([partial(rule, data) for rule in RULES])


def participant_check_given(values: Mapping[str, Any], faulty: Collection[str]) -> list[Violation]:
    """What can be judged already of a person whose fields `faulty` are not well-formed."""
    data = given_of(ParticipantData, values, faulty)
    return judged([partial(rule, data) for rule in RULES], faulty)


def participant_violations_of_reference(reference: str) -> list[Violation]:
    """What is wrong with a reference by itself."""
    return judged([partial(_reference, Given({"reference": reference}))])


def _reference(data: ParticipantData | Given) -> Faults:
    if not data.reference.strip():
        yield "reference", "required", _("Enter the reference of the municipality.")
    if is_bsn(data.reference.strip()):
        yield (
            "reference",
            "bsn_not_allowed",
            _("This is a BSN. Passend keeps no BSN: use the number of your own system."),
        )


def _group(data: ParticipantData) -> Faults:
    if data.target_group not in TargetGroup.values:
        yield (
            "target_group",
            "unknown_code",
            _("This code does not exist. Choose one from the list."),
        )


def _not_ahead(field: str, data: ParticipantData) -> Faults:
    if getattr(data, field) > clock.today():
        yield field, "date_in_future", _("This date lies in the future.")


def _term(data: ParticipantData) -> Faults:
    start, end = data.term_start_date, data.term_end_date
    if (start is None) != (end is None) or (start and end and end <= start):
        yield (
            "term_end_date",
            "term_dates_out_of_order",
            _("The integration term needs a start and a later end."),
        )


RULES: tuple[Callable[[ParticipantData], Faults], ...] = (
    _reference,
    _group,
    partial(_not_ahead, "obligation_start_date"),
    partial(_not_ahead, "settlement_date"),
    partial(_not_ahead, "notified_at_date"),
    _term,
)


@transaction.atomic
def participant_register(
    *,
    actor: Actor,
    municipality_id: int,
    data: ParticipantData,
    identity: IdentityData | None = None,
) -> Participant:
    """The participant of this municipality with this reference, with its target group.

    Raises NotAllowedError, InvalidError with all faults, ParticipantExistsError.
    """
    return participants_register(
        actor=actor, municipality_id=municipality_id, rows=[(data, identity)]
    )[0]


@transaction.atomic
def participants_register(
    *,
    actor: Actor,
    municipality_id: int,
    rows: Sequence[tuple[ParticipantData, IdentityData | None]],
) -> list[Participant]:
    """All `rows` or none, in a constant number of statements, beside one history row each.

    Faults carry the position of their row in front: `3.reference`. One row has no position.
    """
    policies.require_manage_pips(actor, municipality_id)
    _raise_faults([participant_violations(data) for data, _identity in rows])
    participants = [
        Participant(
            municipality_id=municipality_id,
            **{key: value for key, value in asdict(data).items() if key != "target_group"},
        )
        for data, _identity in rows
    ]
    try:
        with transaction.atomic():
            Participant.objects.bulk_create(participants)
    except IntegrityError as error:
        raise ParticipantExistsError from error
    TargetGroupPeriod.objects.bulk_create(
        TargetGroupPeriod(
            participant=participant,
            target_group=data.target_group,
            valid_from=min(data.obligation_start_date, data.settlement_date),
        )
        for participant, (data, _identity) in zip(participants, rows, strict=True)
    )
    ParticipantIdentity.objects.bulk_create(
        ParticipantIdentity(participant=participant, **asdict(identity))
        for participant, (_data, identity) in zip(participants, rows, strict=True)
        if identity is not None
    )
    for participant in participants:
        record(
            actor=actor,
            action="participant.registered",
            subject=participant,
            after=snapshot(participant, HISTORY_FIELDS),
            organisation_ids=[municipality_id],
        )
    publish(ParticipantsRegistered(municipality_id, tuple(one.pk for one in participants)))
    return participants


@transaction.atomic
def identity_set(
    *, actor: Actor, participant: Participant, data: IdentityData
) -> ParticipantIdentity:
    """The name and contact details of the participant; history keeps that, not what, changed."""
    policies.require_manage_pips(actor, participant.municipality_id)
    identity, created = ParticipantIdentity.objects.update_or_create(
        participant=participant, defaults=asdict(data)
    )
    record(
        actor=actor,
        action="identity.entered" if created else "identity.changed",
        subject=participant,
        organisation_ids=[participant.municipality_id],
    )
    return identity


@transaction.atomic
def target_group_change(
    *, actor: Actor, participant: Participant, target_group: str, valid_from: date
) -> TargetGroupPeriod:
    """From `valid_from` the person belongs to another target group, as DUO reports (R-GRP-1).

    The history stays. Who pays is looked at again at the next step of every open placement.
    Raises InvalidError when the day does not lie after the start of the current period.
    """
    policies.require_manage_pips(actor, participant.municipality_id)
    participant = lock_row(Participant.objects.all(), participant.pk)
    current = participant.target_group_periods.order_by("-valid_from").first()
    if target_group not in TargetGroup.values:
        _raise_faults(
            [
                [
                    Violation(
                        "target_group",
                        "unknown_code",
                        _("This code does not exist. Choose one from the list."),
                    )
                ]
            ]
        )
    if current is not None and current.target_group == target_group:
        return current
    before = None
    if current is not None:
        if valid_from <= current.valid_from:
            raise InvalidError(
                violations=[
                    Violation(
                        "valid_from",
                        "before_current_period",
                        _("The day must lie after the start of the current target group."),
                    )
                ]
            )
        before = {"target_group": current.target_group}
        current.valid_to = valid_from - timedelta(days=1)
        current.save(update_fields=["valid_to"])
    period = TargetGroupPeriod.objects.create(
        participant=participant, target_group=target_group, valid_from=valid_from
    )
    record(
        actor=actor,
        action="target_group.changed",
        subject=participant,
        before=before,
        after={"target_group": target_group, "valid_from": valid_from.isoformat()},
        organisation_ids=[participant.municipality_id],
    )
    publish(TargetGroupChanged(participant.pk, participant.municipality_id, target_group))
    return period


def _raise_faults(faults_by_row: Sequence[Sequence[Violation]]) -> None:
    """Raises InvalidError when a row has a fault; several rows are told apart by position."""
    if not any(faults_by_row):
        return
    if len(faults_by_row) == 1:
        raise InvalidError(violations=faults_by_row[0])
    raise InvalidError(
        violations=[
            Violation(f"{position}.{one.field}", one.code, one.message)
            for position, faults in enumerate(faults_by_row)
            for one in faults
        ]
    )
