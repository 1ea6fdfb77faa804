"""Taking over a sheet of contracts: check, preview, commit; and every kind of bad file."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from backend.common.spreadsheets import write_csv, write_xlsx
from procurement.models import Contract, ContractSheet, Lot, Tariff
from procurement.services.contract_sheet_columns import CONTRACTS
from tests.support.entering import new_group, new_provider
from tests.support.html import table_rows
from tests.support.uploads import TOO_LARGE, fifty_megabytes, refuse_reading

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def school():
    return new_group(new_provider()).course.provider


def row(**changes):
    base = {
        "number": "C-1",
        "title": "Raamovereenkomst",
        "provider": "0000000001",
        "start_date": date(2027, 1, 1),
        "end_date": date(2028, 12, 31),
        "lot": "P1",
        "component": "B",
        "unit": "learner_hour",
        "valid_from": date(2027, 1, 1),
        "amount": Decimal("14.50"),
        "execution": "effort",
        "places": 40,
    }
    return base | changes


def upload(visitor, municipality, content, name="contracten.xlsx"):
    file = SimpleUploadedFile(name, content)
    return visitor.post("/contracts/import", {"buyer": municipality.pk, "file": file})


def report(response):
    assert response.status_code == 302, response.content.decode()
    return ContractSheet.objects.get().report


def test_a_sheet_is_checked_shown_and_taken_over(visitor, municipality, school):
    rows = [
        row(),
        row(valid_from=date(2028, 1, 1), amount=Decimal("15.00")),
        row(number="C-2", lot="P2", component="KNM", places=None, execution=None),
    ]
    rows[0]["valid_to"] = date(2027, 12, 31)
    response = upload(visitor, municipality, write_xlsx([(CONTRACTS, rows)]))

    assert not report(response)["faults"], report(response)
    assert report(response)["new"] == ["C-1", "C-2"]
    assert not Contract.objects.exists()
    address = response["Location"]
    assert "Neem deze contracten over" in visitor.get(address).content.decode()
    taken = visitor.post(address)
    assert taken.status_code == 302, taken.content.decode()
    contract = Contract.objects.get(number="C-1")
    part = contract.contract_lots.get()
    assert (part.ceiling.places, part.contract_courses.count(), part.tariffs.count()) == (40, 1, 2)
    assert Lot.objects.get(code="P1").participations.get().municipality == municipality
    assert bytes(ContractSheet.objects.get().content) == b""
    assert visitor.post(address).status_code == 409


def test_the_same_sheet_again_changes_nothing_and_a_new_price_is_added(
    visitor, municipality, school
):
    first = row(valid_to=date(2027, 12, 31))
    address = upload(visitor, municipality, write_csv(CONTRACTS, [first]), "a.csv")["Location"]
    visitor.post(address)
    ContractSheet.objects.all().delete()
    again = upload(visitor, municipality, write_csv(CONTRACTS, [first]), "a.csv")
    assert report(again)["unchanged"] == ["C-1"]
    ContractSheet.objects.all().delete()
    more = [first, row(valid_from=date(2028, 1, 1), amount=Decimal(15))]
    changed = upload(visitor, municipality, write_csv(CONTRACTS, more), "a.csv")
    assert (report(changed)["changed"], report(changed)["prices"]) == (["C-1"], 1)
    visitor.post(changed["Location"])
    assert Tariff.objects.count() == 2


def test_all_mistakes_come_at_once_with_row_column_and_advice(visitor, municipality, school):
    rows = [
        row(end_date=date(2026, 1, 1)),
        row(number="C-2", provider="onbekend"),
        row(number="C-3", municipalities="Nergenshuizen", lot="P3"),
        row(number="C-4", lot="P4"),
        row(number="C-4", lot="P4", title="Iets anders", valid_from=date(2027, 6, 1)),
        row(number="C-5", lot="P5"),
        row(number="C-5", lot="P5", valid_from=date(2027, 6, 1)),
    ]
    response = upload(visitor, municipality, write_xlsx([(CONTRACTS, rows)]))
    found = {(one["row"], one["code"]) for one in report(response)["faults"]}
    assert found == {
        (2, "ends_before_start"),
        (3, "unknown_provider"),
        (4, "unknown_municipality"),
        (6, "rows_disagree"),
        (8, "tariff_overlaps"),
    }
    page = visitor.get(response["Location"])
    assert len(table_rows(page)) == 5
    assert "Gebruik de naam of de CBS-code" in page.content.decode()
    assert "Neem deze contracten over" not in page.content.decode()
    assert visitor.post(response["Location"]).status_code == 400
    assert (Contract.objects.count(), Lot.objects.count()) == (0, 0)


def with_formula():
    book = Workbook()
    book.active.append([str(one.label) for one in CONTRACTS.columns])
    book.active.append(["C-1", "=1+1"])
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leeg.xlsx", b""),
        ("geen.xlsx", b"geen werkblad"),
        ("verkeerd.csv", "Titel;Bedrag\nü;1".encode("utf-16")),
        ("groot.csv", b"x" * (21 * 1024 * 1024)),
        ("onbekend.csv", b"Iets;Anders\n1;2\n"),
        ("formule.xlsx", with_formula),
    ],
)
def test_a_bad_file_gets_a_sentence_and_changes_nothing(visitor, municipality, name, content):
    response = upload(visitor, municipality, content() if callable(content) else content, name)

    if response.status_code == 302:
        assert ContractSheet.objects.get().report["faults"]
    else:
        assert response.status_code == 400
        assert "utrecht-alert" in response.content.decode()
    assert not Contract.objects.exists()


def test_another_buyer_cannot_see_the_sheet(
    web_as, visitor, municipality, other_municipality, school
):
    from backend.accounts.roles import Role
    from tests.factories.accounts import user_with

    address = upload(visitor, municipality, write_xlsx([(CONTRACTS, [row()])]))["Location"]
    stranger = web_as(user_with(Role.PROCUREMENT_OFFICER, other_municipality))
    assert stranger.get(address).status_code == 404
    assert stranger.post(address).status_code == 404


def test_the_template_can_be_downloaded(visitor):
    assert visitor.get("/contracts/import/template.xlsx").content[:2] == b"PK"
    assert "Contractnummer" in visitor.get("/contracts/import/template.csv").content.decode()


def test_a_file_of_50_mb_is_refused_unread(visitor, municipality, monkeypatch):
    refuse_reading(monkeypatch)
    data = {"buyer": municipality.pk, "file": fifty_megabytes()}
    answer = visitor.post("/contracts/import", data)
    assert answer.status_code == 400
    assert TOO_LARGE in answer.content.decode()
    assert not ContractSheet.objects.exists()
