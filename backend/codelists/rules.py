"""What a new version of a code list may be; all faults at once."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from backend.codelists.models import CODE_FORM
from backend.codelists.registry import CodeList
from backend.codelists.selectors import Code, Version
from backend.common import clock
from backend.common.errors import Violation

LONGEST_LABEL = 100
LONGEST_REASON = 200


@dataclass(frozen=True)
class Change:
    """What differs from the last version; `renamed` are codes with their new labels."""

    valid_from: date
    added: tuple[Code, ...] = ()
    ended: frozenset[str] = frozenset()
    renamed: tuple[Code, ...] = ()


def change_faults(
    found: CodeList, base: Version, change: Change, *, reason: str | None = None
) -> list[Violation]:
    """Every fault of a change to `base`; `reason` counts only where one is given to judge."""
    faults = [
        *_day_faults(base, change),
        *_old_code_faults(found, base, change),
        *_new_code_faults(found, base, change),
    ]
    if not (change.added or change.ended or change.renamed):
        faults.append(
            Violation("added", "nothing_changed", _("This changes nothing. Change a code first."))
        )
    if reason is not None and not reason.strip():
        faults.append(Violation("reason", "reason_required", _("Say why; others read it later.")))
    if reason is not None and len(reason) > LONGEST_REASON:
        faults.append(
            Violation("reason", "too_long", _("Use at most %(most)s characters.") % {"most": 200})
        )
    return faults


def _day_faults(base: Version, change: Change) -> Iterator[Violation]:
    if change.valid_from <= clock.today():
        yield Violation(
            "valid_from",
            "date_not_ahead",
            _("A version begins tomorrow or later: what is entered today keeps today's list."),
        )
    elif change.valid_from <= base.valid_from:
        yield Violation(
            "valid_from",
            "before_last_version",
            _("The last version begins on or after this day. Choose a later day."),
        )


def _old_code_faults(found: CodeList, base: Version, change: Change) -> Iterator[Violation]:
    held = base.holds()
    for field, codes in (
        ("ended", sorted(change.ended)),
        ("renamed", [one.code for one in change.renamed]),
    ):
        for code in codes:
            if code not in held:
                yield Violation(
                    field,
                    "unknown_code",
                    _("The code “%(code)s” is not in the last version.") % {"code": code},
                )
            elif code in found.fixed:
                yield Violation(
                    field,
                    "code_fixed",
                    _("The code “%(code)s” is fixed by law or by a national list; it stays.")
                    % {"code": code},
                )
    for one in change.renamed:
        if one.code in change.ended:
            yield Violation(
                "renamed",
                "ended_and_renamed",
                _("The code “%(code)s” cannot end and get a new name at the same time.")
                % {"code": one.code},
            )
        yield from _label_faults("renamed", one)
    if not change.added and held and set(held) <= change.ended:
        yield Violation("ended", "list_empty", _("At least one code must remain."))


def _new_code_faults(found: CodeList, base: Version, change: Change) -> Iterator[Violation]:
    taken = Counter([*base.holds(), *(one.code for one in change.added)])
    for one in change.added:
        if not re.match(CODE_FORM, one.code):
            yield Violation(
                "added",
                "code_form",
                _("A code has lower-case letters, digits and underscores: “%(code)s” does not fit.")
                % {"code": one.code},
            )
        elif taken[one.code] > 1:
            yield Violation(
                "added",
                "code_exists",
                _("The code “%(code)s” exists already. Choose another one.") % {"code": one.code},
            )
        if found.grounds and one.counts_as not in found.grounds:
            yield Violation(
                "added",
                "ground_required",
                _("Say of which fixed code “%(code)s” is a finer one.") % {"code": one.code},
            )
        elif not found.grounds and one.counts_as:
            yield Violation(
                "added", "ground_unknown", _("The codes of this list do not count as another one.")
            )
        yield from _label_faults("added", one)


def _label_faults(field: str, one: Code) -> Iterator[Violation]:
    for label in (one.label_nl, one.label_en):
        if not 0 < len(label.strip()) <= LONGEST_LABEL:
            yield Violation(
                field,
                "label_required",
                _("Give “%(code)s” a name in Dutch and in English, of at most 100 characters.")
                % {"code": one.code},
            )
            return
