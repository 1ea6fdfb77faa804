"""The final MAP talk, the signed PVT and the end of the Z route: recorded as DUO takes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.codes import LearningRoute
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.common.periods import add_months
from matching import policies
from matching.agreement_choices import CompletionKind, Culpable
from matching.errors import ParticipantMovedError
from matching.models import Completion, Participant

HISTORY_FIELDS = ("kind", "completed_on", "culpable")
# DUO takes "not the person's own fault" from so many months before the end of the term.
NOT_CULPABLE_MONTHS = 2
DUO_FIELDS = {
    CompletionKind.MAP: "datumEindgesprekMap",
    CompletionKind.PVT: "datumOndertekeningPvt",
    CompletionKind.Z: "datumAfrondingZroute",
}


@dataclass(frozen=True)
class CompletionData:
    """Without a day: not done, and whether that is the person's own fault."""

    kind: str
    completed_on: date | None = None
    culpable: str = ""


@transaction.atomic
def completion_record(
    *, actor: Actor, participant: Participant, data: CompletionData
) -> Completion:
    """What was completed, as it is from now on; history keeps what stood there before.

    By the rules of DUO (R-MAP/PVT-DUO). Raises NotAllowedError, ParticipantMovedError,
    InvalidError with all faults.
    """
    policies.require_manage_pips(actor, participant.municipality_id)
    participant = lock_row(Participant.objects.all(), participant.pk)
    if participant.moved_out_date is not None:
        raise ParticipantMovedError
    if faults := [*_day_faults(participant, data), *_culpable_faults(participant, data)]:
        raise InvalidError(violations=faults)
    found = Completion.objects.filter(participant=participant, kind=data.kind).first()
    before = snapshot(found, HISTORY_FIELDS) if found else None
    found = found or Completion(participant=participant, kind=data.kind)
    found.completed_on, found.culpable = data.completed_on, data.culpable
    found.recorded_by_label = actor.label[:200]
    found.save()
    record(
        actor=actor,
        action="completion.recorded",
        subject=found,
        before=before,
        after=snapshot(found, HISTORY_FIELDS),
        organisation_ids=[participant.municipality_id],
    )
    return found


def completion_for_duo(completion: Completion) -> dict[str, Any]:
    """The body of `PUT /personen/{bsn}/map`, `/pvt` or `/zroute` as DUO takes it."""
    body: dict[str, Any] = {}
    if completion.completed_on is not None:
        body[DUO_FIELDS[CompletionKind(completion.kind)]] = completion.completed_on.isoformat()
    if completion.culpable:
        body["verwijtbaar"] = completion.culpable
    return body


def _day_faults(person: Participant, data: CompletionData) -> Iterator[Violation]:
    routes = list(person.pips.filter(is_current=True).values_list("route", flat=True))
    if not routes:
        yield Violation("kind", "no_pip", _("There is no PIP yet. Enter the PIP first."))
    elif (data.kind == CompletionKind.Z and routes != [LearningRoute.Z_ROUTE]) or (
        data.kind == CompletionKind.MAP and routes == [LearningRoute.EDUCATION_ROUTE]
    ):
        yield Violation("kind", "other_route", _("This is no part of the route of the PIP."))
    day = data.completed_on
    if day is None:
        if data.kind == CompletionKind.Z or not data.culpable:
            yield Violation("completed_on", "required", _("Enter the day."))
        return
    if day > clock.today():
        yield Violation("completed_on", "date_in_future", _("This date lies in the future."))
    if person.term_start_date is not None and day < person.term_start_date:
        yield Violation(
            "completed_on", "before_term", _("This date lies before the integration term.")
        )
    others = person.completions.exclude(kind=data.kind).exclude(completed_on=None)
    if data.kind != CompletionKind.Z:
        if others.filter(kind=CompletionKind.Z, completed_on__lt=day).exists():
            yield Violation(
                "completed_on", "after_z_route", _("The Z route was completed before this day.")
            )
    elif others.filter(completed_on__gt=day).exists():
        yield Violation(
            "completed_on",
            "before_other_parts",
            _("MAP or PVT was completed after this day: correct the days first."),
        )


def _culpable_faults(person: Participant, data: CompletionData) -> Iterator[Violation]:
    """DUO asks whose fault it is once the term has passed, and takes no answer before."""
    if data.kind == CompletionKind.Z:
        if data.culpable:
            yield _fault("not_for_z_route", _("For the Z route DUO only takes the day."))
        return
    end, today = person.term_end_date, clock.today()
    done_in_time = data.completed_on is not None and (end is None or data.completed_on < end)
    if done_in_time:
        if data.culpable:
            yield _fault("done_in_time", _("Leave this empty: it was done within the term."))
    elif not data.culpable:
        if data.completed_on is not None:
            yield _fault("required", _("It was done after the term: say whose fault that is."))
    elif data.culpable == Culpable.YES and (end is None or today < end):
        yield _fault("term_not_over", _("Own fault can be said once the term has passed."))
    elif end is None or today < add_months(end, -NOT_CULPABLE_MONTHS):
        yield _fault("too_early", _("This can be said from two months before the end of the term."))


def _fault(code: str, message: Any) -> Violation:
    return Violation("culpable", code, message)
