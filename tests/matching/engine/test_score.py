"""Scores: whole points that add up, in the declared range, and moved only by declared facts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import FACTORS, Policy, recommend, score
from tests.matching.engine.helpers import solve, tables
from tests.support.instances import (
    AS_OF,
    WEIGHTS,
    day,
    instance,
    need_record,
    offer_record,
    region_instance,
)


def factors(need=None, offer=None, **policy):
    data = instance([need_record(**(need or {}))], [offer_record(**(offer or {}))], **policy)
    return recommend(*tables(data), AS_OF).ranked()[0]["factors"]


@pytest.mark.parametrize("kinds_at_most", [score._FIT_MAX, 0])
def test_points_add_up_to_the_score_everywhere(kinds_at_most, monkeypatch):
    monkeypatch.setattr(score, "_FIT_MAX", kinds_at_most)
    data = region_instance(800, 200, seed=4)
    needs, offers, policy = tables(data)
    result = solve(data)
    assert result.points.sum(axis=1).tolist() == result.score.tolist()
    scores = {}
    c = result.candidates
    for i, j, s in zip(c.need.tolist(), c.offer.tolist(), c.score.tolist(), strict=True):
        scores[i, j] = s
    for row in range(0, 800, 40):
        seen = recommend(needs, offers, policy, AS_OF, row=row)
        for record in seen.ranked():
            assert sum(record["factors"].values()) == record["score"] == scores[row, record["row"]]
        assert list(seen.scores) == sorted(seen.scores, reverse=True)


@given(st.lists(st.integers(0, 1000), min_size=9, max_size=9))
def test_points_of_any_weights_make_a_thousand(weights):
    top = Policy(weights=dict(zip(FACTORS, weights, strict=True))).max_points()
    assert top.sum() == (1000 if any(weights) else 0)
    assert (top >= 0).all()
    assert all(points == 0 for points, w in zip(top, weights, strict=True) if w == 0)


def test_weights_of_a_thousand_are_the_points():
    assert Policy(weights=WEIGHTS).max_points().tolist() == list(WEIGHTS.values())


@pytest.mark.parametrize(
    ("factor", "need", "offer", "points"),
    [
        ("start", {"earliestStart": day(30)}, {}, 300),
        ("start", {"earliestStart": day(-60)}, {"start": day(0)}, 300),  # counted from today
        ("start", {"earliestStart": day(0)}, {"start": day(91)}, 150),
        ("start", {"earliestStart": day(0), "latestStart": day(400)}, {"start": day(182)}, 0),
        ("travel", {"lat": 52.35, "lon": 4.9}, {}, 200),
        ("travel", {"maxTravelKm": 0, "lat": 52.35, "lon": 4.9}, {}, 200),
        ("travel", {"online": True, "lat": 50.9}, {"mode": "online"}, 200),
        ("level", {"level": "A1"}, {"levelFrom": "A1"}, 150),
        ("level", {"level": "A1"}, {"levelFrom": "A0"}, 125),
        ("level", {"level": "A1", "targetLevel": "A1"}, {"levelFrom": "A0"}, 75),
        ("intensity", {"hoursPerWeek": 12}, {"hoursPerWeek": 12}, 100),
        ("intensity", {"hoursPerWeek": 12}, {"hoursPerWeek": 9}, 75),
        ("intensity", {"hoursPerWeek": 0}, {"hoursPerWeek": 0}, 100),
        ("dayPart", {"available": ["MO1", "WE1", "FR1"]}, {}, 0),
        ("dayPart", {"available": ["MO1", "WE1", "FR1", "TU1", "TU2", "TH1"]}, {}, 25),
        ("duality", {}, {"slots": ["MO1", "FR1"]}, 30),
        ("duality", {}, {"slots": []}, 50),
        ("filling", {}, {"enrolled": 7, "minGroup": 8}, 50),
        ("filling", {}, {"enrolled": 3, "minGroup": 8}, 25),
        ("filling", {}, {"enrolled": 0, "minGroup": 0}, 50),
        ("quality", {}, {"qualityIndex": 0}, 25),
        ("quality", {}, {"qualityIndex": 50}, 50),
        ("quality", {}, {"qualityIndex": -50}, 0),
        ("price", {}, {"pricePerHour": 8}, 50),
        ("price", {}, {"pricePerHour": 25}, 0),
        ("price", {}, {"pricePerHour": 99}, 0),
    ],
)
def test_factor(factor, need, offer, points):
    assert factors(need, offer)[factor] == points


def test_only_its_own_facts_move_a_factor():
    before = factors()
    after = factors(offer={"pricePerHour": 20.0})
    assert {name for name in FACTORS if before[name] != after[name]} == {"price"}


def test_bad_policies_are_refused():
    with pytest.raises(ValueError, match="priority"):
        Policy(priority="first")
    with pytest.raises(ValueError, match="exactly"):
        Policy(weights={"start": 1})
    with pytest.raises(ValueError, match="negative"):
        Policy(weights=WEIGHTS | {"start": -1})


def test_tie_numbers_depend_on_the_ids_alone():
    data = region_instance(50, 20)
    needs, _, _ = tables(data)
    longer, _, _ = tables(instance([*data["needs"], need_record() | {"id": "n" * 60}], []))
    assert np.array_equal(longer.tie_numbers[:50], needs.tie_numbers)
    assert len(set(longer.tie_numbers.tolist())) == 51
