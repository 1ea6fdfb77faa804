"""Moving a group of people away from a provider, with a report that stays."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.services import LABEL_LENGTH
from backend.common.errors import InvalidError, Violation
from matching.errors import TransferApprovalError
from matching.models import GroupTransfer, TransferOutcome
from matching.services.transfers import Move, Outcome, Terms, placements_transfer


@transaction.atomic
def group_transfer(*, actor: Actor, moves: Sequence[Move], terms: Terms) -> list[GroupTransfer]:
    """Moves everybody who can be moved; the reports say of the others why they stay.

    One report per municipality and provider that people leave. Without the approval that R-KEU-3
    asks for nobody moves, and the report says so. Raises NotAllowedError, InvalidError.
    """
    if not moves:
        raise InvalidError(
            violations=[
                Violation("moves", "required", _("Choose a new place for at least one person."))
            ]
        )
    try:
        outcomes = placements_transfer(actor=actor, moves=moves, terms=terms)
    except TransferApprovalError as error:
        why = " ".join(str(one.message) for one in error.violations)
        outcomes = [Outcome(one, code=error.code, message=why) for one in moves]
    groups: dict[tuple[int, int], list[Outcome]] = defaultdict(list)
    for one in outcomes:
        left = one.move.placement
        provider = left.intake_moment.group.course.provider_id
        groups[left.municipality_id, provider].append(one)
    return [_report(actor, terms, *key, found) for key, found in groups.items()]


def _report(
    actor: Actor, terms: Terms, municipality_id: int, provider_id: int, found: Sequence[Outcome]
) -> GroupTransfer:
    moved = sum(one.placement is not None for one in found)
    report = GroupTransfer.objects.create(
        municipality_id=municipality_id,
        provider_id=provider_id,
        made_by=actor.label[:LABEL_LENGTH],
        approval=terms.approval,
        moved=moved,
        stayed=len(found) - moved,
    )
    TransferOutcome.objects.bulk_create(
        TransferOutcome(
            transfer=report,
            placement=one.move.placement,
            intake_moment=one.move.intake_moment,
            new_placement=one.placement,
            code=one.code,
            message=str(one.message),
        )
        for one in found
    )
    return report
