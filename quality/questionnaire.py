"""The questionnaire: question codes, answer codes, and every text of the form per language.

Texts are data and not part of the site's catalogue, because the form speaks languages that the site
does not, and because a translation belongs to one version of the questions. Dutch is at level A1.
All texts are drafts: they must be tested with learners and translated back (quality.md section 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from backend.common.errors import Violation

VERSION = 1
TEXTS = Path(__file__).parent / "questionnaires"
LANGUAGES = ("nl", "ar", "en")
DEFAULT_LANGUAGE = "nl"

CORE_QUESTIONS = (
    "lessons",
    "explanation",
    "learning",
    "help",
    "safety",
    "schedule",
    "practice",
    "exam",
)
# Codes, never positions: in a right-to-left language the first face stands on the right.
ANSWER_CODES = (1, 2, 3, 4, 5)


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    direction: str
    texts: Mapping[str, Any]


@cache
def languages() -> Mapping[str, Language]:
    """All languages of the form, with their texts; each has exactly the keys of the Dutch one."""
    found = {}
    for code in LANGUAGES:
        texts = orjson.loads((TEXTS / f"v{VERSION}.{code}.json").read_bytes())
        found[code] = Language(code, texts["language_name"], texts["direction"], texts)
    return found


def language(code: str) -> Language:
    """The language with `code`, or Dutch."""
    return languages().get(code) or languages()[DEFAULT_LANGUAGE]


def text(code: str, key: str) -> str:
    return str(language(code).texts[key])


def faults_of(answers: Mapping[str, int | None]) -> list[Violation]:
    """Every unanswered question, unknown question and impossible answer."""
    faults = [
        Violation(question, "required", "")
        for question in CORE_QUESTIONS
        if question not in answers
    ]
    faults += [
        Violation(question, "unknown_question", "")
        for question in answers
        if question not in CORE_QUESTIONS
    ]
    faults += [
        Violation(question, "unknown_answer", "")
        for question, answer in answers.items()
        if question in CORE_QUESTIONS and answer is not None and answer not in ANSWER_CODES
    ]
    return faults
