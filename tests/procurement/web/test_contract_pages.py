"""The contract list and the contract page."""

import csv
from io import BytesIO, StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from backend.accounts.roles import Role
from procurement.models import Contract
from tests.factories.accounts import user_with
from tests.support.html import links, table_rows
from tests.support.queries import assert_query_count, counted
from tests.support.supply import make_supply

pytestmark = pytest.mark.django_db


@pytest.fixture
def supply(municipality):
    return make_supply(3, municipality)


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


def numbers(response):
    return [row[0] for row in table_rows(response)]


def test_the_list_shows_the_contracts_of_the_own_organisation(visitor, supply, other_municipality):
    make_supply(2, other_municipality, prefix="x")

    response = visitor.get("/contracts")

    assert response.status_code == 200
    assert numbers(response) == ["s-C0", "s-C1", "s-C2"]


def test_an_empty_list_says_what_will_come(visitor):
    page = visitor.get("/contracts").content.decode()

    assert "Nog geen contracten" in page
    assert "<table" not in page


def test_filters_that_leave_nothing_can_be_cleared(visitor, supply):
    page = visitor.get("/contracts?search=bestaatniet").content.decode()

    assert "Niets gevonden" in page
    assert "Wis alle filters" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=C1", ["s-C1"]),
        ("search=school+00002", ["s-C2"]),
        ("status=active", ["s-C0", "s-C1", "s-C2"]),
        ("status=ended", []),
        ("component=B", ["s-C0", "s-C1", "s-C2"]),
        ("component=MAP", []),
        ("in_force_on=2025-12-31", []),
        ("in_force_on=2026-01-01", ["s-C0", "s-C1", "s-C2"]),
        ("sort=-number", ["s-C2", "s-C1", "s-C0"]),
        ("sort=provider", ["s-C0", "s-C1", "s-C2"]),
    ],
)
def test_filters_and_sorting(visitor, supply, query, expected):
    response = visitor.get(f"/contracts?{query}")

    assert response.status_code == 200
    assert (numbers(response) if expected else []) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("levl=A2", "Deze lijst heeft geen filter met de naam “levl”."),
        ("sort=price", "Deze lijst kan niet worden gesorteerd op “price”."),
        ("status=zomaar", "zomaar"),
        ("in_force_on=gisteren", "Loopt op"),
        ("export=pdf", "Kies CSV of XLSX"),
    ],
)
def test_what_the_list_does_not_know_is_said_and_shows_no_rows(visitor, supply, query, said):
    response = visitor.get(f"/contracts?{query}")

    page = response.content.decode()
    assert response.status_code == 400
    assert said in page
    assert "s-C0" not in page
    assert 'role="alert"' in page


@pytest.mark.parametrize("number", ["0", "2", "-1", "veel"])
def test_a_page_that_does_not_exist(visitor, supply, number):
    assert visitor.get(f"/contracts?page={number}").status_code == 404


def test_sort_links_turn_the_order_around_and_keep_the_filters(visitor, supply):
    response = visitor.get("/contracts?status=active&sort=number&page=1")

    page = response.content.decode()
    link = next(
        one
        for one in links(response)
        if one.text.startswith("Contract ") or one.text.startswith("Contract▲")
    )
    assert parse_qs(urlsplit(link.href).query) == {"status": ["active"], "sort": ["-number"]}
    assert page.count('aria-sort="ascending"') == 1


def test_downloads_hold_exactly_the_rows_that_the_filters_leave(visitor, supply):
    shown = numbers(visitor.get("/contracts?search=C1"))

    as_csv = visitor.get("/contracts?search=C1&export=csv")
    as_xlsx = visitor.get("/contracts?search=C1&export=xlsx")

    rows = list(csv.reader(StringIO(as_csv.content.decode("utf-8-sig")), delimiter=";"))
    sheet = list(load_workbook(BytesIO(as_xlsx.content)).active.values)
    assert rows[0][0] == sheet[0][0] == "Contract"
    assert [row[0] for row in rows[1:]] == [row[0] for row in sheet[1:]] == shown == ["s-C1"]


def test_a_download_that_is_too_long_says_what_to_do(visitor, supply, monkeypatch):
    monkeypatch.setattr("backend.web.pages.EXPORT_LIMIT", 2)

    response = visitor.get("/contracts?export=csv")

    assert response.status_code == 400
    assert "hoogstens 2 rijen" in response.content.decode()
    assert visitor.get("/contracts?export=csv&search=C1").status_code == 200


def test_pages_follow_each_other_without_gaps_or_doubles(visitor, municipality):
    make_supply(60, municipality)

    found = []
    for number in (1, 2):
        found += numbers(visitor.get(f"/contracts?sort=status&page={number}"))

    assert len(found) == len(set(found)) == 60


def test_the_number_of_queries_does_not_grow(visitor, municipality):
    make_supply(2, municipality, prefix="a")
    visitor.get("/contracts")
    with counted() as few:
        visitor.get("/contracts")
    make_supply(20, municipality, prefix="b")

    with counted() as many:
        visitor.get("/contracts")

    assert len(many) == len(few)
    assert_query_count("web /contracts", len(many))


def test_a_contract_shows_its_lots_with_courses_tariffs_and_municipalities(visitor, supply):
    contract = supply.contracts[0]

    page = visitor.get(f"/contracts/{contract.uuid}").content.decode()

    for text in ("Perceel s-P0", "Eigenstad", "€&nbsp;7.250,00", "0 van 40", "€&nbsp;125.000,50"):
        assert text in page
    assert "Er is geen cursus genoemd." in page


def test_the_contract_of_another_does_not_exist(visitor, other_municipality):
    foreign = make_supply(1, other_municipality, prefix="x").contracts[0]

    assert visitor.get(f"/contracts/{foreign.uuid}").status_code == 404


def test_a_provider_sees_its_own_contracts_only(web_as, supply):
    own, other = supply.contracts[:2]
    planner = web_as(user_with(Role.PROVIDER_PLANNER, own.provider.organisation))

    assert numbers(planner.get("/contracts")) == [own.number]
    assert planner.get(f"/contracts/{own.uuid}").status_code == 200
    assert planner.get(f"/contracts/{other.uuid}").status_code == 404
    assert Contract.objects.count() == 3
