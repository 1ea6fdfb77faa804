"""Learners of the demo who go to another school, with the approval that R-KEU-3 asks for."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.common import clock
from matching.choices import PlacementState
from matching.models import Placement, TransferOutcome
from matching.public import placement_accept
from matching.services.group_transfers import group_transfer
from matching.services.transfers import Move, Terms
from providers.models import Provider
from providers.public import alternatives_for
from providers.statutory import MOST_TRANSFERRED

# How many starts are looked at for a group.
LOOKED_AT = 200


def move_learners(actor: Actor, giving: Provider, receiving: Provider) -> None:
    """More learners than a holder may take over without approval go to one other school.

    Half of the new places is accepted, the others wait in the inbox of the school. Both attempts
    leave a report.
    """
    moves = list(_moves(giving, receiving))
    if not moves:
        return
    terms = Terms(
        motivation=_("The school closes this location (demo)."),
        approval=_("Blik op Werk, letter 2026-114 (demo)"),
        # They began in time; the date of their PIP is over.
        overruled_rules=("START_LATE",),
        overrule_reason=_("The course was begun at the other school (demo)."),
    )
    if len(moves) > MOST_TRANSFERRED:
        # The approval was still to come: this report says why everybody stays.
        group_transfer(actor=actor, moves=moves, terms=replace(terms, approval=""))
    reports = group_transfer(actor=actor, moves=moves, terms=terms)
    offered = Placement.objects.filter(
        pk__in=TransferOutcome.objects.filter(transfer__in=reports).values("new_placement")
    )
    for placement in list(offered.order_by("pk"))[::2]:
        placement_accept(actor=actor, placement=placement)


def _moves(giving: Provider, receiving: Provider) -> Iterator[Move]:
    """Learners of the B1 route whose course is not over, each to a start with a seat left."""
    leaving = (
        Placement.objects.filter(
            provider_organisation=giving.organisation_id,
            state=PlacementState.STARTED,
            need__component="B",
            intake_moment__end_date__gt=clock.today(),
        )
        .select_related(
            "need",
            "participant",
            "municipality",
            "intake_moment__group__course__provider__organisation",
            "intake_moment__group__location",
        )
        .order_by("intake_moment__start_date", "pk")[: MOST_TRANSFERRED + 2]
    )
    found = {}
    taken: dict[int, int] = defaultdict(int)
    for place in leaving:
        intake = place.intake_moment
        if intake.pk not in found:
            found[intake.pk] = [
                one
                for one in alternatives_for(intake, most=LOOKED_AT)
                if one.intake_moment.group.course.provider_id == receiving.pk
            ]
        for one in found[intake.pk]:
            if taken[one.intake_moment.pk] < one.seats_free:
                taken[one.intake_moment.pk] += 1
                yield Move(place, one.intake_moment)
                break
