"""Who sees which figures, and what a scorecard and the index say of them."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.roles import Role
from procurement.models import Contract
from quality import selectors
from quality.choices import NormVerdict
from quality.definitions import ATTENDANCE, FIRST_ATTEMPT, SATISFACTION
from quality.models import IndicatorValue, Lesson
from quality.services.indicators import indicators_compute
from tests.factories.quality import (
    provider_of,
)
from tests.support.figures import class_of, october

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures(school, municipality):
    class_of(school, *[180, 90] * 6, municipality=municipality)
    class_of(provider_of(), *[180, 90] * 15)
    class_of(provider_of(), *[180, 90] * 10)
    indicators_compute()


def names_seen(actor):
    return {str(one) for one in selectors.providers_of(actor)}


def test_a_provider_sees_its_own_figures_only(figures, make_actor, provider, school):
    actor = make_actor(Role.PROVIDER_PLANNER, provider)
    assert names_seen(actor) == {provider.name}
    seen = IndicatorValue.objects.visible_to(actor).values_list("provider", flat=True)
    assert set(seen) == {school.pk, None}


def test_a_municipality_sees_providers_of_its_people(
    figures, make_actor, municipality, other_municipality, provider
):
    assert names_seen(make_actor(Role.CASEWORKER, municipality)) == {provider.name}
    assert names_seen(make_actor(Role.COUNCIL_READER, municipality)) == {provider.name}
    assert names_seen(make_actor(Role.CASEWORKER, other_municipality)) == set()


def test_a_municipality_sees_providers_it_has_a_contract_with(
    figures, make_actor, other_municipality, school
):
    Contract.objects.create(
        buyer=other_municipality,
        provider=school,
        number="C-1",
        title="Raamovereenkomst",
        start_date=date(2026, 1, 1),
        end_date=date(2027, 12, 31),
    )
    actor = make_actor(Role.QUALITY_OFFICER, other_municipality)
    assert names_seen(actor) == {str(school)}


def test_a_region_sees_the_providers_of_its_members(figures, make_actor, region, provider):
    assert names_seen(make_actor(Role.REGIONAL_COORDINATOR, region)) == {provider.name}


def test_a_teacher_sees_no_figures(figures, make_actor, provider):
    actor = make_actor(Role.TEACHER, provider)
    assert names_seen(actor) == set()
    assert not IndicatorValue.objects.visible_to(actor).exists()


def test_the_scorecard_says_no_data_where_there_is_none(figures, make_actor, provider, school):
    card = selectors.scorecard(make_actor(Role.PROVIDER_PLANNER, provider), school)
    assert [one.indicator.code for one in card] == [FIRST_ATTEMPT, ATTENDANCE, SATISFACTION]
    assert card[0].shown is None
    assert card[1].shown.verdict == NormVerdict.UNCERTAIN
    assert card[1].everybody.n == 62
    assert card[2].shown is None


def test_the_scorecard_list_costs_the_same_for_two_and_for_ten_providers(
    make_actor, municipality, frozen_clock
):
    actor = make_actor(Role.QUALITY_OFFICER, municipality)

    def queries():
        frozen_clock.shift(3600)
        indicators_compute()
        with CaptureQueriesContext(connection) as captured:
            providers = list(selectors.providers_of(actor))
            found = selectors.newest_figures(actor, [one.pk for one in providers])
        return len(captured), len(found)

    for _one in range(2):
        class_of(provider_of(), *[180, 90] * 6, municipality=municipality)
    few = queries()
    for _one in range(8):
        class_of(provider_of(), *[180, 90] * 6, municipality=municipality)
    many = queries()
    assert (few[1], many[1]) == (2, 10)
    assert few[0] == many[0]


# What matching asks.


def test_the_index_is_zero_where_nothing_may_be_seen_and_signed_where_it_may(school):
    good, bad, small = school, provider_of(), provider_of()
    class_of(good, *[180] * 29, 90)
    class_of(bad, *[90] * 19, 180)
    class_of(small, *[0] * 4)
    unknown = provider_of()
    indicators_compute()
    index = selectors.provider_quality_index([good.pk, bad.pk, small.pk, unknown.pk])
    assert index[small.pk] == index[unknown.pk] == 0
    # "bad" is hidden with the small one, or its figure would follow from the total.
    assert set(index) == {good.pk, bad.pk, small.pk, unknown.pk}
    assert 0 < index[good.pk] <= 1


def test_the_index_stays_between_minus_one_and_one():
    best, worst, middle = provider_of(), provider_of(), provider_of()
    class_of(middle, *[180] * 30, *[0] * 30)
    class_of(best, *[180] * 60)
    class_of(worst, *[0] * 60)
    indicators_compute()
    index = selectors.provider_quality_index()
    assert -1 <= index[worst.pk] < 0 < index[best.pk] <= 1
    assert index[middle.pk] == pytest.approx(0)
    # One of three indicators known, 60 people against a half-weight of 30.
    assert index[best.pk] == pytest.approx(1 / 3 * 60 / 90)


def test_lessons_of_the_roster_are_counted_once_each(school):
    lesson, people = class_of(school, *[180] * 3)
    assert Lesson.objects.with_roster().filter(pk=lesson.pk).count() == len(people)


def test_the_command_and_the_task_compute_the_same(school, capsys, frozen_clock):
    from django.core.management import call_command

    from quality.tasks import compute_indicators_task

    class_of(school, *[180, 90] * 6)
    compute_indicators_task({})
    assert october(school).n == 12
    frozen_clock.shift(3600)
    call_command("compute_indicators")
    assert capsys.readouterr().out.endswith("0 new figures.\n")
    frozen_clock.shift(3600)
    call_command("compute_indicators", "--day", "2026-10-31")
    assert not IndicatorValue.objects.filter(period_end=date(2026, 9, 30), n__gt=0).exists()
