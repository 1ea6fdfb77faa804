"""Starts in a row, and starts that move: planned together, postponed, shifted, cancelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock, events
from backend.common.business_days import is_holiday
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Text, Violation
from backend.common.locks import lock_row
from backend.common.periods import add_months
from providers.choices import Frequency, IntakeStatus
from providers.errors import IntakeStateError
from providers.events import IntakeMomentMoved
from providers.models import CourseGroup, IntakeMoment, IntakeSeries
from providers.policies import require_manage_catalogue
from providers.selectors.teachers import group_limits
from providers.services.catalogue import intake_moments_publish, seat_rules
from providers.services.drafts import IntakeDraft
from providers.services.entering import broken

# Two years of weekly starts; more is a typing mistake.
MOST_STARTS = 104
PACE = ("frequency", "step", "first_date", "last_date")
SERIES_FIELDS = ("group", *PACE)
MOVE_FIELDS = ("start_date", "end_date")


@dataclass(frozen=True)
class SeriesDraft:
    """Starts from `first_date` until `last_date`, every `step` weeks or months."""

    group: CourseGroup
    frequency: str
    step: int
    first_date: date
    last_date: date
    # How long each course runs after its start.
    weeks: int
    seats_total: int
    status: str = IntakeStatus.PUBLISHED


@dataclass(frozen=True)
class PlannedStart:
    """One start of a series; with a remark it is left out, and the remark says why."""

    start_date: date
    end_date: date
    seats_total: int
    remark: Text = ""


def intake_series_preview(*, actor: Actor, draft: SeriesDraft) -> list[PlannedStart]:
    """The starts that publishing the series makes, and those it leaves out. Writes nothing.

    A start on a public holiday moves to the next day that is none; one that exists already or that
    no teacher can carry is left out with a remark. Raises NotAllowedError, InvalidError.
    """
    require_manage_catalogue(actor, draft.group.course.provider)
    faults = series_faults(vars(draft))
    if faults:
        raise InvalidError(violations=faults)
    known = set(IntakeMoment.objects.filter(group=draft.group).values_list("start_date", flat=True))
    limits = group_limits([draft.group])[draft.group.pk]
    planned = []
    for day in _days(draft.frequency, draft.step, draft.first_date, draft.last_date):
        start = _first_open_day(day)
        seats = min(draft.seats_total, limits.seats(start))
        remark: Text = ""
        if start in known:
            remark = _("There is a start on this day already.")
        elif seats < max(1, draft.group.min_size):
            remark = _("There are too few seats: teachers or room do not suffice.")
        elif start < clock.today():
            remark = _("This day is in the past.")
        planned.append(PlannedStart(start, start + timedelta(weeks=draft.weeks), seats, remark))
        known.add(start)
    return planned


@transaction.atomic
def intake_series_publish(*, actor: Actor, draft: SeriesDraft) -> IntakeSeries:
    """All starts of the preview that have no remark, as one series; all or none.

    Raises InvalidError when nothing is left to publish.
    """
    planned = [one for one in intake_series_preview(actor=actor, draft=draft) if not one.remark]
    if not planned:
        raise InvalidError(
            violations=[
                Violation(
                    "first_date", "no_starts", _("None of these days can be a start. Change them.")
                )
            ]
        )
    provider = draft.group.course.provider
    series = IntakeSeries.objects.create(
        group=draft.group,
        frequency=draft.frequency,
        step=draft.step,
        first_date=draft.first_date,
        last_date=draft.last_date,
    )
    made = intake_moments_publish(
        actor=actor,
        provider=provider,
        drafts=[
            IntakeDraft(draft.group, one.start_date, one.end_date, one.seats_total, draft.status)
            for one in planned
        ],
    )
    IntakeMoment.objects.filter(pk__in=[one.pk for one in made]).update(series=series)
    audit.record(
        actor=actor,
        action="intake_series.published",
        subject=series,
        after={**audit.snapshot(series, SERIES_FIELDS), "starts": len(made)},
        organisation_ids=[provider.organisation_id],
    )
    return series


@transaction.atomic
def intake_moment_move(
    *,
    actor: Actor,
    intake_moment_id: int,
    start_date: date,
    end_date: date | None = None,
    reason: str,
) -> IntakeMoment:
    """The start on another day, with its seats and whoever holds them; the end moves along.

    Locks the start, so that nobody claims a seat for the old day. Publishes IntakeMomentMoved.
    Raises NotAllowedError, IntakeStateError (cancelled or begun), InvalidError, BusyError.
    """
    related = IntakeMoment.objects.select_related("group__course__provider")
    intake = lock_row(related, intake_moment_id)
    provider = intake.group.course.provider
    require_manage_catalogue(actor, provider)
    if intake.status == IntakeStatus.CANCELLED or intake.start_date < clock.today():
        raise IntakeStateError
    before = audit.snapshot(intake, MOVE_FIELDS)
    old = intake.start_date
    length = intake.end_date - old
    intake.start_date = start_date
    intake.end_date = end_date or start_date + length
    faults = field_violations(intake) + _move_faults(intake, old, reason)
    limits = group_limits([intake.group])[intake.group_id]
    faults += broken(seat_rules(intake.seats_total, start_date, limits))
    if faults:
        raise InvalidError(violations=faults)
    intake.save(update_fields=list(MOVE_FIELDS))
    audit.record(
        actor=actor,
        action="intake_moment.moved",
        subject=intake,
        before=before,
        after=audit.snapshot(intake, MOVE_FIELDS),
        reason=reason,
        organisation_ids=[provider.organisation_id],
    )
    if intake.status != IntakeStatus.DRAFT:
        events.publish(IntakeMomentMoved(intake.pk, old, start_date, reason))
    return intake


def _move_faults(intake: IntakeMoment, old: date, reason: str) -> list[Violation]:
    taken = IntakeMoment.objects.filter(group=intake.group_id, start_date=intake.start_date)
    return broken(
        [
            (
                intake.start_date < clock.today(),
                Violation(
                    "start_date",
                    "in_the_past",
                    _("This start is in the past. Choose a later date."),
                ),
            ),
            (
                intake.start_date == old,
                Violation("start_date", "same_day", _("This is the day it starts on already.")),
            ),
            (
                intake.end_date <= intake.start_date,
                Violation(
                    "end_date",
                    "ends_before_start",
                    _("The end date is not after the start date. Correct one of the two."),
                ),
            ),
            (
                taken.exclude(pk=intake.pk).exists(),
                Violation(
                    "start_date", "exists_already", _("There is a start on this day already.")
                ),
            ),
            (
                not reason.strip(),
                Violation("reason", "required", _("Say why, for the people who have a place.")),
            ),
        ]
    )


def series_faults(given: Mapping[str, Any]) -> list[Violation]:
    """Every fault in the given fields of a `SeriesDraft`, so that all can be told at once."""
    faults = [
        Violation(name, "not_positive", _("Enter at least 1."))
        for name in ("step", "weeks", "seats_total")
        if given.get(name, 1) < 1
    ]
    if given.get("frequency", Frequency.WEEKS) not in Frequency.values:
        faults.append(Violation("frequency", "invalid_choice", _("Choose weeks or months.")))
    first, last = given.get("first_date"), given.get("last_date")
    if first is not None and last is not None and last < first:
        faults.append(
            Violation(
                "last_date",
                "ends_before_start",
                _("The last day is before the first day. Correct one of the two."),
            )
        )
    if faults or any(given.get(name) is None for name in PACE):
        return faults
    if len(_days(*(given[name] for name in PACE))) > MOST_STARTS:
        faults.append(
            Violation(
                "last_date",
                "too_many",
                _("These are more than %(most)s starts. Choose a shorter period.")
                % {"most": MOST_STARTS},
            )
        )
    return faults


def _days(frequency: str, step: int, first: date, last: date) -> Sequence[date]:
    """The days of the series, at most one more than is allowed."""
    days = []
    for number in range(MOST_STARTS + 1):
        if frequency == Frequency.WEEKS:
            day = first + timedelta(weeks=number * step)
        else:
            # Always counted from the first day, so that 31 January does not stay at 28 February.
            day = add_months(first, number * step)
        if day > last:
            break
        days.append(day)
    return days


def _first_open_day(day: date) -> date:
    while is_holiday(day):
        day += timedelta(days=1)
    return day
