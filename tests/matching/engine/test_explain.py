"""Reasons, near misses and seat values, each checked by doing what it says."""

import copy
from datetime import date, timedelta

import numpy as np
import pytest

from matching.engine import (
    CAUSE_LABELS,
    FACTOR_LABELS,
    FACTORS,
    RULE_LABELS,
    RULES,
    Cause,
    recommend,
    run_batch,
)
from matching.engine.network import priority_step
from matching.engine.result_file import result_record
from tests.matching.engine.helpers import assignment, failed, objective, solve, tables
from tests.support.instances import (
    AS_OF,
    day,
    instance,
    need_record,
    offer_record,
    region_instance,
)


def shift(text, days):
    return (date.fromisoformat(text) + timedelta(days=days)).isoformat()


def wider(need, offer, relax):
    """Stretches the contract by what it lacks."""
    changes = {
        "municipality": {"municipalities": [need["municipality"]]},
        "targetGroup": {"targetGroups": [need["targetGroup"]]},
        "contractPeriod": {"contractFrom": offer["start"], "contractTo": offer["start"]},
    }
    for gap in relax:
        offer.update(changes[gap])


RELAX = {
    "DAYPART": lambda n, o, x: n.update(available=n["available"] + x),
    "START_EARLY": lambda n, o, x: n.update(earliestStart=shift(n["earliestStart"], -x)),
    "START_LATE": lambda n, o, x: n.update(latestStart=shift(n["latestStart"], x)),
    "TERM": lambda n, o, x: n.update(termEnd=shift(n["termEnd"], x)),
    "MARK": lambda n, o, x: o.update(
        markValidTo=o["start"] if x is None else shift(o["markValidTo"], x)
    ),
    "SEATS": lambda n, o, x: o.update(seats=o["seats"] + x),
    "LITERACY": lambda n, o, x: o.update(literacy=[*o["literacy"], x]),
    "REGION_CONTRACT": wider,
    "CHILDCARE": lambda n, o, x: o.update(childcare=x),
    "ACCESS": lambda n, o, x: o.update(wheelchair=x),
}


def relaxed(need, offer, policy, rule, relax):
    """Gives the pair after the change that a near miss asks for."""
    need, offer = copy.deepcopy(need), copy.deepcopy(offer)
    if rule == "LEVEL":
        return None
    if rule == "DISTANCE":
        limit = policy["maxTravelKm"] if need["maxTravelKm"] is None else need["maxTravelKm"]
        need["maxTravelKm"] = limit + relax
    else:
        RELAX[rule](need, offer, relax)
    return need, offer


def test_near_misses_have_one_failed_rule_and_their_change_helps():
    data = region_instance(900, 150, seed=6)
    for number, offer in enumerate(data["offers"]):
        if number % 9 == 0:
            offer["seats"] = 0
        if number % 7 == 0:
            offer["municipalities"] = ["9999"]
    needs = {need["id"]: need for need in data["needs"]}
    offers = {offer["id"]: offer for offer in data["offers"]}
    seen = set()
    for record in result_record(solve(data))["unplaced"]:
        need = needs[record["need"]]
        for miss in record["nearMisses"]:
            offer = offers[miss["offer"]]
            assert failed(need, offer, data["policy"]) == [miss["rule"]]
            changed = relaxed(need, offer, data["policy"], miss["rule"], miss["relax"])
            seen.add(miss["rule"])
            if changed is not None:
                assert failed(*changed, data["policy"]) == []
            if miss["rule"] in ("DISTANCE", "START_EARLY", "START_LATE", "TERM"):
                less = 0.002 if miss["rule"] == "DISTANCE" else 1
                still = relaxed(need, offer, data["policy"], miss["rule"], miss["relax"] - less)
                assert failed(*still, data["policy"]) == [miss["rule"]]
    assert seen >= {
        "LEVEL", "LITERACY", "REGION_CONTRACT", "DISTANCE", "DAYPART", "START_EARLY",
        "START_LATE", "SEATS", "CHILDCARE",
    }  # fmt: skip


def test_near_misses_of_one_person_are_the_nearest_first():
    offers = [
        offer_record(n, lat=52.37, lon=4.89 + 0.4 + 0.01 * n, childcare=True) for n in range(9)
    ]
    seen = recommend(*tables(instance([need_record()], offers)), AS_OF)
    misses = seen.near_misses()
    assert [miss["offer"] for miss in misses] == ["o0", "o1", "o2"]
    assert misses[0]["rule"] == "DISTANCE"
    assert misses[0]["relax"] < misses[1]["relax"] < misses[2]["relax"]
    assert seen.reasons == {"DISTANCE": 9}


@pytest.mark.parametrize(
    ("need", "offer", "rule", "relax"),
    [
        ({"level": "B1"}, {"levelTo": "A1"}, "LEVEL", 2),
        ({"targetLevel": "B2"}, {}, "LEVEL", 1),
        ({"literacy": "A"}, {}, "LITERACY", "A"),
        ({"available": ["WE1"]}, {}, "DAYPART", ["MO1", "FR1"]),
        ({}, {"markValidTo": None}, "MARK", None),
        ({}, {"markValidTo": day(27)}, "MARK", 3),
        ({"termEnd": day(390)}, {}, "TERM", 5),
        ({"targetGroup": "other", "municipality": "0014"}, {}, "REGION_CONTRACT",
         ["municipality", "targetGroup"]),
        ({}, {"contractTo": day(3)}, "REGION_CONTRACT", ["contractPeriod"]),
        ({"wheelchair": True}, {"wheelchair": False}, "ACCESS", True),
        ({}, {"seats": 0}, "SEATS", 1),
    ],
)  # fmt: skip
def test_relax_value(need, offer, rule, relax):
    data = instance([need_record(**need)], [offer_record(**offer)])
    seen = recommend(*tables(data), AS_OF)
    assert [(m["rule"], m["relax"]) for m in seen.near_misses()] == [(rule, relax)]
    (record,) = result_record(solve(data))["unplaced"]
    assert record["nearMisses"] == [{"offer": "o1", "rule": rule, "relax": relax}]
    assert record["reasons"] == {rule: 1}


def worth(data, result):
    """Gives the objective as one number: steps of priority and score."""
    step = priority_step(len(data["offers"]))
    counts, score = objective(data, result)
    return sum(step * (len(counts) - n) * count for n, count in enumerate(counts)) + score


@pytest.mark.parametrize("priority", ["none", "tiers", "strict"])
@pytest.mark.parametrize("ceilings", [0, 3])
def test_seat_values_are_what_one_more_seat_brings(priority, ceilings):
    data = region_instance(120, 30, seed=11, priority=priority, ceilings=ceilings)
    for offer in data["offers"][::7]:
        offer["seats"] = 0
    result = solve(data)
    before = worth(data, result)
    for row, value in enumerate(result.seat_value.tolist()):
        more = copy.deepcopy(data)
        more["offers"][row]["seats"] += 1
        assert worth(data, solve(more)) - before == value
    assert (result.seat_value > 0).any()
    assert np.array_equal(
        result.seat_value_levels * result.step + result.seat_value_score, result.seat_value
    )
    for row in range(0, 30, 5):
        more = copy.deepcopy(data)
        more["offers"][row]["seats"] += 1
        quick, quick_more = solve(data, "fallback"), solve(more, "fallback")
        gained = quick_more.summary.placed - quick.summary.placed
        assert (quick.seat_value[row] > 0) >= (gained > 0)


def test_whoever_asks_for_no_worth_of_sold_out_offers_gets_the_same_places():
    data = region_instance(120, 30, seed=11)
    for offer in data["offers"][::7]:
        offer["seats"] = 0
    usual = solve(data)
    lean = run_batch(*tables(data), AS_OF, sold_out=False)
    assert len(usual.candidates.zero_need) > len(lean.candidates.zero_need) == 0
    assert result_record(lean)["assignments"] == result_record(usual)["assignments"]
    assert result_record(lean)["unplaced"] == result_record(usual)["unplaced"]
    assert usual.seat_value[::7].any()
    assert not lean.seat_value[::7].any()


def test_causes():
    urgent, late, other = (
        need_record(1, deadline=day(1)),
        need_record(2),
        need_record(3, component="Z"),
    )
    result = solve(instance([urgent, late, other], [offer_record(seats=1)]))
    assert [Cause(c).code for c in result.cause.tolist()] == [
        "placed", "lost_on_priority", "no_feasible_offer",
    ]  # fmt: skip
    result = solve(instance([need_record(1), late], [offer_record(seats=1)]))
    assert sorted(Cause(c).code for c in result.cause.tolist()) == ["all_full", "placed"]
    result = solve(instance([urgent, late], [offer_record(seats=1)], priority="none"))
    assert sorted(Cause(c).code for c in result.cause.tolist()) == ["all_full", "placed"]


def test_a_reached_ceiling_is_named():
    ceiling = {"id": "c1", "places": 1}
    offers = [offer_record(n, seats=5, ceiling=ceiling) for n in (1, 2)]
    urgent = need_record(1, deadline=day(0))
    result = solve(instance([urgent, need_record(2)], offers))
    assert result.summary.placed == 1
    record = result_record(result)["unplaced"][0]
    assert record["cause"] == "lost_on_priority"
    assert record["reasons"] == {"CEILING": 2}
    assert result.seat_value.tolist() == [0, 0]  # one more seat under a full ceiling is no use


def test_alternatives_are_the_best_other_offers():
    data = region_instance(400, 150, seed=8)
    needs, offers, policy = tables(data)
    result = solve(data)
    assert np.array_equal(result.placed, np.flatnonzero(result.offer >= 0))
    for row in result.placed.tolist():
        ranked = recommend(needs, offers, policy, AS_OF, row=row).ranked()
        others = [r for r in ranked if r["row"] != result.offer[row]][:5]
        mine = result.alternative_offer[row]
        assert mine[mine >= 0].tolist() == [r["row"] for r in others]
        assert result.alternative_score[row][mine >= 0].tolist() == [r["score"] for r in others]


def test_worse_than_first_come_counts_lost_places_and_lower_scores():
    first = need_record(1, waitingSince=day(-60), hoursPerWeek=24)
    urgent = need_record(2, waitingSince=day(-5), deadline=day(0))
    result = solve(instance([first, urgent], [offer_record(seats=1)]))
    assert assignment(result) == {"n2": "o1"}
    assert result.summary.worse_than_fifo == 1
    assert result.summary.placed_by_fifo == 1


def test_every_code_has_its_sentence():
    assert tuple(RULE_LABELS) == RULES
    assert tuple(FACTOR_LABELS) == FACTORS
    assert set(CAUSE_LABELS) == {cause.code for cause in Cause if cause}


def test_progress_is_told():
    heard = []
    from matching.engine import run_batch

    data = region_instance(300, 60)
    run_batch(*tables(data), AS_OF, progress=lambda share, stage: heard.append((share, stage)))
    assert [share for share, _ in heard] == sorted(share for share, _ in heard)
    assert heard[0][1] == "feasibility"
    assert heard[-1] == (1.0, "done")
