"""Attendance: one list per lesson, checked and written as a whole, corrected with history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import DomainError, Violation
from backend.common.locks import lock_row
from quality import policies
from quality.choices import ABSENT, AttendanceStatus, LessonForm
from quality.errors import (
    AttendanceChangedError,
    AttendanceInvalidError,
    LessonCancelledError,
    LessonNotStartedError,
    TooManyRowsError,
)
from quality.models import Attendance, Lesson
from quality.querysets import roster_of

# A group of the law has at most some twenty learners; 500 leaves room for shared lessons.
MAX_ENTRIES = 500
# A provider's system sends a day of all its groups at once (performance.md, bulk calls).
MAX_BULK_ROWS = 5000

FORM_FIELDS = {
    LessonForm.CLASSROOM: "classroom_minutes",
    LessonForm.SCHOOL_ELEARNING: "elearning_minutes",
    LessonForm.REMOTE: "remote_minutes",
}
WRITTEN = ("status", *FORM_FIELDS.values())


@dataclass(frozen=True)
class AttendanceEntry:
    """One line of the list. Without minutes, "present" means the whole lesson in its own form."""

    placement: UUID
    status: AttendanceStatus
    classroom_minutes: int | None = None
    elearning_minutes: int | None = None
    remote_minutes: int | None = None

    def given_minutes(self) -> dict[str, int]:
        named = {name: getattr(self, name) for name in FORM_FIELDS.values()}
        return {name: minutes for name, minutes in named.items() if minutes is not None}


@dataclass(frozen=True)
class AttendanceResult:
    """What a call did; a repeated call only counts `unchanged`."""

    lesson: Lesson
    created: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class BulkRow:
    lesson: UUID
    entry: AttendanceEntry


@dataclass(frozen=True)
class RowOutcome:
    """The result of one row of a bulk call: created, changed, unchanged, or refused with a code."""

    result: str
    code: str = ""
    message: Any = ""


@dataclass
class _Plan:
    """What a list would do: rows to write, and everything that is wrong with it."""

    writes: dict[int, Attendance]
    outcomes: list[str]
    faults: dict[int, Violation]
    before: dict[str, Any]


def attendance_record(
    *,
    actor: Actor,
    lesson: Lesson,
    entries: Sequence[AttendanceEntry],
    expected_version: int | None = None,
) -> AttendanceResult:
    """The list of the lesson says what `entries` say, or nothing changed and every fault is named.

    Only staff of the provider that gives the lesson. Persons who are not in `entries` stay as they
    were. With `expected_version`, a list that somebody changed meanwhile is refused.
    """
    policies.require_record(actor, lesson.provider_organisation_id)
    if len(entries) > MAX_ENTRIES:
        raise TooManyRowsError
    with transaction.atomic():
        lesson = lock_row(Lesson.objects.all(), lesson.pk)
        _require_recordable(lesson, expected_version)
        plan = _plan(lesson, entries)
        if plan.faults:
            raise AttendanceInvalidError(violations=list(plan.faults.values()))
        _write(actor, lesson, plan)
    return AttendanceResult(
        lesson,
        *(plan.outcomes.count(result) for result in ("created", "changed", "unchanged")),
    )


def attendance_record_bulk(*, actor: Actor, rows: Sequence[BulkRow]) -> list[RowOutcome]:
    """One outcome per row, in the order of `rows`: good rows are written, bad ones are named.

    Each lesson is written as a whole. Sending the same rows again writes nothing.
    """
    if len(rows) > MAX_BULK_ROWS:
        raise TooManyRowsError
    found = Lesson.objects.recordable_by(actor).filter(uuid__in={row.lesson for row in rows})
    lessons = {lesson.uuid: lesson for lesson in found}
    positions: dict[UUID, list[int]] = {}
    for position, row in enumerate(rows):
        positions.setdefault(row.lesson, []).append(position)
    outcomes: dict[int, RowOutcome] = {}
    for uuid, indexes in positions.items():
        lesson = lessons.get(uuid)
        if lesson is None:
            unknown = RowOutcome(
                "error", "unknown_lesson", _("There is no such lesson, or it is not yours.")
            )
            outcomes.update(dict.fromkeys(indexes, unknown))
            continue
        entries = [rows[index].entry for index in indexes]
        done = _record_lesson_rows(actor, lesson, entries)
        outcomes.update(zip(indexes, done, strict=True))
    return [outcomes[position] for position in range(len(rows))]


def _record_lesson_rows(
    actor: Actor, lesson: Lesson, entries: Sequence[AttendanceEntry]
) -> list[RowOutcome]:
    try:
        with transaction.atomic():
            lesson = lock_row(Lesson.objects.all(), lesson.pk)
            _require_recordable(lesson, None)
            plan = _plan(lesson, entries)
            _write(actor, lesson, plan)
    except DomainError as error:
        return [RowOutcome("error", error.code, error.message)] * len(entries)
    return [
        RowOutcome("error", plan.faults[index].code, plan.faults[index].message)
        if index in plan.faults
        else RowOutcome(plan.outcomes[index])
        for index in range(len(entries))
    ]


def _require_recordable(lesson: Lesson, expected_version: int | None) -> None:
    if lesson.is_cancelled:
        raise LessonCancelledError
    if lesson.date > clock.today():
        raise LessonNotStartedError
    if expected_version is not None and expected_version != lesson.attendance_version:
        raise AttendanceChangedError


def _plan(lesson: Lesson, entries: Sequence[AttendanceEntry]) -> _Plan:
    roster = dict(roster_of(lesson).values_list("uuid", "pk"))
    existing = {
        row.placement_id: row
        for row in Attendance.objects.filter(lesson=lesson, placement__in=roster.values())
    }
    plan = _Plan({}, [], {}, {})
    seen: set[UUID] = set()
    for index, entry in enumerate(entries):
        fault = _fault(lesson, entry, index, roster, seen)
        seen.add(entry.placement)
        if fault is not None:
            plan.faults[index] = fault
            plan.outcomes.append("error")
            continue
        placement_id = roster[entry.placement]
        old = existing.get(placement_id)
        new = Attendance(
            lesson=lesson,
            placement_id=placement_id,
            status=entry.status,
            version=1 if old is None else old.version + 1,
            **_minutes(lesson, entry),
        )
        if old is not None and _values(old) == _values(new):
            plan.outcomes.append("unchanged")
            continue
        plan.outcomes.append("created" if old is None else "changed")
        plan.writes[index] = new
        if old is not None:
            plan.before[str(entry.placement)] = _values(old)
    return plan


def _fault(
    lesson: Lesson,
    entry: AttendanceEntry,
    index: int,
    roster: Mapping[UUID, int],
    seen: set[UUID],
) -> Violation | None:
    if entry.placement not in roster:
        return _violation(
            index, "placement", "not_on_roster", _("This person is not on the list of this lesson.")
        )
    if entry.placement in seen:
        return _violation(
            index, "placement", "duplicate", _("This person stands on the list twice.")
        )
    total = sum(entry.given_minutes().values())
    if any(minutes < 0 for minutes in entry.given_minutes().values()):
        return _violation(index, "minutes", "negative", _("Minutes cannot be negative."))
    if entry.status in ABSENT and total:
        return _violation(
            index, "minutes", "absent_with_minutes", _("An absent person has no minutes.")
        )
    if entry.status == AttendanceStatus.LATE and not total:
        return _violation(
            index, "minutes", "minutes_missing", _("Say how many minutes this person was present.")
        )
    if entry.status == AttendanceStatus.PRESENT and entry.given_minutes() and not total:
        return _violation(
            index, "minutes", "present_without_minutes", _("A present person has minutes.")
        )
    if total > lesson.minutes_scheduled:
        return _violation(
            index, "minutes", "too_many_minutes", _("This is longer than the lesson lasted.")
        )
    return None


def _violation(index: int, field: str, code: str, message: Any) -> Violation:
    return Violation(field=f"entries.{index}.{field}", code=code, message=message)


def _minutes(lesson: Lesson, entry: AttendanceEntry) -> dict[str, int]:
    minutes = dict.fromkeys(FORM_FIELDS.values(), 0)
    if entry.status in ABSENT:
        return minutes
    given = entry.given_minutes()
    if not given:
        given = {FORM_FIELDS[LessonForm(lesson.form)]: lesson.minutes_scheduled}
    return minutes | given


def _values(row: Attendance) -> dict[str, Any]:
    return {name: str(value) if name == "status" else value for name, value in _pairs(row)}


def _pairs(row: Attendance) -> list[tuple[str, Any]]:
    return [(name, getattr(row, name)) for name in WRITTEN]


def _write(actor: Actor, lesson: Lesson, plan: _Plan) -> None:
    """Writes the plan in one statement, with one line in the audit trail for the whole list."""
    if not plan.writes:
        return
    uuids = dict(roster_of(lesson).values_list("pk", "uuid"))
    Attendance.objects.bulk_create(
        plan.writes.values(),
        update_conflicts=True,
        unique_fields=["lesson", "placement"],
        update_fields=[*WRITTEN, "version", "changed_at"],
    )
    lesson.recorded_at = lesson.recorded_at or clock.now()
    lesson.attendance_version += 1
    lesson.save(update_fields=["recorded_at", "attendance_version"])
    record(
        actor=actor,
        action="attendance.corrected" if plan.before else "attendance.recorded",
        subject=lesson,
        before=plan.before,
        after={str(uuids[row.placement_id]): _values(row) for row in plan.writes.values()},
        organisation_ids=[lesson.provider_organisation_id],
    )
