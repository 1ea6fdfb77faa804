"""A cell with codes of a list that the functional administrator may change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from backend.codelists.public import offered, versions_of
from backend.common.spreadsheets import Kind
from backend.common.spreadsheets.kinds import plain_text, unknown_code
from backend.common.spreadsheets.words import fold


@dataclass(frozen=True)
class ListedCodesKind(Kind):
    """Several codes in one cell, also ended ones: a row that nobody changed stays as it is.

    Whether a course may still name a code that ended is judged with the course.
    """

    code_list: str

    def parse(self, raw: Any) -> tuple[str, ...]:
        """Codes or labels in either language; in the order of the alphabet."""
        known = self._words()
        found = set()
        for part in re.split(r"[,;]", plain_text(raw)):
            if not part.strip():
                continue
            if fold(part) not in known:
                raise unknown_code(part.strip(), self._today())
            found.add(known[fold(part)])
        return tuple(sorted(found))

    def normal(self, value: Any) -> Any:
        return tuple(sorted(value or ()))

    def show(self, value: Any) -> str | None:
        return ", ".join(value or ()) or None

    def hint(self) -> str:
        return _("One or more, separated by commas: %(choices)s.") % {
            "choices": ", ".join(self._today())
        }

    def meanings(self) -> Sequence[tuple[str, str]]:
        return offered(self.code_list)

    def _today(self) -> list[str]:
        return [code for code, _label in offered(self.code_list)]

    def _words(self) -> dict[str, str]:
        """Labels first, then codes: a code always means itself."""
        codes = [one for version in versions_of(self.code_list) for one in version.codes]
        labels = {fold(text): one.code for one in codes for text in (one.label_nl, one.label_en)}
        return labels | {one.code: one.code for one in codes}
