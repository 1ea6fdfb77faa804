"""The three indicators: worked by hand, at their boundaries."""

from datetime import date
from statistics import mean, stdev

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from quality.choices import ExamOutcome as X
from quality.choices import ValueState
from quality.definitions import ATTENDANCE, FIRST_ATTEMPT, SATISFACTION
from quality.errors import WriteRefusedError
from quality.models import Indicator, IndicatorValue
from quality.services.indicators import definitions_install, indicators_compute
from quality.suppression import published
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    WaveFactory,
    answered,
    attended,
    examined,
    placed,
    provider_of,
)
from tests.support.figures import OCTOBER, class_of, figure, october

pytestmark = pytest.mark.django_db


def test_attendance_is_attended_over_scheduled(school):
    class_of(school, *[180] * 9, 90, 0, 0)
    indicators_compute()
    row = october(school)
    assert (row.observed, row.denominator, row.n) == (9 * 180 + 90, 12 * 180, 12)
    assert row.value == pytest.approx(1710 / 2160)
    # By hand, timetables being equal: mean and deviation of the shares, t(11) = 2.200985 (table).
    shares = [1] * 9 + [0.5, 0, 0]
    half = 2.200985 * stdev(shares) / 12**0.5
    assert row.low == pytest.approx(mean(shares) - half, abs=1e-6)
    assert row.high == 1


def test_who_is_on_the_list_and_not_recorded_counts_as_scheduled(school):
    class_of(school, *[180] * 10, size=20)
    indicators_compute()
    assert october(school).value == pytest.approx(0.5)


def test_cancelled_lessons_count_nowhere(school):
    lesson, people = class_of(school, *[180] * 12)
    LessonFactory(group=lesson.group, date=date(2026, 10, 8), cancelled=True)
    indicators_compute()
    assert october(school).denominator == 12 * 180
    assert len(people) == october(school).n


def test_only_full_months_and_their_own_days_count(school):
    class_of(school, *[90] * 12, day=date(2026, 10, 1))
    class_of(school, *[90] * 12, day=date(2026, 10, 31))
    class_of(school, *[180] * 12, day=date(2026, 9, 30))
    class_of(school, *[180] * 12, day=date(2026, 11, 2))
    indicators_compute()
    assert october(school).value == pytest.approx(0.5)
    assert october(school).n == 24
    assert not IndicatorValue.objects.filter(period_start=date(2026, 11, 1)).exists()


def test_a_person_with_many_lessons_is_one_person(school):
    lesson, people = class_of(school, *[180] * 10)
    for day in (8, 13, 15):
        later = LessonFactory(group=lesson.group, date=date(2026, 10, day))
        for person in people:
            attended(later, person, 90)
    indicators_compute()
    assert october(school).n == 10


@pytest.mark.parametrize(("people", "state"), [(9, "too_few"), (10, "shown")])
def test_below_ten_people_nothing_is_shown(school, people, state):
    class_of(school, *[180, 90] * 4, *[180] * (people - 8))
    class_of(provider_of(), *[180, 90] * 15)
    class_of(provider_of(), *[180, 90] * 16)
    indicators_compute()
    row = october(school)
    assert row.state == state
    shown = published(row)
    if state == "too_few":
        assert (shown.value, shown.low, shown.high, shown.n) == (None, None, None, None)
        assert shown.n_text == "<10"
    else:
        assert shown.n == 10


def test_first_attempts_only_and_only_with_a_result(school):
    intake = IntakeFactory(group=GroupFactory(provider=school))
    people = [placed(intake) for _one in range(12)]
    for person in people[:6]:
        examined(person, X.PASSED)
    examined(people[6], X.FAILED, X.PASSED)
    examined(people[7], X.NONE, X.PASSED)
    examined(people[8], X.NONE)
    for person in people[9:]:
        examined(person, X.FAILED)
    examined(people[0], X.FAILED, part="KNM", level="NVT")
    indicators_compute()
    row = figure(FIRST_ATTEMPT, school)
    assert (row.observed, row.denominator, row.n) == (7, 12, 11)
    assert row.value == pytest.approx(7 / 12)
    # Clopper and Pearson 1934 by the beta distribution: qbeta(.025, 7, 6), qbeta(.975, 8, 5).
    assert row.low == pytest.approx(0.2766697, abs=1e-6)
    assert row.high == pytest.approx(0.8483478, abs=1e-6)


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 10, 31), False),
        (date(2025, 11, 1), True),
        (date(2026, 10, 31), True),
        (date(2026, 11, 1), False),
    ],
)
def test_first_attempts_of_the_last_twelve_full_months(school, day, counts):
    intake = IntakeFactory(group=GroupFactory(provider=school))
    examined(placed(intake), X.PASSED, exam_date=day)
    examined(placed(intake), X.PASSED)
    indicators_compute()
    assert figure(FIRST_ATTEMPT, school).n == 1 + counts


def test_a_first_attempt_before_the_period_does_not_make_a_second_one_first(school):
    intake = IntakeFactory(group=GroupFactory(provider=school))
    person = placed(intake)
    examined(person, X.FAILED, exam_date=date(2025, 9, 1))
    examined(person, X.PASSED, attempt_number=2)
    examined(placed(intake), X.PASSED)
    indicators_compute()
    assert figure(FIRST_ATTEMPT, school).n == 1


def test_satisfaction_is_the_mean_of_persons_with_response_rate(school):
    wave = WaveFactory(closed=True)
    answered(wave, school, 5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 2, 1, invited=20)
    indicators_compute()
    row = figure(SATISFACTION, school)
    assert row.value == pytest.approx(45 / 12)
    assert (row.n, row.invited, row.denominator) == (12, 20, 12)
    half = 2.200985 * stdev([5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 2, 1]) / 12**0.5
    assert row.low == pytest.approx(3.75 - half, abs=1e-6)
    assert row.high == pytest.approx(3.75 + half, abs=1e-6)
    assert published(row).response_rate == pytest.approx(0.6)


def test_equal_answers_of_everybody_and_open_rounds_are_not_shown(school):
    answered(WaveFactory(closed=True), school, *[5] * 12)
    answered(WaveFactory(open=True), school, *[1] * 12)
    indicators_compute()
    row = figure(SATISFACTION, school)
    assert row.state == ValueState.UNIFORM
    assert published(row).value is None
    assert published(row).n is None


def test_nobody_answered_is_no_data(school):
    answered(WaveFactory(closed=True), school, invited=12)
    indicators_compute()
    row = figure(SATISFACTION, school)
    assert row.state == ValueState.NO_DATA
    assert published(row).n_text == "0"


def test_all_together_is_the_sum_and_expected_adds_up(school):
    class_of(school, *[180] * 20)
    class_of(provider_of(), *[90] * 30)
    indicators_compute()
    together = october()
    parts = IndicatorValue.objects.filter(provider__isnull=False, period_start=OCTOBER[0])
    for name in ("observed", "denominator", "expected", "n"):
        assert getattr(together, name) == pytest.approx(sum(getattr(one, name) for one in parts))
    assert together.expected == pytest.approx(together.observed)
    assert october(school).expected == pytest.approx(20 * 180 * (20 * 180 + 30 * 90) / (50 * 180))


def test_one_hidden_provider_takes_another_along_and_the_total_tells_nothing(school):
    class_of(school, *[180, 90] * 4)
    middle, large = provider_of(), provider_of()
    class_of(middle, *[180, 90] * 6)
    class_of(large, *[180, 90] * 20)
    indicators_compute()
    states = {one: october(one).state for one in (school, middle, large, None)}
    assert states == {school: "too_few", middle: "secondary", large: "shown", None: "shown"}
    hidden = published(october(middle))
    assert (hidden.value, hidden.n, hidden.n_text) == (None, None, "–")


def test_from_two_providers_no_total_is_shown(school, frozen_clock):
    """Each could take its own figure off and know the other's."""
    class_of(school, *[180, 90] * 10)
    class_of(provider_of(), *[180, 90] * 12)
    indicators_compute()
    assert october(school).state == "shown"
    assert october().state == "secondary"
    class_of(provider_of(), *[180, 90] * 14)
    frozen_clock.shift(3600)
    indicators_compute()
    assert figure(ATTENDANCE, None, period_start=OCTOBER[0]).state == "shown"


def test_a_second_run_writes_nothing_and_a_correction_is_a_new_row(school, frozen_clock):
    lesson, people = class_of(school, *[180] * 11, 0)
    assert indicators_compute() > 0
    old = october(school)
    frozen_clock.shift(3600)
    assert indicators_compute() == 0
    lesson.attendances.filter(placement=people[-1]).update(status="present", classroom_minutes=180)
    frozen_clock.shift(3600)
    assert indicators_compute() == 2
    assert october(school).value == 1
    assert IndicatorValue.objects.get(pk=old.pk).value == old.value


@pytest.mark.parametrize("statement", ["update {} set n = 99", "delete from {}"])
def test_the_database_refuses_to_change_a_figure(school, statement):
    class_of(school, *[180] * 10)
    indicators_compute()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement.format("quality_indicatorvalue"))


def test_a_definition_never_changes_under_its_figures():
    definitions_install()
    assert Indicator.objects.count() == 3
    definitions_install()
    assert Indicator.objects.count() == 3
    Indicator.objects.filter(code=ATTENDANCE).update(norm=0.5)
    with pytest.raises(WriteRefusedError):
        definitions_install()


def test_computing_costs_the_same_for_two_and_for_eight_providers(frozen_clock):
    def queries():
        frozen_clock.shift(3600)
        with CaptureQueriesContext(connection) as captured:
            indicators_compute()
        return len(captured)

    indicators_compute()
    for _one in range(2):
        class_of(provider_of(), *[180, 90] * 6)
    few = queries()
    for _one in range(6):
        class_of(provider_of(), *[180, 90] * 6)
    assert queries() == few
