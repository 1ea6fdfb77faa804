"""J1: a procurement officer registers an awarded framework contract, within its budget."""

from datetime import date
from time import perf_counter

import pytest

from procurement.models import (
    Clause,
    Contract,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    KpiAgreement,
    Lot,
    Tariff,
    Tender,
)
from providers.models import QualityMark
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP
from tests.factories.procurement import contract_for
from tests.support.entering import new_group, new_provider

pytestmark = [pytest.mark.django_db(transaction=True)]
# chain-and-journeys.md, J1: at most 60 fields and 15 minutes for two lots and three providers.
FIELD_BUDGET = 60
SECONDS = 15 * 60
PHONE_SMALL = {"width": 375, "height": 812}


@pytest.fixture
def schools(db):
    found = []
    for number in range(1, 4):
        provider = new_provider(
            code=f"school{number}", name=f"Taalschool {number}", duo_number=f"000000000{number}"
        )
        QualityMark.objects.create(
            provider=provider, kind="keurmerk", status="valid", valid_from=date(2024, 1, 1)
        )
        found.append(new_group(provider).course.provider)
    return found


def test_two_lots_and_three_providers_within_the_budget(
    visit, procurement_officer, municipality, schools
):
    filled, clicks, began = [], 0, perf_counter()
    page = visit("/contracts", as_user=procurement_officer)

    def click(name, role="button"):
        nonlocal clicks
        page.get_by_role(role, name=name, exact=True).click()
        page.wait_for_load_state()
        clicks += 1

    def fill(name, value):
        page.fill(f"[name={name}]", value)
        filled.append(name)

    def tick(name, value):
        page.check(f"[name={name}][value='{value}']")
        filled.append(f"{name}={value}")

    click("Nieuw contract", "link")
    click("B1-route voor perceel 1")
    click("Perceel toevoegen")
    click("Aanbieder toevoegen")
    click("Aanbieder toevoegen")
    assert_accessible(page)
    fill("reference", "2026-INB")
    fill("title", "Inburgering 2027-2028")
    fill("cpv_codes", "80420000")
    fill("publication_reference", "TN-123456")
    fill("award_date", "2026-01-10")
    fill("start_date", "2027-01-01")
    fill("end_date", "2028-12-31")
    fill("option_1_end_date", "2029-12-31")
    fill("option_1_notice_date", "2028-06-30")
    fill("index_name", "CBS CPI")
    tick("municipalities", municipality.pk)
    tick("lot_2_components", "Z")
    for lot in (1, 2):
        fill(f"lot_{lot}_volume_max", "80")
        fill(f"lot_{lot}_ceiling_amount", "400000")
    for number, school in enumerate(schools, start=1):
        page.select_option(f"[name=provider_{number}_provider]", str(school.pk))
        filled.append(f"provider_{number}_provider")
        fill(f"provider_{number}_number", f"2027-{number}")
        fill(f"provider_{number}_price_1", "14,50")
    fill("provider_3_price_2", "15,25")
    # One product has a price of its own, from a day of its own.
    page.locator("[name=add_price_1]").click()
    page.wait_for_load_state()
    clicks += 1
    page.select_option("[name=price_1_1_unit]", "start_fee")
    filled.append("price_1_1_unit")
    fill("price_1_1_amount", "75")
    fill("price_1_1_valid_from", "2027-03-01")
    # KPI: the proposal, with another norm for the attendance.
    click("Vul het voorstel in")
    fill("kpi_4_norm", "85")
    # Documents: the check list, and what came in already.
    click("Vul de checklist in")
    fill("document_2_issued_date", "2025-12-01")
    assert_accessible(page)
    # Social return was not agreed here; the other clauses of the library were.
    page.uncheck("[name=clauses][value=social_return]")
    filled.append("clauses")
    click("Leg de contracten vast")

    page.get_by_text("De contracten zijn vastgelegd als concept.").wait_for()
    assert Contract.objects.count() == 3
    assert not Clause.objects.filter(kind="social_return").exists()
    assert Clause.objects.filter(kind="ceiling").count() == 3
    fees = Tariff.objects.filter(unit="start_fee").values_list("component", "valid_from")
    assert set(fees) == {("B", date(2027, 3, 1)), ("KNM", date(2027, 3, 1))}
    norms = KpiAgreement.objects.filter(indicator="Q1").values_list("norm", flat=True)
    assert list(norms) == [85, 85, 85]
    assert ContractDocument.objects.filter(issued_date=date(2025, 12, 1)).count() == 3
    assert len(filled) <= FIELD_BUDGET, filled
    assert clicks <= 11
    # Of the machine; thinking and typing are the officer's.
    assert perf_counter() - began <= SECONDS
    assert_accessible(page)


def test_the_rows_of_the_form_need_no_script(visit, procurement_officer, schools):
    """Rows are added by the server; a fault stands at its row, and the summary leads to it."""
    page = visit("/contracts/new", as_user=procurement_officer, java_script_enabled=False)
    page.fill("[name=title]", "Inburgering 2027")
    for name in ("KPI toevoegen", "Document toevoegen"):
        page.get_by_role("button", name=name, exact=True).click()
    page.locator("[name=add_price_1]").click()
    page.fill("[name=kpi_1_norm]", "80")
    page.fill("[name=document_1_title]", "Polis")
    page.fill("[name=price_1_1_detail]", "Module 1")
    page.get_by_role("button", name="Leg de contracten vast", exact=True).last.click()
    assert page.input_value("[name=title]") == "Inburgering 2027"
    for name, said in (
        ("kpi_1_indicator", "Kies een indicator"),
        ("document_1_kind", "Kies een soort"),
        ("price_1_1_amount", "Vul het bedrag in"),
    ):
        assert said in page.locator(f"#id_{name}_error").inner_text()
        assert page.locator(f"a[href='#id_{name}']").count() == 1
    assert not Contract.objects.exists()


def test_from_the_gap_list_to_a_contract_in_force(
    visit, procurement_officer, municipality, schools
):
    part = contract_for(
        schools[0].courses.get(),
        municipalities=[municipality],
        status="draft",
        start_date=date(2025, 1, 1),
    )
    contract = part.contract
    ContractDocument.objects.create(contract=contract, kind="contract", title="Contract")
    page = visit(f"/contracts/{contract.uuid}", as_user=procurement_officer)
    assert_accessible(page)
    page.get_by_role("link", name="Laat ingaan").click()
    page.wait_for_load_state()
    page.get_by_text("Er ontbreekt nog 1 ding").wait_for()
    assert_accessible(page)
    ContractDocument.objects.update(issued_date=date(2025, 1, 1))
    page.reload()
    page.get_by_role("button", name="Ja, laat ingaan").click()
    page.get_by_text("Het contract is ingegaan.").wait_for()
    assert Contract.objects.get().status == "active"


@pytest.mark.parametrize("size", [DESKTOP, PHONE_SMALL], ids=["desktop", "phone"])
def test_every_kind_of_page_of_contracts_is_accessible(
    visit, procurement_officer, municipality, schools, size
):
    part = contract_for(schools[0].courses.get(), municipalities=[municipality])
    other = contract_for(schools[1].courses.get(), municipalities=[municipality], status="draft")
    contract, draft = part.contract, other.contract
    version = ContractVersion.objects.create(
        contract=draft,
        number=1,
        title=draft.title,
        effective_date=draft.start_date,
        end_date=draft.end_date,
    )
    option = ExtensionOption.objects.create(
        contract=contract,
        number=1,
        start_date=date(2029, 1, 1),
        end_date=date(2029, 12, 31),
        notice_date=date(2028, 6, 30),
    )
    tender = Tender.objects.create(
        buyer=municipality, reference="T-1", title="Inburgering", cpv_codes=["80580000"]
    )
    Lot.objects.filter(pk=other.lot_id).update(tender=tender)
    page = visit("/tenders", as_user=procurement_officer, size=size)
    for path in (
        "/tenders",
        "/tenders/new",
        f"/tenders/{tender.uuid}",
        f"/tenders/{tender.uuid}/award",
        f"/tenders/{tender.uuid}/publish",
        f"/tenders/{tender.uuid}/lots/new",
        "/lots",
        f"/lots/{part.lot.uuid}",
        f"/lots/{other.lot.uuid}/change",
        f"/lots/{part.lot.uuid}/leave",
        "/contracts",
        "/contracts/new",
        "/contracts/import",
        f"/contracts/{contract.uuid}",
        f"/contracts/{draft.uuid}",
        f"/contracts/{draft.uuid}/activate",
        f"/contracts/{contract.uuid}/amend",
        f"/contracts/{contract.uuid}/suspend",
        f"/contracts/{contract.uuid}/index",
        f"/contracts/{contract.uuid}/as-of",
        f"/contracts/{draft.uuid}/tariffs/new",
        f"/contracts/{draft.uuid}/clauses/new",
        f"/contracts/{draft.uuid}/clauses/new/ceiling",
        f"/contracts/{draft.uuid}/clauses/propose",
        f"/contract-versions/{version.uuid}/kpis",
        f"/contract-lots/{other.uuid}/remove",
        f"/tariffs/{other.tariffs.get().uuid}/remove",
        f"/tariffs/{part.tariffs.get().uuid}/end",
        f"/extension-options/{option.uuid}/exercise",
        "/contract-calendar",
        "/contract-calendar/feed",
    ):
        answer = page.goto(path)
        assert answer.status == 200, path
        assert_accessible(page)
        assert_fits(page)
    page.get_by_role("button", name="Maak een nieuw adres").click()
    page.get_by_label("Geheim adres").wait_for()
    assert_accessible(page)
