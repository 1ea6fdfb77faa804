"""What a plan may still buy: places that providers have been asked for are about to be called off.

A call-off is opened when the provider accepts, so procurement counts nothing before that. A plan
that gave the same place of a ceiling or share to somebody else would be refused on acceptance.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
from django.db.models import Q

from backend.common import clock
from matching.choices import PlacementState
from matching.models import Placement
from matching.selectors.offers import OfferSet, bought_offers
from matching.selectors.supply import Supply
from procurement.public import ExpectedCallOff, expected_from


def plannable_offers(
    *, municipality_ids: Iterable[int], as_of: date, supply: Supply | None = None
) -> OfferSet:
    """As `bought_offers`, without the places of ceilings and shares that stand offered or held,
    by whichever municipality. One query more, and two when there are such places."""
    offers = bought_offers(municipality_ids=municipality_ids, as_of=as_of, supply=supply)
    places = offered_places(as_of)
    found = zip(places, expected_from(places) if places else (), strict=True)
    of_contract_lot: Counter[int] = Counter()
    of_share: Counter[tuple[int, int]] = Counter()
    for place, payer in found:
        if payer is not None:
            of_contract_lot[payer.contract_lot_id] += 1
            of_share[payer.lot_id, place.municipality_id] += 1
    table = offers.table
    left = list(table.ceiling_places)
    numbers, first = np.unique(table.ceiling, return_index=True)
    for number, row in zip(numbers.tolist(), first.tolist(), strict=True):
        # A start that is bought twice shares its seats in the form of a ceiling: no contract's.
        if number >= 0 and not table.ceiling_ids[number].startswith("seats-"):
            left[number] -= of_contract_lot[int(offers.contract_lots[row])]
    return replace(
        offers,
        table=replace(table, ceiling_places=tuple(max(0, places) for places in left)),
        shares={
            lot: {who: max(0, places - of_share[lot, who]) for who, places in shares.items()}
            for lot, shares in offers.shares.items()
        },
    )


def offered_places(on: date) -> list[ExpectedCallOff]:
    """Places that a municipality buys and that stand without an answer; one query."""
    now = clock.now()
    stands = Q(state=PlacementState.OFFERED, answer_due_at__gt=now) | Q(
        state=PlacementState.DRAFT, seat_claim__expires_at__gt=now
    )
    group = "participant__target_group_periods__"
    in_force = Q(**{f"{group}valid_from__lte": on}) & (
        Q(**{f"{group}valid_to__isnull": True}) | Q(**{f"{group}valid_to__gte": on})
    )
    rows = (
        Placement.objects.filter(stands & in_force, is_referral=False)
        .order_by()
        .values_list(
            "intake_moment__group__course_id",
            "municipality_id",
            "need__component",
            f"{group}target_group",
            "intake_moment__start_date",
        )
    )
    return [ExpectedCallOff(*row) for row in rows]
