"""Files that belong to a row: checked before they are kept, and given back only by the program.

They stand in Django's default storage (MEDIA_ROOT) under a random name. No address leads there: a
page or the API reads the file after it has asked who may see the row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import cast
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.http import FileResponse, HttpResponse
from django.utils.translation import gettext_lazy as _

from backend.common.errors import InvalidError, Violation

MOST_BYTES = 10 * 1024 * 1024
FOLDER = "documents"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class WithFile(models.Model):
    """A row that may carry one file; all four are empty or none is."""

    file_key = models.CharField(max_length=100, blank=True, editable=False)
    file_name = models.CharField(_("file"), max_length=160, blank=True, editable=False)
    file_type = models.CharField(max_length=100, blank=True, editable=False)
    file_size = models.PositiveIntegerField(_("size in bytes"), default=0, editable=False)

    class Meta:
        abstract = True

    @property
    def has_file(self) -> bool:
        return bool(self.file_key)


FILE_FIELDS = ("file_key", "file_name", "file_type", "file_size")


@dataclass(frozen=True)
class CheckedFile:
    """A file of a known kind and size; `content_type` follows from what is in it."""

    name: str
    content_type: str
    content: bytes


def file_checked(name: str, content: bytes) -> CheckedFile:
    """The file, when it is a PDF, a picture, or a Word or Excel file without macros, up to 10 MB.

    What is in the file decides, and its name must say the same. Raises InvalidError.
    """
    clean = PurePath(name.replace("\\", "/")).name[-160:] or "document"
    if not content:
        raise _fault("empty_file", _("This file is empty. Choose another file."))
    if len(content) > MOST_BYTES:
        raise _fault(
            "file_too_large",
            _("This file is larger than %(most)s MB. Make it smaller, or send a PDF.")
            % {"most": MOST_BYTES // 1024 // 1024},
        )
    ending = PurePath(clean).suffix.lower().lstrip(".")
    kind = _KINDS.get(ending)
    if kind is None or not kind[1](content):
        raise _fault(
            "file_type",
            _("Send a PDF, JPG, PNG, Word or Excel file without macros, under its own name."),
        )
    return CheckedFile(clean, kind[0], content)


def file_keep(row: WithFile, file: CheckedFile) -> None:
    """Writes the file beside the row, which the caller saves; the one before it goes on commit.

    MUST be in atomic(). A transaction that fails afterwards leaves a file that no row names; the
    nightly `forget_orphan_files` removes those.
    """
    before = row.file_key
    row.file_key = default_storage.save(f"{FOLDER}/{uuid4().hex}", ContentFile(file.content))
    row.file_name, row.file_type, row.file_size = file.name, file.content_type, len(file.content)
    if before:
        transaction.on_commit(lambda: default_storage.delete(before))


def file_forget(row: WithFile) -> None:
    """The file of a row that is being deleted goes when that is certain."""
    key = row.file_key
    if key:
        transaction.on_commit(lambda: default_storage.delete(key))


def file_response(row: WithFile) -> HttpResponse:
    """The file as a download; never shown by the browser itself, and kept by no cache."""
    response = FileResponse(
        default_storage.open(row.file_key),
        as_attachment=True,
        filename=row.file_name,
        content_type=row.file_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    # A streaming answer; pages are typed for answers of any kind.
    return cast(HttpResponse, response)


def _fault(code: str, message: object) -> InvalidError:
    return InvalidError(violations=[Violation("file", code, message)])  # type: ignore[arg-type]


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


def _office(folder: str) -> Callable[[bytes], bool]:
    def check(content: bytes) -> bool:
        try:
            with ZipFile(BytesIO(content)) as package:
                names = package.namelist()
        except BadZipFile:
            return False
        has_macros = any(one.lower().endswith("vbaproject.bin") for one in names)
        return (
            "[Content_Types].xml" in names
            and any(one.startswith(f"{folder}/") for one in names)
            and not has_macros
        )

    return check


_JPEG = ("image/jpeg", _starts(b"\xff\xd8\xff"))
_KINDS: Mapping[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _starts(b"%PDF-")),
    "png": ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "docx": (WORD, _office("word")),
    "xlsx": (SHEET, _office("xl")),
}
