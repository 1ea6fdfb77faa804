"""Check a file, look at what it would change, publish it: the two phases of an import.

Checking writes nothing but its own report. Publishing writes everything or nothing, only when the
catalogue is still what it was at the check, and only once.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.audit.services import LABEL_LENGTH
from backend.codelists.public import lists_held
from backend.common import clock
from backend.common.errors import InvalidError
from backend.common.locks import lock_row
from backend.common.spreadsheets import (
    LIMITS,
    Fault,
    Listener,
    UnreadableFileError,
    check_size,
    ignore_progress,
    read_tables,
)
from backend.outbox.public import enqueue
from providers.choices import IMPORT_TRANSITIONS, ImportState, IntakeStatus
from providers.errors import ImportStaleError, ImportStateError
from providers.models import CatalogueImport, CatalogueImportFile, IntakeMoment, Provider
from providers.policies import require_manage_catalogue
from providers.spreadsheets import known, publishing
from providers.spreadsheets.plan import (
    CHANGED,
    NEW,
    REMOVED,
    UNCHANGED,
    Change,
    Plan,
    from_bytes,
    to_bytes,
)
from providers.spreadsheets.planning import first_day, make_plan
from providers.spreadsheets.sheets import ENTITY_BY_NAME, SHEETS

CHECK_TOPIC = "providers.check_catalogue_file"
# A larger file is read in the background: a request of a person never waits longer than a second.
# 1.5 MB is about 20,000 rows as XLSX.
BACKGROUND_BYTES = 1_500_000
# The first changes stay readable in the report; all of them are published.
PREVIEWED = 500
# Each row is read and then compared; progress is committed no oftener than this.
PASSES = 2
PROGRESS_SECONDS = 0.5
PUBLISHED_FIELDS = (
    "state", "published_by", "published_at", "skipped", "changes", "preview", "fingerprint",
    "refusal",
)  # fmt: skip
IMPORT_FIELDS = ("file_name", "file_hash", "row_count", "counts", "state")


@dataclass(frozen=True)
class UploadedFile:
    name: str
    content: bytes


@transaction.atomic
def catalogue_import_check(
    *, actor: Actor, provider: Provider, file: UploadedFile, in_background: bool | None = None
) -> CatalogueImport:
    """The report on a file: every fault, or every change it would make. Changes nothing else.

    A file that cannot be read at all gives a report with that one fault. A large file is read in
    the background and its report is "waiting" until then; `in_background` overrules the size. A
    file that was published before, while nothing has changed since, is not read again.
    """
    require_manage_catalogue(actor, provider)
    report = CatalogueImport(
        provider=provider,
        state=ImportState.WAITING,
        file_name=file.name[:200],
        file_hash=hashlib.sha256(file.content).hexdigest(),
        file_bytes=len(file.content),
        checked_by=actor.label[:LABEL_LENGTH],
    )
    if _is_published_already(report):
        report.save()
        return report
    if in_background is None:
        # What is too large to be read is refused at once.
        in_background = BACKGROUND_BYTES < len(file.content) <= LIMITS.file_bytes
    if in_background:
        report.save()
        CatalogueImportFile.objects.create(catalogue_import=report, content=file.content)
        enqueue(CHECK_TOPIC, {"import": report.pk}, key=f"{CHECK_TOPIC}:{report.uuid}")
    else:
        _read(report, file.content)
        report.save()
    return report


def catalogue_import_read_waiting(*, import_id: int) -> None:
    """Reads the waiting file of a report and forgets it; a second time there is nothing to do.

    Progress is committed as it goes; the outcome appears at once, also when two workers read.
    """
    waiting = (
        CatalogueImportFile.objects.select_related("catalogue_import__provider")
        .filter(catalogue_import=import_id)
        .first()
    )
    if waiting is None:
        return
    report = waiting.catalogue_import
    _read(report, bytes(waiting.content), _teller(import_id))
    with transaction.atomic():
        own = CatalogueImportFile.objects.select_for_update().filter(pk=waiting.pk)
        if own.exists():
            report.save()
            own.delete()


def _teller(import_id: int) -> Listener:
    """Commits how far reading is."""

    def tell(percentage: int, total: int) -> None:
        CatalogueImport.objects.filter(pk=import_id).update(
            progress=percentage, row_count=total // PASSES
        )

    return now_and_then(tell)


def now_and_then(tell: Callable[[int, int], None]) -> Listener:
    """Tells the percentage and the total, often enough to watch; never back."""
    last, told_at = 0, monotonic()

    def listen(done: int, total: int) -> None:
        nonlocal last, told_at
        percentage = done * 100 // max(1, total)
        if percentage <= last or monotonic() - told_at < PROGRESS_SECONDS:
            return
        last, told_at = percentage, monotonic()
        tell(percentage, total)

    return listen


@transaction.atomic
def catalogue_import_publish(
    *,
    actor: Actor,
    catalogue_import: CatalogueImport,
    skip: Collection[str] = (),
    remove_missing: bool = False,
    listen: Listener = ignore_progress,
) -> CatalogueImport:
    """The changes of a checked import are the catalogue; all of them or none.

    `skip` names rows (see `Change.mark`) that stay as they are; rows that are missing in the file
    are closed or taken out of the offer only with `remove_missing`. Locks the provider, so that of
    two imports at once the second finds the catalogue changed. Raises ImportStateError,
    ImportStaleError, CapacityBelowTakenError, InvalidError, BusyError.
    """
    provider = lock_row(Provider.objects.all(), catalogue_import.provider_id)
    require_manage_catalogue(actor, provider)
    # Not locked: the lock on the provider keeps others away, and progress is written beside this.
    report = CatalogueImport.objects.get(pk=catalogue_import.pk)
    if ImportState.PUBLISHED not in IMPORT_TRANSITIONS[ImportState(report.state)]:
        raise ImportStateError
    if report.since is None:
        raise ImportStateError
    planned = from_bytes(bytes(report.changes))
    groups = [one.pk for one in planned if one.sheet == "groups" and one.pk is not None]
    changes = chosen_changes(planned, skip, remove_missing)
    publishing.lock_changed(changes)
    if known.fingerprint(provider, report.since) != report.fingerprint:
        raise ImportStaleError
    publishing.refuse_fewer_than_taken(changes)
    publication = publishing.Publication(
        actor=actor,
        provider=provider,
        reason=_("Spreadsheet %(name)s") % {"name": report.file_name},
        listen=listen,
    )
    try:
        with transaction.atomic():
            publishing.write(publication, changes)
            if skip:
                _refuse_too_many_seats(groups)
    except IntegrityError as error:
        # Somebody entered the same course or start in another way in the meantime.
        raise ImportStaleError from error
    report.state, report.refusal = ImportState.PUBLISHED, ""
    report.published_by = actor.label[:LABEL_LENGTH]
    report.published_at = clock.now()
    report.skipped = sorted(skip)
    report.changes = b""
    report.preview = preview_of(changes)
    if changes:
        report.fingerprint = known.fingerprint(provider, report.since)
    report.save(update_fields=PUBLISHED_FIELDS)
    audit.record(
        actor=actor,
        action="catalogue_import.published",
        subject=report,
        after=audit.snapshot(report, IMPORT_FIELDS),
        organisation_ids=[provider.organisation_id],
    )
    return report


def refuse_too_large(size: int) -> None:
    """Raises UnreadableFileError for a file that is not worth holding in memory."""
    check_size(size, LIMITS)


def chosen_changes(
    changes: Sequence[Change], skip: Collection[str], remove_missing: bool
) -> list[Change]:
    """The changes that are carried out; new rows cannot be skipped, others may need them."""
    return [
        one
        for one in changes
        if not (one.action in (CHANGED, REMOVED) and one.mark in skip)
        and (remove_missing or one.action != REMOVED)
    ]


def preview_of(changes: Sequence[Change]) -> list[dict[str, Any]]:
    """The first changes as they are shown: what differs or disappears before what is new."""
    order = {REMOVED: 0, CHANGED: 1, NEW: 2}
    shown = sorted(changes, key=lambda one: order[one.action])[:PREVIEWED]
    made = [
        {
            "sheet": one.sheet,
            "action": one.action,
            "row": one.row,
            "key": one.key,
            "id": one.uuid or None,
            "mark": one.mark,
            "taken": one.taken,
            "cells": [
                {"column": name, "before": one.before.get(name), "after": value}
                for name, value in one.values.items()
                if name in ENTITY_BY_NAME[one.sheet].sheet.by_name
            ],
        }
        for one in shown
    ]
    plain: list[dict[str, Any]] = orjson.loads(orjson.dumps(made, default=str))
    return plain


def _is_published_already(report: CatalogueImport) -> bool:
    """Fills in the report when the same file was published and the catalogue is still like that.

    The last publication tells: with rows that were left out there is something to do again.
    """
    earlier = (
        CatalogueImport.objects.filter(
            provider=report.provider, file_hash=report.file_hash, state=ImportState.PUBLISHED
        )
        .defer("changes", "preview", "faults")
        .order_by("-published_at", "-pk")
        .first()
    )
    if earlier is None or earlier.since is None or earlier.skipped:
        return False
    if any(of_sheet[REMOVED] for of_sheet in earlier.counts.values()):
        return False
    if known.fingerprint(report.provider, earlier.since) != earlier.fingerprint:
        return False
    plan = Plan()
    for sheet, of_sheet in earlier.counts.items():
        plan.count(sheet, UNCHANGED, sum(of_sheet.values()))
    report.checked_at, report.since = clock.now(), earlier.since
    report.file_format, report.row_count = earlier.file_format, earlier.row_count
    report.fingerprint = earlier.fingerprint
    _finish(report, plan)
    return True


@lists_held()
def _read(report: CatalogueImport, content: bytes, listen: Listener = ignore_progress) -> None:
    """Fills in the report from the file; rows are counted once read and once compared."""
    today = clock.today()
    report.checked_at = clock.now()
    report.since = today
    try:
        file = read_tables(content, SHEETS, listen=lambda done, total: listen(done, total * PASSES))
    except UnreadableFileError as error:
        _finish(report, Plan(faults=[error.fault]))
        return
    report.file_format = file.file_format
    report.row_count = sum(len(table.rows) for table in file.tables.values())
    report.since = first_day(file, today)
    # Before the rows: what changes in between makes the report stale instead of wrong.
    report.fingerprint = known.fingerprint(report.provider, report.since)
    now = known.load(report.provider, report.since)
    plan = make_plan(
        report.provider,
        file,
        now,
        today,
        lambda done, total: listen(total + done, total * PASSES),
    )
    _finish(report, plan)


def _finish(report: CatalogueImport, plan: Plan) -> None:
    report.counts = plan.counts
    if plan.faults:
        report.state = ImportState.FAULTY
        report.faults = [
            fault.as_data() for fault in sorted(plan.faults, key=_place)[: LIMITS.faults]
        ]
    else:
        report.state = ImportState.CHECKED
        report.preview = preview_of(plan.changes)
        report.changes = to_bytes(plan.changes)


def _place(fault: Fault) -> tuple[int, int, int, str]:
    """Faults in the order of the workbook, those of a whole file or sheet first."""
    order = {sheet.title(): number for number, sheet in enumerate(SHEETS, start=1)}
    return order.get(fault.sheet, 0), fault.row, len(fault.cell), fault.cell


def _refuse_too_many_seats(groups: Collection[int]) -> None:
    """A row that was skipped may be what another one needed."""
    broken = IntakeMoment.objects.filter(
        group__in=groups,
        start_date__gte=clock.today(),
        status__in=[IntakeStatus.DRAFT, IntakeStatus.PUBLISHED],
        seats_total__gt=F("group__max_size"),
    ).select_related("group__course")
    found = broken.first()
    if found is not None:
        raise InvalidError(
            _(
                "Group %(group)s would have fewer seats than its start on %(day)s offers. Publish "
                "both rows, or skip both."
            )
            % {"group": found.group.code, "day": found.start_date.isoformat()},
            code="skip_breaks_rule",
        )
