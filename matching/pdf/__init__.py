"""Papers of matching as accessible PDF (PDF/UA-1), with fonts that come along.

Texts travel as data, so that nothing in them is read as markup.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import structlog
import typst

log = structlog.get_logger(__name__)
FOLDER: Final = Path(__file__).resolve().parent
FONTS: Final = FOLDER / "fonts"


def compile_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of `<template>.typ` filled with `data`; system fonts are never used.

    PDF/UA refuses a character that no font here has, such as a name in another script. Such a paper
    is made without that promise: a box in a name is better than no letter.
    """
    text = orjson.dumps(data).decode()
    try:
        return _compiled(template, text, standard="ua-1")
    except typst.TypstError as error:
        log.warning("pdf.not_accessible", template=template, cause=type(error).__name__)
        return _compiled(template, text, standard=None)


def _compiled(template: str, text: str, *, standard: Literal["ua-1"] | None) -> bytes:
    found: Any = typst.compile(
        FOLDER / f"{template}.typ",
        format="pdf",
        pdf_standards=standard,
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": text},
    )
    return bytes(found)
