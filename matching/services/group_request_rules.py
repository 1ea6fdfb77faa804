"""What a request for a group and a bid must say, and every reason to refuse them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.errors import Violation
from matching.models import GroupRequest
from procurement.models import Lot
from procurement.public import contracted_courses
from providers.models import Course, Location, Provider
from providers.public import SlotDraft


@dataclass(frozen=True)
class GroupRequestData:
    """What the group must be like."""

    lot: Lot
    component: str
    entry_level: str
    target_level: str
    literacy: str
    place: str
    slots: tuple[str, ...]
    hours_per_week: int
    seats: int
    min_size: int
    earliest_start_date: date
    latest_start_date: date
    # The last day on which providers may answer; left out: five working days.
    answer_date: date | None = None
    note: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupBidData:
    """What a provider offers; a lesson is a weekday (1 is Monday) with its times."""

    course: Course
    location: Location
    start_date: date
    end_date: date
    lessons: tuple[SlotDraft, ...]
    seats: int
    min_size: int
    teacher: str
    note: str = ""


def request_faults(data: GroupRequestData, last_day: date) -> list[Violation]:
    """Every reason to refuse the request; none when it can be sent."""
    checks = (
        (
            data.component not in data.lot.components,
            Violation("lot", "component_not_in_lot", _("This lot does not cover the component.")),
        ),
        (not data.slots, Violation("slots", "required", _("Choose at least one day-part."))),
        (
            data.min_size < 1 or data.seats < data.min_size,
            Violation("seats", "sizes", _("Ask for at least as many seats as the smallest group.")),
        ),
        (
            data.latest_start_date < data.earliest_start_date,
            Violation(
                "latest_start_date",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            ),
        ),
        (
            last_day < clock.today(),
            Violation("answer_date", "date_in_past", _("Choose today or a later day.")),
        ),
        (
            data.latest_start_date <= last_day,
            Violation(
                "latest_start_date",
                "before_answer",
                _("The start must lie after the last day on which providers can answer."),
            ),
        ),
    )
    return [fault for broken, fault in checks if broken]


def postpone_faults(request: GroupRequest, before: date, answer_date: date) -> list[Violation]:
    """Every reason to refuse another deadline: later than before, and before the latest start."""
    checks = (
        (
            answer_date <= before,
            Violation("answer_date", "not_later", _("Choose a later day than the one there is.")),
        ),
        (
            answer_date >= request.latest_start_date,
            Violation(
                "answer_date",
                "after_latest_start",
                _("Choose a day before the latest start of the group."),
            ),
        ),
    )
    return [fault for broken, fault in checks if broken]


def bid_faults(request: GroupRequest, provider: Provider, data: GroupBidData) -> list[Violation]:
    """What makes a bid impossible; the catalogue judges the rest when it is chosen."""
    courses = contracted_courses(
        lot_id=request.lot_id,
        provider_id=provider.pk,
        component=request.component,
        on=clock.today(),
    )
    checks = (
        (
            not courses.filter(pk=data.course.pk).exists(),
            Violation(
                "course",
                "not_contracted",
                _("This course cannot be called off from the lot. Choose another course."),
            ),
        ),
        (
            data.location.provider_id != provider.pk,
            Violation(
                "location", "other_provider", _("This location belongs to another provider.")
            ),
        ),
        (not data.lessons, Violation("lessons", "required", _("Enter at least one lesson."))),
        (
            any(one.end_time <= one.start_time for one in data.lessons),
            Violation("lessons", "times", _("A lesson ends after it starts.")),
        ),
        (
            data.start_date <= clock.today(),
            Violation("start_date", "in_the_past", _("Choose a start in the future.")),
        ),
        (
            data.end_date <= data.start_date,
            Violation(
                "end_date",
                "ends_before_start",
                _("The end date is not after the start date. Correct one of the two."),
            ),
        ),
        (
            data.min_size < 1 or data.seats < data.min_size,
            Violation("seats", "sizes", _("Offer at least as many seats as the smallest group.")),
        ),
    )
    return [fault for broken, fault in checks if broken]
