"""J5 without a browser: template, upload, mistakes, preview, publish."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from providers.choices import ImportState, IntakeStatus
from providers.models import CatalogueImport
from tests.providers.spreadsheets.conftest import (
    COURSES,
    GROUPS,
    INTAKES,
    LOCATIONS,
    School,
    make_school,
    school,  # noqa: F401 - a fixture
)
from tests.support.uploads import TOO_LARGE, fifty_megabytes, refuse_reading
from tests.support.workbooks import Edited

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def web(web_as, provider_planner):
    return web_as(provider_planner)


def upload(web, content: bytes, name: str = "seizoen.xlsx"):
    return web.post("/catalogue-imports/new", {"file": SimpleUploadedFile(name, content)})


def test_the_template_is_the_catalogue(web, school: School) -> None:  # noqa: F811
    answer = web.get("/catalogue-template")
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames[:4] == [LOCATIONS, COURSES, GROUPS, INTAKES]
    assert "Toelichting" in book.sheetnames
    assert [cell.value for cell in book[INTAKES][2]][:2] == ["C1", "G1"]
    assert book[COURSES]["A2"].number_format == "@"
    rules = book[COURSES].data_validations.dataValidation
    assert any("$" in rule.formula1 for rule in rules)
    csv = web.get("/catalogue-template?format=csv&sheet=courses")
    assert csv.content.startswith(b"\xef\xbb\xbfCursuscode;Naam;")
    assert web.get("/catalogue-template?format=csv&sheet=iets").status_code == 404


def test_mistakes_then_publish(web, school: School) -> None:  # noqa: F811
    page = web.get("/catalogue-imports/new")
    assert "Controleer" in page.content.decode()
    book = Edited(web.get("/catalogue-template").content)
    answer = upload(web, book.set(INTAKES, 2, "Plekken", "tien").save())
    assert answer.status_code == 302
    text = web.get(answer["Location"]).content.decode()
    assert "“tien” is geen getal." in text
    assert "Plekken (E2)" in text
    assert "Publiceer</button>" not in text

    answer = upload(web, book.set(INTAKES, 2, "Plekken", 10).save())
    text = web.get(answer["Location"]).content.decode()
    assert "Plekken: 12 → 10" in text
    assert "Publiceer</button>" in text
    done = web.post(answer["Location"], {})
    assert done.status_code == 302
    text = web.get(answer["Location"]).content.decode()
    assert "De catalogus is gepubliceerd." in text
    assert f"/intake-moments/{school.start.uuid}" in text
    school.start.refresh_from_db()
    assert school.start.seats_total == 10
    refused = web.post(answer["Location"], {})
    assert refused.status_code == 409
    assert "Upload het bestand opnieuw" in refused.content.decode()


def test_missing_rows_ask_before_they_close(web, school: School) -> None:  # noqa: F811
    book = Edited(web.get("/catalogue-template").content).remove_row(INTAKES, 2)
    address = upload(web, book.save())["Location"]
    text = web.get(address).content.decode()
    assert "Sluit ook de ene rij die niet in het bestand staat" in text
    web.post(address, {"remove_missing": "on"})
    school.start.refresh_from_db()
    assert school.start.status == IntakeStatus.CLOSED


def test_what_cannot_be_uploaded(web, school: School) -> None:  # noqa: F811
    empty = upload(web, b"")
    assert "Dit bestand is leeg." in web.get(empty["Location"]).content.decode()
    large = upload(web, b"a;b\n" * (6 * 1024 * 1024))
    assert large.status_code == 400
    assert "we lezen hoogstens 20 MB" in large.content.decode()
    assert upload(web, b"x", name="x" * 300 + ".csv").status_code == 400
    assert web.post("/catalogue-imports/new", {}).status_code == 400


def test_a_waiting_file_refreshes_itself(web, school: School) -> None:  # noqa: F811
    report = school.check(school.workbook())
    CatalogueImport.objects.update(state=ImportState.WAITING)
    page = f"/catalogue-imports/{report.uuid}"
    assert 'hx-trigger="every 2s"' in web.get(page).content.decode()
    part = web.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


def test_lists_and_strangers(
    web,
    web_as,
    school: School,  # noqa: F811
    make_actor,
    other_provider,
    other_provider_planner,
) -> None:
    make_school(make_actor, other_provider, mark="X")
    report = school.check(school.workbook())
    assert "seizoen.xlsx" in web.get("/catalogue-imports?search=seizoen").content.decode()
    stranger = web_as(other_provider_planner)
    assert "seizoen.xlsx" not in stranger.get("/catalogue-imports").content.decode()
    assert stranger.get(f"/catalogue-imports/{report.uuid}").status_code == 404
    assert stranger.post(f"/catalogue-imports/{report.uuid}").status_code == 404
    own = stranger.get(f"/catalogue-template?provider={school.provider.uuid}")
    assert own.status_code == 404


def test_a_file_of_50_mb_is_refused_unread(web, school: School, monkeypatch) -> None:  # noqa: F811
    refuse_reading(monkeypatch)
    answer = web.post("/catalogue-imports/new", {"file": fifty_megabytes()})
    assert answer.status_code == 400
    assert TOO_LARGE in answer.content.decode()
    assert not CatalogueImport.objects.exists()
