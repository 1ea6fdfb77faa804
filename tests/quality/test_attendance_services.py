"""One list per lesson: checked as a whole, written as a whole, corrected with history."""

from datetime import date
from uuid import uuid4

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from quality.choices import AttendanceStatus as S
from quality.errors import (
    AttendanceChangedError,
    AttendanceInvalidError,
    LessonCancelledError,
    LessonNotStartedError,
    TooManyRowsError,
)
from quality.models import Attendance
from quality.services.attendance import (
    MAX_BULK_ROWS,
    AttendanceEntry,
    BulkRow,
    attendance_record,
    attendance_record_bulk,
)
from tests.factories.quality import GroupFactory, LessonFactory, provider_of

pytestmark = pytest.mark.django_db


def present(placement, **fields):
    return AttendanceEntry(placement=placement.uuid, status=S.PRESENT, **fields)


def test_present_means_the_whole_lesson_in_its_own_form(teacher_actor, lesson, amina, bilal):
    absent = AttendanceEntry(placement=bilal.uuid, status=S.ABSENT_AUTHORISED)
    result = attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina), absent])
    assert (result.created, result.changed, result.unchanged) == (2, 0, 0)
    assert list(
        Attendance.objects.order_by("placement_id").values_list(
            "status", "classroom_minutes", "elearning_minutes", "remote_minutes", "minutes_present"
        )
    ) == [("present", 180, 0, 0, 180), ("absent_authorised", 0, 0, 0, 0)]
    lesson.refresh_from_db()
    assert lesson.recorded_at is not None
    assert lesson.attendance_version == 1


def test_hours_are_split_by_form(teacher_actor, lesson, amina):
    entry = present(amina, classroom_minutes=100, elearning_minutes=50, remote_minutes=30)
    attendance_record(actor=teacher_actor, lesson=lesson, entries=[entry])
    assert Attendance.objects.get().minutes_present == 180


def test_the_same_list_again_changes_nothing(teacher_actor, lesson, amina):
    attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina)])
    again = attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina)])
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    assert AuditEvent.objects.about(lesson).count() == 1
    assert Attendance.objects.get().version == 1


def test_a_correction_is_a_new_version_with_the_old_values_in_history(teacher_actor, lesson, amina):
    attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina)])
    late = AttendanceEntry(placement=amina.uuid, status=S.LATE, classroom_minutes=120)
    attendance_record(actor=teacher_actor, lesson=lesson, entries=[late])
    row = Attendance.objects.get()
    assert (row.status, row.minutes_present, row.version) == ("late", 120, 2)
    event = AuditEvent.objects.about(lesson).first()
    assert event.action == "attendance.corrected"
    key = str(amina.uuid)
    assert event.before[key]["classroom_minutes"] == 180
    assert event.after[key] == {
        "status": "late",
        "classroom_minutes": 120,
        "elearning_minutes": 0,
        "remote_minutes": 0,
    }


def test_every_fault_is_named_and_nothing_is_written(teacher_actor, lesson, amina, bilal):
    entries = [
        present(amina, classroom_minutes=181),
        AttendanceEntry(placement=uuid4(), status=S.PRESENT),
        AttendanceEntry(placement=bilal.uuid, status=S.ABSENT_AUTHORISED, remote_minutes=1),
        AttendanceEntry(placement=bilal.uuid, status=S.LATE),
    ]
    with pytest.raises(AttendanceInvalidError) as caught:
        attendance_record(actor=teacher_actor, lesson=lesson, entries=entries)
    assert [(one.field, one.code) for one in caught.value.violations] == [
        ("entries.0.minutes", "too_many_minutes"),
        ("entries.1.placement", "not_on_roster"),
        ("entries.2.minutes", "absent_with_minutes"),
        ("entries.3.placement", "duplicate"),
    ]
    assert not Attendance.objects.exists()
    assert not AuditEvent.objects.about(lesson).exists()


@pytest.mark.parametrize(
    ("status", "minutes", "code"),
    [
        (S.LATE, None, "minutes_missing"),
        (S.LATE, 0, "minutes_missing"),
        (S.PRESENT, 0, "present_without_minutes"),
        (S.PRESENT, -1, "negative"),
        (S.PRESENT, 180, None),
        (S.PRESENT, 1, None),
    ],
)
def test_minutes_fit_the_status(teacher_actor, lesson, amina, status, minutes, code):
    entry = AttendanceEntry(placement=amina.uuid, status=status, classroom_minutes=minutes)
    if code is None:
        attendance_record(actor=teacher_actor, lesson=lesson, entries=[entry])
        return
    with pytest.raises(AttendanceInvalidError) as caught:
        attendance_record(actor=teacher_actor, lesson=lesson, entries=[entry])
    assert [one.code for one in caught.value.violations] == [code]


def test_a_list_that_somebody_changed_is_refused(teacher_actor, lesson, amina):
    attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina)])
    with pytest.raises(AttendanceChangedError):
        attendance_record(
            actor=teacher_actor, lesson=lesson, entries=[present(amina)], expected_version=0
        )


def test_a_cancelled_or_future_lesson_takes_no_list(teacher_actor, intake, amina):
    cancelled = LessonFactory(group=intake.group, cancelled=True)
    tomorrow = LessonFactory(group=intake.group, date=date(2026, 11, 19))
    today = LessonFactory(group=intake.group, date=date(2026, 11, 18))
    with pytest.raises(LessonCancelledError):
        attendance_record(actor=teacher_actor, lesson=cancelled, entries=[present(amina)])
    with pytest.raises(LessonNotStartedError):
        attendance_record(actor=teacher_actor, lesson=tomorrow, entries=[present(amina)])
    attendance_record(actor=teacher_actor, lesson=today, entries=[present(amina)])
    assert Attendance.objects.count() == 1


def test_only_the_provider_that_gives_the_lesson_records(
    make_actor, other_provider, municipality, lesson, amina
):
    from backend.accounts.roles import Role

    for actor in (
        make_actor(Role.TEACHER, other_provider),
        make_actor(Role.CASEWORKER, municipality),
        make_actor(Role.QUALITY_OFFICER, municipality),
    ):
        with pytest.raises(NotAllowedError):
            attendance_record(actor=actor, lesson=lesson, entries=[present(amina)])
    assert not Attendance.objects.exists()


def test_caseworkers_see_attendance_of_their_own_clients_only(
    make_actor, municipality, other_municipality, teacher_actor, lesson, amina, bilal
):
    from backend.accounts.roles import Role

    attendance_record(actor=teacher_actor, lesson=lesson, entries=[present(amina), present(bilal)])
    own = make_actor(Role.CASEWORKER, municipality)
    theirs = make_actor(Role.CASEWORKER, other_municipality)
    assert [row.placement for row in Attendance.objects.visible_to(own)] == [amina]
    assert [row.placement for row in Attendance.objects.visible_to(theirs)] == [bilal]
    assert Attendance.objects.visible_to(teacher_actor).count() == 2


def test_bulk_names_each_row_and_writes_the_good_ones(
    teacher_actor, other_provider, lesson, amina, bilal
):
    foreign = LessonFactory(group=GroupFactory(provider=provider_of(other_provider)))
    rows = [
        BulkRow(lesson.uuid, present(amina)),
        BulkRow(foreign.uuid, present(bilal)),
        BulkRow(lesson.uuid, present(bilal, classroom_minutes=999)),
        BulkRow(uuid4(), present(amina)),
    ]
    outcomes = attendance_record_bulk(actor=teacher_actor, rows=rows)
    assert [(one.result, one.code) for one in outcomes] == [
        ("created", ""),
        ("error", "unknown_lesson"),
        ("error", "too_many_minutes"),
        ("error", "unknown_lesson"),
    ]
    assert [row.placement for row in Attendance.objects.all()] == [amina]
    again = attendance_record_bulk(actor=teacher_actor, rows=rows)
    assert again[0].result == "unchanged"
    assert AuditEvent.objects.about(lesson).count() == 1


def test_bulk_has_an_end(teacher_actor, lesson, amina):
    row = BulkRow(lesson.uuid, present(amina))
    with pytest.raises(TooManyRowsError):
        attendance_record_bulk(actor=teacher_actor, rows=[row] * (MAX_BULK_ROWS + 1))
