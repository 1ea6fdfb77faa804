"""Names on screen: only for who may see them, and every look is written down."""

from collections.abc import Iterable

from backend.accounts.actor import Actor
from backend.audit.public import record_access
from matching.models import Participant, ParticipantIdentity


def names_of(actor: Actor, participants: Iterable[Participant], *, purpose: str) -> dict[int, str]:
    """Full names by participant key, for those whose identity the actor may see.

    Two queries for any number of people; the look is logged before a name leaves.
    """
    rows = {participant.pk: participant.uuid for participant in participants}
    identities = list(
        ParticipantIdentity.objects.visible_to(actor).filter(participant__in=list(rows))
    )
    record_access(
        actor=actor,
        subject_type="matching.participant",
        subject_uuid=[rows[one.participant_id] for one in identities],
        purpose=purpose,
    )
    return {one.participant_id: one.full_name for one in identities}


def identity_of(
    actor: Actor, participant: Participant, *, purpose: str
) -> ParticipantIdentity | None:
    """The identity of one person, None where the actor may not see it; the look is logged."""
    identity = ParticipantIdentity.objects.visible_to(actor).filter(participant=participant).first()
    if identity is not None:
        record_access(
            actor=actor,
            subject_type="matching.participant",
            subject_uuid=participant.uuid,
            purpose=purpose,
        )
    return identity
