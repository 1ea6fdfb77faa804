"""Rows of the form for an award that come as often as needed, without a script in the browser."""

import re
from datetime import date
from decimal import Decimal

import pytest

from procurement.models import Contract, KpiAgreement, Tariff, Tender
from tests.procurement.web.conftest import award

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

KPIS = {
    "kpis": 3,
    "kpi_1_indicator": "Q1",
    "kpi_1_norm": "80",
    "kpi_1_weight": "60",
    "kpi_2_indicator": "",
    "kpi_2_norm": "",
    "kpi_2_weight": "",
    "kpi_3_indicator": "Q4",
    "kpi_3_norm": "3,5",
    "kpi_3_weight": "40",
    "kpi_3_minimum_n": "12",
}
PRICE = {
    "prices_1": 2,
    "price_1_1_lot": "1",
    "price_1_1_component": "KNM",
    "price_1_1_unit": "module",
    "price_1_1_detail": "Module 1",
    "price_1_1_amount": "250",
    "price_1_2_lot": "1",
    "price_1_2_unit": "start_fee",
    "price_1_2_amount": "75",
    "price_1_2_valid_from": "2027-02-01",
    "price_1_2_valid_to": "2027-12-31",
}
DOCUMENT = {
    "documents": 1,
    "document_1_kind": "gva",
    "document_1_issued_date": "2026-09-01",
    "document_1_maximum_age_months": "24",
    "document_1_required": "on",
}


def posted(visitor, municipality, school, **changes):
    answer = visitor.post("/contracts/new", award(municipality, school, **changes))
    return answer.status_code, answer.content.decode()


def field(page, name):
    """The group of one field, with what is said about it."""
    found = re.search(
        rf'<div class="utrecht-form-field[^>]*>(?:(?!<div).)*name="{name}"', page, re.S
    )
    assert found, name
    return found.group()


def test_kpi_documents_and_prices_are_registered_with_the_award(visitor, municipality, school):
    status, page = posted(visitor, municipality, school, **KPIS, **PRICE, **DOCUMENT)
    assert status == 302, page
    contract = Contract.objects.get()
    agreed = KpiAgreement.objects.values_list("indicator", "norm", "weight", "minimum_n")
    assert list(agreed) == [("Q1", 80, 60, 10), ("Q4", Decimal("3.5"), 40, 12)]
    (document,) = contract.documents.all()
    assert (document.title, document.maximum_age_months) == (
        "Gedragsverklaring aanbesteden (GVA)",
        24,
    )
    prices = set(Tariff.objects.values_list("component", "unit", "detail", "amount", "valid_from"))
    start, later = date(2027, 1, 1), date(2027, 2, 1)
    assert prices == {
        ("B", "learner_hour", "", Decimal("14.50"), start),
        ("KNM", "learner_hour", "", Decimal("14.50"), start),
        ("KNM", "module", "Module 1", Decimal(250), start),
        ("B", "start_fee", "", Decimal(75), later),
        ("KNM", "start_fee", "", Decimal(75), later),
    }


def test_a_row_of_prices_is_enough_to_deliver_a_lot(visitor, municipality, school):
    status, page = posted(
        visitor, municipality, school, **PRICE, provider_1_price_1="", provider_1_places_1="40"
    )
    assert status == 302, page
    part = Contract.objects.get().contract_lots.get()
    assert part.tariffs.count() == 3
    assert part.ceiling.places == 40


@pytest.mark.parametrize(
    ("changes", "place", "said"),
    [
        ({"kpi_1_indicator": ""}, "kpi_1_indicator", "Kies een indicator"),
        ({"kpi_3_weight": ""}, "kpi_3_weight", "Vul dit in, of laat de regel leeg"),
        ({"kpi_3_weight": "30"}, "kpi_1_weight", "De gewichten zijn samen 90"),
        ({"kpi_3_norm": "6"}, "kpi_3_norm", "ligt tussen 0 en 5"),
        ({"kpi_3_minimum_n": "2"}, "kpi_3_minimum_n", "5"),
        ({"document_1_kind": ""}, "document_1_kind", "Kies een soort"),
        (
            {"document_1_issued_date": "2027-05-01"},
            "document_1_issued_date",
            "ligt in de toekomst",
        ),
        ({"price_1_1_amount": ""}, "price_1_1_amount", "Vul het bedrag in"),
        (
            {"price_1_1_component": "MAP"},
            "price_1_1_component",
            "hoort niet bij het perceel",
        ),
        (
            {"price_1_2_valid_to": "2027-01-01"},
            "price_1_2_valid_to",
            "De laatste dag ligt voor de eerste dag",
        ),
        (
            {"price_1_1_unit": "learner_hour", "price_1_1_detail": ""},
            "price_1_1_valid_from",
            "Er is al een andere prijs voor deze dagen",
        ),
    ],
)
def test_a_fault_stands_at_its_row_and_nothing_is_written(
    visitor, municipality, school, changes, place, said
):
    given = KPIS | PRICE | DOCUMENT | changes
    status, page = posted(visitor, municipality, school, **given)
    assert status == 400
    assert said in field(page, place)
    # The summary on top leads to the field.
    assert f'href="#id_{place}"' in page
    assert (Tender.objects.count(), Contract.objects.count()) == (0, 0)


def test_a_ceiling_without_a_price_is_not_lost_without_a_word(visitor, municipality, school):
    status, page = posted(
        visitor, municipality, school, provider_1_price_1="", provider_1_ceiling_1="1000"
    )
    assert status == 400
    assert "Vul een prijs in voor dit perceel" in field(page, "provider_1_price_1")


def test_rows_are_added_and_taken_away_and_what_was_typed_stays(visitor, municipality, school):
    given = KPIS | PRICE | DOCUMENT
    for button, present, gone in (
        ("add_kpi", "kpi_4_norm", None),
        ("remove_kpi", "kpi_2_norm", "kpi_3_norm"),
        ("add_price_1", "price_1_3_amount", None),
        ("remove_price_1", "price_1_1_amount", "price_1_2_amount"),
        ("add_document", "document_2_title", None),
        ("remove_document", "title", "document_1_title"),
    ):
        status, page = posted(visitor, municipality, school, **given, **{button: "1"})
        assert status == 200
        assert f'name="{present}"' in page
        assert gone is None or f'name="{gone}"' not in page
        assert "Inburgering 2027" in page
    assert not Contract.objects.exists()
    # A row that is new starts as such a row does; another one keeps its empty box.
    status, page = posted(
        visitor, municipality, school, documents=1, document_1_title="VOG", add_document="1"
    )
    boxes = dict(re.findall(r'name="document_(\d)_required"([^>]*)>', page))
    assert ("checked" in boxes["1"], "checked" in boxes["2"]) == (False, True)


def test_a_proposal_fills_the_rows(visitor, municipality, school):
    status, page = posted(visitor, municipality, school, lot_1_components=["MAP"], propose_kpis="1")
    assert status == 200
    chosen = re.findall(r'name="kpi_\d_indicator".*?selected>(\w\w) ', page, re.S)
    assert chosen == ["T2", "D3", "Q4"]
    assert 'name="kpi_3_norm" value="3,5' in page
    status, page = posted(visitor, municipality, school, propose_documents="1")
    assert page.count('_issued_date"') >= 5
    assert 'name="document_3_maximum_age_months" value="6"' in page


def test_several_options_each_after_the_one_before(visitor, municipality, school):
    more = {"options": 2, "option_2_end_date": "2030-12-31"}
    status, page = posted(visitor, municipality, school, **more, add_option="1")
    assert status == 200
    assert 'name="option_3_end_date"' in page
    assert 'value="2030-12-31"' in page

    status, page = posted(visitor, municipality, school, **more)
    assert status == 302, page
    found = Contract.objects.get().options.order_by("number")
    assert [(one.start_date, one.end_date, one.notice_date) for one in found] == [
        (date(2029, 1, 1), date(2029, 12, 31), date(2028, 6, 30)),
        (date(2030, 1, 1), date(2030, 12, 31), date(2029, 12, 31)),
    ]


def test_an_option_that_is_wrong_says_so_at_its_row(visitor, municipality, school):
    earlier = {"options": 3, "option_3_end_date": "2029-06-30"}
    status, page = posted(visitor, municipality, school, **earlier)
    assert status == 400
    assert 'id="id_option_3_end_date_error"' in page
    half = {"options": 2, "option_2_notice_date": "2029-06-30"}
    status, page = posted(visitor, municipality, school, **half)
    assert status == 400
    assert 'id="id_option_2_end_date_error"' in page
    assert not Contract.objects.exists()
