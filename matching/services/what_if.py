"""What another choice for one person would do to the others, on today's facts; nothing is written.

The area of the run is solved once and kept warm in this process for a moment, so that every next
question takes milliseconds. Who the others are is never said, only how urgent they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from django.db.models import Max

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.errors import NotFoundError
from backend.organisations.permissions import Permission
from matching.engine import NOWHERE, Effect, WhatIf
from matching.models import (
    MatchingPolicy,
    MatchProposal,
    MatchRun,
    Need,
    Placement,
    ProposalDecision,
)
from matching.selectors.needs import waiting_needs
from matching.selectors.people import HOME_OF, Home
from matching.selectors.policy import engine_policy
from matching.selectors.settled import left_alone
from matching.services.batch import Pass, route
from matching.services.household_view import companions_of
from matching.services.placement_rules import not_searched
from matching.services.runs import municipalities_of
from providers.models import IntakeMoment

# Seats and needs change all day; so old an answer is still honest about "now".
WARM_SECONDS = 60.0


@dataclass(frozen=True)
class Consequence:
    """What happens to the others when the person of a proposal gets this start.

    `score` is None where the start does not fit; `is_proposed` when the best plan of this moment
    has the person there already. `loses`, `gains` and `moves` count other people per tier 1 to 3:
    without a place, with one after all, at another start. `points` is the change of their scores.
    """

    intake_moment: IntakeMoment
    fits: bool
    is_open: bool
    is_proposed: bool
    score: int | None
    is_overbooked: bool = False
    # The household of the person starts together, and not everybody can start there.
    tears_household: bool = False
    loses: tuple[int, int, int] = (0, 0, 0)
    gains: tuple[int, int, int] = (0, 0, 0)
    moves: tuple[int, int, int] = (0, 0, 0)
    points: int = 0


@dataclass(frozen=True, eq=False)
class _Warm:
    """The solved area, each pass with its warm instance."""

    key: tuple[int, int, int]
    until: float
    passes: tuple[tuple[Pass, WhatIf], ...]


_kept: list[_Warm] = []


def what_if(
    *, actor: Actor, proposal: MatchProposal, intake_moments: Sequence[IntakeMoment]
) -> list[Consequence]:
    """The effect on others of each of these starts for the person of the proposal.

    Raises NotFoundError for a need the actor may not see, NeedNotWaitingError,
    TemporarilyExemptError.
    """
    need = proposal.need
    if not actor.may(Permission.VIEW_PARTICIPANTS, need.municipality_id):
        raise NotFoundError
    for one, warm in _warm(proposal.run).passes:
        rows = np.flatnonzero(one.needs.pks == need.pk)
        if len(rows):
            found = [_consequence(one, warm, int(rows[0]), intake) for intake in intake_moments]
            return _with_household(one, need, proposal.run.policy, found)
    raise not_searched(need.pk)


def _with_household(
    one: Pass, need: Need, policy: MatchingPolicy, found: list[Consequence]
) -> list[Consequence]:
    """The same, each with whether the household is torn; one query for who may start alone."""
    rows = HOME_OF(participant=need.pip.participant_id, on=clock.today())
    if not rows:
        return found
    companions = companions_of(
        Home(*rows[0]),
        participant_id=need.pip.participant_id,
        component=need.component,
        municipality_id=need.municipality_id,
        judged_on={},
        policy=engine_policy(policy),
        as_of=clock.today(),
    )
    table = one.offers.table
    torn = {
        pk
        for pk in {consequence.intake_moment.pk for consequence in found if consequence.is_open}
        if not companions.can_start(table, int(np.argmax(one.offers.intakes == pk)))
    }
    return [replace(each, tears_household=each.intake_moment.pk in torn) for each in found]


def _warm(run: MatchRun) -> _Warm:
    """The area solved on today's facts; anew after a decision there or when a minute has passed."""
    today = clock.today()
    keys = municipalities_of(run.organisation, today)
    decided = ProposalDecision.objects.filter(proposal__run=run).count()
    placed = Placement.objects.filter(municipality__in=keys).aggregate(last=Max("pk"))["last"]
    key = (run.pk, decided, placed or 0)
    for one in _kept:
        if one.key == key and one.until > monotonic():
            return one
    needs = waiting_needs(keys, on=today)
    routed = route(
        needs=needs,
        municipality_ids=keys,
        policy=engine_policy(run.policy),
        as_of=today,
        tell=lambda percentage, stage: None,
        left_alone=left_alone(needs, keys, on=today, freeze_days=run.policy.freeze_days),
    )
    made = _Warm(
        key,
        monotonic() + WARM_SECONDS,
        tuple(
            (one, WhatIf(one.result, one.offers.limits(one.needs.table)))
            for one in routed.passes
            if len(one.needs)
        ),
    )
    # One area at a time: a region of ten thousand takes a hundred megabytes.
    _kept[:] = [made]
    return made


def _consequence(one: Pass, warm: WhatIf, row: int, intake: IntakeMoment) -> Consequence:
    """Of several contract lots the one that scores best, as a recommendation shows it."""
    offers = np.flatnonzero(one.offers.intakes == intake.pk)
    if not len(offers):
        return Consequence(intake, fits=False, is_open=False, is_proposed=False, score=None)
    current = int(one.result.offer[row])
    fitting, scores = one.result.fitting(row)
    here = np.isin(fitting, offers)
    fitting, scores = fitting[here], scores[here]
    chosen = int(offers[0])
    if len(scores):
        chosen = int(fitting[np.argmax(scores)])
    if current in offers:
        chosen = current
    effect = warm.effect(row, chosen)
    return Consequence(
        intake_moment=intake,
        fits=bool(len(scores)) and effect.is_within_limits,
        is_open=True,
        is_proposed=current == chosen,
        score=int(scores.max()) if len(scores) else None,
        is_overbooked=effect.is_overbooked,
        loses=_per_tier(effect, lost=True),
        gains=_per_tier(effect, gained=True),
        moves=_per_tier(effect),
        points=effect.score,
    )


def _per_tier(effect: Effect, *, lost: bool = False, gained: bool = False) -> tuple[int, int, int]:
    counts = [0, 0, 0]
    for move in effect.moves:
        has_lost, has_gained = move.to_offer == NOWHERE, move.from_offer == NOWHERE
        if (has_lost, has_gained) == (lost, gained):
            counts[move.tier - 1] += 1
    return counts[0], counts[1], counts[2]
