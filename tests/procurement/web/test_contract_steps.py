"""Steps on the page of a contract, its papers and its calendar."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from procurement.kpi_codes import KPI_CODES
from procurement.models import CalendarFeed, Contract, ContractVersion, Tariff
from procurement.selectors.versions import contract_as_of
from tests.factories.procurement import contract_for
from tests.support.entering import new_group, new_provider
from tests.support.html import table_rows
from tests.support.queries import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def part(municipality):
    group = new_group(new_provider())
    return contract_for(group.course, municipalities=[municipality], places=40)


@pytest.fixture
def contract(part):
    return part.contract


def test_an_amendment_from_draft_to_agreed(visitor, contract, part):
    answer = visitor.post(
        f"/contracts/{contract.uuid}/amend",
        {
            "effective_date": "2027-01-01",
            "title": contract.title,
            "end_date": "2029-06-30",
            "notice_months": "6",
            "payment_days": "30",
            f"places_{part.pk}": "60",
            f"amount_{part.pk}": "",
            "reason": "Meer plaatsen nodig",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    version = ContractVersion.objects.get(number=2)
    page = visitor.get(f"/contracts/{contract.uuid}").content.decode()
    assert f"/contract-versions/{version.uuid}/confirm" in page
    assert visitor.get(f"/contract-versions/{version.uuid}/confirm").status_code == 200
    assert visitor.post(f"/contract-versions/{version.uuid}/confirm").status_code == 302
    contract.refresh_from_db()
    assert contract.end_date == date(2029, 6, 30)
    shown = visitor.get(f"/contracts/{contract.uuid}/as-of?effective=2027-02-01").content.decode()
    assert "Meer plaatsen nodig" in shown
    assert contract_as_of(contract.pk, effective=date(2026, 12, 31)).number == 1


def test_kpi_of_a_draft_are_changed_with_faults_at_their_rows(visitor, contract):
    visitor.post(
        f"/contracts/{contract.uuid}/amend",
        {
            "effective_date": "2027-01-01",
            "title": "x",
            "end_date": "2028-12-31",
            "notice_months": "6",
            "payment_days": "30",
            "reason": "KPI",
        },
    )
    version = ContractVersion.objects.get(number=2)
    address = f"/contract-versions/{version.uuid}/kpis"
    rows = {"kpi_1_indicator": "Q1", "kpi_1_norm": "80", "kpi_1_weight": "60"}
    refused = visitor.post(address, rows)
    assert refused.status_code == 400
    assert "De gewichten zijn samen 60" in refused.content.decode()
    rows |= {
        "kpi_3_indicator": "Q4",
        "kpi_3_norm": "3,5",
        "kpi_3_weight": "40",
        "kpi_3_minimum_n": "12",
    }
    assert visitor.post(address, rows).status_code == 302
    assert version.kpi_agreements.get(indicator="Q4").norm == Decimal("3.5")


def test_the_page_of_the_kpi_keeps_rows_after_the_tenth(visitor, contract):
    """Somebody's system may have agreed more than ten; saving what is shown loses none of them."""
    version = ContractVersion.objects.create(
        contract=contract,
        number=2,
        title="x",
        effective_date=date(2027, 1, 1),
        end_date=date(2028, 12, 31),
    )
    codes = list(KPI_CODES)[:12]
    for number, code in enumerate(codes):
        version.kpi_agreements.create(indicator=code, norm=50, weight=8 if number else 12)
    address = f"/contract-versions/{version.uuid}/kpis"
    form = visitor.get(address).context["form"]
    shown = {one.html_name: one.value() for one in form if one.value() not in (None, "")}
    assert {shown[f"kpi_{row}_indicator"] for row in range(1, 13)} == set(codes)
    assert "kpi_13_indicator" in form.fields
    shown["kpi_12_norm"] = 60
    answer = visitor.post(address, shown)
    assert answer.status_code == 302, answer.content.decode()
    kept = dict(version.kpi_agreements.values_list("indicator", "norm"))
    assert set(kept) == set(codes)
    assert list(kept.values()).count(60) == 1


def test_indexation_shows_prices_before_it_changes_them(visitor, contract):
    data = {"effective_date": "2027-01-01", "percentage": "2,5", "rounding": "0.05"}
    shown = visitor.post(f"/contracts/{contract.uuid}/index", data)
    assert shown.status_code == 200
    assert "14,85" in shown.content.decode()
    assert Tariff.objects.count() == 1
    applied = visitor.post(f"/contracts/{contract.uuid}/index", data | {"apply": "1"})
    assert applied.status_code == 302, applied.content.decode()
    assert Tariff.objects.get(valid_from=date(2027, 1, 1)).amount == Decimal("14.85")


def test_a_provider_reads_and_changes_nothing(web_as, provider_planner_of, contract):
    reader = web_as(provider_planner_of(contract.provider))
    page = reader.get(f"/contracts/{contract.uuid}").content.decode()
    assert f"/contracts/{contract.uuid}/amend" not in page
    assert reader.get(f"/contracts/{contract.uuid}/pdf").status_code == 200
    assert reader.post(f"/contracts/{contract.uuid}/end", {"reason": "x"}).status_code == 403
    assert Contract.objects.get().status == "active"


@pytest.fixture
def provider_planner_of():
    from backend.accounts.roles import Role
    from tests.factories.accounts import user_with

    return lambda provider: user_with(Role.PROVIDER_PLANNER, provider.organisation)


def test_the_contract_as_pdf_is_tagged_and_texts_are_no_markup(visitor, contract):
    contract.title = "#panic() *vet* $x$ € é š"
    contract.save()
    response = visitor.get(f"/contracts/{contract.uuid}/pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-1.")
    assert b"/StructTreeRoot" in response.content
    assert b"pdfuaid" in response.content


def test_the_contract_as_workbook_has_numbers_and_no_formulas(visitor, contract):
    contract.title = "=1+1"
    contract.save()
    response = visitor.get(f"/contracts/{contract.uuid}/xlsx")
    book = load_workbook(BytesIO(response.content))
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert 14.5 in values
    assert not [one for one in values if isinstance(one, str) and one.startswith("=")]


def test_the_page_of_a_contract_needs_the_same_queries_for_more_rows(visitor, contract, part):
    visitor.get(f"/contracts/{contract.uuid}")
    with counted() as few:
        visitor.get(f"/contracts/{contract.uuid}")
    for year in range(2029, 2036):
        Tariff.objects.create(
            contract_lot=part,
            component="B",
            unit="traject",
            amount=1,
            valid_from=date(year, 1, 1),
            valid_to=date(year, 12, 31),
        )
        contract.documents.create(kind="other", title=str(year))
    with counted() as many:
        visitor.get(f"/contracts/{contract.uuid}")
    assert len(many) == len(few)


def test_the_calendar_page_filters_and_exports(visitor, contract):
    contract.end_date = date(2026, 12, 31)
    contract.save()
    rows = table_rows(visitor.get("/contract-calendar?months=3"))
    assert [row[1] for row in rows] == [contract.number]
    assert visitor.get("/contract-calendar?months=3&kind=option").status_code == 200
    assert visitor.get("/contract-calendar?maanden=3").status_code == 400
    assert contract.number in visitor.get("/contract-calendar?export=csv").content.decode()
    assert visitor.get("/contract-calendar?sort=geen").status_code == 400
    assert visitor.get("/contract-calendar?export=pdf").status_code == 400


def test_the_calendar_is_searched_and_sorted(visitor, contract):
    contract.end_date = date(2026, 12, 31)
    contract.save()
    contract.documents.create(
        kind="other", title="Uittreksel", issued_date=date(2026, 1, 1), maximum_age_months=12
    )

    def days(query):
        return [row[0] for row in table_rows(visitor.get(f"/contract-calendar?{query}"))]

    assert len(days("months=3")) == 2
    assert days("months=3&sort=-day") == days("months=3")[::-1]
    assert days("months=3&search=uittreksel") == [days("months=3")[1]]
    assert days(f"months=3&search={contract.number}+uittreksel") == [days("months=3")[1]]
    assert "Niets past bij alle filters" in visitor.get("/contract-calendar?search=geen").text


def test_the_feed_is_read_by_its_secret_address_until_it_is_stopped(
    visitor, client, contract, procurement_officer
):
    contract.end_date = date(2026, 12, 31)
    contract.save()
    page = visitor.post("/contract-calendar/feed").content.decode()
    address = page.split('readonly value="')[1].split('"')[0]
    path = address.removeprefix("http://testserver")
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    assert token not in CalendarFeed.objects.get().token_hash
    response = client.get(path)
    assert response.status_code == 200
    events = Calendar.from_ical(response.content).walk("VEVENT")
    ends = [one for one in events if one.decoded("dtstart") == date(2026, 12, 31)]
    assert contract.number in str(ends[0]["summary"])
    assert ends[0].decoded("dtend") - ends[0].decoded("dtstart") == timedelta(days=1)
    visitor.post("/contract-calendar/feed")
    assert client.get(path).status_code == 404
    visitor.post("/contract-calendar/feed", {"stop": "1"})
    assert not CalendarFeed.objects.filter(revoked_at__isnull=True).exists()
