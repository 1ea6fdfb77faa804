"""New versions of code lists: looked at first, then published, and taken back until they begin."""

from dataclasses import dataclass, replace
from datetime import date

from django.db import IntegrityError, transaction

from backend.accounts.public import Actor, regions_that_onboard
from backend.audit import public as audit
from backend.codelists.errors import (
    CodeListChangedError,
    CodeListDeliveredError,
    CodeListStartedError,
)
from backend.codelists.models import CodeListEntry, CodeListVersion
from backend.codelists.registry import CodeList, Text, list_named
from backend.codelists.rules import Change, change_faults
from backend.codelists.selectors import Code, Version, versions_of
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError, NotFoundError

HISTORY_FIELDS = ("code_list", "version", "valid_from")


@dataclass(frozen=True)
class EndedCode:
    """A code that ends, and per place how many records hold it; they keep it."""

    code: Code
    records: tuple[tuple[Text, int], ...]


@dataclass(frozen=True)
class Impact:
    """What a change of a list would do, before anything has been saved."""

    code_list: CodeList
    version: int
    valid_from: date
    added: tuple[Code, ...]
    renamed: tuple[Code, ...]
    ended: tuple[EndedCode, ...]
    # Records that keep the version with which they began.
    running: tuple[tuple[Text, int], ...]


def may_change_lists(actor: Actor) -> bool:
    """Lists are shared by everybody on this installation: administrators of a region keep them."""
    return regions_that_onboard(actor).exists()


def code_list_preview(*, actor: Actor, key: str, change: Change) -> Impact:
    """What the change would do; saves nothing. Raises as `code_list_publish`."""
    found = _changeable(actor, key)
    base = versions_of(key)[-1]
    _require_sound(found, base, change)
    held = base.holds()
    counted = [(one.label, one.count(change.ended)) for one in found.usages if change.ended]
    ended = tuple(
        EndedCode(held[code], tuple((label, numbers.get(code, 0)) for label, numbers in counted))
        for code in sorted(change.ended)
    )
    return Impact(
        code_list=found,
        version=base.version + 1,
        valid_from=change.valid_from,
        added=change.added,
        renamed=change.renamed,
        ended=ended,
        running=tuple((one.label, one.count()) for one in found.running),
    )


@transaction.atomic
def code_list_publish(*, actor: Actor, key: str, change: Change, reason: str) -> Version:
    """A new version of the list from a day to come; earlier versions stay readable.

    What runs keeps the version of the day it began. Raises NotAllowedError, NotFoundError,
    CodeListDeliveredError, CodeListChangedError and InvalidError with all faults.
    """
    found = _changeable(actor, key)
    base = versions_of(key)[-1]
    _require_sound(found, base, change, reason=reason)
    try:
        with transaction.atomic():
            stored = CodeListVersion.objects.create(
                code_list=key,
                version=base.version + 1,
                valid_from=change.valid_from,
                reason=reason.strip(),
                actor_label=actor.label,
            )
    except IntegrityError as error:
        raise CodeListChangedError from error
    CodeListEntry.objects.bulk_create(
        CodeListEntry(
            version=stored,
            position=position,
            code=one.code,
            label_nl=one.label_nl,
            label_en=one.label_en,
            counts_as=one.counts_as,
        )
        for position, one in enumerate(_codes_after(base, change))
    )
    _record(actor, "code_list.published", stored, reason, change)
    return versions_of(key)[-1]


@transaction.atomic
def code_list_withdraw(*, actor: Actor, key: str, version: int, reason: str) -> None:
    """Takes back the last version as long as it has not begun.

    Raises NotAllowedError, NotFoundError, CodeListDeliveredError, CodeListStartedError.
    """
    _changeable(actor, key)
    versions = list(
        CodeListVersion.objects.select_for_update().filter(code_list=key).order_by("version")
    )
    if version != 1 and version not in {one.version for one in versions}:
        raise NotFoundError
    last = versions[-1] if versions else None
    if last is None or last.version != version or last.valid_from <= clock.today():
        raise CodeListStartedError
    _record(actor, "code_list.withdrawn", last, reason)
    last.delete()


def _changeable(actor: Actor, key: str) -> CodeList:
    if not may_change_lists(actor):
        raise NotAllowedError
    found = list_named(key)
    if not found.is_changeable:
        raise CodeListDeliveredError
    return found


def _require_sound(
    found: CodeList, base: Version, change: Change, *, reason: str | None = None
) -> None:
    faults = change_faults(found, base, change, reason=reason)
    if faults:
        raise InvalidError(violations=faults)


def _codes_after(base: Version, change: Change) -> list[Code]:
    """The codes of the new version in the order of the one before, new codes behind."""
    renamed = {one.code: one for one in change.renamed}
    kept = [
        replace(one, label_nl=renamed[one.code].label_nl, label_en=renamed[one.code].label_en)
        if one.code in renamed
        else one
        for one in base.codes
        if one.code not in change.ended
    ]
    return [*kept, *change.added]


def _record(
    actor: Actor, action: str, version: CodeListVersion, reason: str, change: Change | None = None
) -> None:
    """History for the auditors of the regions on whose behalf the actor keeps the lists."""
    after = None
    if change is not None:
        after = {
            **audit.snapshot(version, HISTORY_FIELDS),
            "added": [one.code for one in change.added],
            "ended": sorted(change.ended),
            "renamed": [one.code for one in change.renamed],
        }
    audit.record(
        actor=actor,
        action=action,
        subject=version,
        before=audit.snapshot(version, HISTORY_FIELDS) if change is None else None,
        after=after,
        reason=reason,
        organisation_ids=list(regions_that_onboard(actor).values_list("pk", flat=True)),
    )
