"""The intake stop as a state machine: requested, decided, in force, lifted.

A provider asks at least 14 calendar days ahead, with its reasons and alternatives; the buyer
decides in writing. A buyer may impose a stop at once on signals about quality, safety or fraud
(VNG model contract, clauses 3.5.3 and 3.6).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor, system_actor
from backend.audit import services as audit
from backend.common import clock, events
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from providers.choices import (
    IMPOSED_GROUNDS,
    STOP_NOTICE_DAYS,
    STOP_STATES_OPEN,
    STOP_TRANSITIONS,
    StopState,
)
from providers.errors import StopStateError
from providers.events import IntakeStopChanged
from providers.models import Course, IntakeStop, Location, Provider
from providers.policies import require_manage_catalogue
from providers.services.entering import broken
from providers.services.notices import stop_notice_ask

STOP_FIELDS = (
    "organisation", "kind", "course", "location", "state", "ground", "reason", "alternatives",
    "is_imposed", "starts_on", "ends_on", "decision_note",
)  # fmt: skip


@dataclass(frozen=True)
class StopDraft:
    """What is stopped, from when, and why; without kind, course and location: everything."""

    provider: Provider
    organisation: Organisation
    ground: str
    reason: str
    starts_on: date
    ends_on: date | None = None
    alternatives: str = ""
    kind: str = ""
    course: Course | None = None
    location: Location | None = None


@transaction.atomic
def stop_request(*, actor: Actor, draft: StopDraft) -> IntakeStop:
    """A request to the municipality or region, which is told of it.

    Raises NotAllowedError, InvalidError: at least 14 days ahead, with reason and alternatives, and
    not beside an open stop of the same scope.
    """
    require_manage_catalogue(actor, draft.provider)
    stop = _stop_of(draft)
    first = clock.today() + timedelta(days=STOP_NOTICE_DAYS)
    faults = _draft_faults(stop) + broken(
        [
            (
                stop.starts_on < first,
                Violation(
                    "starts_on",
                    "notice_too_short",
                    _(
                        "A stop is asked at least %(days)s days ahead. "
                        "Choose %(first)s or a later day."
                    )
                    % {"days": STOP_NOTICE_DAYS, "first": first.strftime("%d-%m-%Y")},
                ),
            ),
            (
                not stop.alternatives.strip(),
                Violation(
                    "alternatives",
                    "required",
                    _("Name what people can do instead: another start, course or provider."),
                ),
            ),
        ]
    )
    if faults:
        raise InvalidError(violations=faults)
    stop.save()
    _told(actor, stop, "intake_stop.requested", None)
    return stop


@transaction.atomic
def stop_impose(*, actor: Actor, draft: StopDraft) -> IntakeStop:
    """A stop from today on by the municipality or region, which the provider is told of.

    Only on signals about quality, safety or fraud. Raises NotAllowedError, InvalidError.
    """
    actor.require(Permission.MANAGE_CONTRACTS, draft.organisation.pk)
    stop = _stop_of(draft)
    now = clock.now()
    stop.is_imposed, stop.starts_on = True, clock.today()
    stop.state, stop.decided_at = StopState.ACTIVE, now
    faults = _draft_faults(stop) + broken(
        [
            (
                stop.ground not in IMPOSED_GROUNDS,
                Violation(
                    "ground",
                    "ground_not_imposable",
                    _("A stop can be imposed at once on quality, safety or fraud only."),
                ),
            )
        ]
    )
    if faults:
        raise InvalidError(violations=faults)
    stop.save()
    _told(actor, stop, "intake_stop.imposed", None)
    return stop


@transaction.atomic
def stop_decide(*, actor: Actor, stop: IntakeStop, approve: bool, note: str = "") -> IntakeStop:
    """The buyer consents or refuses, in writing. A refusal says why.

    Consent given after the first day counts from today: nothing is stopped in the past. Raises
    NotAllowedError, StopStateError, InvalidError.
    """
    actor.require(Permission.MANAGE_CONTRACTS, stop.organisation_id)
    state = StopState.APPROVED if approve else StopState.REFUSED
    stop, before = _locked(stop, state)
    if not approve and not note.strip():
        raise InvalidError(
            violations=[Violation("note", "required", _("Say why you refuse the stop."))]
        )
    stop.decided_at, stop.decision_note = clock.now(), note
    if approve:
        stop.starts_on = max(stop.starts_on, clock.today())
        if stop.ends_on is not None and stop.ends_on < stop.starts_on:
            raise InvalidError(
                violations=[
                    Violation(
                        "note", "over", _("This stop would have ended already. Refuse it instead.")
                    )
                ]
            )
    return _moved(actor, stop, state, before, note)


@transaction.atomic
def stop_withdraw(*, actor: Actor, stop: IntakeStop) -> IntakeStop:
    """The provider takes its request back. Raises NotAllowedError, StopStateError."""
    require_manage_catalogue(actor, stop.provider)
    stop, before = _locked(stop, StopState.WITHDRAWN)
    return _moved(actor, stop, StopState.WITHDRAWN, before)


@transaction.atomic
def stop_lift(*, actor: Actor, stop: IntakeStop, note: str = "") -> IntakeStop:
    """New placements are possible again.

    The provider lifts what it asked for; the buyer lifts any stop, and only the buyer one that it
    imposed. Raises NotAllowedError, StopStateError.
    """
    if stop.is_imposed or not actor.may(Permission.MANAGE_CATALOGUE, stop.provider.organisation_id):
        actor.require(Permission.MANAGE_CONTRACTS, stop.organisation_id)
    stop, before = _locked(stop, StopState.LIFTED)
    stop.lifted_at = clock.now()
    return _moved(actor, stop, StopState.LIFTED, before, note)


def stops_follow_clock() -> int:
    """Marks stops whose first day came as active and those whose last day passed as lifted.

    Matching does not wait for this: it judges by the days. Each in its own transaction; how many.
    """
    today = clock.today()
    actor = system_actor("intake-stops", {})
    begun = IntakeStop.objects.filter(state=StopState.APPROVED, starts_on__lte=today)
    over = IntakeStop.objects.filter(state=StopState.ACTIVE, ends_on__lt=today)
    steps = [(pk, StopState.ACTIVE) for pk in begun.values_list("pk", flat=True)]
    steps += [(pk, StopState.LIFTED) for pk in over.values_list("pk", flat=True)]
    moved = 0
    for pk, state in steps:
        with transaction.atomic():
            try:
                stop, before = _locked(IntakeStop.objects.get(pk=pk), state)
            except StopStateError:
                continue
            if state == StopState.LIFTED:
                stop.lifted_at = clock.now()
            _moved(actor, stop, state, before)
            moved += 1
    return moved


def _stop_of(draft: StopDraft) -> IntakeStop:
    return IntakeStop(
        provider=draft.provider,
        organisation=draft.organisation,
        kind=draft.kind,
        course=draft.course,
        location=draft.location,
        ground=draft.ground,
        reason=draft.reason.strip(),
        alternatives=draft.alternatives.strip(),
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        requested_at=clock.now(),
    )


def _draft_faults(stop: IntakeStop) -> list[Violation]:
    same = IntakeStop.objects.filter(
        provider=stop.provider,
        organisation=stop.organisation,
        kind=stop.kind,
        course=stop.course,
        location=stop.location,
        state__in=STOP_STATES_OPEN,
    )
    own = {stop.provider.pk}
    return field_violations(stop) + broken(
        [
            (
                stop.organisation.is_provider,
                Violation("organisation", "not_a_buyer", _("Choose a municipality or a region.")),
            ),
            (
                stop.ends_on is not None and stop.ends_on < stop.starts_on,
                Violation(
                    "ends_on",
                    "ends_before_start",
                    _("The last day is before the first day. Correct one of the two."),
                ),
            ),
            (
                stop.course is not None and stop.course.provider_id not in own,
                Violation(
                    "course", "other_provider", _("This course belongs to another provider.")
                ),
            ),
            (
                stop.location is not None and stop.location.provider_id not in own,
                Violation(
                    "location", "other_provider", _("This location belongs to another provider.")
                ),
            ),
            (
                same.exists(),
                Violation(
                    "organisation",
                    "exists_already",
                    _("There is an intake stop for this already. Look at that one first."),
                ),
            ),
        ]
    )


def _locked(stop: IntakeStop, state: StopState) -> tuple[IntakeStop, dict[str, object]]:
    """The stop as it is now, when `state` may follow."""
    related = IntakeStop.objects.select_related("provider__organisation", "organisation")
    stop = lock_row(related, stop.pk)
    if state not in STOP_TRANSITIONS[StopState(stop.state)]:
        raise StopStateError
    return stop, audit.snapshot(stop, STOP_FIELDS)


def _moved(
    actor: Actor, stop: IntakeStop, state: StopState, before: dict[str, object], note: str = ""
) -> IntakeStop:
    stop.state = state
    stop.save()
    _told(actor, stop, f"intake_stop.{state}", before, note)
    return stop


def _told(
    actor: Actor,
    stop: IntakeStop,
    action: str,
    before: dict[str, object] | None,
    reason: str = "",
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=stop,
        before=before,
        after=audit.snapshot(stop, STOP_FIELDS),
        reason=reason,
        organisation_ids=[stop.provider.organisation_id, stop.organisation_id],
    )
    stop_notice_ask(stop)
    events.publish(IntakeStopChanged(stop.pk, stop.state))
