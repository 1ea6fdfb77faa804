"""One choice, everybody else answers: as good as solving anew with that choice fixed."""

import numpy as np
import pytest

from matching.engine import NOWHERE, NeedTable, OfferTable, Policy, Settled, WhatIf, run_batch
from tests.support.instances import AS_OF, region_instance


def instance(priority, ceilings, seats=1.0):
    data = region_instance(
        300, 90, seed=11, priority=priority, ceilings=ceilings, seats_per_need=seats
    )
    return (
        NeedTable.from_records(data["needs"]),
        OfferTable.from_records(data["offers"]),
        Policy.from_record(data["policy"]),
    )


def solved_with(tables, need, offer):
    """The batch of everybody else, after this need has taken its seat at this offer."""
    needs, offers, policy = tables
    others = np.setdiff1d(np.arange(len(needs)), [need])
    seats = offers.seats.copy()
    seats[offer] -= 1
    places = list(offers.ceiling_places)
    if offers.ceiling[offer] >= 0:
        places[offers.ceiling[offer]] -= 1
    columns = {name: getattr(offers, name) for name in offers.__dataclass_fields__} | {
        "seats": seats,
        "ceiling_places": tuple(places),
    }
    return run_batch(needs.take(others), OfferTable(**columns), policy, AS_OF)


@pytest.mark.parametrize("priority", ["none", "tiers", "strict"])
@pytest.mark.parametrize("ceilings", [0, 5])
def test_the_effect_is_that_of_solving_anew(priority, ceilings):
    tables = instance(priority, ceilings, seats=0.8)
    result = run_batch(*tables, AS_OF)
    warm = WhatIf(result)
    seen = set()
    for need in range(0, 300, 17):
        rows = slice(result.candidates.first[need], result.candidates.first[need + 1])
        for offer in result.candidates.offer[rows][:3].tolist():
            effect = warm.effect(need, offer)
            if offer == result.offer[need]:
                assert effect.moves == ()
                continue
            anew = solved_with(tables, need, offer)
            was = int(result.offer[need])
            others = result.summary.placed - (was != NOWHERE)
            points = result.summary.total_score - int(result.score[need])
            assert anew.summary.placed == others + effect.placed
            assert anew.summary.total_score == points + effect.score
            by_tier = np.array(result.summary.placed_by_tier)
            if was != NOWHERE:
                by_tier[result.tier[need] - 1] -= 1
            for move in effect.moves:
                by_tier[move.tier - 1] += (move.from_offer == NOWHERE) - (move.to_offer == NOWHERE)
            if priority != "none":
                assert tuple(by_tier) == anew.summary.placed_by_tier
            seen.add((effect.placed, len(effect.moves) > 0))
    assert len(seen) > 1


def test_everybody_on_the_way_really_moves_there():
    tables = instance("tiers", 0, seats=0.8)
    result = run_batch(*tables, AS_OF)
    warm = WhatIf(result)
    for need in range(40):
        taken = result.offer[result.offer >= 0]
        offer = int(taken[(need * 7) % len(taken)])
        chain = warm.effect(need, offer).moves
        for move in chain:
            assert result.offer[move.need] == move.from_offer != move.to_offer
        assert len({move.need for move in chain}) == len(chain)
        assert need not in {move.need for move in chain}


def test_a_sold_out_start_can_only_be_overbooked():
    needs, offers, policy = instance("tiers", 0)
    offers.seats[5] = 0
    result = run_batch(needs, offers, policy, AS_OF)
    effect = WhatIf(result).effect(0, 5)
    assert (effect.is_overbooked, effect.moves) == (True, ())


def test_who_keeps_a_seat_is_not_moved_by_a_choice():
    needs, offers, policy = instance("tiers", 0, seats=0.6)
    free = run_batch(needs, offers, policy, AS_OF)
    need = int(free.placed[0])
    kept = np.full(len(needs), -1)
    kept[need] = free.offer[need]
    settled = Settled(np.arange(len(offers)), kept, np.zeros((2, 0), np.int64))
    result = run_batch(needs, offers, policy, AS_OF, settled=settled)
    assert result.offer[need] == free.offer[need]
    warm = WhatIf(result)
    for other in result.unplaced.tolist()[:20]:
        assert need not in {
            m.need for m in warm.effect(other, int(kept[need])).moves if m.to_offer < 0
        }
