"""A packed explanation says what the engine said, to the letter."""

import pytest

from matching.engine import (
    FACTORS,
    RULES,
    NeedTable,
    OfferTable,
    Policy,
    packed_placed,
    packed_unplaced,
    relax_value,
    run_batch,
    unpacked,
)
from tests.support.instances import AS_OF, region_instance


@pytest.fixture(scope="module")
def result():
    data = region_instance(400, 120, seed=3)
    for number, one in enumerate(data["offers"]):
        one["id"] = f"00000000-0000-4000-8000-{number:012d}"
    # Marks that end or are missing, rooms without childcare, lots for others: each rule once.
    for one in data["offers"][::5]:
        one["markRequired"], one["markValidTo"] = True, None
    for one in data["offers"][1::7]:
        one["targetGroups"] = ["other"]
    return run_batch(
        NeedTable.from_records(data["needs"]),
        OfferTable.from_records(data["offers"]),
        Policy.from_record(data["policy"]),
        AS_OF,
    )


def test_who_has_a_place_keeps_points_and_alternatives(result):
    names = result.offers.ids.tolist()
    packed = packed_placed(result)
    assert len(packed) == len(result.placed) > 0
    for row, one in zip(result.placed, packed, strict=True):
        found = unpacked(one.tobytes())
        assert found.factors == dict(zip(FACTORS, result.points[row].tolist(), strict=True))
        assert sum(found.factors.values()) == result.score[row]
        assert found.alternatives == [
            {"intakeMomentId": names[offer], "score": score}
            for offer, score in zip(
                result.alternative_offer[row].tolist(),
                result.alternative_score[row].tolist(),
                strict=True,
            )
            if offer >= 0
        ]
        assert (found.reasons, found.near_misses) == ({}, [])


def test_who_has_none_keeps_counts_and_near_misses(result):
    near, names = result.near, result.offers.ids.tolist()
    packed = packed_unplaced(result)
    assert len(packed) == len(result.unplaced) > 0
    seen = set()
    for place, row in enumerate(result.unplaced.tolist()):
        found = unpacked(packed[place])
        assert found.reasons == {
            name: count
            for name, count in zip(RULES, result.reasons[place].tolist(), strict=True)
            if count
        }
        assert found.near_misses == [
            {
                "intakeMomentId": names[offer],
                "rule": RULES[rule],
                "relax": relax_value(result.needs, result.offers, row, offer, rule, amount),
            }
            for need, offer, rule, amount in zip(
                near.need.tolist(),
                near.offer.tolist(),
                near.rule.tolist(),
                near.amount.tolist(),
                strict=True,
            )
            if need == row
        ]
        seen |= {one["rule"] for one in found.near_misses}
    assert {"DISTANCE", "DAYPART", "REGION_CONTRACT", "MARK", "START_LATE"} <= seen


def test_nothing_packed_is_an_empty_explanation():
    found = unpacked(b"")
    assert (found.factors, found.alternatives, found.reasons, found.near_misses) == ({}, [], {}, [])
