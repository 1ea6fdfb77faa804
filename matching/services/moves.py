"""A person moves to another municipality (domain.md 2.3): who goes on with what.

The old municipality keeps its own record and the place that runs, which it bought and pays for. The
new one gets a record of its own with the PIP, the term and what still has to be found. Neither
sees the record of the other.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.events import publish
from backend.common.locks import lock_row
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Organisation, Permission
from matching import policies
from matching.choices import NeedState, PlacementState, WithdrawalReason
from matching.errors import ParticipantMovedError
from matching.events import ParticipantsRegistered, PlacementStopped
from matching.models import (
    Need,
    Participant,
    ParticipantIdentity,
    ParticipantMove,
    Pip,
    Placement,
    TargetGroupPeriod,
)
from matching.services.duo_effects import needs_close, person_correct
from matching.services.participants import participant_violations_of_reference
from matching.services.pip_rules import components_of
from matching.services.placement_steps import placement_withdraw

MOVED: Final = "moved_out"
NOTICE_IN: Final = "participant_moved_in"
NOTICE_STOPPED: Final = "moved_place_stopped"
# What the new municipality must know of the person; the rest it learns itself.
TAKEN_ALONG: Final = (
    "obligation_start_date", "notified_at_date", "first_pip_date", "term_start_date",
    "term_end_date",
)  # fmt: skip
RUNNING: Final = (PlacementState.ACCEPTED, PlacementState.STARTED)
NOT_COPIED: Final = frozenset({"id", "uuid", "created_at", "participant", "version"})


@dataclass(frozen=True)
class RunningPlace:
    """What the new municipality may know of a place that the old one bought."""

    component: str
    course: str
    provider: str
    start_date: date
    end_date: date


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    register_kind(
        NOTICE_IN,
        title=_("A person moved to your municipality"),
        body=_("Reference %(reference)s. The PIP of the previous municipality is there."),
    )
    register_kind(
        NOTICE_STOPPED,
        title=_("The place of a person who moved to you has stopped"),
        body=_("Reference %(reference)s waits for a place again."),
    )


@transaction.atomic
def participant_move(
    *, actor: Actor, participant: Participant, municipality: Organisation, moved_on: date
) -> ParticipantMove:
    """The person belongs to the other municipality from that day.

    Held and offered places are withdrawn, waiting needs closed; what was accepted or runs stays.
    MUST lock the person first. Raises NotAllowedError, InvalidError, ParticipantMovedError.
    """
    policies.require_manage_pips(actor, participant.municipality_id)
    source = lock_row(Participant.objects.all(), participant.pk)
    if source.moved_out_date is not None:
        raise ParticipantMovedError
    _check(source, municipality, moved_on)
    asked = Placement.objects.filter(
        participant=source, state__in=(PlacementState.DRAFT, PlacementState.OFFERED)
    )
    for placement in asked.order_by("pk"):
        placement_withdraw(actor=actor, placement=placement, reason=WithdrawalReason.MOVED)
    pip = Pip.objects.filter(participant=source, is_current=True).first()
    waiting = list(
        Need.objects.filter(pip=pip, state=NeedState.WAITING) if pip else Need.objects.none()
    )
    needs_close(actor, source, MOVED)
    person_correct(actor, source, moved_out_date=moved_on)
    target = _person_there(source, municipality, moved_on)
    taken = _pip_there(pip, target) if pip else None
    if taken is not None:
        Need.objects.bulk_create(
            Need(
                pip=taken,
                municipality=municipality,
                component=need.component,
                waiting_since=need.waiting_since,
                deadline=need.deadline,
            )
            for need in waiting
        )
    move = ParticipantMove.objects.create(
        source=source, target=target, moved_on=moved_on, pip=taken
    )
    _tell(actor, move, municipality)
    return move


@transaction.atomic
def participant_take_over(*, actor: Actor, participant: Participant, reference: str) -> Participant:
    """The new municipality gives the person who moved in its own reference.

    Raises NotAllowedError, InvalidError.
    """
    policies.require_manage_pips(actor, participant.municipality_id)
    participant = lock_row(Participant.objects.all(), participant.pk)
    if not ParticipantMove.objects.filter(target=participant).exists():
        raise ParticipantMovedError
    wanted = reference.strip()
    found = participant_violations_of_reference(wanted)
    taken = Participant.objects.filter(municipality=participant.municipality_id, reference=wanted)
    if taken.exclude(pk=participant.pk).exists():
        found.append(
            Violation(
                "reference",
                "reference_not_unique",
                _("There already is a participant with this reference. Use another reference."),
            )
        )
    if found:
        raise InvalidError(violations=found)
    person_correct(actor, participant, reference=wanted)
    publish(ParticipantsRegistered(participant.municipality_id, (participant.pk,)))
    return participant


def running_elsewhere(participant: Participant) -> list[RunningPlace]:
    """The places that the previous municipality bought and that go on; one query.

    For whoever may see `participant`; nothing else of the old record is told.
    """
    places = (
        Placement.objects.filter(participant__moved_to__target=participant, state__in=RUNNING)
        .select_related(
            "need", "intake_moment__group__course", "provider_organisation", "intake_moment"
        )
        .order_by("pk")
    )
    return [
        RunningPlace(
            component=one.need.component,
            course=one.intake_moment.group.course.name,
            provider=one.provider_organisation.name,
            start_date=one.start_date or one.intake_moment.start_date,
            end_date=one.intake_moment.end_date,
        )
        for one in places
    ]


def on_placement_stopped(event: PlacementStopped) -> None:
    """Of somebody who moved, nobody waits at the old municipality: the new one goes on."""
    with transaction.atomic():
        placement = Placement.objects.select_related("participant", "need").get(
            pk=event.placement_id
        )
        move = (
            ParticipantMove.objects.select_related("target")
            .filter(source=placement.participant_id)
            .first()
        )
        if move is None or placement.need.state != NeedState.WAITING:
            return
        Need.objects.filter(pk=placement.need_id, state=NeedState.WAITING).update(
            state=NeedState.CLOSED, closed_reason=MOVED
        )
        target = lock_row(Participant.objects.all(), move.target_id)
        pip = Pip.objects.filter(participant=target, is_current=True).first()
        component = placement.need.component
        if pip is None or component not in components_of(pip.route):
            return
        Need.objects.get_or_create(
            pip=pip,
            municipality_id=target.municipality_id,
            component=component,
            state=NeedState.WAITING,
            defaults={"waiting_since": clock.today(), "deadline": placement.need.deadline},
        )
        notify(
            organisation_id=target.municipality_id,
            permission=Permission.PLACE,
            kind=NOTICE_STOPPED,
            path=f"/pips/{pip.uuid}",
            key=f"moved-place-stopped:{placement.uuid}",
            params={"reference": target.reference},
        )


def _check(source: Participant, municipality: Organisation, moved_on: date) -> None:
    found = []
    if municipality.pk == source.municipality_id or municipality.kind != "municipality":
        found.append(Violation("municipality", "not_elsewhere", _("Choose another municipality.")))
    if moved_on > clock.today():
        found.append(Violation("moved_on", "date_in_future", _("This date lies in the future.")))
    if moved_on < source.settlement_date:
        found.append(
            Violation(
                "moved_on",
                "before_settlement",
                _("This date lies before the registration in this municipality."),
            )
        )
    if found:
        raise InvalidError(violations=found)


def _person_there(source: Participant, municipality: Organisation, moved_on: date) -> Participant:
    """The record of the new municipality, under a made-up number until it gives its own."""
    target = Participant.objects.create(
        municipality=municipality,
        reference=f"verhuisd-{uuid4().hex[:12]}",
        settlement_date=moved_on,
        **{name: getattr(source, name) for name in TAKEN_ALONG},
    )
    TargetGroupPeriod.objects.bulk_create(
        TargetGroupPeriod(
            participant=target,
            target_group=one.target_group,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
        )
        for one in source.target_group_periods.all()
    )
    identity = ParticipantIdentity.objects.filter(participant=source).first()
    if identity is not None:
        identity.pk, identity.participant = None, target
        identity.save(force_insert=True)
    return target


def _pip_there(pip: Pip, target: Participant) -> Pip:
    """The PIP that stays in force until the new municipality decides on its own."""
    fields: dict[str, Any] = {
        one.attname: getattr(pip, one.attname)
        for one in Pip._meta.concrete_fields
        if one.name not in NOT_COPIED
    }
    return Pip.objects.create(participant=target, version=1, **fields)


def _tell(actor: Actor, move: ParticipantMove, municipality: Organisation) -> None:
    record(
        actor=actor,
        action="participant.moved_out",
        subject=move.source,
        after={"municipality": municipality.code, "moved_on": move.moved_on.isoformat()},
        organisation_ids=[move.source.municipality_id],
    )
    record(
        actor=actor,
        action="participant.moved_in",
        subject=move.target,
        after={"moved_on": move.moved_on.isoformat()},
        organisation_ids=[municipality.pk],
    )
    path = f"/pips/{move.pip.uuid}" if move.pip else f"/participants/{move.target.uuid}/pips/new"
    notify(
        organisation_id=municipality.pk,
        permission=Permission.MANAGE_PIPS,
        kind=NOTICE_IN,
        path=path,
        key=f"participant-moved-in:{move.uuid}",
        params={"reference": move.target.reference},
    )
