"""Every text has a Dutch translation, and every fragment can be trusted."""

from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from django.conf import settings
from django.core.management import CommandError, call_command

from backend.web.translations import (
    SOURCE_FOLDERS,
    ensure_built,
    key_of,
    merge_fragments,
    used_messages,
)

LOCALE = settings.BASE_DIR / "locale"
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def fragment(folder: Path, name: str, body: str) -> None:
    (folder / "fragments").mkdir(exist_ok=True)
    (folder / "fragments" / f"{name}.nl.po").write_text(HEADER + body, encoding="utf-8")


def test_the_fragments_have_no_faults():
    assert merge_fragments(LOCALE, "nl").faults == []


@pytest.mark.parametrize("folder", SOURCE_FOLDERS)
def test_every_message_has_a_dutch_translation(folder):
    known = {key_of(message) for message in merge_fragments(LOCALE, "nl").catalog if message.id}
    # A plural entry also serves its singular when that is used alone.
    known |= {(context, msgid[0]) for context, msgid in known if isinstance(msgid, tuple)}
    missing = {
        place: msgid
        for (context, msgid), place in used_messages(settings.BASE_DIR, [folder]).items()
        if (context, msgid) not in known
    }
    assert missing == {}


def test_fragments_are_merged_and_compiled(tmp_path, settings):
    fragment(tmp_path, "one", 'msgid "Group"\nmsgstr "Groep"\n')
    fragment(tmp_path, "two", 'msgid "Seat"\nmsgstr "Plaats"\n')

    ensure_built(tmp_path)

    with (tmp_path / "nl" / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        catalog = read_mo(stream)
    assert (catalog["Group"].string, catalog["Seat"].string) == ("Groep", "Plaats")


@pytest.mark.parametrize(
    ("bodies", "said"),
    [
        (['msgid "Seat"\nmsgstr "Plaats"\n', 'msgid "Seat"\nmsgstr "Stoel"\n'], "Agree on one"),
        (['#, fuzzy\nmsgid "Seat"\nmsgstr "Plaats"\n'], "fuzzy"),
        (['msgid "Seat"\nmsgstr ""\n'], "no translation"),
        (['#, python-format\nmsgid "%(n)s seats"\nmsgstr "%(m)s plaatsen"\n'], "placeholders"),
        (['msgid "{n} seats"\nmsgstr "plaatsen"\n'], "placeholders"),
    ],
    ids=["conflict", "fuzzy", "empty", "python-format", "braces"],
)
def test_a_faulty_fragment_is_refused(tmp_path, settings, bodies, said):
    (tmp_path / "locale").mkdir()
    for number, body in enumerate(bodies):
        fragment(tmp_path / "locale", f"area{number}", body)
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match=said):
        call_command("build_translations")

    assert not (tmp_path / "locale" / "nl").exists()


def test_the_same_translation_in_two_fragments_is_fine(tmp_path):
    fragment(tmp_path, "one", 'msgid "Seat"\nmsgstr "Plaats"\n')
    fragment(tmp_path, "two", 'msgid "Seat"\nmsgstr "Plaats"\n')

    assert merge_fragments(tmp_path, "nl").faults == []
