"""Every language says everything, in its own script."""

import unicodedata
from datetime import date, time

import orjson
import pytest

from backend.common.codes import Component
from matching.letter_choices import ResponseReason
from matching.letters import FOLDER, LANGUAGES, language_names, texts_in
from matching.pdf import FONTS

SCRIPTS = {"ar": "ARABIC", "fa": "ARABIC", "ti": "ETHIOPIC", "uk": "CYRILLIC"}


def flat(values, path=""):
    for key, value in values.items():
        if isinstance(value, dict):
            yield from flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def test_there_is_one_file_per_language_and_no_other():
    assert {one.stem for one in FOLDER.glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_keys_and_no_empty_text(language):
    dutch = dict(flat(texts_in("nl").values))
    other = dict(flat(orjson.loads((FOLDER / f"{language}.json").read_bytes())))

    assert other.keys() == dutch.keys()
    assert [key for key, text in other.items() if not text.strip()] == []


def test_every_component_and_every_reason_has_a_text():
    for language in LANGUAGES:
        assert set(texts_in(language)["components"]) == set(Component.values)
        assert set(texts_in(language)["reasons"]) == set(ResponseReason.values)


@pytest.mark.parametrize("language", SCRIPTS)
def test_a_text_is_written_in_the_script_of_its_language(language):
    for key, text in flat(texts_in(language).values):
        if key in {"dir", "letter_comma"}:
            continue
        letters = [unicodedata.name(one, "") for one in text if one.isalpha()]
        assert any(one.startswith(SCRIPTS[language]) for one in letters), (key, text)


def test_no_text_is_left_in_dutch():
    dutch = dict(flat(texts_in("nl").values))
    for language in set(LANGUAGES) - {"nl"}:
        same = {
            key
            for key, text in flat(texts_in(language).values)
            if text == dutch[key] and key not in {"dir", "letter_comma", "code_label"}
        }
        assert same == set(), language


def test_only_arabic_and_persian_run_from_right_to_left():
    assert {one for one in LANGUAGES if texts_in(one).is_right_to_left} == {"ar", "fa"}


def test_days_and_times_are_in_the_language_and_digits_keep_their_order():
    monday = date(2026, 12, 14)
    assert texts_in("nl").day(monday) == "maandag 14 december 2026 (14\u201112\u20112026)"
    assert texts_in("nl").lesson(1, time(9), time(12)) == "maandag 09:00 – 12:00"
    assert texts_in("ar").day(monday) == "الاثنين 14 ديسمبر 2026 (\u206614\u201112\u20112026\u2069)"
    assert texts_in("uk").lesson(3, time(13, 30), time(16)) == "середа 13:30 – 16:00"


def test_an_unknown_language_falls_back_to_dutch():
    assert texts_in("xx").code == "nl"
    assert texts_in("").code == "nl"


def test_languages_are_named_in_themselves():
    assert dict(language_names())["fa"] == "فارسی"


def test_the_fonts_come_with_their_licence():
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert {one.name for one in FONTS.glob("*.ttf")} == {
        f"NotoSans{script}-{weight}.ttf"
        for script in ("", "Arabic", "Ethiopic")
        for weight in ("Regular", "Bold")
    }
