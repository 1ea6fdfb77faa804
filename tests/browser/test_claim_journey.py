"""A claim in a real browser: the provider sends what was delivered, the officer decides."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.common.spreadsheets import write_xlsx
from matching.models import GroupTransfer
from procurement.models import Claim
from procurement.public import Delivery, deliveries_record
from procurement.selectors.claim_proposals import months_of_call_offs, proposed_lines
from procurement.services.claim_decisions import claim_assess
from procurement.services.claim_sheets import CLAIM_LINES, claim_sheet_check, line_values
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.matching import contracted_intake, placement
from tests.factories.money import money_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(municipality, provider):
    """One claim is approved; a month before it something was delivered and not claimed."""
    found = money_world(municipality, provider)
    claim_assess(actor=found.actor, claim=found.claim)
    found.month = (found.claim.month - timedelta(days=1)).replace(day=1)
    deliveries_record(
        actor=found.actor,
        deliveries=[Delivery(one.reference, found.month, Decimal(12)) for one in found.call_offs],
    )
    return found


def month_url(world, rest=""):
    where = f"{world.contract.uuid}/{world.claim.municipality.uuid}"
    return f"/claims/new/{where}/{world.month.year}/{world.month.month}{rest}"


def looks_right(page):
    page.wait_for_load_state()
    assert_fits(page)
    assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_delivered_to_decided(visit, provider_planner, procurement_officer, world, size):
    page = visit("/claims", as_user=provider_planner, size=size)
    page.get_by_role("link", name="Declaratie maken").click()
    looks_right(page)
    page.get_by_role("link", name="Declaratie voorbereiden").click()
    looks_right(page)
    page.get_by_label("Declaratienummer").fill("J-1")
    page.get_by_role("button", name="Verstuur deze declaratie").click()
    page.get_by_text("De declaratie is verstuurd.").wait_for()
    looks_right(page)
    claim = Claim.objects.get(number="J-1")
    first, second = claim.lines.order_by("line_reference")

    page = visit(f"/claims/{claim.uuid}", as_user=procurement_officer, size=size)
    page.get_by_role("link", name="Beoordelen").click()
    looks_right(page)
    page.locator(f"#id_decision_{first.uuid.hex}").select_option("part")
    page.locator(f"#id_reason_{first.uuid.hex}").fill("Eén les is niet gegeven")
    page.get_by_role("button", name="Besluit over alle regels").click()
    # The quantity is missing: the page says so and keeps what was filled in.
    looks_right(page)
    page.locator(f"#id_quantity_{first.uuid.hex}").fill("9")
    page.get_by_role("button", name="Besluit over alle regels").click()
    page.get_by_text("De declaratie is beoordeeld.").wait_for()
    assert page.get_by_text("Deels goedgekeurd").count() == 1
    looks_right(page)
    page.get_by_role("link", name="Terugnemen").last.click()
    looks_right(page)
    page.get_by_label("Reden").fill("Dubbel gedeclareerd")
    page.get_by_role("button", name="Neem deze regel terug").click()
    page.get_by_text("De regel is teruggenomen.").wait_for()
    second.refresh_from_db()
    assert second.credited_by.count() == 1


def test_pages_of_a_file_with_lines(visit, provider_planner, world, provider, municipality):
    rows = line_values(
        proposed_lines(months_of_call_offs(world.contract, municipality.pk, world.month))
    )
    wrong = [{**one, "quantity": Decimal(900)} for one in rows]
    sheets = [
        claim_sheet_check(
            actor=world.actor,
            contract=world.contract,
            municipality=municipality,
            number=f"B-{number}",
            month=world.month,
            file_name="regels.xlsx",
            content=write_xlsx([(CLAIM_LINES, lines)]),
        )
        for number, lines in enumerate((rows, wrong))
    ]
    page = visit("/", as_user=provider_planner, size=PHONE)
    for path in (month_url(world, "/upload"), *(f"/claim-sheets/{one.uuid}" for one in sheets)):
        assert page.goto(path).status == 200
        looks_right(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_of_a_transfer_and_of_files(
    visit, caseworker, provider_planner, municipality, world, size
):
    there = contracted_intake(municipality)
    contracted_intake(municipality)
    people = [placement(municipality, intake=there, state="accepted") for _number in "12"]
    left = there.group.course.provider
    page = visit(f"/providers/{left.uuid}/transfer", as_user=caseworker, size=size)
    looks_right(page)
    report = GroupTransfer.objects.create(
        municipality=municipality, provider=left, made_by="Klantmanager", stayed=1
    )
    report.outcomes.create(
        placement=people[0],
        intake_moment=there,
        code="intake_full",
        message="Vol.",
    )
    for path in ("/group-transfers", f"/group-transfers/{report.uuid}"):
        assert page.goto(path).status == 200
        looks_right(page)
    school = world.contract.provider
    document = school.documents.create(kind="other", title="Brief", issue_date=world.month)
    page = visit(f"/provider-documents/{document.uuid}/upload", as_user=provider_planner, size=size)
    looks_right(page)
    page.goto(f"/providers/{school.uuid}")
    looks_right(page)
