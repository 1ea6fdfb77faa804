"""Carries out a checked import: all of it in one transaction, by key, with history.

The statements are the same for one row and for ten thousand. History gets one row per change, as
the services of the catalogue write it.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import structlog

from backend.accounts.actor import Actor
from backend.audit.models import AuditEvent
from backend.audit.services import LABEL_LENGTH
from backend.common import clock, events
from backend.common.locks import lock_rows
from backend.common.spreadsheets import Listener, ignore_progress
from providers.choices import IntakeStatus
from providers.errors import CapacityBelowTakenError
from providers.events import IntakeMomentCancelled, IntakeSeatsRaised
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider, WeeklySlot
from providers.spreadsheets.bulk import copy_rows, new_values, update_rows
from providers.spreadsheets.plan import NEW, Change
from providers.spreadsheets.sheets import ENTITIES, Entity

# Each change is written and then recorded.
PASSES = 2
ENDED = (IntakeStatus.CLOSED, IntakeStatus.CANCELLED)
HISTORY_COLUMNS = (
    "at", "actor_key", "actor_label", "action", "subject_type", "subject_uuid",
    "organisation_ids", "before", "after", "reason", "request_id",
)  # fmt: skip
ADDED = {"intake_moment": "intake_moment.published"}
# No part of history, as in the services: coordinates follow from the address.
UNRECORDED = frozenset({"latitude", "longitude"})


@dataclass
class Publication:
    """What the writing of one import has to know as it goes along."""

    actor: Actor
    provider: Provider
    reason: str
    listen: Listener = ignore_progress
    location_ids: dict[str, int] = field(default_factory=dict)
    course_ids: dict[str, int] = field(default_factory=dict)
    group_ids: dict[tuple[str, str], int] = field(default_factory=dict)
    done: int = 0
    total: int = 0

    def counted(self, changes: Iterable[Change]) -> Iterator[Change]:
        """The changes one by one, telling how far the writing is."""
        for one in changes:
            self.done += 1
            self.listen(self.done, self.total)
            yield one


def lock_changed(changes: Sequence[Change]) -> None:
    """Locks every row that will change, so that what is read afterwards stays true.

    MUST run before the catalogue is compared again; intake moments last, by ascending key.
    """
    for entity in ENTITIES:
        pks = [one.pk for one in changes if one.sheet == entity.name and one.pk is not None]
        if pks:
            lock_rows(entity.model._default_manager.all(), pks)


def refuse_fewer_than_taken(changes: Iterable[Change]) -> None:
    """Raises CapacityBelowTakenError where people have more seats than would be left."""
    wanted = {
        one.pk: one.values["seats_total"]
        for one in changes
        if one.sheet == "intake_moments" and one.pk is not None and "seats_total" in one.values
    }
    rows = IntakeMoment.objects.filter(pk__in=wanted).with_seats_free()
    for pk, taken in rows.values_list("pk", "seats_taken"):
        if wanted[pk] < taken:
            raise CapacityBelowTakenError(taken)


def write(publication: Publication, changes: Sequence[Change]) -> None:
    """Writes the changes of every sheet in the order in which rows depend on each other."""
    raised = _raised_seats(changes)
    publication.total = PASSES * len(changes)
    for entity in ENTITIES:
        own = [one for one in changes if one.sheet == entity.name]
        if not own:
            continue
        added = [one for one in own if one.action == NEW]
        changed = [one for one in own if one.action != NEW]
        _load_keys(publication, entity)
        _insert(publication, entity, added)
        _update(publication, entity, changed)
        if entity.name == "groups":
            _write_lessons(publication, added, changed)
        _record(publication, entity, own)
    for pk, number in raised.items():
        events.publish(IntakeSeatsRaised(pk, number))
    for one in changes:
        if one.sheet == "intake_moments" and one.values.get("status") == IntakeStatus.CANCELLED:
            assert one.pk is not None
            events.publish(IntakeMomentCancelled(one.pk, publication.reason))


def _raised_seats(changes: Iterable[Change]) -> dict[int, int]:
    """How many seats are added per start; one query, before anything is written."""
    wanted = {
        one.pk: one.values["seats_total"]
        for one in changes
        if one.sheet == "intake_moments" and one.pk is not None and "seats_total" in one.values
    }
    before = dict(IntakeMoment.objects.filter(pk__in=wanted).values_list("pk", "seats_total"))
    return {pk: wanted[pk] - seats for pk, seats in before.items() if wanted[pk] > seats}


def _load_keys(publication: Publication, entity: Entity) -> None:
    """Keys of the rows that this sheet refers to, after those have been written."""
    provider = publication.provider
    if entity.name == "groups":
        publication.location_ids = dict(
            Location.objects.filter(provider=provider).values_list("code", "pk")
        )
        publication.course_ids = dict(
            Course.objects.filter(provider=provider).values_list("code", "pk")
        )
    if entity.name == "intake_moments":
        publication.group_ids = {
            (course, code): pk
            for course, code, pk in CourseGroup.objects.filter(
                course__provider=provider
            ).values_list("course__code", "code", "pk")
        }


def _linked(publication: Publication, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the table that stand for other rows, as far as the values name them."""
    found: dict[str, Any] = {}
    if entity.name == "locations" and "municipality" in values:
        found["municipality_id"] = values["municipality_id"]
    if entity.name == "groups":
        if "location" in values:
            found["location_id"] = publication.location_ids[values["location"]]
        if "course" in values:
            found["course_id"] = publication.course_ids[values["course"]]
    if entity.name == "intake_moments" and "group" in values:
        found["group_id"] = publication.group_ids[values["course"], values["group"]]
    return found


def _insert(publication: Publication, entity: Entity, added: Sequence[Change]) -> None:
    if not added:
        return
    fixed: dict[str, Any] = {"created_at": clock.now()}
    if entity.name in ("locations", "courses"):
        fixed["provider_id"] = publication.provider.pk
    fields = entity.fields
    links = list(_linked(publication, entity, added[0].values))
    names = ["uuid", *fields, *links, *fixed]
    fixed |= new_values(entity.model, set(names))
    names = ["uuid", *fields, *links, *fixed]
    rest = tuple(fixed.values())

    def rows() -> Iterable[Sequence[Any]]:
        for one in publication.counted(added):
            one.uuid = str(uuid.uuid4())
            linked = _linked(publication, entity, one.values)
            yield (one.uuid, *[one.values[name] for name in fields], *linked.values(), *rest)

    copy_rows(entity.model, names, rows())


def _update(publication: Publication, entity: Entity, changed: Sequence[Change]) -> None:
    """One statement per set of columns that changes; a file mostly has one or two of those."""
    by_columns: dict[tuple[str, ...], list[Sequence[Any]]] = {}
    for one in publication.counted(changed):
        values = {name: one.values[name] for name in entity.fields if name in one.values}
        values |= _linked(publication, entity, one.values)
        if "status" in values:
            values["status_reason"] = publication.reason
            values["status_changed_at"] = clock.now()
        if values:
            by_columns.setdefault(tuple(values), []).append((one.pk, *values.values()))
    for names, rows in by_columns.items():
        update_rows(entity.model, names, rows)


def _write_lessons(
    publication: Publication, added: Sequence[Change], changed: Sequence[Change]
) -> None:
    replaced = [one for one in changed if "lessons" in one.values]
    WeeklySlot.objects.filter(group__in=[one.pk for one in replaced]).delete()
    keys = dict(
        CourseGroup.objects.filter(uuid__in=[one.uuid for one in added]).values_list("uuid", "pk")
    )
    lessons = [
        (one.pk or keys[uuid.UUID(one.uuid)], *lesson.split())
        for one in (*added, *replaced)
        for lesson in one.values["lessons"]
    ]
    if lessons:
        copy_rows(WeeklySlot, ["group_id", "weekday", "start_time", "end_time"], lessons)


def _record(publication: Publication, entity: Entity, changes: Sequence[Change]) -> None:
    """History of each change, as `audit.record_many` writes it, in one COPY."""
    actor = publication.actor
    context = structlog.contextvars.get_contextvars()
    head = (clock.now(), actor.key, actor.label[:LABEL_LENGTH])
    subject = entity.model._meta.label_lower
    owners = [publication.provider.organisation_id]
    tail = (publication.reason, str(context.get("request_id", ""))[:64])
    copy_rows(
        AuditEvent,
        HISTORY_COLUMNS,
        (
            (
                *head, _action(entity, one), subject, one.uuid, owners,
                None if one.action == NEW else _recorded(one.before),
                _recorded(one.values), *tail,
            )
            for one in publication.counted(changes)
        ),
    )  # fmt: skip


def _action(entity: Entity, change: Change) -> str:
    """The same words as the services use: a changed status names the state."""
    if change.action == NEW:
        return ADDED.get(entity.noun, f"{entity.noun}.added")
    if entity.name == "intake_moments" and set(change.values) == {"status"}:
        return f"intake_moment.{change.values['status']}"
    return f"{entity.noun}.changed"


def _recorded(values: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in values.items() if name not in UNRECORDED}
    return orjson.dumps(kept).decode()
