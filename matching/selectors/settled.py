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
from backend.common.columns import WHOLE, CompiledColumns
from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from matching.choices import NeedState, ProposalDecisionKind
from matching.engine import FREE, Settled
from matching.models import MatchProposal, MatchRun, ProposalDecision
from matching.selectors.needs import NeedSet
from matching.selectors.offers import OfferSet
from providers.models import IntakeMoment


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


def left_alone(
    needs: NeedSet, municipality_ids: Iterable[int], *, on: date, freeze_days: int
) -> LeftAlone:
    """What holds for a run over these waiting needs of these municipalities; six queries.

    A proposal for a start within `freeze_days` is kept (the municipality's policy).
    """
    keys = list(municipality_ids)
    # The proposals of all runs stand in one table, and PostgreSQL cannot know how many the newest
    # has; so those that may matter are found here, and what holds is asked about them alone.
    proposed = _PROPOSED(runs=[pk for (pk,) in _LIVE.planned()])
    soon = _STARTS(first=on, last=on + timedelta(days=freeze_days))["pk"]
    may_be_kept = proposed["pk"][np.isin(proposed["intake"], soon)]
    may_be_others = proposed["pk"][~np.isin(proposed["need"], needs.pks)]
    barred = frozenset(_REFUSED.planned(keys=keys))
    return LeftAlone(
        kept={
            need: intake
            for need, intake in _KEPT.planned(proposals=may_be_kept.tolist(), keys=keys)
            if (need, intake) not in barred
        },
        barred=barred,
        reserved=Counter(dict(_OTHERS.planned(proposals=may_be_others.tolist(), keys=keys))),
    )


_LIVE = CompiledRows(
    lambda: MatchRun.objects.filter(expires_at__gt=clock.now()).order_by().values_list("pk")
)
_PROPOSED = CompiledColumns(
    lambda runs: (
        MatchProposal.objects.filter(run__in=keys_in(runs), intake_moment__isnull=False)
        .order_by()
        .values_list("pk", "need_id", "intake_moment_id")
    ),
    {"pk": WHOLE, "need": WHOLE, "intake": WHOLE},
    runs=list,
)
_STARTS = CompiledColumns(
    lambda first, last: (
        IntakeMoment.objects.filter(start_date__gte=first, start_date__lte=last)
        .order_by()
        .values_list("pk")
    ),
    {"pk": WHOLE},
    first=date,
    last=date,
)
_KEPT = CompiledRows(
    lambda proposals, keys: (
        MatchProposal.objects.reserved()
        .filter(pk__in=keys_in(proposals), need__municipality__in=keys_in(keys))
        .order_by()
        .values_list("need_id", "intake_moment_id")
    ),
    proposals=list,
    keys=list,
)
_OTHERS = CompiledRows(
    lambda proposals, keys: (
        MatchProposal.objects.reserved()
        .filter(pk__in=keys_in(proposals))
        .exclude(need__municipality__in=keys_in(keys))
        .order_by()
        .values_list("intake_moment_id")
        .annotate(number=Count("pk"))
    ),
    proposals=list,
    keys=list,
)
_REFUSED = CompiledRows(
    lambda keys: (
        ProposalDecision.objects.filter(
            kind=ProposalDecisionKind.DECLINED,
            proposal__need__municipality__in=keys_in(keys),
            proposal__need__state=NeedState.WAITING,
        )
        .order_by()
        .values_list("proposal__need_id", "proposal__intake_moment_id")
    ),
    keys=list,
)
