"""How supply is entered in bulk: number the rows, gather all faults, write, record history."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.audit.bulk import Change, record_many
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from providers.models import Provider

BATCH_SIZE = 1000

Row = TypeVar("Row", bound=models.Model)
Rule = Callable[[Row], Iterable[tuple[bool, Violation]]]


def row_faults(rows: Sequence[Row], name: str, rules: Rule[Row]) -> list[Violation]:
    """Faults of the fields of every row and, where the fields are good, of its rules."""
    faults: list[Violation] = []
    for number, row in enumerate(rows):
        prefix = row_prefix(name, number, len(rows))
        wrong = field_violations(row, prefix)
        if not wrong:
            wrong = [
                Violation(prefix + one.field, one.code, one.message)
                for broken, one in rules(row)
                if broken
            ]
        faults += wrong
    return faults


def broken(rules: Iterable[tuple[bool, Violation]]) -> list[Violation]:
    """The violations of the rules that do not hold."""
    return [violation for is_broken, violation in rules if is_broken]


def repeated_keys(
    keys: Iterable[tuple[object, object]],
    known: Iterable[tuple[object, object]],
    rows: str,
    field: str,
) -> list[Violation]:
    listed = list(keys)
    seen = set(known)
    faults = []
    for number, key in enumerate(listed):
        if key in seen:
            faults.append(
                Violation(
                    row_prefix(rows, number, len(listed)) + field,
                    "exists_already",
                    _("This exists already. Change the existing one or choose another value."),
                )
            )
        seen.add(key)
    return faults


def write_rows(model: type[Row], rows: Sequence[Row], faults: list[Violation]) -> None:
    if faults:
        raise InvalidError(violations=faults)
    model._default_manager.bulk_create(rows, batch_size=BATCH_SIZE)


def record_rows(
    actor: Actor,
    action: str,
    rows: Sequence[models.Model],
    fields: Sequence[str],
    provider: Provider,
) -> None:
    owners = (provider.organisation_id,)
    record_many(
        actor=actor,
        action=action,
        changes=[
            Change(row, after=audit.snapshot(row, fields), organisation_ids=owners) for row in rows
        ],
    )


def row_prefix(rows: str, number: int, length: int) -> str:
    """The place of a row in front of its fields; a single row needs none."""
    return f"{rows}.{number}." if length > 1 else ""


def repeated_codes(codes: Iterable[str], known: Iterable[str], rows: str) -> list[Violation]:
    """A violation for each code that exists already or stands in the list before."""
    listed = list(codes)
    seen = set(known)
    faults = []
    for number, code in enumerate(listed):
        if code in seen:
            faults.append(
                Violation(
                    row_prefix(rows, number, len(listed)) + "code",
                    "code_taken",
                    _("This code is in use already. Choose another code."),
                )
            )
        seen.add(code)
    return faults
