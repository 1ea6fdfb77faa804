"""The rules on one pair are the rules on columns: the same bits for any pair."""

import random
from datetime import date, timedelta

import pytest

from matching.engine import NeedTable, OfferTable, Policy, failed_rules_of_pair, recommend
from matching.engine.columns import NEED_FIELDS, OFFER_FIELDS
from tests.support.instances import AS_OF, need_record, offer_record, policy_record

PAIRS_PER_SEED = 1500
SLOTS = ["MO1", "MO2", "TU1", "WE1", "FR1", "SA3", "SU3"]
COMPONENTS = ["B", "O", "Z", "KNM", "MAP", "PVT"]
GROUPS = ["asylum", "family", "other"]
DATES = {"earliestStart", "latestStart", "deadline", "termEnd", "waitingSince"} | {
    "start",
    "end",
    "contractFrom",
    "contractTo",
    "markValidTo",
}


def some(pick, values):
    return pick.sample(values, pick.randint(0, len(values)))


def moment(pick, around):
    return (
        AS_OF + timedelta(days=around + pick.choice((-1, 0, 1, pick.randint(-90, 90))))
    ).isoformat()


def random_need(pick, number):
    return need_record(
        number,
        municipality=pick.choice(["0363", "0384", "0599"]),
        component=pick.choice(["B", "B", "B", *COMPONENTS]),
        targetGroup=pick.choice(GROUPS),
        level=pick.choice(["A0", "A1", "A2", "B1"]),
        targetLevel=pick.choice(["A1", "A2", "B1", "B2"]),
        literacy=pick.choice(["A", "AA", "NVT"]),
        lat=pick.uniform(51.9, 52.6),
        lon=pick.uniform(4.3, 5.3),
        maxTravelKm=pick.choice([None, 5, 10, 25, 60]),
        online=pick.random() < 0.5,
        available=some(pick, SLOTS),
        earliestStart=moment(pick, 30),
        latestStart=moment(pick, 60),
        deadline=pick.choice([None, moment(pick, 60)]),
        termEnd=pick.choice([None, moment(pick, 400)]),
        childcare=pick.random() < 0.3,
        wheelchair=pick.random() < 0.3,
    )


def random_offer(pick, number):
    lower, upper = sorted(pick.choices(["A0", "A1", "A2", "B1"], k=2))
    return offer_record(
        number,
        component=pick.choice(["B", "B", "B", *COMPONENTS]),
        levelFrom=lower,
        levelTo=upper,
        targetLevel=pick.choice(["A1", "A2", "B1", "B2"]),
        literacy=some(pick, ["A", "AA", "NVT"]),
        lat=pick.uniform(51.9, 52.6),
        lon=pick.uniform(4.3, 5.3),
        mode=pick.choice(["onsite", "online", "hybrid"]),
        slots=some(pick, SLOTS),
        start=moment(pick, 45),
        end=moment(pick, 400),
        seats=pick.choice([-1, 0, 1, 6]),
        municipalities=some(pick, ["0363", "0384"]),
        targetGroups=some(pick, GROUPS),
        contractFrom=moment(pick, 0),
        contractTo=moment(pick, 90),
        markValidTo=pick.choice([None, moment(pick, 45)]),
        markRequired=pick.random() < 0.5,
        childcare=pick.random() < 0.5,
        wheelchair=pick.random() < 0.5,
    )


def columns(record, names):
    """One record in the words of the tables, with dates as dates."""
    return {
        column: date.fromisoformat(record[name]) if name in DATES and record[name] else record[name]
        for column, name in names.items()
    }


@pytest.mark.parametrize("seed", range(4))
def test_random_pairs_fail_the_same_rules_as_in_the_columns(seed):
    pick = random.Random(seed)
    policy = Policy.from_record(policy_record(maxTravelKm=pick.choice([10, 25])))
    seen = 0
    for number in range(PAIRS_PER_SEED):
        need, offer = random_need(pick, number), random_offer(pick, number)
        found = recommend(
            NeedTable.from_records([need]), OfferTable.from_records([offer]), policy, AS_OF
        )
        bits = failed_rules_of_pair(
            columns(need, NEED_FIELDS), columns(offer, OFFER_FIELDS), policy.max_travel_km
        )
        assert bits == int(found.failed[0]), (need, offer)
        seen |= bits
    # CEILING and OVERLAP are no rules of the engine; of the others each has failed somewhere.
    assert seen.bit_count() == 13


def test_the_limit_itself_is_near_enough():
    need, offer = need_record(lat=52.0, lon=5.0), offer_record(lat=52.0, lon=5.0)
    for limit in (0.0, 1e-12):
        one = columns(need | {"maxTravelKm": limit}, NEED_FIELDS)
        assert failed_rules_of_pair(one, columns(offer, OFFER_FIELDS), 25.0) == 0
