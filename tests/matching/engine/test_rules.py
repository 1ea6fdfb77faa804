"""Every hard rule: passes, fails, and holds on its bound."""

import copy

import numpy as np
import pytest

from matching.engine import RULES, recommend
from tests.matching.engine.helpers import failed, haversine, solve, tables
from tests.support.instances import (
    AS_OF,
    day,
    instance,
    need_record,
    offer_record,
    region_instance,
)

KM = haversine(52.37, 4.89, 52.35, 4.9)

CASES = [
    # rule, changes of the need, changes of the offer, does the rule hold
    ("ROUTE", {}, {"component": "B"}, True),
    ("ROUTE", {}, {"component": "Z"}, False),
    ("LEVEL", {"level": "A0"}, {"levelFrom": "A0"}, True),
    ("LEVEL", {"level": "A0"}, {"levelFrom": "A1"}, False),
    ("LEVEL", {"level": "A2"}, {"levelTo": "A2"}, True),
    ("LEVEL", {"level": "B1"}, {"levelTo": "A2"}, False),
    ("LEVEL", {"targetLevel": "B1"}, {"targetLevel": "B1"}, True),
    ("LEVEL", {"targetLevel": "B1"}, {"targetLevel": "B2"}, True),
    ("LEVEL", {"targetLevel": "B1"}, {"targetLevel": "A2"}, False),
    ("LITERACY", {"literacy": "AA"}, {"literacy": ["A", "AA"]}, True),
    ("LITERACY", {"literacy": "AA"}, {"literacy": ["A", "NVT"]}, False),
    ("LITERACY", {"literacy": "NVT"}, {"literacy": []}, False),
    ("REGION_CONTRACT", {"municipality": "0384"}, {}, True),
    ("REGION_CONTRACT", {"municipality": "0344"}, {}, False),
    ("REGION_CONTRACT", {"targetGroup": "family"}, {}, False),
    ("REGION_CONTRACT", {"targetGroup": "family"}, {"targetGroups": ["other", "family"]}, True),
    ("REGION_CONTRACT", {}, {"contractFrom": day(30)}, True),
    ("REGION_CONTRACT", {}, {"contractFrom": day(31)}, False),
    ("REGION_CONTRACT", {}, {"contractTo": day(30)}, True),
    ("REGION_CONTRACT", {}, {"contractTo": day(29)}, False),
    ("MARK", {}, {"markValidTo": day(30)}, True),
    ("MARK", {}, {"markValidTo": day(29)}, False),
    ("MARK", {}, {"markValidTo": None}, False),
    ("MARK", {}, {"markValidTo": None, "markRequired": False}, True),
    ("DISTANCE", {"maxTravelKm": KM}, {}, True),
    ("DISTANCE", {"maxTravelKm": KM - 1e-6}, {}, False),
    ("DISTANCE", {"maxTravelKm": 0}, {"lat": 52.37, "lon": 4.89}, True),
    ("DISTANCE", {"maxTravelKm": 0, "online": True}, {"mode": "online"}, True),
    ("DISTANCE", {"maxTravelKm": 0, "online": True}, {"mode": "hybrid"}, False),
    ("DISTANCE", {"maxTravelKm": 0, "online": False}, {"mode": "online"}, False),
    ("DISTANCE", {"lat": 51.0}, {}, False),
    ("DAYPART", {"available": ["MO1", "WE1", "FR1"]}, {}, True),
    ("DAYPART", {"available": ["MO1", "WE1"]}, {}, False),
    ("DAYPART", {"available": []}, {"slots": []}, True),
    ("DAYPART", {"available": [], "online": True}, {"mode": "online"}, True),
    ("DAYPART", {"available": []}, {"mode": "hybrid"}, False),
    ("DAYPART", {"available": ["SU3"]}, {"slots": ["SU3"]}, True),
    ("START_EARLY", {"earliestStart": day(30)}, {}, True),
    ("START_EARLY", {"earliestStart": day(31)}, {}, False),
    ("START_LATE", {"latestStart": day(30)}, {}, True),
    ("START_LATE", {"latestStart": day(29)}, {}, False),
    ("TERM", {"termEnd": day(395)}, {}, True),
    ("TERM", {"termEnd": day(394)}, {}, False),
    ("CHILDCARE", {"childcare": True}, {"childcare": True}, True),
    ("CHILDCARE", {"childcare": True}, {"childcare": False}, False),
    ("CHILDCARE", {"childcare": False}, {"childcare": False}, True),
    ("ACCESS", {"wheelchair": True}, {"wheelchair": True}, True),
    ("ACCESS", {"wheelchair": True}, {"wheelchair": False}, False),
    ("SEATS", {}, {"seats": 1}, True),
    ("SEATS", {}, {"seats": 0}, False),
]


@pytest.mark.parametrize(("rule", "need", "offer", "holds"), CASES)
def test_rule_alone(rule, need, offer, holds):
    data = instance([need_record(**need)], [offer_record(**offer)])
    seen = recommend(*tables(data), AS_OF)
    assert seen.failed_rules_of(0) == ([] if holds else [rule])
    result = solve(data)
    assert result.summary.feasible_pairs == int(holds)
    assert result.summary.placed == int(holds)
    assert result.reasons.sum() == int(not holds)
    if not holds:
        assert result.reasons[0, RULES.index(rule)] == 1


def test_rules_are_judged_each_for_itself():
    need = need_record(literacy="A", childcare=True, termEnd=day(100))
    data = instance([need], [offer_record(component="Z", seats=0)])
    seen = recommend(*tables(data), AS_OF)
    assert seen.failed_rules_of(0) == ["ROUTE", "LITERACY", "TERM", "CHILDCARE", "SEATS"]
    assert seen.near_misses() == []


@pytest.mark.parametrize("seed", range(4))
def test_all_pairs_against_a_loop(seed):
    data = region_instance(120, 60, seed=seed)
    for record in data["offers"][:10]:
        record["seats"] = 0
    needs, offers, policy = tables(data)
    result = solve(data)
    candidates = result.candidates
    found = set(zip(candidates.need.tolist(), candidates.offer.tolist(), strict=True))
    for row, need in enumerate(data["needs"]):
        seen = recommend(needs, offers, policy, AS_OF, row=row)
        for column, offer in enumerate(data["offers"]):
            wanted = failed(need, offer, data["policy"])
            assert seen.failed_rules_of(column) == wanted
            assert ((row, column) in found) == (not wanted)
        counts = [
            sum(rule in failed(need, o, data["policy"]) for o in data["offers"]) for rule in RULES
        ]
        if row in result.unplaced:
            position = int(np.searchsorted(result.unplaced, row))
            assert result.reasons[position].tolist() == counts


def test_tables_take_rows():
    data = region_instance(30, 20)
    needs, offers, _ = tables(data)
    again = needs.take([3, 1])
    assert again.ids.tolist() == ["n000003", "n000001"]
    assert offers.take(np.array([5])).regions == offers.regions
    assert len(offers.take([])) == 0


@pytest.mark.parametrize("column", ["component", "literacy", "level"])
def test_unknown_words_are_refused(column):
    needs = [need_record(**{column: "X"})]
    with pytest.raises(ValueError, match=column):
        tables(instance(needs, []))


def test_one_ceiling_has_one_size():
    offers = [offer_record(n, ceiling={"id": "c", "places": n}) for n in (1, 2)]
    with pytest.raises(ValueError, match="two numbers"):
        tables(instance([], copy.deepcopy(offers)))


def test_empty_sides():
    for needs, offers in (([], []), ([need_record()], []), ([], [offer_record()])):
        result = solve(instance(needs, offers))
        assert result.summary.placed == 0
        assert result.summary.optimal
        assert len(result.unplaced) == len(needs)
        assert result.seat_value.tolist() == [0] * len(offers)
