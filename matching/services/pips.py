"""Registering PIPs, one or thousands, and the needs that follow from them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.errors import Violation
from backend.common.events import publish
from backend.common.locks import lock_rows
from backend.organisations.public import Municipality, coordinates_by_postcode
from matching import policies, statutory
from matching.choices import NeedState, PlacementState
from matching.errors import OpenOfferError, ParticipantMovedError, PipInvalidError
from matching.events import PipRegistered
from matching.models import Need, Participant, Pip, Placement, TargetGroupPeriod
from matching.services.feed import needs_ask
from matching.services.pip_rules import (
    PersonFacts,
    PipData,
    components_of,
    need_deadline,
    pip_violations,
    pip_violations_of_given,
    with_default_level,
)

HISTORY_FIELDS = (
    "version",
    "decision_date",
    "route",
    "level",
    "literacy",
    "estimated_hours",
    "downscale_hours",
)
RUNNING = (PlacementState.ACCEPTED, PlacementState.STARTED)
REPLACED = "replaced_by_new_version"


@dataclass
class _Case:
    """One person with the new plan, the facts to judge it by and what it replaces."""

    participant: Participant
    data: PipData
    target_group: str | None
    previous: Pip | None
    open_needs: list[Need]
    # Components with a place that the previous municipality bought (see services.moves).
    running_elsewhere: frozenset[str] = frozenset()
    last_version: int = 0
    new: Pip | None = None


@transaction.atomic
def pip_register(*, actor: Actor, participant: Participant, data: PipData) -> Pip:
    """A new version of the person's PIP, in force at once, with a need per component.

    Replaces the version before; what waited keeps its place in the queue. The first PIP starts
    the integration term (R-TRM-1). Raises NotAllowedError, PipInvalidError with all violations
    (R-PIP-3, 5, 6, R-SWI-1), OpenOfferError, BusyError.
    """
    return pips_register(actor=actor, rows=[(participant, data)])[0]


@transaction.atomic
def pips_register(*, actor: Actor, rows: Sequence[tuple[Participant, PipData]]) -> list[Pip]:
    """All `rows` (one per person) or none, in a constant number of statements beside history.

    Faults carry the position of their row in front: `3.level`. One row has no position.
    """
    for municipality_id in {participant.municipality_id for participant, _ in rows}:
        policies.require_manage_pips(actor, municipality_id)
    cases = _cases(rows)
    _check(cases)
    _write(cases)
    for case in cases:
        assert case.new is not None
        record(
            actor=actor,
            action="pip.registered",
            subject=case.new,
            before=snapshot(case.previous, HISTORY_FIELDS) if case.previous else None,
            after=snapshot(case.new, HISTORY_FIELDS),
            organisation_ids=[case.participant.municipality_id],
        )
        publish(PipRegistered(case.new.pk, case.participant.municipality_id))
    made = [case.new for case in cases if case.new is not None]
    if made:
        needs_ask(one.pk for one in made)
    return made


def pips_check(rows: Sequence[tuple[Participant, PipData]]) -> list[list[Violation]]:
    """All violations per row, for the check phase of an import; nothing is written or locked."""
    cases = _gather([(participant, with_default_level(data)) for participant, data in rows])
    return [_violations(case) for case in cases]


def pip_check_given(
    participant: Participant | None, values: Mapping[str, Any], faulty: Collection[str]
) -> list[Violation]:
    """What the rules say already of a plan whose fields `faulty` are not well-formed.

    Reported together with those, so that nobody corrects a plan twice. Writes and locks nothing.
    """
    person = None
    if participant is not None and "decision_date" in values:
        previous = Pip.objects.filter(participant=participant, is_current=True).first()
        group = _group_on(participant.target_group_periods.all(), values["decision_date"])
        person = _facts(participant, previous, group)
    return pip_violations_of_given(values, faulty, person, clock.today())


def _cases(rows: Sequence[tuple[Participant, PipData]]) -> list[_Case]:
    """The rows with the persons locked, so that two new versions never cross."""
    locked = lock_rows(Participant.objects.all(), [participant.pk for participant, _ in rows])
    placed = _with_points([(locked[participant.pk], data) for participant, data in rows])
    return _gather(placed)


def _gather(rows: Sequence[tuple[Participant, PipData]]) -> list[_Case]:
    keys = [participant.pk for participant, _ in rows]
    previous = {
        pip.participant_id: pip for pip in Pip.objects.filter(participant__in=keys, is_current=True)
    }
    groups: dict[int, list[TargetGroupPeriod]] = {}
    for period in TargetGroupPeriod.objects.filter(participant__in=keys):
        groups.setdefault(period.participant_id, []).append(period)
    open_needs: dict[int, list[Need]] = {}
    for need in Need.objects.filter(pip__in=[pip.pk for pip in previous.values()]).exclude(
        state=NeedState.CLOSED
    ):
        open_needs.setdefault(need.pip_id, []).append(need)
    # Not that of the version in force: one that was taken back keeps its number.
    versions = dict(
        Pip.objects.filter(participant__in=keys)
        .order_by()
        .values("participant")
        .annotate(last=Max("version"))
        .values_list("participant", "last")
    )
    elsewhere: dict[int, set[str]] = {}
    for key, component in Placement.objects.filter(
        participant__moved_to__target__in=keys, state__in=RUNNING
    ).values_list("participant__moved_to__target", "need__component"):
        elsewhere.setdefault(key, set()).add(component)
    cases = []
    for participant, data in rows:
        pip = previous.get(participant.pk)
        cases.append(
            _Case(
                participant=participant,
                data=data,
                target_group=_group_on(groups.get(participant.pk, ()), data.decision_date),
                previous=pip,
                open_needs=open_needs.get(pip.pk, []) if pip else [],
                last_version=versions.get(participant.pk, 0),
                running_elsewhere=frozenset(elsewhere.get(participant.pk, ())),
            )
        )
    return cases


def _group_on(periods: Iterable[TargetGroupPeriod], day: date) -> str | None:
    for period in periods:
        if period.valid_from <= day and (period.valid_to is None or day <= period.valid_to):
            return period.target_group
    return None


def _with_points(
    rows: Sequence[tuple[Participant, PipData]],
) -> list[tuple[Participant, PipData]]:
    """Fills in default levels, and points from the postcode or else the municipality's centre."""
    missing = [(participant, data) for participant, data in rows if data.latitude is None]
    points = coordinates_by_postcode({data.postcode4 for _, data in missing if data.postcode4})
    centres = {
        row.organisation_id: row
        for row in Municipality.objects.filter(
            organisation__in={participant.municipality_id for participant, _ in missing}
        )
    }
    result = []
    for participant, given in rows:
        data = with_default_level(given)
        if data.latitude is None or data.longitude is None:
            point = points.get(data.postcode4) or centres[participant.municipality_id]
            data = replace(data, latitude=point.latitude, longitude=point.longitude)
        result.append((participant, data))
    return result


def _violations(case: _Case) -> list[Violation]:
    person = _facts(case.participant, case.previous, case.target_group)
    return pip_violations(case.data, person, clock.today())


def _facts(person: Participant, previous: Pip | None, target_group: str | None) -> PersonFacts:
    return PersonFacts(
        obligation_start_date=person.obligation_start_date,
        settlement_date=person.settlement_date,
        target_group=target_group,
        first_pip_date=person.first_pip_date,
        term_start_date=person.term_start_date,
        term_end_date=person.term_end_date,
        previous_decision_date=previous.decision_date if previous else None,
        previous_route=previous.route if previous else None,
        previous_level=previous.level if previous else None,
    )


def _check(cases: Sequence[_Case]) -> None:
    found = [
        Violation(one.field if len(cases) == 1 else f"{number}.{one.field}", one.code, one.message)
        for number, case in enumerate(cases)
        for one in _violations(case)
    ]
    if found:
        raise PipInvalidError(violations=found)
    if any(case.participant.moved_out_date is not None for case in cases):
        raise ParticipantMovedError
    for case in cases:
        kept = components_of(case.data.route)
        if any(
            need.state == NeedState.OFFERED and need.component not in kept
            for need in case.open_needs
        ):
            raise OpenOfferError


def _write(cases: Sequence[_Case]) -> None:
    replaced = [case.previous.pk for case in cases if case.previous]
    if replaced:
        Pip.objects.filter(pk__in=replaced).update(is_current=False)
    for case in cases:
        case.new = Pip(
            participant=case.participant,
            version=case.last_version + 1,
            **{**asdict(case.data), "availability": list(case.data.availability)},
        )
    Pip.objects.bulk_create([case.new for case in cases if case.new])
    _start_terms(cases)
    _write_needs(cases)


def _start_terms(cases: Sequence[_Case]) -> None:
    """R-TRM-1: the first PIP starts the term; later ones never move it (R-TRM-2)."""
    first = []
    for case in cases:
        person = case.participant
        if person.first_pip_date is None:
            person.first_pip_date = case.data.decision_date
            if person.term_start_date is None:
                start, end = statutory.term_of_first_pip(case.data.decision_date)
                person.term_start_date, person.term_end_date = start, end
            first.append(person)
    Participant.objects.bulk_update(
        first, ["first_pip_date", "term_start_date", "term_end_date"], batch_size=1000
    )


def _write_needs(cases: Sequence[_Case]) -> None:
    """Needs of the new version: taken along with a place, renewed while waiting, or new."""
    carried: list[Need] = []
    created: list[Need] = []
    closed: list[int] = []
    for case in cases:
        before = {need.component: need for need in case.open_needs}
        for component in components_of(case.data.route):
            if component in case.running_elsewhere:
                continue
            old = before.pop(component, None)
            if old is not None and old.state != NeedState.WAITING:
                assert case.new is not None
                old.pip = case.new
                carried.append(old)
                continue
            if old is not None:
                closed.append(old.pk)
            created.append(_need(case, component, old))
        # A running place of the route before stays with its plan until the caseworker ends it.
        closed += [need.pk for need in before.values() if need.state == NeedState.WAITING]
    if closed:
        Need.objects.filter(pk__in=closed).update(state=NeedState.CLOSED, closed_reason=REPLACED)
    Need.objects.bulk_update(carried, ["pip"], batch_size=1000)
    Need.objects.bulk_create(created)


def _need(case: _Case, component: str, old: Need | None) -> Need:
    assert case.new is not None
    return Need(
        pip=case.new,
        municipality_id=case.participant.municipality_id,
        component=component,
        # A changed plan does not send anybody to the back of the queue.
        waiting_since=old.waiting_since if old else case.data.decision_date,
        deadline=need_deadline(
            component, case.data, case.target_group, case.participant.term_end_date
        ),
    )
