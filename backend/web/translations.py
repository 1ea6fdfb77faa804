"""Merges the translation fragments of all areas into the catalogue that Django reads.

Every area keeps its own `locale/fragments/<area>.<language>.po`, so that two areas never edit one
file. The merged catalogue is made, not kept: it stands in .gitignore.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, read_po, write_po

LANGUAGES = ("nl",)
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SOURCE_FOLDERS = ("backend", "providers", "procurement", "matching", "quality")
MessageKey = tuple[str | None, str | tuple[str, ...]]


@dataclass
class Merge:
    """One language's catalogue and everything that is wrong with its fragments."""

    catalog: Catalog
    faults: list[str] = field(default_factory=list)


def key_of(message: Message) -> MessageKey:
    msgid = message.id
    return (message.context, tuple(msgid) if isinstance(msgid, list | tuple) else msgid)


def merge_fragments(locale_dir: Path, language: str) -> Merge:
    """One catalogue of all fragments; a message with two different translations is a fault."""
    merge = Merge(Catalog(locale=language, domain="django", charset="utf-8", project="Passend"))
    origin: dict[MessageKey, tuple[str, object]] = {}
    for path in sorted((locale_dir / "fragments").glob(f"*.{language}.po")):
        for message in _read(path, language, merge.faults):
            key = key_of(message)
            seen = origin.get(key)
            if seen is None:
                origin[key] = (path.name, message.string)
                merge.catalog[message.id] = message
            elif seen[1] != message.string:
                merge.faults.append(
                    f"{path.name}: {message.id!r} is translated as {message.string!r}, "
                    f"but {seen[0]} says {seen[1]!r}. Agree on one translation."
                )
    return merge


def _read(path: Path, language: str, faults: list[str]) -> Iterator[Message]:
    catalog = Catalog(locale=language)
    try:
        with path.open("rb") as stream:
            PoFileParser(catalog, abort_invalid=True).parse(stream)
    except Exception as error:
        faults.append(f"{path.name}: not a readable .po file ({error}).")
        with path.open("rb") as stream:
            catalog = read_po(stream, locale=language, ignore_obsolete=True)
    for message in catalog:
        if not message.id:
            continue
        faults.extend(f"{path.name}: {fault}" for fault in _faults_of(message, catalog))
        yield message


def _faults_of(message: Message, catalog: Catalog) -> Iterator[str]:
    strings = message.string if isinstance(message.string, list | tuple) else [message.string]
    if message.fuzzy:
        yield f"{message.id!r} is marked fuzzy; check the translation and remove the mark."
    if not all(strings):
        yield f"{message.id!r} has no translation."
        return
    for check in checkers:
        try:
            check(catalog, message)
        except TranslationError as error:
            yield f"{message.id!r}: {error}."
    if _placeholders(message.id) != _placeholders(message.string):
        yield f"{message.id!r}: the placeholders of the translation differ."


def _placeholders(text: object) -> frozenset[str]:
    parts = text if isinstance(text, list | tuple) else [text]
    return frozenset(
        name for part in parts for name in re.findall(r"%\((\w+)\)|\{(\w+)\}", str(part))
    )


def write_catalog(locale_dir: Path, language: str, catalog: Catalog) -> Path:
    """Writes django.po and django.mo in one move each: a reader never sees half a file."""
    folder = locale_dir / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    for name, writer in (("django.po", write_po), ("django.mo", write_mo)):
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as stream:
            writer(stream, catalog)
        os.chmod(stream.name, 0o644)
        os.replace(stream.name, folder / name)
    return folder / "django.mo"


def ensure_built(locale_dir: Path) -> None:
    """The compiled catalogue is at least as new as its fragments (development and tests).

    Faults are left to `build_translations` and its test: a half-edited fragment of one area must
    not stop the work on another.
    """
    for language in LANGUAGES:
        fragments = list((locale_dir / "fragments").glob(f"*.{language}.po"))
        target = locale_dir / language / "LC_MESSAGES" / "django.mo"
        newest = max((path.stat().st_mtime for path in fragments), default=0.0)
        if not target.exists() or target.stat().st_mtime < newest:
            write_catalog(locale_dir, language, merge_fragments(locale_dir, language).catalog)


def used_messages(root: Path, folders: Iterable[str] = SOURCE_FOLDERS) -> dict[MessageKey, str]:
    """Every message in code and templates, with one place where it is used."""
    found: dict[MessageKey, str] = {}
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix == ".py" and "migrations" not in path.parts:
                source = path.read_bytes()
            elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
                source = _template_source(path)
            else:
                continue
            for line, msgid, context in _extract(source):
                found.setdefault((context, msgid), f"{path.relative_to(root)}:{line}")
    return found


def _template_source(path: Path) -> bytes:
    from django.utils.translation.template import templatize

    text: str = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return text.encode()


def _extract(source: bytes) -> Iterator[tuple[int, str | tuple[str, ...], str | None]]:
    from io import BytesIO

    for line, msgid, _comments, context in extract.extract("python", BytesIO(source), KEYWORDS):
        yield line, tuple(msgid) if isinstance(msgid, list | tuple) else msgid, context
