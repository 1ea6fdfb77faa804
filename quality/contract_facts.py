"""Lessons as a contract looks at them: given, and not recorded (port of procurement)."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Exists, F, OuterRef, Q
from django.urls import NoReverseMatch, reverse

from backend.common import clock
from matching.models import Placement
from matching.public import PlacementState
from procurement.public import LessonFact, Subject
from quality.models import Lesson


def unrecorded_lessons(*, course_ids: Collection[int], since: date) -> Sequence[LessonFact]:
    """Lessons until yesterday that had somebody to attend and have no attendance list. One query.

    A group without learners owes no list, and a cancelled lesson neither.
    """
    learners = Placement.objects.filter(
        Q(end_date__isnull=True) | Q(end_date__gte=OuterRef("date")),
        intake_moment__group=OuterRef("group"),
        state__in=[PlacementState.STARTED, PlacementState.STOPPED],
        start_date__lte=OuterRef("date"),
    )
    rows = (
        Lesson.objects.filter(
            Exists(learners),
            group__course__in=list(course_ids),
            date__gte=since,
            date__lt=clock.today(),
            is_cancelled=False,
            recorded_at__isnull=True,
        )
        .annotate(course_id=F("group__course_id"), group_code=F("group__code"))
        .order_by("date", "pk")
        .values_list("uuid", "course_id", "group_code", "date")
    )
    return [
        LessonFact(Subject("quality.lesson", uuid, code, _page(uuid)), course_id, day)
        for uuid, course_id, code, day in rows
    ]


def _page(uuid: object) -> str:
    try:
        return reverse("lesson", kwargs={"uuid": uuid})
    except NoReverseMatch:
        return ""
