"""What attendance says is what the ledger says: posted, corrected, checked every night."""

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.accounts.actor import system_actor
from backend.common import clock
from procurement.models import CallOff, DeliveredMonth, LedgerEntry
from procurement.public import call_off_open
from procurement.selectors.ledger_checks import ledger_faults
from quality.choices import AttendanceStatus
from quality.delivered import CourseEnd, MonthTaught, quantities
from quality.public import AttendanceEntry, attendance_record
from quality.services.deliveries import deliveries_post, delivery_faults
from tests.factories.procurement import contract_for
from tests.factories.quality import LessonFactory

pytestmark = pytest.mark.django_db
PRICE = Decimal("14.50")


@pytest.fixture
def buy(municipality, other_municipality, intake):
    """Opens the call-off of a placement, as its acceptance does."""
    lot = contract_for(
        intake.group.course,
        municipalities=[municipality, other_municipality],
        price=PRICE,
        places=100,
    )

    def open_for(placement):
        return call_off_open(
            actor=system_actor("test", {}),
            reference=placement.uuid,
            contract_lot_id=lot.pk,
            municipality_id=placement.municipality_id,
            component=intake.group.course.component,
            start_date=intake.start_date,
            end_date=intake.end_date,
            hours=Decimal(600),
        )

    return open_for


def was(teacher_actor, lesson, placement, status=AttendanceStatus.PRESENT, **minutes):
    attendance_record(
        actor=teacher_actor,
        lesson=lesson,
        entries=[AttendanceEntry(placement.uuid, status, **minutes)],
    )


def delivered(placement):
    return [
        (one.kind, one.quantity, one.amount)
        for one in LedgerEntry.objects.filter(
            call_off__reference=placement.uuid, kind="delivered"
        ).order_by("pk")
    ]


def test_attendance_becomes_delivered_hours_once(lesson, amina, buy, teacher_actor):
    buy(amina)
    was(teacher_actor, lesson, amina)

    assert deliveries_post() == 1
    hours = Decimal(lesson.minutes_scheduled) / 60
    assert delivered(amina) == [("delivered", hours, hours * PRICE)]
    assert deliveries_post() == 0
    assert len(delivered(amina)) == 1


def test_a_correction_is_a_line_below_zero(lesson, amina, buy, teacher_actor):
    buy(amina)
    was(teacher_actor, lesson, amina)
    deliveries_post()
    was(teacher_actor, lesson, amina, AttendanceStatus.ABSENT_UNAUTHORISED)

    assert deliveries_post(changed_since=clock.now() - timedelta(hours=1)) == 1
    assert sum(quantity for _kind, quantity, _amount in delivered(amina)) == 0
    assert delivered(amina)[-1][1] < 0
    assert DeliveredMonth.objects.get().quantity == 0
    assert ledger_faults() == []


def test_only_what_changed_lately_is_looked_at(lesson, amina, buy, teacher_actor):
    buy(amina)
    was(teacher_actor, lesson, amina)

    assert deliveries_post(changed_since=clock.now() + timedelta(seconds=1)) == 0
    assert deliveries_post(changed_since=clock.now() - timedelta(seconds=1)) == 1


def test_a_referral_delivers_nothing_to_the_ledger(lesson, amina, bilal, buy, teacher_actor):
    buy(amina)
    was(teacher_actor, lesson, bilal)

    assert deliveries_post() == 0
    assert delivery_faults() == []


def test_the_check_prints_only_differences(lesson, amina, buy, teacher_actor):
    buy(amina)
    was(teacher_actor, lesson, amina)
    found = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_deliveries", stdout=found)
    assert str(amina.uuid) in found.getvalue()

    silent = StringIO()
    call_command("check_deliveries", "--post", stdout=silent)
    assert silent.getvalue() == ""
    DeliveredMonth.objects.update(quantity=1)
    with pytest.raises(SystemExit):
        call_command("check_deliveries", stdout=StringIO())


MONTHS = [
    MonthTaught(date(2026, 9, 1), 300, 360, Decimal(36)),
    MonthTaught(date(2026, 10, 1), 600, 720, Decimal("72.5")),
]
GOING_ON = CourseEnd(planned_minutes=2160, ended_as_planned=None)
ENDED = CourseEnd(planned_minutes=2160, ended_as_planned=date(2026, 11, 10))


@pytest.mark.parametrize(
    ("unit", "course", "expected"),
    [
        ("learner_hour", GOING_ON, {9: "5.00", 10: "10.00"}),
        ("group_hour", GOING_ON, {9: "0.60", 10: "1.21"}),
        ("traject", GOING_ON, {9: "0.17", 10: "0.33"}),
        ("traject", ENDED, {9: "0.17", 10: "0.33", 11: "0.50"}),
        ("module", CourseEnd(600, None), {9: "0.60", 10: "0.40"}),
        ("result", GOING_ON, {}),
        ("result", ENDED, {11: "1"}),
    ],
)
def test_each_unit_has_its_rule(unit, course, expected):
    found = quantities(unit, MONTHS, course)

    assert found == {
        date(2026, month, 1): Decimal(quantity) for month, quantity in expected.items()
    }


steps = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from([0, 30, 95]), st.booleans()),
    max_size=12,
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=steps)
def test_whatever_is_recorded_the_sums_agree(intake, amina, bilal, buy, teacher_actor, story):
    """Attendance in any order, corrected at will, posted now and then: ledger equals the lists."""
    for placement in (amina, bilal):
        if not CallOff.objects.filter(reference=placement.uuid).exists():
            buy(placement)
    today = clock.today()
    lessons = [
        LessonFactory(group=intake.group, date=today - timedelta(days=40 + 9 * number))
        if not intake.group.lessons.filter(date=today - timedelta(days=40 + 9 * number))
        else intake.group.lessons.get(date=today - timedelta(days=40 + 9 * number))
        for number in range(4)
    ]
    for number, is_amina, minutes, posts in story:
        status = AttendanceStatus.LATE if minutes else AttendanceStatus.ABSENT_AUTHORISED
        given_minutes = {"classroom_minutes": minutes} if minutes else {}
        was(
            teacher_actor,
            lessons[number],
            amina if is_amina else bilal,
            status,
            **given_minutes,
        )
        if posts:
            deliveries_post()
            assert delivery_faults() == []
            assert ledger_faults() == []
    deliveries_post()
    assert delivery_faults() == []
    assert ledger_faults() == []
