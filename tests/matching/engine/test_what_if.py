"""One choice, everybody else answers: as good as solving anew with that choice fixed."""

import numpy as np
import pytest

from matching.engine import (
    NOWHERE,
    Limits,
    NeedTable,
    OfferTable,
    Policy,
    Settled,
    WhatIf,
    run_batch,
)
from tests.support.instances import AS_OF, day, need_record, offer_record, region_instance
from tests.support.instances import instance as made


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


TOWNS = ("GM0001", "GM0002")


def shared(seed):
    """People of two towns, offers of two lots, and how many of a town each lot may take."""
    random = np.random.default_rng(seed)
    needs = [
        need_record(
            number,
            municipality=TOWNS[random.integers(2)],
            waitingSince=day(-int(random.choice((10, 91, 200)))),
            deadline=day(10) if random.random() < 0.3 else None,
        )
        for number in range(7)
    ]
    offers = [
        offer_record(
            number,
            municipalities=list(TOWNS),
            seats=int(random.integers(1, 4)),
            start=day(int(random.choice((20, 40)))),
            pricePerHour=int(random.integers(8, 25)),
        )
        for number in range(4)
    ]
    data = made(needs, offers, priority=str(random.choice(("none", "tiers", "strict"))))
    tables = (
        NeedTable.from_records(data["needs"]),
        OfferTable.from_records(data["offers"]),
        Policy.from_record(data["policy"]),
    )
    column = [TOWNS.index(code) for code in tables[0].municipality_codes]
    places = random.integers(0, 4, (2, len(TOWNS)))[:, column]
    return tables, Limits(random.integers(-1, 2, len(offers)), places, True)


def after(result, need, offer, effect):
    """Where everybody is when this need sits at this offer and the others do what is said."""
    chosen = result.offer.copy()
    chosen[need] = offer
    for move in effect.moves:
        assert move.from_offer == result.offer[move.need]
        chosen[move.need] = move.to_offer
    return chosen


def held(tables, limit, chosen):
    rows = np.flatnonzero(chosen >= 0)
    return (limit.used(tables[0], rows, chosen[rows]) <= limit.places).all()


def choices(seeds):
    """Every other offer for every need of drawn instances, with its effect."""
    for seed in seeds:
        tables, limit = shared(seed)
        result = run_batch(*tables, AS_OF, limits=(limit,))
        warm = WhatIf(result, (limit,))
        for need in range(len(tables[0])):
            for offer in range(len(tables[1])):
                if offer != result.offer[need]:
                    yield tables, limit, result, need, offer, warm.effect(need, offer)


def test_the_others_keep_to_shares():
    """Who is put at a place leaves the others what the shares leave; nobody is lost or doubled."""
    kept, beyond = 0, 0
    for tables, limit, result, need, offer, effect in choices(range(30)):
        if effect.is_overbooked:
            continue
        chosen = after(result, need, offer, effect)
        seats = np.bincount(chosen[chosen >= 0], minlength=len(tables[1]))
        assert (seats <= tables[1].seats).all()
        assert held(tables, limit, chosen) == effect.is_within_limits
        kept += effect.is_within_limits
        beyond += not effect.is_within_limits
        alone = np.full(len(chosen), -1)
        alone[need] = offer
        assert held(tables, limit, alone) == effect.is_within_limits
    assert kept > 300
    assert beyond > 30


def test_without_the_limits_the_answer_would_exceed_them():
    exceeded = 0
    for seed in range(30):
        tables, limit = shared(seed)
        result = run_batch(*tables, AS_OF, limits=(limit,))
        warm = WhatIf(result)
        for need in range(len(tables[0])):
            for offer in range(len(tables[1])):
                effect = warm.effect(need, offer)
                exceeded += not held(tables, limit, after(result, need, offer, effect))
    assert exceeded > 30


def test_within_shares_too_the_effect_is_that_of_solving_anew_where_that_is_proven():
    compared = 0
    for tables, limit, result, need, offer, effect in choices(range(30)):
        before = result.summary
        if not before.optimal or before.limits_exceeded or not effect.is_within_limits:
            continue
        if effect.is_overbooked:
            continue
        needs, offers, policy = tables
        mine, seat = np.array([need]), np.array([offer])
        others = np.setdiff1d(np.arange(len(needs)), mine)
        anew = run_batch(
            needs.take(others),
            offers.without(seat),
            policy,
            AS_OF,
            limits=(limit.without(needs, mine, seat),),
        )
        if anew.summary.optimal:
            was = result.offer[need] != NOWHERE
            assert anew.summary.placed == before.placed - was + effect.placed
            points = before.total_score - int(result.score[need])
            assert anew.summary.total_score == points + effect.score
            compared += 1
    assert compared > 50
