"""What a run would work on, before it is asked for: people, places and what it leaves be."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from backend.accounts.public import Actor
from backend.common import clock
from backend.organisations.public import Organisation
from matching import policies
from matching.choices import NeedState, RunState
from matching.engine import COMPONENTS, tiers_of
from matching.models import MatchingPolicy, MatchRun, Need
from matching.selectors.needs import waiting_needs
from matching.selectors.offers import bought_offers, referral_offers
from matching.selectors.policy import engine_policy, policy_in_force
from matching.selectors.settled import left_alone
from matching.selectors.supply import supply_on
from matching.services.runs import municipalities_of


@dataclass(frozen=True)
class RunPreview:
    """Counts of this moment; `unknown` are needs of whom nobody knows who pays."""

    organisation: Organisation
    policy: MatchingPolicy
    needs: int
    by_tier: tuple[int, int, int]
    by_component: dict[str, int]
    unknown: int
    starts: int
    seats: int
    referral_seats: int
    decided: int
    kept: int
    declined: int
    reserved: int
    busy: bool


def run_preview(*, actor: Actor, organisation: Organisation) -> RunPreview:
    """The preview; nothing is written and a run that follows reads everything anew.

    Raises NotAllowedError.
    """
    policies.require_run_batch(actor, organisation.pk)
    today = clock.today()
    keys = municipalities_of(organisation, today)
    policy = policy_in_force(organisation_id=organisation.pk, on=today)
    needs = waiting_needs(keys, on=today)
    supply = supply_on(today)
    bought = bought_offers(municipality_ids=keys, as_of=today, supply=supply)
    advised = referral_offers(municipality_ids=keys, as_of=today, supply=supply)
    settled = left_alone(needs, keys, on=today, freeze_days=policy.freeze_days)
    tiers = np.bincount(tiers_of(needs.table, engine_policy(policy), today), minlength=4)
    components = Counter(needs.table.component.tolist())
    mine = Need.objects.filter(municipality__in=keys)
    contracted, first = np.unique(bought.intakes[bought.contract_lots > 0], return_index=True)
    seats = np.maximum(bought.table.seats[bought.contract_lots > 0][first], 0)
    return RunPreview(
        organisation=organisation,
        policy=policy,
        needs=len(needs),
        by_tier=(int(tiers[1]), int(tiers[2]), int(tiers[3])),
        by_component={
            name: components[code] for code, name in enumerate(COMPONENTS) if components[code]
        },
        unknown=mine.waiting().count() - len(needs),
        starts=len(contracted),
        seats=int(seats.sum()),
        referral_seats=int(np.maximum(advised.table.seats, 0).sum()),
        decided=mine.filter(state=NeedState.OFFERED).count(),
        kept=len(settled.kept),
        declined=len(settled.barred),
        reserved=sum(settled.reserved.values()),
        busy=MatchRun.objects.filter(
            organisation=organisation, state__in=(RunState.QUEUED, RunState.RUNNING)
        ).exists(),
    )
