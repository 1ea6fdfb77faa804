"""The match record on paper: what was stored, and the decision with its motivation."""

import re

import pytest

from backend.organisations.models import Organisation
from matching.pdf import compile_pdf
from matching.public import recommendation_create
from matching.web.record_pdf import record_data
from providers.models import Course
from tests.factories import matching as make
from tests.matching.letters.test_letter_pdf import said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def record(placement):
    return placement.match_record


def paper(web_as, user, record):
    return web_as(user).get(f"/match-records/{record.uuid}/pdf")


def test_the_paper_holds_facts_ranking_policy_and_motivation(web_as, caseworker, record, placement):
    response = paper(web_as, caseworker, record)

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    assert str(record.uuid) in response.headers["Content-Disposition"]
    text = said(response.content)
    best = record.result["candidates"][0]
    for expected in (
        f"Matchverslag van {placement.participant.reference}",
        str(record.uuid),
        "Past goed.",
        "Besluit en motivering",
        "Asielstatushouder",
        "Maandag ochtend",
        best["provider"],
        best["course"],
        str(best["score"]),
        "Beleid dat gold: versie 1",
        str(record.result["policy"]["seed"]),
        "Pagina 1 / 2",
        "Gemaakt met Passend op 18 nov 2026",
    ):
        assert expected in text, expected
    assert "Testa" not in text


def test_the_points_on_paper_add_up_to_the_score(record):
    data = record_data(record)

    for row in data["ranking"]["rows"]:
        *_facts, score = row
        points = [int(one) for one in row[5:-1]]
        assert sum(points) == int(score)
        assert len(points) == len(data["ranking"]["factors"])


def test_failed_rules_and_near_misses_are_on_paper(municipality, web_as, caseworker):
    make.contracted_intake(municipality)
    need = make.need(municipality, availability=("SA1",))
    found = recommendation_create(actor=make.everything(municipality), need=need)

    text = said(paper(web_as, caseworker, found).content)

    assert "Er paste geen plek." in text
    assert "Op grond van dit verslag is geen plek gekozen." in text
    assert "Lessen op tijden" in text
    assert len(record_data(found)["near"]["rows"]) == len(found.result["nearMisses"]) > 0


def test_the_paper_shows_what_was_stored_and_not_what_is_so_now(web_as, caseworker, record):
    stored = record.result["candidates"][0]
    Course.objects.update(name="Andere naam")
    Organisation.objects.filter(name=stored["provider"]).update(name="Andere school")

    ranking = record_data(record)["ranking"]["rows"]

    assert ranking[0][1].startswith(f"{stored['provider']}, {stored['course']}")


def test_a_text_is_never_read_as_markup(record):
    record.result["candidates"][0]["course"] = '#strong[x] *y* $z$ "q" <label> @ref \\'

    text = said(compile_pdf("record", record_data(record)))

    assert '#strong[x] *y* $z$ "q" <label> @ref \\' in text


def test_hundreds_of_places_fill_pages_with_numbers(record):
    one = record.result["candidates"][0]
    record.result["candidates"] = [{**one, "rank": rank} for rank in range(1, 301)]

    text = said(compile_pdf("record", record_data(record)))

    pages = re.findall(r"Pagina (\d+) / (\d+)", text)
    assert len(pages) == int(pages[0][1]) > 5


def test_the_button_is_on_the_page_of_the_record(web_as, caseworker, record):
    page = web_as(caseworker).get(f"/match-records/{record.uuid}").content.decode()

    assert f'href="/match-records/{record.uuid}/pdf"' in page
    assert "Voor het dossier (PDF)" in page
