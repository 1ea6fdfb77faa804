"""Files of documents, budgets, ledger, claims and open contracting data."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.db import transaction

from backend.common.stored_files import file_checked, file_keep
from procurement.models import ClaimSheet, ContractDocument
from providers.models import ProviderDocument
from tests.factories.money import MoneyWorld, money_world
from tests.permissions.matrix import EVERYBODY, Audience, Case, World

# Who looks at contracts of the municipality: its officers, and the coordinator of its region.
PUBLIC_BODY = {
    Audience.PROCUREMENT_OFFICER,
    Audience.QUALITY_OFFICER,
    Audience.REGIONAL_COORDINATOR,
}
PARTIES = PUBLIC_BODY | {Audience.PROVIDER_PLANNER}
# The same roles elsewhere hold the permission, but at other organisations.
BODY_ELSEWHERE = {
    Audience.PROCUREMENT_OFFICER_ELSEWHERE,
    Audience.QUALITY_OFFICER_ELSEWHERE,
    Audience.REGIONAL_COORDINATOR_ELSEWHERE,
}
PARTIES_ELSEWHERE = BODY_ELSEWHERE | {Audience.PROVIDER_PLANNER_ELSEWHERE}
OFFICER = {Audience.PROCUREMENT_OFFICER}
OFFICER_ELSEWHERE = {Audience.PROCUREMENT_OFFICER_ELSEWHERE}
PLANNER = {Audience.PROVIDER_PLANNER}
PLANNER_ELSEWHERE = {Audience.PROVIDER_PLANNER_ELSEWHERE}


def prepare(world: World) -> None:
    # The region comes first: its coordinator looks at the municipality from the start.
    assert world.region
    found = money_world(world.municipality, world.provider)
    world.objects["money"] = found
    world.objects["paper"] = ContractDocument.objects.create(
        contract=found.contract, kind="other", title="Bijlage"
    )
    world.objects["document"] = ProviderDocument.objects.create(
        provider=found.contract.provider,
        kind="other",
        title="Brief",
        issue_date=found.contract.start_date,
    )
    for name in ("paper", "document"):
        with transaction.atomic():
            file_keep(world.objects[name], file_checked("brief.pdf", b"%PDF-1.7"))
            world.objects[name].save()


def money(world: World) -> MoneyWorld:
    found: MoneyWorld = world.objects["money"]
    return found


def at(path: str, pick: Callable[[MoneyWorld], Any]) -> Callable[[World], str]:
    return lambda world: path.format(pick(money(world)).uuid)


def page(route: str, url: Any, **more: Any) -> Case:
    """A page on one object for the parties to the contract."""
    return Case(route, "GET", url, {200: PARTIES, 404: PARTIES_ELSEWHERE}, rest=403, **more)


def form(
    route: str, url: Any, who: set[Audience], elsewhere: set[Audience], **post: Any
) -> list[Case]:
    """A form page: who may use it, who may not see the object, and the rest."""
    status = post.pop("status", 302)
    body = post.pop("body", lambda world: {})
    return [
        Case(route, "GET", url, {200: who, 404: elsewhere}, rest=403),
        Case(route, "POST", url, {status: who, 404: elsewhere}, rest=403, body=body, **post),
    ]


def claim_month(rest: str = "") -> Callable[[World], str]:
    def url(world: World) -> str:
        found = money(world)
        day = found.claim.month
        where = f"{found.contract.uuid}/{world.municipality.uuid}/{day.year}/{day.month}"
        return f"/claims/new/{where}{rest}"

    return url


def claim_sheet(world: World) -> ClaimSheet:
    found = money(world)
    return ClaimSheet.objects.get_or_create(
        contract=found.contract,
        municipality=world.municipality,
        number="S-1",
        month=found.claim.month,
        file_name="regels.csv",
        report={"faults": [], "warnings": [], "lines": 0, "amount": "0.00"},
    )[0]


CLAIM_MONTH = "claims/new/{contract}/{municipality}/{year}/{month}"
CONTRACT = "contracts/{uuid}"
CASES = [
    Case(
        "provider-documents/{uuid}/file",
        "GET",
        lambda world: f"/provider-documents/{world.objects['document'].uuid}/file",
        # Another public body sees that the document is there, but has nothing to do with it.
        {200: PARTIES, 404: PLANNER_ELSEWHERE},
        rest=403,
    ),
    *form(
        "provider-documents/{uuid}/upload",
        lambda world: f"/provider-documents/{world.objects['document'].uuid}/upload",
        PLANNER,
        PLANNER_ELSEWHERE,
        status=400,
    ),
    page(
        "contract-documents/{uuid}/file",
        lambda world: f"/contract-documents/{world.objects['paper'].uuid}/file",
    ),
    *form(
        "contract-documents/{uuid}/upload",
        lambda world: f"/contract-documents/{world.objects['paper'].uuid}/upload",
        OFFICER,
        OFFICER_ELSEWHERE,
        status=400,
    ),
    # The same through the API; an empty JSON body is no upload.
    Case(
        "api/v1/provider-documents/{id}/file",
        "GET",
        lambda world: f"/api/v1/provider-documents/{world.objects['document'].uuid}/file",
        {200: PARTIES, 404: PLANNER_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/provider-documents/{id}/file",
        "POST",
        lambda world: f"/api/v1/provider-documents/{world.objects['document'].uuid}/file",
        {415: PLANNER, 404: PLANNER_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    page(
        "api/v1/contract-documents/{id}/file",
        lambda world: f"/api/v1/contract-documents/{world.objects['paper'].uuid}/file",
    ),
    Case(
        "api/v1/contract-documents/{id}/file",
        "POST",
        lambda world: f"/api/v1/contract-documents/{world.objects['paper'].uuid}/file",
        {415: OFFICER, 404: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    Case("open-contracting/releases", "GET", "/open-contracting/releases", {200: EVERYBODY}),
    Case("open-contracting/records", "GET", "/open-contracting/records", {200: EVERYBODY}),
    Case("ledger", "GET", "/ledger", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403),
    Case("claims", "GET", "/claims", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403),
    Case("budgets", "GET", "/budgets", {200: PUBLIC_BODY | BODY_ELSEWHERE}, rest=403),
    Case("accountability", "GET", "/accountability", {200: PUBLIC_BODY | BODY_ELSEWHERE}, rest=403),
    Case(
        "api/v1/accountability-lines",
        "GET",
        "/api/v1/accountability-lines",
        {200: PUBLIC_BODY | BODY_ELSEWHERE},
        rest=403,
    ),
    *(
        Case(
            f"api/v1/{name}",
            "GET",
            lambda world, name=name: (
                f"/api/v1/{name}?municipality={world.municipality.uuid}"  # type: ignore[misc]
            ),
            {200: PUBLIC_BODY | BODY_ELSEWHERE},
            rest=403,
        )
        for name in ("budget-lines", "forecast-months")
    ),
    Case(
        "api/v1/claim-months",
        "GET",
        "/api/v1/claim-months",
        {200: PLANNER | PLANNER_ELSEWHERE},
        rest=403,
    ),
    page("claims/{uuid}", at("/claims/{}", lambda one: one.claim)),
    page(f"{CONTRACT}/money", at("/contracts/{}/money", lambda one: one.contract)),
    Case(
        "budgets/{uuid}/{year}",
        "GET",
        lambda world: f"/budgets/{world.municipality.uuid}/2026",
        {200: PUBLIC_BODY, 404: BODY_ELSEWHERE},
        rest=403,
    ),
    *(
        case
        for route in ("budgets/new", "expenses/new")
        for case in (
            Case(route, "GET", f"/{route}", {200: OFFICER | OFFICER_ELSEWHERE}, rest=403),
            Case(
                route,
                "POST",
                f"/{route}",
                {400: OFFICER | OFFICER_ELSEWHERE},
                rest=403,
                body=lambda world: {},
            ),
        )
    ),
    *form(
        "budgets/{uuid}/change",
        at("/budgets/{}/change", lambda one: one.budget),
        OFFICER,
        # A coordinator may look but not change, so the permission is asked first.
        OFFICER_ELSEWHERE,
        body=lambda world: {"amount": "5", "reason": "Raadsbesluit"},
    ),
    *form(
        "claims/{uuid}/decide",
        at("/claims/{}/decide", lambda one: one.claim),
        OFFICER,
        OFFICER_ELSEWHERE,
        body=lambda world: {
            f"decision_{one.uuid.hex}": "approve" for one in money(world).claim.lines.all()
        },
    ),
    page(
        "claims/{uuid}/lines/{ending}",
        lambda world: f"/claims/{money(world).claim.uuid}/lines/csv",
    ),
    page(
        "claim-lines/{uuid}/credit",
        at("/claim-lines/{}/credit", lambda one: one.claim.lines.first()),
    ),
    Case(
        "claim-lines/{uuid}/credit",
        "POST",
        at("/claim-lines/{}/credit", lambda one: one.claim.lines.first()),
        # The line still waits, so that nobody can take it back yet.
        {409: OFFICER | PLANNER, 404: PARTIES_ELSEWHERE},
        # Quality officers and coordinators open the page, and the service refuses them.
        rest=403,
        body=lambda world: {"reason": "Dubbel"},
    ),
    Case(
        "claims/to-send",
        "GET",
        "/claims/to-send",
        {200: PLANNER | PLANNER_ELSEWHERE},
        rest=403,
    ),
    *form(CLAIM_MONTH, claim_month(), PLANNER, PLANNER_ELSEWHERE, status=400),
    *form(f"{CLAIM_MONTH}/upload", claim_month("/upload"), PLANNER, PLANNER_ELSEWHERE, status=400),
    Case(
        f"{CLAIM_MONTH}/lines/{{ending}}",
        "GET",
        claim_month("/lines/xlsx"),
        {200: PLANNER, 404: PLANNER_ELSEWHERE},
        rest=403,
    ),
    *form(
        "claim-sheets/{uuid}",
        lambda world: f"/claim-sheets/{claim_sheet(world).uuid}",
        PLANNER,
        PLANNER_ELSEWHERE,
        # The file is empty, so that it cannot be sent.
        status=400,
    ),
    *(
        Case(
            f"api/v1/{name}", "GET", f"/api/v1/{name}", {200: PARTIES | PARTIES_ELSEWHERE}, rest=403
        )
        for name in ("ledger-entries", "claims")
    ),
    *(
        Case(
            f"api/v1/{name}",
            "GET",
            f"/api/v1/{name}",
            {200: PUBLIC_BODY | BODY_ELSEWHERE},
            rest=403,
        )
        for name in ("budgets", "expenses")
    ),
    *(
        Case(
            f"api/v1/{name}/{{id}}",
            "GET",
            at(f"/api/v1/{name}/{{}}", pick),
            {200: PARTIES, 404: PARTIES_ELSEWHERE},
            rest=403,
        )
        for name, pick in (
            ("ledger-entries", lambda one: one.call_offs[0].ledger_entries.first()),
            ("claims", lambda one: one.claim),
        )
    ),
    Case(
        "api/v1/budgets/{id}",
        "GET",
        at("/api/v1/budgets/{}", lambda one: one.budget),
        {200: PUBLIC_BODY, 404: BODY_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/budgets/{id}",
        "PATCH",
        at("/api/v1/budgets/{}", lambda one: one.budget),
        # Without If-Match nobody gets further; that the row is visible is asked afterwards.
        {428: OFFICER | OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {"amount": "5.00"},
    ),
    Case(
        "api/v1/expenses/{id}",
        "GET",
        f"/api/v1/expenses/{uuid4()}",
        {404: PUBLIC_BODY | BODY_ELSEWHERE},
        rest=403,
    ),
    Case(
        "api/v1/budgets",
        "POST",
        "/api/v1/budgets",
        {201: OFFICER, 400: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "municipality": str(world.municipality.uuid),
            "year": 2026,
            "source": "own",
            "category": "Z",
            "amount": "10.00",
        },
    ),
    Case(
        "api/v1/expenses",
        "POST",
        "/api/v1/expenses",
        {201: OFFICER, 400: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "municipality": str(world.municipality.uuid),
            "reference": str(uuid4()),
            "category": "interpreter",
            "spentDate": "2026-02-01",
            "amount": "95.00",
            "description": "Tolk",
        },
    ),
    Case(
        "api/v1/claims",
        "POST",
        "/api/v1/claims",
        {201: PLANNER, 400: PLANNER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "contract": str(money(world).contract.uuid),
            "municipality": str(world.municipality.uuid),
            "number": "API-1",
            "month": "2026-09-01",
            "lines": [
                {
                    "lineReference": "A1",
                    "reference": str(money(world).call_offs[0].reference),
                    "startDate": "2026-09-01",
                    "endDate": "2026-09-30",
                    "unit": "learner_hour",
                    "quantity": "1.00",
                    "rate": "14.50",
                    "amount": "14.50",
                }
            ],
        },
    ),
    Case(
        "api/v1/claims/{id}/assess",
        "POST",
        at("/api/v1/claims/{}/assess", lambda one: one.claim),
        {200: OFFICER, 404: OFFICER_ELSEWHERE},
        rest=403,
        body=lambda world: {},
    ),
    Case(
        "api/v1/claims/{id}/credit",
        "POST",
        at("/api/v1/claims/{}/credit", lambda one: one.claim),
        {409: OFFICER | PLANNER, 404: OFFICER_ELSEWHERE | PLANNER_ELSEWHERE},
        rest=403,
        body=lambda world: {
            "line": str(money(world).claim.lines.first().uuid),
            "reason": "Dubbel",
        },
    ),
]
