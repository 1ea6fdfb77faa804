"""Pages of clauses, findings and money: what they show, and what they say when it goes wrong."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.models import Budget, Claim, Clause, ClauseBreach, Expense, LedgerEntry, Milestone
from tests.factories.money import money_world, open_call_off
from tests.support.queries import assert_query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


@pytest.fixture
def officer(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def planner(web_as, provider_planner):
    return web_as(provider_planner)


def text(response):
    return response.content.decode()


def addresses(world):
    return {
        "findings": reverse("breaches"),
        "finding": reverse("breach", args=[world.breach.uuid]),
        "acknowledge": reverse("breach-acknowledge", args=[world.breach.uuid]),
        "resolve": reverse("breach-resolve", args=[world.breach.uuid]),
        "budgets": reverse("budgets"),
        "budget new": reverse("budget-new"),
        "budget change": reverse("budget-change", args=[world.budget.uuid]),
        "budget year": reverse("budget-year", args=[world.budget.municipality.uuid, 2026]),
        "expense": reverse("expense-new"),
        "accountability": reverse("accountability") + "?year=2026",
        "ledger": reverse("ledger"),
        "contract": reverse("contract", args=[world.contract.uuid]),
        "draft": reverse("contract", args=[world.draft.uuid]),
        "contract money": reverse("contract-money", args=[world.contract.uuid]),
        "claims": reverse("claims"),
        "claim": reverse("claim", args=[world.claim.uuid]),
        "assess": reverse("claim-decide", args=[world.claim.uuid]),
        "clause kinds": reverse("clause-kinds", args=[world.draft.uuid]),
        "clause new": reverse("clause-new", args=[world.draft.uuid, "ceiling"]),
        "clause change": reverse("clause-change", args=[world.clause.uuid]),
        "clause remove": reverse("clause-remove", args=[world.clause.uuid]),
        "propose": reverse("clauses-propose", args=[world.draft.uuid]),
        "milestone": reverse("milestone-new", args=[world.contract.uuid]),
        "start": "/",
    }


def test_every_page_opens_for_the_officer(officer, world):
    found = {name: officer.get(url).status_code for name, url in addresses(world).items()}
    assert found == dict.fromkeys(found, 200)


def test_the_picture_and_its_numbers(officer, world):
    page = text(officer.get(addresses(world)["budget year"]))
    assert page.count("<svg") == 2
    # 2 x 8 hours x 14.50 were delivered and claimed.
    assert "232,00" in page
    assert "100.000,00" in page
    assert "style=" not in page


def test_a_year_without_money_says_so(officer, world):
    url = reverse("budget-year", args=[world.budget.municipality.uuid, 2023])
    page = text(officer.get(url))
    assert "<svg" not in page
    assert officer.get(reverse("budget-year", args=[world.contract.uuid, 2026])).status_code == 404


@pytest.mark.parametrize("name", ["findings", "budgets", "ledger", "claims"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_lists_can_be_downloaded(officer, world, name, file_format):
    response = officer.get(addresses(world)[name], {"export": file_format})
    assert response.status_code == 200
    assert response.headers["Content-Disposition"].endswith(f'.{file_format}"')


def test_accountability_per_reference(officer, world):
    lines = text(officer.get(reverse("accountability"), {"year": 2026, "export": "csv"})).split()
    assert (
        sum(str(one.reference) in text_line for one in world.call_offs for text_line in lines) == 2
    )
    assert officer.get(reverse("accountability"), {"year": "vorig"}).status_code == 400
    assert officer.get(reverse("accountability"), {"jaar": "2026"}).status_code == 400


def test_a_provider_sees_its_contract_and_no_budget(planner, world):
    urls = addresses(world)
    assert planner.get(urls["ledger"]).status_code == 200
    assert planner.get(urls["claim"]).status_code == 200
    assert planner.get(urls["finding"]).status_code == 200
    assert planner.get(urls["budgets"]).status_code == 403
    assert planner.get(urls["budget year"]).status_code == 403


def test_a_budget_is_added_once_and_changed(officer, world, municipality):
    form = {
        "municipality": municipality.pk,
        "year": 2026,
        "source": "own",
        "category": "Z",
        "amount": "1250,50",
        "note": "",
    }
    assert officer.post(reverse("budget-new"), form).status_code == 302
    budget = Budget.objects.get(category="Z")
    assert budget.amount == Decimal("1250.50")
    again = officer.post(reverse("budget-new"), form)
    assert again.status_code == 409
    wrong = officer.post(reverse("budget-new"), {**form, "amount": "-1", "year": "1999"})
    assert wrong.status_code == 400
    changed = officer.post(
        reverse("budget-change", args=[budget.uuid]), {"amount": "10", "reason": "Raadsbesluit"}
    )
    assert changed.status_code == 302
    budget.refresh_from_db()
    assert budget.amount == 10


def test_an_expense_is_recorded(officer, world, municipality):
    form = {
        "municipality": municipality.pk,
        "reference": str(world.call_offs[0].reference),
        "category": "interpreter",
        "spent_date": "2026-11-02",
        "amount": "95",
        "description": "Tolk",
    }
    assert officer.post(reverse("expense-new"), form).status_code == 302
    assert Expense.objects.get().amount == 95
    assert officer.post(reverse("expense-new"), {**form, "amount": "0"}).status_code == 400


def test_a_claim_is_assessed(officer, world):
    line = world.claim.lines.order_by("line_reference").first()
    url = addresses(world)["assess"]
    without_reason = officer.post(url, {"refused": [str(line.uuid)], "reason": ""})
    assert without_reason.status_code == 400
    done = officer.post(url, {"refused": [str(line.uuid)], "reason": "Niet geleverd"})
    assert done.status_code == 302
    states = set(world.claim.lines.values_list("state", flat=True))
    assert states == {"approved", "refused"}
    assert Claim.objects.get().state == "assessed"
    assert officer.post(url, {}).status_code == 409


def test_findings_are_acknowledged_and_resolved(officer, planner, world):
    urls = addresses(world)
    assert planner.post(urls["acknowledge"], {"note": "Wij kijken"}).status_code == 302
    assert planner.post(urls["acknowledge"], {}).status_code == 409
    assert planner.post(urls["resolve"], {"note": "x"}).status_code == 403
    assert officer.post(urls["resolve"], {"note": " "}).status_code == 400
    assert officer.post(urls["resolve"], {"note": "Afgesproken"}).status_code == 302
    breach = ClauseBreach.objects.get(pk=world.breach.pk)
    assert (breach.state, breach.note) == ("resolved", "Afgesproken")


def test_clauses_change_while_the_version_is_a_draft(officer, world):
    urls = addresses(world)
    assert officer.post(urls["clause kinds"], {"kind": "ceiling"}).url == urls["clause new"]
    wrong = officer.post(urls["clause new"], {"thresholds": "90, 70"})
    assert wrong.status_code == 400
    assert officer.post(urls["clause new"], {"thresholds": "60, 80"}).status_code == 302
    added = Clause.objects.get(version__contract=world.draft, kind="ceiling")
    assert added.parameters == {"thresholds": [60, 80]}
    assert officer.post(urls["clause new"], {"thresholds": "60, 80"}).status_code == 400
    assert officer.post(urls["clause change"], {"working_days": "7"}).status_code == 302
    assert officer.post(urls["clause remove"], {}).status_code == 302
    assert not Clause.objects.filter(pk=world.clause.pk).exists()
    assert officer.post(urls["propose"], {}).status_code == 302
    assert Clause.objects.filter(version__contract=world.draft).count() == 13
    locked = Clause.objects.filter(version__contract=world.contract).first()
    change = reverse("clause-change", args=[locked.uuid])
    assert officer.post(change, {"days": "7"}).status_code in {400, 409}
    assert officer.get(reverse("clause-new", args=[world.draft.uuid, "niets"])).status_code == 404


def test_a_milestone_is_recorded(officer, world):
    form = {"kind": "report", "title": "Kwartaal", "period_start": "2026-07-01"}
    url = addresses(world)["milestone"]
    assert officer.post(url, {**form, "met_date": "2026-10-10"}).status_code == 302
    assert Milestone.objects.filter(kind="report").count() == 1
    wrong = officer.post(url, {**form, "kind": "social_return", "met_date": "2027-01-01"})
    assert wrong.status_code == 400
    assert officer.post(url, {**form, "period_start": "1999-01-01"}).status_code == 400


PAGES = ("findings", "budgets", "ledger", "claims", "claim", "contract money", "budget year")


def test_queries_do_not_grow_with_the_rows(officer, world, municipality):
    def count():
        found = {}
        for name in PAGES:
            officer.get(addresses(world)[name])
            with CaptureQueriesContext(connection) as queries:
                officer.get(addresses(world)[name])
            found[name] = len(queries)
        return found

    before = count()
    world.contract_lot.ceiling.places = 50
    world.contract_lot.ceiling.save()
    for _number in range(5):
        open_call_off(world, municipality)
    money_world(municipality, world.contract.provider.organisation, prefix="n", year=2027)

    assert count() == before
    for name, found in before.items():
        assert_query_count(f"page {name}", found)
    assert LedgerEntry.objects.count() > 10
