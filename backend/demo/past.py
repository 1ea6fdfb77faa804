"""Act two: the learners of before, and what was delivered to them.

Seats are held, offered and accepted, lessons attended, exams taken and questions answered through
the same services as today, each on its own day.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from random import Random

from django.utils.translation import gettext as _

from backend.common.codes import Level, Skill
from backend.demo.absence import DEALT_WITH
from backend.demo.build import Region, at, at_day, publish
from backend.demo.money import record_money
from backend.demo.plan import PastPerson
from backend.demo.progress import Progress
from matching.models import Need, Placement
from matching.public import (
    Choice,
    placement_accept,
    placement_offer,
    placement_start,
    seat_hold_for_need,
)
from matching.services.duo_message_import import pip_messages_import
from providers.models import IntakeMoment
from quality.choices import AttendanceStatus, ExamLevel, ExamOutcome, FeedbackChannel, TeacherAdvice
from quality.models import Lesson
from quality.public import (
    AttendanceEntry,
    BulkRow,
    ExamEntry,
    ProgressEntry,
    attendance_record_bulk,
    deliveries_post,
    exam_result_record,
    feedback_submit,
    indicators_compute,
    lessons_generate_many,
    progress_record,
    ticket_open,
    wave_close,
    wave_create,
    wave_invite,
)
from quality.questionnaire import CORE_QUESTIONS

EXAM_PARTS = (Skill.READING, Skill.LISTENING, Skill.WRITING, Skill.SPEAKING)
# Closed rounds of feedback: first day and last day, in days ago. People are asked twice a year at
# most, and the second time is the round that is open today.
WAVES = ((165, 145),)
ANSWER_SHARE = 0.65
BULK_ROWS = 4000
# One learner in so many stays away for a while.
AWAY_EVERY = 9


def replay_past(built: Region, progress: Progress) -> list[Placement]:
    """Everybody of the plan's past is in a course, since the day that course began."""
    placements: list[Placement] = []
    cohorts = sorted(built.plan.past, key=lambda one: (one.intake.start_date, one.school))
    by_start = [
        (key, list(people))
        for key, people in groupby(cohorts, key=lambda one: (one.intake.start_date, one.school))
    ]
    for (start, school), people in progress.each(_("Learners of before"), by_start):
        with at_day(start - timedelta(days=37)):
            intakes = {one.intake.group: one.intake for one in people}
            publish(built, school, intakes.values())
            pip_messages_import(actor=built.actor(), document=[one.message for one in people])
        placements += _place(built, people, start)
    return placements


def _place(built: Region, people: list[PastPerson], start: date) -> list[Placement]:
    actor = built.actor()
    placements = []
    needs = _needs(built, people)
    with at_day(start - timedelta(days=34)):
        for person in people:
            intake = built.intakes[person.school, person.intake.group, person.intake.start_date]
            held = seat_hold_for_need(
                actor=actor,
                choice=Choice(
                    need=needs[person.message["reference"]],
                    intake_moment=IntakeMoment.objects.get(pk=intake),
                    motivation=_("Close to home and at the right level (demo)."),
                ),
            )
            placements.append(placement_offer(actor=actor, placement=held))
    with at_day(start - timedelta(days=32)):
        placements = [placement_accept(actor=actor, placement=one) for one in placements]
    with at_day(start + timedelta(days=1)):
        return [placement_start(actor=actor, placement=one, start_date=start) for one in placements]


def _needs(built: Region, people: list[PastPerson]) -> dict[str, Need]:
    references = [one.message["reference"] for one in people]
    found = Need.objects.filter(
        municipality__in=list(built.municipalities.values()),
        pip__participant__reference__in=references,
        component__in=["B", "Z"],
    ).select_related("pip__participant")
    return {need.pip.participant.reference: need for need in found}


def deliver(built: Region, placements: list[Placement], progress: Progress) -> None:
    """Lessons with attendance, progress per quarter, exams, a round of feedback, figures."""
    random = Random(f"{built.plan.seed}:delivery")  # noqa: S311 - data for a demo
    shares = {one.message["reference"]: one for one in built.plan.past}
    people = [
        (placement, shares[placement.participant.reference])
        for placement in Placement.objects.filter(pk__in=[one.pk for one in placements])
        .select_related("participant", "intake_moment", "need__pip")
        .order_by("participant__reference")
    ]
    _attendance(built, people, random, progress)
    for placement, person in progress.each(_("Progress and exams"), people):
        _progress(built, placement, person, random)
        _exams(built, placement, person, random)
    _feedback(built, people, random, progress)
    for _step in progress.each(_("Indicators"), [1]):
        indicators_compute()
    for _step in progress.each(_("Money"), [1]):
        municipalities = list(built.municipalities.values())
        deliveries_post()
        record_money(built.actor(), municipalities, built.contracts, built.plan.as_of)


def _attendance(
    built: Region,
    people: list[tuple[Placement, PastPerson]],
    random: Random,
    progress: Progress,
) -> None:
    actor = built.actor()
    moments = {placement.intake_moment for placement, _person in people}
    lessons_generate_many(actor=actor, intake_moments=moments)
    in_group = defaultdict(list)
    for number, (placement, person) in enumerate(people):
        in_group[placement.intake_moment.group_id].append((number, placement, person))
    lessons = Lesson.objects.filter(
        group__in=list(in_group), date__lt=built.plan.as_of, is_cancelled=False
    ).order_by("date", "start_time", "group__code", "provider_organisation__name")
    by_week = [
        list(found) for _week, found in groupby(lessons, key=lambda one: one.date.isocalendar()[:2])
    ]
    for week in progress.each(_("Weeks of attendance"), by_week):
        rows = [
            BulkRow(
                lesson.uuid,
                AttendanceEntry(placement.uuid, AttendanceStatus.ABSENT_UNAUTHORISED)
                if stays_away(number, built.plan.as_of - lesson.date)
                else _entry(placement, person, lesson.minutes_scheduled, random),
            )
            for lesson in week
            for number, placement, person in in_group[lesson.group_id]
            if lesson.date >= placement.intake_moment.start_date
        ]
        with at_day(week[-1].date):
            for first in range(0, len(rows), BULK_ROWS):
                attendance_record_bulk(actor=actor, rows=rows[first : first + BULK_ROWS])


def stays_away(number: int, ago: timedelta) -> bool:
    """Some did not come for two weeks: lately, or before the day on which that was dealt with."""
    last = {0: 0, 1: DEALT_WITH}.get(number % AWAY_EVERY)
    return last is not None and last <= ago.days <= last + 14


def _entry(
    placement: Placement, person: PastPerson, minutes: int, random: Random
) -> AttendanceEntry:
    draw = random.random()
    if draw < person.attendance * 0.95:
        return AttendanceEntry(placement.uuid, AttendanceStatus.PRESENT)
    if draw < person.attendance:
        return AttendanceEntry(
            placement.uuid, AttendanceStatus.LATE, classroom_minutes=minutes - 20
        )
    excused = random.random() < 0.6
    return AttendanceEntry(
        placement.uuid,
        AttendanceStatus.ABSENT_AUTHORISED if excused else AttendanceStatus.ABSENT_UNAUTHORISED,
    )


def _quarters(placement: Placement, as_of: date) -> Iterator[tuple[int, date]]:
    for number in range(1, 4):
        day = placement.intake_moment.start_date + timedelta(days=84 * number)
        if day < as_of:
            yield number, day


def _progress(built: Region, placement: Placement, person: PastPerson, random: Random) -> None:
    levels = list(Level.values)
    entry = levels.index(placement.need.pip.entry_level)
    for number, day in _quarters(placement, built.plan.as_of):
        gain = number // 2 + (random.random() < person.attendance - 0.4)
        level = Level(levels[min(entry + gain, len(levels) - 2)])
        advice = TeacherAdvice.ON_TRACK if random.random() < 0.7 else TeacherAdvice.MORE_TIME
        with at_day(day):
            progress_record(
                actor=built.actor(),
                placement=placement,
                assessed_date=day,
                entries=[ProgressEntry(skill, level, advice) for skill in EXAM_PARTS],
            )


def _exams(built: Region, placement: Placement, person: PastPerson, random: Random) -> None:
    """Some parts after half a year, for the B1 route; the Z route has no exams of its own."""
    start = placement.intake_moment.start_date
    if placement.need.component != "B" or start > built.plan.as_of - timedelta(days=190):
        return
    for part in random.sample((*EXAM_PARTS, Skill.KNM), k=random.randint(1, 3)):
        day = built.plan.as_of - timedelta(days=random.randrange(36, 110))
        passed = random.random() < person.passes
        with at_day(day + timedelta(days=10)):
            exam_result_record(
                actor=built.actor(),
                placement=placement,
                entry=ExamEntry(
                    part=part,
                    level=ExamLevel.NONE if part == Skill.KNM else ExamLevel.B1,
                    exam_date=day,
                    outcome=ExamOutcome.PASSED if passed else ExamOutcome.FAILED,
                ),
            )


def _feedback(
    built: Region,
    people: list[tuple[Placement, PastPerson]],
    random: Random,
    progress: Progress,
) -> None:
    """The closed rounds; their links go straight to made-up answers."""
    mood = {placement.participant.reference: person.attendance for placement, person in people}
    actor = built.actor()
    for number, (opens, closes) in enumerate(progress.each(_("Feedback rounds"), WAVES), start=1):
        first, last = (built.plan.as_of - timedelta(days=days) for days in (opens, closes))
        with at_day(first):
            wave = wave_create(
                actor=actor,
                organisation=built.region,
                name=_("Round %(number)s (demo)") % {"number": number},
                opens_date=first,
                closes_date=last,
            )
            links = wave_invite(actor=actor, wave=wave)
        # Links come in random order; sorted, the same people answer the same way each time.
        with at(built.plan, closes + 5):
            for link in sorted(links, key=lambda one: one.reference):
                _answer(link.token, mood[link.reference], random)
        with at_day(last + timedelta(days=1)):
            wave_close(actor=actor, wave=wave)


def _answer(token: str, mood: float, random: Random) -> None:
    answers = {
        code: max(1, min(5, round(random.gauss(1.2 + 3.2 * mood, 0.8))))
        if random.random() < 0.95
        else None
        for code in CORE_QUESTIONS
    }
    if random.random() > ANSWER_SHARE:
        return
    feedback_submit(
        hmac=ticket_open(token=token).token_hmac,
        language=random.choice(("nl", "ar", "en")),
        channel=FeedbackChannel.LINK,
        answers=answers,
    )
