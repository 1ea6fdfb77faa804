"""The letter: both languages, link and code, on one page, with fonts for every script."""

import re
import subprocess
from datetime import date

import pytest

from matching.letters import LANGUAGES, texts_in
from matching.pdf import letter
from matching.pdf.letter import letter_pdf, link_url
from matching.public import PolicyData
from matching.services.letters import Contact, personal_link_create
from tests.factories.matching import everything, make_policy
from tests.factories.matching import placement as make_placement
from tests.support.requirements import require_tool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
NAME = "Testa Voorbeeld"
MARKS = re.compile("[\u2066\u2069\u200e\u200f\u202a-\u202e]")


def said(content: bytes) -> str:
    """The text of a PDF in reading order."""
    program = require_tool("pdftotext")
    found = subprocess.run(
        [program, "-raw", "-", "-"], input=content, capture_output=True, check=True
    )
    return re.sub(r"\s+", " ", MARKS.sub("", found.stdout.decode()).replace("\u2011", "-"))


@pytest.mark.parametrize("language", ["en", "tr", "uk", "ti"])
def test_the_letter_says_all_in_dutch_and_in_the_own_language(issue, placement, language):
    issued = issue(language)

    text = said(letter_pdf(issued, name=NAME))

    for one in ("nl", language):
        texts = texts_in(one)
        for key in ("title", "letter_intro", "what", "where", "first_day", "letter_code"):
            assert texts[key] in text, (one, key)
        assert texts["components"]["B"] in text
    assert text.count(NAME) == 3
    assert text.count(f"{issued.code[:3]} {issued.code[3:]}") == 2
    assert text.count("030 123 45 67") == 2
    assert link_url(issued.token) in text
    assert placement.intake_moment.group.location.name in text
    assert "14-12-2026" in text


def test_the_dutch_letter_says_it_once(issue):
    text = said(letter_pdf(issue("nl"), name=NAME))

    assert text.count(texts_in("nl")["title"]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_is_one_tagged_page_with_its_own_fonts(issue, language):
    content = letter_pdf(issue(language), name=NAME)

    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
    assert b"/StructTreeRoot" in content
    assert b"pdfuaid" in content
    script = {"ar": b"NotoSansArabic", "fa": b"NotoSansArabic", "ti": b"NotoSansEthiopic"}
    assert script.get(language, b"NotoSans-Regular") in content


@pytest.mark.parametrize("language", ["ar", "fa"])
def test_right_to_left_letters_are_joined_and_digits_are_not_turned(issue, language):
    """Read back through the visual order: presentation is joined, numbers run left to right."""
    issued = issue(language)

    text = said(letter_pdf(issued, name=NAME))

    assert text.count("14-12-2026") == 2
    assert text.count("09:00 – 12:00") >= 2
    assert text.count("030 123 45 67") == 2
    assert text.count(f"{issued.code[:3]} {issued.code[3:]}") == 2
    # The tool writes the words of a line from left to right; each word is whole and in order.
    for word in texts_in(language)["title"].split():
        assert word in text


def test_a_name_in_a_script_without_a_font_still_gets_a_letter(issue):
    """PDF/UA refuses it, which is why the test above proves that every text has its glyphs."""
    content = letter_pdf(issue("en"), name="你好")

    assert content.startswith(b"%PDF-")
    assert b"pdfuaid" not in content


def test_the_page_of_the_caseworker_gives_the_letter_and_logs_the_look(
    placement, web_as, caseworker
):
    desk = web_as(caseworker)
    form = desk.get(f"/placements/{placement.uuid}/letter").content.decode()
    assert '<option value="ar" selected>' in form

    response = desk.post(
        f"/placements/{placement.uuid}/letter",
        {"language": "ti", "contact_name": "Loket", "contact_phone": "030 765 43 21"},
    )

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"
    text = said(response.content)
    assert NAME in text
    assert "030 765 43 21" in text
    assert "brief-2026-11-18.pdf" in response.headers["Content-Disposition"]


def test_a_letter_without_whom_to_call_is_not_made(placement, web_as, caseworker):
    response = web_as(caseworker).post(
        f"/placements/{placement.uuid}/letter", {"language": "ti", "contact_name": "Loket"}
    )

    assert response.status_code == 400
    assert 'href="#id_contact_phone"' in response.content.decode()
    assert not placement.personal_links.exists()


def test_a_new_code_is_shown_once(issue, placement, web_as, caseworker):
    issue()
    response = web_as(caseworker).post(f"/placements/{placement.uuid}/letter/new-code")

    page = response.content.decode()
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert re.search(r"<code[^>]*>\d{3} \d{3}</code>", page)


def test_no_new_code_without_a_letter(placement, web_as, caseworker):
    response = web_as(caseworker).post(f"/placements/{placement.uuid}/letter/new-code")

    assert response.status_code == 409


def test_the_municipality_adds_its_own_words_to_the_dutch_side(municipality, monkeypatch):
    """The other language keeps its own text: nobody translated those sentences."""
    make_policy(
        organisation_id=municipality.pk,
        data=PolicyData(
            valid_from=date(2026, 1, 1),
            letter_opening="Wij hebben een cursus voor u.",
            letter_closing="Kom gerust langs.",
        ),
    )
    seen = {}
    monkeypatch.setattr(letter, "compile_pdf", lambda name, data: seen.update(data) or b"")
    issued = personal_link_create(
        actor=everything(municipality),
        placement=make_placement(municipality, state="offered"),
        language="en",
        contact=Contact("Balie", "030"),
    )
    letter.letter_pdf(issued, name="Testa")

    dutch, english = seen["sides"]
    assert dutch["intro"] == "Wij hebben een cursus voor u."
    assert dutch["help"].endswith("Kom gerust langs.")
    assert "cursus" not in english["intro"]
    assert "gerust" not in english["help"]
