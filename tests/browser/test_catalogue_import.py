"""J5 in a browser: download the template, edit it, see the mistakes, correct them, publish."""

from datetime import date
from pathlib import Path
from time import perf_counter

import pytest

from providers.models import IntakeMoment
from tests.browser.axe import assert_accessible
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
)
from tests.support.workbooks import Edited

pytestmark = [pytest.mark.django_db(transaction=True)]
INTAKES = "Instroommomenten"


def test_a_season_is_published_by_spreadsheet(visit, provider_planner, tmp_path: Path) -> None:
    school = ProviderFactory(organisation=provider_planner.memberships.first().organisation)
    course = CourseFactory(provider=school, code="C1")
    group = CourseGroupFactory(
        course=course, location=LocationFactory(provider=school), code="G1", max_size=20
    )
    start = IntakeMomentFactory(group=group, start_date=date(2099, 1, 5), seats_total=12)

    began = perf_counter()
    page = visit("/catalogue-imports", as_user=provider_planner)
    assert_accessible(page)
    page.get_by_role("link", name="Bestand uploaden").click()
    assert_accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Sjabloon met uw catalogus (XLSX)").click()
    template = Path(download.value.path()).read_bytes()

    book = Edited(template)
    book.set(INTAKES, 2, "Plekken", "tien")
    row = book.add(
        INTAKES, Cursuscode="C1", Groepscode="G1", Startdatum="1/2/2099",
        Einddatum="2099-12-18", Plekken=14,
    )  # fmt: skip
    file = tmp_path / "seizoen.xlsx"
    file.write_bytes(book.save())
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Controleer").click()
    page.get_by_role("heading", name="Fouten in dit bestand").wait_for()
    assert_accessible(page)
    assert page.get_by_text("“tien” is geen getal.").count() == 1
    assert page.get_by_text(f"Startdatum (C{row})").count() == 1
    assert page.get_by_role("button", name="Publiceer").count() == 0

    book.set(INTAKES, 2, "Plekken", 10).set(INTAKES, row, "Startdatum", "1-2-2099")
    file.write_bytes(book.save())
    page.get_by_role("link", name="Ander bestand uploaden").click()
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Controleer").click()
    page.get_by_role("heading", name="Wat er verandert").wait_for()
    assert_accessible(page)
    assert page.get_by_text("Plekken: 12 → 10").count() == 1
    page.get_by_role("button", name="Publiceer").click()
    page.get_by_text("De catalogus is gepubliceerd.").wait_for()
    # J5: 60 rows in five minutes, of which editing takes nearly all.
    assert perf_counter() - began <= 300
    assert_accessible(page)

    start.refresh_from_db()
    assert start.seats_total == 10
    assert IntakeMoment.objects.get(start_date=date(2099, 2, 1)).seats_total == 14
