"""What a message of DUO changes for the person. DUO decides; nothing is computed here (R-TRM-2)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, cast

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.codes import TargetGroup
from backend.common.events import publish
from matching.choices import OPEN_PLACEMENT_STATES, NeedState
from matching.duo_choices import (
    CLOCK_STARTED,
    ENDS_OBLIGATION,
    FOR_INFORMATION,
    MOVED_OUT,
    DuoMessageKind,
    DuoTask,
)
from matching.events import TargetGroupChanged
from matching.models import DuoMessage, Need, Participant, Placement, TargetGroupPeriod
from matching.services.duo_bodies import GRANTED
from matching.services.pip_rules import PipData, need_deadline

OBLIGATION_ENDED: Final = "obligation_ended"
TEMPORARY: Final = "Tijdelijke vrijstelling"
FAMILY: Final = frozenset({"Gezinshereniger", "Gezinsvormer"})
FAMILY_OF_STATUS_HOLDER: Final = frozenset(
    {"Gezinshereniger met Asielstatushouder", "Gezinsvormer met Asielstatushouder"}
)


def message_apply(actor: Actor, message: DuoMessage, person: Participant) -> str:
    """Carries out the message; the task (DuoTask) that it leaves to a caseworker, or nothing.

    MUST run with the person locked, and only for a message that no newer one has overtaken.
    """
    return EFFECTS.get(message.kind, _only_kept)(actor, message, person)


def needs_close(actor: Actor, person: Participant, reason: str) -> int:
    """Nobody waits any more: the waiting needs are closed, running places stay; how many closed."""
    closed = Need.objects.filter(pip__participant=person, state=NeedState.WAITING).update(
        state=NeedState.CLOSED, closed_reason=reason
    )
    if closed:
        record(
            actor=actor,
            action="needs.closed",
            subject=person,
            after={"closed": closed},
            reason=reason,
            organisation_ids=[person.municipality_id],
        )
    return closed


def has_open_place(person: Participant) -> bool:
    return Placement.objects.filter(participant=person, state__in=OPEN_PLACEMENT_STATES).exists()


def person_correct(actor: Actor, person: Participant, **values: Any) -> bool:
    """Writes what differs, with history; whether anything did."""
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    if not changed:
        return False
    before = snapshot(person, changed)
    for name in changed:
        setattr(person, name, values[name])
    person.save(update_fields=changed)
    record(
        actor=actor,
        action="participant.corrected",
        subject=person,
        before=before,
        after=snapshot(person, changed),
        reason="DUO",
        organisation_ids=[person.municipality_id],
    )
    return True


def _only_kept(actor: Actor, message: DuoMessage, person: Participant) -> str:
    """Shown as delivered; it changes nothing else."""
    return ""


def _event(actor: Actor, message: DuoMessage, person: Participant) -> str:
    code = message.event_code
    registered = _moment_day(message.body["registratieDatumTijd"])
    if code == CLOCK_STARTED:
        person_correct(actor, person, notified_at_date=registered)
        return ""
    if code in ENDS_OBLIGATION:
        return _obligation_over(actor, person, registered)
    if code in MOVED_OUT:
        return DuoTask.MOVED_OUT
    return "" if code in FOR_INFORMATION else DuoTask.EVENT


def _obligation(actor: Actor, message: DuoMessage, person: Participant) -> str:
    body = message.body
    if body["indicatorInburgeringsplicht"]:
        start = _day(body.get("begindatum")) or person.obligation_start_date
        person_correct(
            actor,
            person,
            obligation_start_date=start,
            obligation_end_date=None,
            exempt_until=None,
        )
        return ""
    if body.get("redenGeenInburgeringsplicht") == TEMPORARY:
        # Until when stands in the message about exemptions.
        return "" if person.is_exempt else DuoTask.EVENT
    ended = _day(body.get("einddatum")) or _day(body.get("wijzigingsdatum"))
    return _obligation_over(actor, person, ended or clock.local_day(message.sent_at))


def _obligation_over(actor: Actor, person: Participant, ended: date) -> str:
    person_correct(actor, person, obligation_end_date=ended)
    needs_close(actor, person, OBLIGATION_ENDED)
    return DuoTask.OBLIGATION_ENDED if has_open_place(person) else ""


def _granted_in_full(part: str) -> Callable[[Actor, DuoMessage, Participant], str]:
    """A full exemption or dispensation that was granted ends the obligation (Wet art. 4 and 5)."""

    def apply(actor: Actor, message: DuoMessage, person: Participant) -> str:
        for one in message.body:
            full = one.get(part)
            if full and full["oordeel"] == GRANTED:
                day = _day(full.get("datumOordeel")) or clock.local_day(message.sent_at)
                return _obligation_over(actor, person, day)
        return ""

    return apply


def _exemptions(actor: Actor, message: DuoMessage, person: Participant) -> str:
    """A full exemption ends the obligation; a temporary one keeps needs off the list until its end.

    The message holds all exemptions of the person: what it does not grant is over. Without a last
    day it is for a caseworker to judge, and so is a place that the person has.
    """
    task = _granted_in_full("GeheleVrijstelling")(actor, message, person)
    found = [one.get("TijdelijkeVrijstelling") for one in message.body]
    granted = [one for one in found if one and one["oordeel"] == GRANTED]
    ends = [end for one in granted if (end := _day(one.get("einddatum")))]
    person_correct(actor, person, exempt_until=max(ends, default=None))
    if task:
        return task
    if len(ends) < len(granted):
        return DuoTask.EVENT
    return DuoTask.EVENT if person.is_exempt and has_open_place(person) else ""


def _term(actor: Actor, message: DuoMessage, person: Participant) -> str:
    """R-TRM-2: the term as delivered, and with it the last days on which a course can start."""
    start, end = _day(message.body["startdatum"]), _day(message.body["einddatum"])
    if person_correct(actor, person, term_start_date=start, term_end_date=end):
        _deadlines_follow(person)
    return ""


def _deadlines_follow(person: Participant) -> None:
    waiting = list(
        Need.objects.filter(
            pip__participant=person, pip__is_current=True, state=NeedState.WAITING
        ).select_related("pip")
    )
    for need in waiting:
        # The plan as stored says all that its data class says.
        plan = cast(PipData, need.pip)
        need.deadline = need_deadline(need.component, plan, None, person.term_end_date)
    Need.objects.bulk_update(waiting, ["deadline"])


def _pip(actor: Actor, message: DuoMessage, person: Participant) -> str:
    """A PIP of another municipality came first: it decides the term and R-PIP-5."""
    decided = _day(message.body["pip"]["dagtekeningPip"])
    own = person.municipality.municipality.cbs_code == message.body["gemeentecode"]
    earlier = person.first_pip_date is None or (decided and decided < person.first_pip_date)
    if not own and earlier:
        person_correct(actor, person, first_pip_date=decided)
    return ""


def _target_group(actor: Actor, message: DuoMessage, person: Participant) -> str:
    group = group_of(message.body)
    start = _day(message.body.get("begindatum")) or clock.local_day(message.sent_at)
    if group is None:
        return ""
    kept = [
        (one.target_group, one.valid_from)
        for one in person.target_group_periods.order_by("valid_from")
        if one.valid_from < start
    ]
    return _periods_replace(actor, person, [*kept, (group, start)])


def _target_group_history(actor: Actor, message: DuoMessage, person: Participant) -> str:
    known = person.target_group_periods.order_by("-valid_from").first()
    rows = sorted(
        (start, group)
        for one in message.body
        if (start := _day(one.get("begindatum"))) and (group := group_of(one, known))
    )
    if not rows:
        return ""
    return _periods_replace(actor, person, [(group, start) for start, group in rows])


def _periods_replace(actor: Actor, person: Participant, periods: Sequence[tuple[str, date]]) -> str:
    """R-GRP-1: the history as DUO delivers it; each group lasts until the next begins."""
    merged: list[tuple[str, date]] = []
    for group, start in periods:
        if not merged or merged[-1][0] != group:
            merged.append((group, start))
    old = list(person.target_group_periods.order_by("valid_from"))
    if [(one.target_group, one.valid_from) for one in old] == merged:
        return ""
    person.target_group_periods.all().delete()
    ends = [start - timedelta(days=1) for _group, start in merged[1:]]
    TargetGroupPeriod.objects.bulk_create(
        TargetGroupPeriod(participant=person, target_group=group, valid_from=start, valid_to=end)
        for (group, start), end in zip(merged, [*ends, None], strict=True)
    )
    current, before = merged[-1][0], old[-1].target_group if old else None
    record(
        actor=actor,
        action="target_group.changed",
        subject=person,
        before={"target_group": before},
        after={"target_group": current, "valid_from": merged[-1][1].isoformat()},
        reason="DUO",
        organisation_ids=[person.municipality_id],
    )
    if current == before:
        return ""
    publish(TargetGroupChanged(person.pk, person.municipality_id, current))
    return DuoTask.TARGET_GROUP if has_open_place(person) else ""


def group_of(body: Mapping[str, Any], known: TargetGroupPeriod | None = None) -> str | None:
    """Our code for DUO's group: the classification decides, never the detail (domain.md 1.1).

    The detail only tells family from other migrants; without it what is known already holds.
    """
    match body.get("indeling"):
        case "Asielstatushouder":
            return TargetGroup.ASYLUM
        case "Gezinsmigrant en overige migrant":
            detail = body.get("gedetailleerdeDoelgroep")
            if detail in FAMILY | FAMILY_OF_STATUS_HOLDER:
                return TargetGroup.FAMILY
            if detail is None and known and known.target_group != TargetGroup.ASYLUM:
                return str(known.target_group)
            return TargetGroup.OTHER if detail else TargetGroup.FAMILY
    return None


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _moment_day(value: str) -> date:

    return clock.local_day(datetime.fromisoformat(value))


EFFECTS: Final[Mapping[str, Callable[[Actor, DuoMessage, Participant], str]]] = MappingProxyType(
    {
        DuoMessageKind.NOTIFICATION: _event,
        DuoMessageKind.OBLIGATION: _obligation,
        DuoMessageKind.TARGET_GROUP: _target_group,
        DuoMessageKind.TARGET_GROUP_HISTORY: _target_group_history,
        DuoMessageKind.TERM: _term,
        DuoMessageKind.EXEMPTIONS: _exemptions,
        DuoMessageKind.DISPENSATIONS: _granted_in_full("GeheleOntheffing"),
        DuoMessageKind.PIP: _pip,
    }
)
