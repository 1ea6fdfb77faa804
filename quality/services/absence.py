"""Signals of absence above the municipality's policy, and what a caseworker did about them.

There is no percentage in law; contracts and municipalities set one (domain.md 5, `absence_policy`).
Only lessons whose attendance was recorded count. Absence with a valid reason is no signal: it
counts as a lesson, and does not end a row either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, takewhile
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.errors import Violation
from backend.common.locks import lock_row
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Permission
from matching.models import MatchingPolicy, Placement
from matching.public import policy_in_force
from quality import policies
from quality.choices import (
    ROSTER_STATES,
    AbsenceOutcome,
    AbsenceReason,
    AbsenceState,
    AttendanceStatus,
)
from quality.errors import SignalClosedError, SignalInvalidError
from quality.models import AbsenceSignal, Attendance

KIND = "absence_signal"
# One missed lesson of a short list is a high percentage and no pattern.
MISSED_AT_LEAST = 2
AUDITED = ("state", "outcome")
MISSED = AttendanceStatus.ABSENT_UNAUTHORISED


class Given(NamedTuple):
    """One recorded lesson of one placement."""

    placement: int
    day: date
    status: str
    scheduled: int


@dataclass(frozen=True)
class Counted:
    """What the recorded lessons of one person say."""

    first: date
    last: date
    lessons: int
    missed: int
    in_row: int
    percent: int

    def reason(self, policy: MatchingPolicy) -> AbsenceReason | None:
        """The threshold that is reached; lessons in a row are the clearer sign of the two."""
        if self.in_row >= policy.absence_in_row:
            return AbsenceReason.IN_ROW
        if self.missed >= MISSED_AT_LEAST and self.percent >= policy.absence_percent:
            return AbsenceReason.PERCENT
        return None


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    register_kind(
        KIND,
        title=_("Somebody misses too many lessons"),
        body=_("%(course)s: %(missed)s of %(lessons)s lessons missed without a valid reason"),
    )


def absence_signals_raise() -> list[AbsenceSignal]:
    """A signal for everybody over the policy of the own municipality, one at a time per place.

    What was closed is not signalled again: only lessons after it count. Running it twice a day
    adds nothing. Notes about people who were forgotten go with them.
    """
    today = clock.today()
    AbsenceSignal.objects.filter(placement__participant__forgotten_at__isnull=False).exclude(
        note=""
    ).update(note="")
    made = []
    for municipality_id in _municipalities(today):
        policy = policy_in_force(organisation_id=municipality_id, on=today)
        since = today - timedelta(weeks=policy.absence_weeks)
        for placement_id, lessons in _recorded(municipality_id, since, today):
            counted = count_absence(lessons)
            reason = counted.reason(policy)
            if reason is not None:
                made += _raise(placement_id, municipality_id, policy, reason, counted)
    return made


def count_absence(lessons: Sequence[Given]) -> Counted:
    """The counts over recorded lessons in order of time; at least one."""
    missed = [one for one in lessons if one.status == MISSED]
    lost = sum(one.scheduled for one in missed)
    told = [one for one in lessons if one.status != AttendanceStatus.ABSENT_AUTHORISED]
    return Counted(
        first=lessons[0].day,
        last=lessons[-1].day,
        lessons=len(lessons),
        missed=len(missed),
        in_row=sum(1 for _one in takewhile(lambda one: one.status == MISSED, reversed(told))),
        percent=round(100 * lost / max(1, sum(one.scheduled for one in lessons))),
    )


@transaction.atomic
def absence_signal_close(
    *, actor: Actor, signal: AbsenceSignal, outcome: str, note: str
) -> AbsenceSignal:
    """The signal with what came of it and a note, once.

    Raises NotAllowedError, SignalClosedError, SignalInvalidError.
    """
    policies.require_close_absence(actor, signal.municipality_id)
    signal = lock_row(AbsenceSignal.objects.all(), signal.pk)
    if signal.state != AbsenceState.OPEN:
        raise SignalClosedError
    faults = []
    if outcome not in AbsenceOutcome.values:
        faults.append(Violation("outcome", "unknown_code", _("Choose what came of it.")))
    if not note.strip():
        faults.append(Violation("note", "required", _("Write in short what was done or agreed.")))
    if faults:
        raise SignalInvalidError(violations=faults)
    before = snapshot(signal, AUDITED)
    signal.state, signal.outcome, signal.note = AbsenceState.CLOSED, outcome, note.strip()
    signal.closed_at, signal.closed_by_label = clock.now(), actor.label
    signal.save(update_fields=["state", "outcome", "note", "closed_at", "closed_by_label"])
    record(
        actor=actor,
        action="absence_signal.closed",
        subject=signal,
        before=before,
        after=snapshot(signal, AUDITED),
        organisation_ids=[signal.municipality_id],
    )
    return signal


def _municipalities(today: date) -> list[int]:
    """Who has people that missed a lesson in the longest time that any policy looks back."""
    longest = MatchingPolicy.objects.aggregate(weeks=Max("absence_weeks"))["weeks"] or 0
    missed = Attendance.objects.filter(
        status=MISSED, lesson__date__gte=today - timedelta(weeks=longest)
    )
    return sorted(set(missed.order_by().values_list("placement__municipality", flat=True)))


def _recorded(municipality_id: int, since: date, today: date) -> Iterable[tuple[int, list[Given]]]:
    """Per running place without an open signal its lessons after the last signal; one query."""
    signals = AbsenceSignal.objects.filter(placement=OuterRef("placement"))
    rows = (
        Attendance.objects.filter(
            ~Exists(signals.open()),
            ~Exists(signals.filter(last_date__gte=OuterRef("lesson__date"))),
            placement__municipality=municipality_id,
            placement__state__in=ROSTER_STATES[:2],
            lesson__date__gte=since,
            lesson__date__lte=today,
        )
        .order_by("placement", "lesson__date", "lesson__start_time")
        .values_list("placement", "lesson__date", "status", "lesson__minutes_scheduled")
    )
    for placement, lessons in groupby((Given(*row) for row in rows), lambda one: one.placement):
        yield placement, list(lessons)


@transaction.atomic
def _raise(
    placement_id: int,
    municipality_id: int,
    policy: MatchingPolicy,
    reason: AbsenceReason,
    counted: Counted,
) -> list[AbsenceSignal]:
    placement = lock_row(
        Placement.objects.select_related("intake_moment__group__course"), placement_id
    )
    # Two workers at once: whoever comes second finds the signal of the first.
    if AbsenceSignal.objects.open().filter(placement=placement).exists():
        return []
    signal = AbsenceSignal.objects.create(
        placement=placement,
        municipality_id=municipality_id,
        policy=policy,
        reason=reason,
        first_date=counted.first,
        last_date=counted.last,
        lessons=counted.lessons,
        missed=counted.missed,
        in_row=counted.in_row,
        percent=counted.percent,
    )
    record(
        actor=system_actor("absence", {}),
        action="absence_signal.raised",
        subject=signal,
        after={"reason": reason.value, "missed": counted.missed, "lessons": counted.lessons},
        organisation_ids=[municipality_id],
    )
    notify(
        organisation_id=municipality_id,
        permission=Permission.MANAGE_PIPS,
        kind=KIND,
        path=f"/absence-signals/{signal.uuid}",
        key=f"absence:{signal.uuid}",
        params={
            "course": placement.intake_moment.group.course.name,
            "missed": counted.missed,
            "lessons": counted.lessons,
        },
    )
    return [signal]
