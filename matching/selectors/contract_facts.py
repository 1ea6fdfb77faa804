"""Placements as a contract looks at them: days and no persons (port of procurement)."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.common import clock
from matching.choices import ACCEPTED_STATES, PlacementState
from matching.models import Placement
from procurement.public import PlacementFact, Subject

# After these no first lesson is due.
OVER = frozenset({PlacementState.WITHDRAWN, PlacementState.EXPIRED, PlacementState.REFUSED})
ANSWERS = Q(
    events__state__in=[
        PlacementState.ACCEPTED,
        PlacementState.REFUSED,
        # A question that was taken back or ran out needs no answer any more.
        PlacementState.WITHDRAWN,
        PlacementState.EXPIRED,
    ]
)


def placement_facts(*, course_ids: Collection[int], since: date) -> Sequence[PlacementFact]:
    """Placements of these courses that were offered on or after `since`. One query."""
    rows = (
        Placement.objects.filter(
            intake_moment__group__course__in=list(course_ids),
            offered_at__isnull=False,
            offered_at__date__gte=since,
        )
        .order_by("pk")
        .annotate(answered_at=Min("events__happened_at", filter=ANSWERS))
        .values_list(
            "uuid",
            "intake_moment__group__course_id",
            "municipality_id",
            "offered_at",
            "answered_at",
            "state",
            "intake_moment__start_date",
            "start_date",
        )
    )
    return [
        PlacementFact(
            subject=Subject(
                "matching.placement",
                uuid,
                _("Placement %(number)s") % {"number": str(uuid)[:8]},
                reverse("placement", kwargs={"uuid": uuid}),
            ),
            course_id=course_id,
            municipality_id=municipality_id,
            offered_on=clock.local_day(offered_at or clock.now()),
            answered_on=None if answered_at is None else clock.local_day(answered_at),
            is_accepted=state in ACCEPTED_STATES,
            planned_start=planned,
            started_on=started,
            is_over=state in OVER,
        )
        for uuid, course_id, municipality_id, offered_at, answered_at, state, planned, started in (
            rows
        )
    ]
