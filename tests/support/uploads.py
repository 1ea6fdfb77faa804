"""Uploads that are too large to be looked at."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

FIFTY_MB = 50 * 1024 * 1024
# What somebody reads who sends it.
TOO_LARGE = "Dit bestand is 50 MB; we lezen hoogstens 20 MB"


def fifty_megabytes() -> SimpleUploadedFile:
    return SimpleUploadedFile("groot.csv", b"a;b\n" * (FIFTY_MB // 4))


def refuse_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes reading an uploaded file that was put on disk a failure."""

    def refuse(*args: object) -> bytes:
        raise AssertionError("a file that is too large is read")

    monkeypatch.setattr(TemporaryUploadedFile, "read", refuse)
