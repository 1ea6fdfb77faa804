"""Pages of clauses, findings and money: what they show, and what they say when it goes wrong."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from procurement.models import Budget, Claim, Clause, ClauseBreach, Expense, LedgerEntry, Milestone
from procurement.public import Delivery, deliveries_record
from tests.factories.money import money_world, open_call_off
from tests.support.queries import assert_query_count
from tests.support.uploads import TOO_LARGE, fifty_megabytes, refuse_reading

pytestmark = pytest.mark.django_db
OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)


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


def test_years_lead_to_each_other_and_never_to_a_missing_page(officer, world):
    municipality = world.budget.municipality.uuid

    def beside(year):
        page = text(officer.get(reverse("budget-year", args=[municipality, year])))
        return [one for one in ("Jaar ervoor", "Jaar erna") if one in page]

    assert beside(2026) == ["Jaar ervoor", "Jaar erna"]
    assert beside(2021) == ["Jaar erna"]
    assert beside(2100) == ["Jaar ervoor"]


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


def test_accountability_is_searched_and_sorted(officer, world):
    def rows(**query):
        found = text(
            officer.get(reverse("accountability"), query | {"year": 2026, "export": "csv"})
        )
        return found.splitlines()[1:]

    everything = rows()
    one = str(world.call_offs[0].reference)
    assert len(everything) > len(rows(search=one)) > 0
    assert all(one in line for line in rows(search=one))
    assert rows(search="nowhere") == []
    assert rows(sort="-reference") == rows(sort="reference")[::-1]
    assert len(rows(category="interpreter")) < len(everything)
    assert officer.get(reverse("accountability"), {"sort": "geen"}).status_code == 400
    # The rows themselves are shown too, below the totals.
    assert one in text(officer.get(reverse("accountability"), {"year": 2026, "search": one}))


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


def decisions(lines, **changed):
    """Everything approved, except what `changed` says of a line by its number."""
    data = {f"decision_{one.uuid.hex}": "approve" for one in lines}
    for number, values in changed.items():
        key = lines[int(number[1:])].uuid.hex
        data |= {f"{name}_{key}": value for name, value in values.items()}
    return data


def test_a_claim_is_decided_line_by_line(officer, world):
    lines = list(world.claim.lines.order_by("line_reference"))
    url = addresses(world)["assess"]
    for wrong in (
        {"decision": "refuse"},
        {"decision": "part", "reason": "Deels"},
        {"decision": "part", "reason": "Deels", "quantity": "8"},
        {"decision": "part", "quantity": "4"},
        {"decision": "iets"},
    ):
        response = officer.post(url, decisions(lines, n0=wrong))
        assert response.status_code == 400, wrong
        # The mistake stands at the field of its line.
        assert f'_{lines[0].uuid.hex}"' in text(response)
    assert officer.post(url, {}).status_code == 400
    assert not world.claim.lines.exclude(state="pending").exists()

    data = decisions(
        lines,
        n0={"decision": "part", "quantity": "2,5", "reason": "Deels gegeven"},
        n1={"decision": "refuse", "reason": "Niet geleverd"},
    )
    assert officer.post(url, data).status_code == 302
    first, second = world.claim.lines.order_by("line_reference")
    assert (first.state, first.approved_amount) == ("approved", Decimal("36.25"))
    assert (second.state, second.note) == ("refused", "Niet geleverd")
    page = text(officer.get(addresses(world)["claim"]))
    assert "Deels goedgekeurd" in page
    assert "Deels gegeven" in page
    assert officer.post(url, {}).status_code == 409


def test_an_approved_line_is_taken_back_with_a_reason(officer, planner, world):
    lines = list(world.claim.lines.order_by("line_reference"))
    officer.post(addresses(world)["assess"], decisions(lines))
    url = reverse("claim-line-credit", args=[lines[0].uuid])
    assert "Terugnemen" in text(planner.get(addresses(world)["claim"]))
    assert "116,00" in text(officer.get(url)) or "116.00" in text(officer.get(url))
    assert officer.post(url, {"reason": ""}).status_code == 400
    assert officer.post(url, {"reason": "Dubbel"}).status_code == 302
    assert Claim.objects.count() == 2
    assert planner.post(url, {"reason": "Nog eens"}).status_code == 409
    # It is open to be claimed again.
    assert "Te declareren" in text(planner.get(reverse("claims-to-send")))


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_the_lines_of_a_claim_can_be_downloaded(officer, world, file_format):
    url = reverse("claim-lines", args=[world.claim.uuid, file_format])
    assert officer.get(url).status_code == 200
    wrong = reverse("claim-lines", args=[world.claim.uuid, "pdf"])
    assert officer.get(wrong).status_code == 404


def month_of(world):
    month = world.claim.month
    return [world.contract.uuid, world.claim.municipality.uuid, month.year, month.month]


def deliver(world, hours):
    deliveries_record(
        actor=world.actor,
        deliveries=[Delivery(world.call_offs[0].reference, world.claim.month, Decimal(hours))],
    )


def test_a_provider_claims_on_screen(planner, officer, world):
    empty = planner.get(reverse("claims-to-send"))
    assert "Alles wat geleverd is, is gedeclareerd" in text(empty)
    officer.post(
        addresses(world)["assess"], decisions(list(world.claim.lines.order_by("line_reference")))
    )
    deliver(world, 10)

    assert "29,00" in text(planner.get(reverse("claims-to-send")))
    exported = text(planner.get(reverse("claims-to-send"), {"export": "csv"}))
    assert "29.00" in exported
    for query, is_found in (
        ({"search": world.contract.number, "sort": "-delivered"}, True),
        ({"search": "nowhere"}, False),
    ):
        shown = text(planner.get(reverse("claims-to-send"), query))
        assert (reverse("claim-prepare", args=month_of(world)) in shown) is is_found
    assert planner.get(reverse("claims-to-send"), {"sort": "state"}).status_code == 400
    url = reverse("claim-prepare", args=month_of(world))
    page = text(planner.get(url))
    assert "neemt de eerdere regel terug" in page
    shown = {"number": "N-1", "shown": "29.00"}
    deliver(world, 11)
    stale = planner.post(url, shown)
    assert stale.status_code == 409
    assert "is veranderd sinds u keek" in text(stale)
    deliver(world, 10)
    sent = planner.post(url, shown)
    assert sent.status_code == 302
    assert Claim.objects.get(number="N-1").lines.count() == 2
    assert "niets te declareren" in text(planner.get(url))
    assert planner.post(url, {"number": "N-2", "shown": "0"}).status_code == 409


def test_a_provider_claims_with_a_file(planner, officer, world):
    officer.post(
        addresses(world)["assess"], decisions(list(world.claim.lines.order_by("line_reference")))
    )
    deliver(world, 10)
    where = month_of(world)
    file = planner.get(reverse("claim-lines-file", args=[*where, "csv"]))
    assert planner.get(reverse("claim-lines-file", args=[*where, "ods"])).status_code == 404
    upload = reverse("claim-upload", args=where)

    wrong = file.content.replace(b"14,50", b"15,50").replace(b"14.50", b"15.50")
    bad = planner.post(
        upload, {"number": "F-1", "file": SimpleUploadedFile("regels.csv", wrong)}, follow=True
    )
    assert "fouten gevonden" in text(bad) or "fout gevonden" in text(bad)
    assert "prijs" in text(bad)
    with pytest.MonkeyPatch.context() as patch:
        refuse_reading(patch)
        large = planner.post(upload, {"number": "F-1", "file": fifty_megabytes()})
    assert large.status_code == 400
    assert TOO_LARGE in text(large)
    unreadable = planner.post(
        upload, {"number": "F-1", "file": SimpleUploadedFile("regels.xls", OLD_EXCEL)}
    )
    assert unreadable.status_code == 400
    assert Claim.objects.count() == 1

    good = planner.post(
        upload, {"number": "F-1", "file": SimpleUploadedFile("regels.csv", file.content)}
    )
    assert good.status_code == 302
    assert "29,00" in text(planner.get(good.url))
    assert officer.get(good.url).status_code == 403
    assert planner.post(good.url).status_code == 302
    assert "verstuurd" in text(planner.get(good.url))
    assert planner.post(good.url).status_code == 409
    assert Claim.objects.get(number="F-1").lines.count() == 2


def test_a_month_of_another_is_not_there(planner, world, other_municipality):
    contract, municipality, year, month = month_of(world)
    for where in (
        [contract, other_municipality.uuid, year, month],
        [municipality, municipality, year, month],
        [contract, municipality, year, 13],
        [contract, municipality, 1999, 1],
    ):
        assert planner.get(reverse("claim-prepare", args=where)).status_code == 404


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


def test_queries_of_a_new_claim_do_not_grow(planner, world, municipality):
    urls = {
        "claims to send": reverse("claims-to-send"),
        "claim prepare": reverse("claim-prepare", args=month_of(world)),
    }

    def count():
        found = {}
        for name, url in urls.items():
            planner.get(url)
            with CaptureQueriesContext(connection) as queries:
                planner.get(url)
            found[name] = len(queries)
        return found

    deliver(world, 9)
    before = count()
    more = [open_call_off(world, municipality) for _number in range(1)]
    deliveries_record(
        actor=world.actor,
        deliveries=[Delivery(one.reference, world.claim.month, Decimal(5)) for one in more],
    )

    assert count() == before
    for name, found in before.items():
        assert_query_count(f"page {name}", found)
