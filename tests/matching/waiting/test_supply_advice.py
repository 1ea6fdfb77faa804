"""The advice on supply sees the waiting list as a run does: bundles and shares hold."""

import numpy as np
import pytest

from backend.common import clock
from matching.engine import People
from matching.selectors.policy import default_policy, engine_policy
from matching.services import supply_advice
from matching.services.supply_advice import supply_advice_of
from tests.factories.matching import contracted_intake, pip
from tests.factories.matching import placement as placed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def intake(municipality, component, *weekdays, **fields):
    return contracted_intake(
        municipality,
        group__weekdays=weekdays,
        group__course__component=component,
        **fields,
    )


def advice(municipality):
    return supply_advice_of(
        municipality_ids=[municipality.pk],
        policy=engine_policy(default_policy()),
        as_of=clock.today(),
    )


@pytest.fixture
def clashing(municipality):
    """One person, for whom the only starts of two components are at the same time."""
    intake(municipality, "B", 1, 3)
    intake(municipality, "KNM", 1)
    pip(municipality)


def test_nobody_counts_for_two_lessons_at_once(municipality, clashing):
    assert advice(municipality)["placed"] == 1


def test_without_the_people_it_would_count_twice(municipality, clashing, monkeypatch):
    def apart(needs, **kind):
        return People.apart(np.arange(len(needs)))

    monkeypatch.setattr(supply_advice, "people_of", apart)
    assert advice(municipality)["placed"] == 2


def test_lessons_that_run_already_count(municipality):
    running = intake(municipality, "KNM", 1)
    plan = pip(municipality)
    placed(municipality, intake=running, of=plan.needs.get(component="KNM"))
    intake(municipality, "B", 1, 3)
    assert advice(municipality)["placed"] == 0
