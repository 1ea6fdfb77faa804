"""Sums behind the indicators, made by the database: no attendance row ever comes to Python."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Avg, Count, F, FloatField, Max, Min, Q, StdDev
from django.db.models.functions import Cast, TruncMonth

from providers.models import Provider
from quality.choices import ExamOutcome
from quality.definitions import MIN_CORE_ANSWERS
from quality.models import (
    Attendance,
    ExamResult,
    FeedbackInvitation,
    FeedbackResponse,
    FeedbackWave,
    Lesson,
)
from quality.statistics import RatioSums


@dataclass(frozen=True)
class BinomialSums:
    persons: int
    trials: int
    successes: int


@dataclass(frozen=True)
class MeanSums:
    n: int
    mean: float
    deviation: float
    uniform: bool
    invited: int


def attendance_sums(first: date, last: date) -> dict[tuple[int, date], RatioSums]:
    """Per provider and calendar month (its first day): sums over persons, in 1 query.

    Scheduled is what the roster says, attended what was recorded; a lesson without a list counts
    as scheduled and not attended, because a recorded-only rate flatters who forgets to record.
    """
    roster = (
        Lesson.objects.with_roster()
        .filter(date__gte=first, date__lte=last)
        .annotate(month=TruncMonth("date"))
        .values_list(
            "provider_organisation", "month", "person", "placement", "pk", "minutes_scheduled"
        )
        .order_by()
    )
    inner, parameters = roster.query.sql_with_params()
    # Table names come from our models and values are parameters; nothing of a user is in the text.
    statement = f"""
        with roster (organisation, month, person, placement, lesson, minutes) as ({inner}),
        person as (
            select roster.organisation, roster.month, roster.person,
                   coalesce(sum(attendance.minutes_present), 0)::float8 as a,
                   sum(roster.minutes)::float8 as s
            from roster
            left join {Attendance._meta.db_table} attendance
              on attendance.lesson_id = roster.lesson
             and attendance.placement_id = roster.placement
            group by roster.organisation, roster.month, roster.person
        )
        select provider.id, month::date, count(*),
               sum(a), sum(s), sum(a * a), sum(s * s), sum(a * s)
        from person
        join {Provider._meta.db_table} provider on provider.organisation_id = person.organisation
        group by provider.id, month
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return {(row[0], row[1]): RatioSums(*row[2:]) for row in cursor.fetchall()}


def first_attempt_sums(first: date, last: date) -> dict[int, BinomialSums]:
    """Per provider: first attempts with a result in the period, and how many passed; 1 query.

    The first attempt is the lowest number with a result; whether it falls in the period is asked
    afterwards, or a second attempt would pass for a first one.
    """
    firsts = (
        ExamResult.objects.filter(outcome__in=[ExamOutcome.PASSED, ExamOutcome.FAILED])
        .order_by("participant_id", "part", "level", "attempt_number")
        .distinct("participant_id", "part", "level")
    )
    rows = (
        ExamResult.objects.filter(
            pk__in=firsts.values("pk"), exam_date__gte=first, exam_date__lte=last
        )
        .order_by()
        .values(provider=F("placement__provider_organisation__provider"))
        .annotate(
            persons=Count("participant", distinct=True),
            trials=Count("pk"),
            successes=Count("pk", filter=Q(outcome=ExamOutcome.PASSED)),
        )
    )
    return {
        row["provider"]: BinomialSums(row["persons"], row["trials"], row["successes"])
        for row in rows
    }


def satisfaction_sums(wave: FeedbackWave) -> dict[int, MeanSums]:
    """Per provider: persons, mean and spread of their means, all alike, invited; 2 queries."""
    score = Cast("core_sum", FloatField()) / Cast("core_count", FloatField())
    rows = (
        FeedbackResponse.objects.filter(wave=wave, core_count__gte=MIN_CORE_ANSWERS)
        .order_by()
        .values("provider")
        .annotate(
            n=Count("pk"),
            mean=Avg(score),
            deviation=StdDev(score, sample=True),
            least=Min(score),
            most=Max(score),
        )
    )
    answered = {row["provider"]: row for row in rows}
    invited = dict(
        FeedbackInvitation.objects.filter(wave=wave)
        .order_by()
        .values_list("provider")
        .annotate(number=Count("pk"))
    )
    sums = {}
    for provider, number in invited.items():
        row = answered.get(provider)
        if row is None:
            sums[provider] = MeanSums(0, 0.0, 0.0, False, number)
        else:
            uniform = row["least"] == row["most"]
            deviation = row["deviation"] or 0.0
            sums[provider] = MeanSums(row["n"], row["mean"], deviation, uniform, number)
    return sums
