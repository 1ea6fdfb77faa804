"""One text in every language of the site: a file may be exported in one and read in another."""

from django.conf import settings
from django.utils.translation import override

from backend.common.errors import Text


def fold(text: str) -> str:
    """For comparing headings and labels: case and spaces make no difference."""
    return " ".join(text.split()).casefold()


def spellings(text: Text, longest: int | None = None) -> list[str]:
    """The folded text in every language."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.append(fold(str(text)[:longest]))
    return found
