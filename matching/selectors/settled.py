"""What the next run leaves alone: seats that are kept, pairs that were refused, others' seats.

A decided proposal needs no rule of its own: the need does not wait any more, and the seat is a row.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from django.db.models import Count

from backend.common import clock
from matching.choices import NeedState, ProposalDecisionKind
from matching.engine import FREE, Settled
from matching.models import MatchProposal, MatchRun, ProposalDecision
from matching.selectors.needs import NeedSet
from matching.selectors.offers import OfferSet


@dataclass(frozen=True)
class LeftAlone:
    """Keys of needs and intake moments; empty at the first run."""

    kept: dict[int, int] = field(default_factory=dict)
    barred: frozenset[tuple[int, int]] = frozenset()
    reserved: Counter[int] = field(default_factory=Counter)

    def of(self, needs: NeedSet, offers: OfferSet) -> Settled | None:
        """For these needs and offers in the form of the engine; None when nothing is settled."""
        rows = {pk: row for row, pk in enumerate(needs.pks.tolist())}
        kept = np.full(len(needs), FREE, np.int64)
        for need, intake in self.kept.items():
            if need in rows:
                kept[rows[need]] = intake
        barred = [(rows[need], intake) for need, intake in self.barred if need in rows]
        if not barred and (kept == FREE).all():
            return None
        return Settled(offers.intakes, kept, np.array(barred, np.int64).reshape(-1, 2).T)

    def without_reserved(self, offers: OfferSet) -> OfferSet:
        """The offers without the seats that proposals of other runs keep."""
        if not self.reserved:
            return offers
        table = offers.table
        used = np.array([self.reserved[pk] for pk in offers.intakes.tolist()], np.int64)
        places = list(table.ceiling_places)
        for number, name in enumerate(table.ceiling_ids):
            if name.startswith("seats-"):
                places[number] -= self.reserved[int(name.removeprefix("seats-"))]
        left = replace(table, seats=table.seats - used, ceiling_places=tuple(places))
        return replace(offers, table=left)


def left_alone(municipality_ids: Iterable[int], *, on: date, freeze_days: int) -> LeftAlone:
    """What holds for a run over these municipalities; four queries.

    A proposal for a start within `freeze_days` is kept (the municipality's policy).
    """
    keys = list(municipality_ids)
    # Spelled out, because the proposals of all runs of the past stand in the same table.
    live = list(MatchRun.objects.filter(expires_at__gt=clock.now()).values_list("pk", flat=True))
    # No run has the key 0: with it the questions are as many when no run is live.
    open_proposals = MatchProposal.objects.reserved().filter(run__in=[0, *live])
    kept = open_proposals.filter(
        need__municipality__in=keys,
        intake_moment__start_date__gte=on,
        intake_moment__start_date__lte=on + timedelta(days=freeze_days),
    )
    others = open_proposals.exclude(need__municipality__in=keys)
    refused = ProposalDecision.objects.filter(
        kind=ProposalDecisionKind.DECLINED,
        proposal__need__municipality__in=keys,
        proposal__need__state=NeedState.WAITING,
    )
    barred = frozenset(
        refused.order_by().values_list("proposal__need_id", "proposal__intake_moment_id")
    )
    return LeftAlone(
        kept={
            need: intake
            for need, intake in kept.order_by().values_list("need_id", "intake_moment_id")
            if (need, intake) not in barred
        },
        barred=barred,
        reserved=Counter(
            dict(
                others.order_by()
                .values("intake_moment_id")
                .annotate(number=Count("pk"))
                .values_list("intake_moment_id", "number")
            )
        ),
    )
