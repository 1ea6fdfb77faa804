"""Tenders, lots and contracts: buyers keep them, municipalities and the own provider read them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from procurement.models import (
    Award,
    Contract,
    ContractCourse,
    ContractDocument,
    ContractLot,
    ContractSheet,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Lot,
    LotMunicipality,
    Tariff,
    Tender,
)
from providers.models import Provider
from tests.permissions.matrix import EVERYBODY, Audience, Case, World
from tests.support.entering import new_group

START, END = date(2026, 1, 1), date(2029, 12, 31)
OFFICERS = frozenset({Audience.PROCUREMENT_OFFICER, Audience.PROCUREMENT_OFFICER_ELSEWHERE})
# VIEW_CONTRACTS at the buyer, directly or through its region.
BUYERS = frozenset(
    {Audience.PROCUREMENT_OFFICER, Audience.QUALITY_OFFICER, Audience.REGIONAL_COORDINATOR}
)
BUYERS_ELSEWHERE = frozenset(
    {
        Audience.PROCUREMENT_OFFICER_ELSEWHERE,
        Audience.QUALITY_OFFICER_ELSEWHERE,
        Audience.REGIONAL_COORDINATOR_ELSEWHERE,
    }
)
PARTIES = BUYERS | {Audience.PROVIDER_PLANNER}
PARTIES_ELSEWHERE = BUYERS_ELSEWHERE | {Audience.PROVIDER_PLANNER_ELSEWHERE}
LISTS = {200: PARTIES | PARTIES_ELSEWHERE}
OBJECT = {200: PARTIES, 404: PARTIES_ELSEWHERE}
BUYER_LISTS = {200: BUYERS | BUYERS_ELSEWHERE}
BUYER_OBJECT = {200: BUYERS, 404: BUYERS_ELSEWHERE}


def prepare(world: World) -> None:
    buyer = world.municipality
    provider = Provider.objects.create(organisation=world.provider, duo_number="0000000001")
    tender = Tender.objects.create(buyer=buyer, reference="T1", title="Inburgering")
    lot = Lot.objects.create(
        buyer=buyer,
        tender=tender,
        code="P1",
        title="B1",
        components=["B"],
        target_groups=["asylum"],
    )
    LotMunicipality.objects.create(lot=lot, municipality=buyer, valid_from=START)
    contract = Contract.objects.create(
        buyer=buyer,
        provider=provider,
        tender=tender,
        number="C1",
        title="Raamovereenkomst",
        start_date=START,
        end_date=END,
    )
    contract_lot = ContractLot.objects.create(contract=contract, lot=lot)
    course = new_group(provider).course
    ContractCourse.objects.create(contract_lot=contract_lot, course=course)
    version = ContractVersion.objects.create(
        contract=contract, number=1, title="Raamovereenkomst", effective_date=START, end_date=END
    )
    world.objects |= {
        "tender": tender,
        "lot": lot,
        "contract": contract,
        "contract_lot": contract_lot,
        "course": course,
        "version": version,
        "award": Award.objects.create(lot=lot, provider=provider),
        "tariff": Tariff.objects.create(
            contract_lot=contract_lot,
            component="B",
            unit="learner_hour",
            amount=Decimal("14.50"),
            valid_from=START,
        ),
        "kpi": KpiAgreement.objects.create(
            version=version, indicator="Q1", norm=Decimal(80), weight=Decimal(100)
        ),
        "option": ExtensionOption.objects.create(
            contract=contract,
            number=1,
            start_date=date(2030, 1, 1),
            end_date=date(2030, 12, 31),
            notice_date=date(2029, 6, 30),
        ),
        "document": ContractDocument.objects.create(
            contract=contract, kind="contract", title="Contract"
        ),
        "indexation": Indexation.objects.create(
            contract=contract, effective_date=date(2027, 1, 1), percentage=Decimal("2.5")
        ),
        "sheet": ContractSheet.objects.create(
            buyer=buyer,
            file_name="contracten.csv",
            report={
                "faults": [],
                "new": ["C9"],
                "changed": [],
                "unchanged": [],
                "prices": 1,
                "missing": [],
            },
        ),
    }


def address(pattern: str, name: str) -> Callable[[World], str]:
    return lambda world: (
        "/" + pattern.format(uuid=world.objects[name].uuid, id=world.objects[name].uuid)
    )


def page(
    route: str, expected: Mapping[int, Iterable[Audience]], name: str = "", method: str = "GET"
) -> Case:
    url = address(route, name) if name else f"/{route}"
    return Case(route, method, url, expected, rest=403, body=_nothing if method == "POST" else None)


def _nothing(world: World) -> dict[str, Any]:
    return {}


def form(route: str, name: str, answer: int) -> list[Case]:
    """A page that only officers of the buyer open; an empty form gets `answer`."""
    shown = {200: {Audience.PROCUREMENT_OFFICER}, 404: {Audience.PROCUREMENT_OFFICER_ELSEWHERE}}
    posted = {answer: {Audience.PROCUREMENT_OFFICER}, 404: shown[404]}
    return [page(route, shown, name), page(route, posted, name, "POST")]


def resource(route: str, name: str, *, buyers_only: bool = False) -> list[Case]:
    lists, one = (BUYER_LISTS, BUYER_OBJECT) if buyers_only else (LISTS, OBJECT)
    return [
        page(f"api/v1/{route}", lists),
        page(f"api/v1/{route}/{{id}}", one, name),
    ]


def create(route: str) -> Case:
    """An empty body is refused with its faults; only officers get that far."""
    return page(f"api/v1/{route}", {400: OFFICERS}, method="POST")


def change(route: str, name: str) -> Case:
    """Without If-Match nobody changes anything."""
    return page(f"api/v1/{route}/{{id}}", {428: OFFICERS}, name, "PATCH")


def remove(route: str, name: str) -> Case:
    """Without If-Match nobody removes anything."""
    return page(f"api/v1/{route}/{{id}}", {428: OFFICERS}, name, "DELETE")


def step(route: str, name: str, answer: int) -> Case:
    expected = {
        answer: {Audience.PROCUREMENT_OFFICER},
        404: {Audience.PROCUREMENT_OFFICER_ELSEWHERE},
    }
    return page(f"api/v1/{route}", expected, name, "POST")


CASES = [
    # Pages that read.
    page("tenders", BUYER_LISTS),
    page("tenders/{uuid}", BUYER_OBJECT, "tender"),
    page("lots", BUYER_LISTS),
    page("contracts", LISTS),
    page("contracts/{uuid}", OBJECT, "contract"),
    page("contracts/{uuid}/as-of", OBJECT, "contract"),
    page("contracts/{uuid}/pdf", OBJECT, "contract"),
    page("contracts/{uuid}/xlsx", OBJECT, "contract"),
    page("contract-calendar", LISTS),
    page("contract-calendar/feed", LISTS),
    page("contract-calendar/feed", LISTS, method="POST"),
    # The secret in the address is the right to read; nobody is asked who they are.
    Case(
        "contract-calendar/feeds/{token}.ics",
        "GET",
        "/contract-calendar/feeds/unknown.ics",
        {404: EVERYBODY},
    ),
    # Pages that write.
    page("tenders/new", {200: OFFICERS}),
    page("tenders/new", {400: OFFICERS}, method="POST"),
    page("contracts/new", {200: OFFICERS}),
    page("contracts/new", {400: OFFICERS}, method="POST"),
    page("contracts/import", {200: OFFICERS}),
    page("contracts/import", {400: OFFICERS}, method="POST"),
    Case(
        "contracts/import/template\\.{ending}",
        "GET",
        "/contracts/import/template.csv",
        {200: OFFICERS},
        rest=403,
    ),
    *form("contract-sheets/{uuid}", "sheet", 400),
    *form("tenders/{uuid}/change", "tender", 400),
    *form("tenders/{uuid}/publish", "tender", 400),
    *form("tenders/{uuid}/close", "tender", 409),
    *form("tenders/{uuid}/award", "tender", 400),
    *form("tenders/{uuid}/cancel", "tender", 400),
    *form("tenders/{uuid}/lots/new", "tender", 400),
    page("lots/{uuid}", BUYER_OBJECT, "lot"),
    *form("lots/{uuid}/admit", "lot", 400),
    *form("lots/{uuid}/change", "lot", 400),
    *form("lots/{uuid}/leave", "lot", 400),
    *form("contracts/{uuid}/change", "contract", 400),
    *form("contracts/{uuid}/activate", "contract", 400),
    *form("contracts/{uuid}/suspend", "contract", 400),
    *form("contracts/{uuid}/end", "contract", 400),
    *form("contracts/{uuid}/amend", "contract", 400),
    *form("contracts/{uuid}/lots/new", "contract", 400),
    *form("contracts/{uuid}/tariffs/new", "contract", 400),
    *form("contracts/{uuid}/index", "contract", 400),
    *form("contracts/{uuid}/indexation-rule", "contract", 400),
    *form("contracts/{uuid}/options/new", "contract", 400),
    *form("contracts/{uuid}/documents/new", "contract", 400),
    *form("contract-lots/{uuid}/courses/new", "contract_lot", 400),
    *form("tariffs/{uuid}/end", "tariff", 400),
    *form("tariffs/{uuid}/remove", "tariff", 302),
    *form("contract-lots/{uuid}/remove", "contract_lot", 302),
    *(
        Case(
            "contract-lots/{uuid}/courses/{course}/remove",
            method,
            lambda world: (
                f"/contract-lots/{world.objects['contract_lot'].uuid}"
                f"/courses/{world.objects['course'].uuid}/remove"
            ),
            {
                status: {Audience.PROCUREMENT_OFFICER},
                404: {Audience.PROCUREMENT_OFFICER_ELSEWHERE},
            },
            rest=403,
            body=_nothing if method == "POST" else None,
        )
        for method, status in (("GET", 200), ("POST", 302))
    ),
    *form("contract-versions/{uuid}/confirm", "version", 409),
    *form("contract-versions/{uuid}/withdraw", "version", 409),
    *form("contract-versions/{uuid}/correct", "version", 400),
    *form("contract-versions/{uuid}/kpis", "version", 302),
    *form("extension-options/{uuid}/exercise", "option", 400),
    *form("extension-options/{uuid}/decline", "option", 400),
    *form("contract-documents/{uuid}", "document", 400),
    # The API.
    *resource("lots", "lot", buyers_only=True),
    *resource("tenders", "tender", buyers_only=True),
    *resource("contracts", "contract"),
    page("api/v1/contracts/{id}/gaps", BUYER_OBJECT, "contract"),
    *resource("tariffs", "tariff"),
    *resource("awards", "award"),
    *resource("contract-versions", "version"),
    *resource("kpi-agreements", "kpi"),
    *resource("extension-options", "option"),
    *resource("contract-documents", "document"),
    *resource("indexations", "indexation"),
    *resource("contract-lots", "contract_lot"),
    page("api/v1/contract-sheets", {200: OFFICERS}),
    page(
        "api/v1/contract-sheets/{id}",
        {
            200: {Audience.PROCUREMENT_OFFICER},
            404: {Audience.PROCUREMENT_OFFICER_ELSEWHERE},
        },
        "sheet",
    ),
    page("api/v1/contract-deadlines", LISTS),
    # An empty JSON body is no upload.
    page("api/v1/contract-sheets", {415: OFFICERS}, method="POST"),
    create("indexations/preview"),
    create("lots"),
    create("tenders"),
    create("contracts"),
    create("framework-agreements"),
    create("tariffs"),
    create("contract-versions"),
    create("extension-options"),
    create("contract-documents"),
    create("indexations"),
    change("tenders", "tender"),
    change("lots", "lot"),
    remove("contract-lots", "contract_lot"),
    remove("contract-versions", "version"),
    remove("tariffs", "tariff"),
    change("contracts", "contract"),
    change("contract-documents", "document"),
    step("tenders/{id}/publish", "tender", 400),
    step("tenders/{id}/close", "tender", 409),
    step("tenders/{id}/award", "tender", 400),
    step("tenders/{id}/cancel", "tender", 400),
    step("contracts/{id}/lots", "contract", 400),
    step("contracts/{id}/activate", "contract", 400),
    step("contracts/{id}/suspend", "contract", 400),
    step("contracts/{id}/end", "contract", 400),
    step("contract-versions/{id}/confirm", "version", 409),
    step("contract-versions/{id}/kpis", "version", 400),
    step("contract-versions/{id}/correct", "version", 400),
    step("contract-versions/{id}/clauses", "version", 200),
    step("contracts/{id}/indexation-rule", "contract", 400),
    step("contract-lots/{id}/courses", "contract_lot", 400),
    step("contract-lots/{id}/remove-course", "contract_lot", 400),
    step("contract-sheets/{id}/commit", "sheet", 400),
    step("lots/{id}/municipalities", "lot", 400),
    step("lots/{id}/leave", "lot", 400),
    step("tariffs/{id}/end", "tariff", 400),
    step("extension-options/{id}/exercise", "option", 400),
    step("extension-options/{id}/decline", "option", 400),
]
