"""Addresses of the pages of clauses, findings and money."""

from django.urls import path

from procurement.web import (
    account_pages,
    breach_pages,
    budget_pages,
    call_off_pages,
    claim_decisions,
    claim_entry,
    claim_files,
    claim_pages,
    clause_pages,
    money_pages,
    open_contracting,
)

urlpatterns = [
    path(
        "contracts/<uuid:uuid>/clauses/new",
        clause_pages.ClauseKindPage.as_view(),
        name="clause-kinds",
    ),
    path(
        "contracts/<uuid:uuid>/clauses/propose",
        clause_pages.ClausesProposePage.as_view(),
        name="clauses-propose",
    ),
    path(
        "contracts/<uuid:uuid>/clauses/new/<slug:kind>",
        clause_pages.ClauseNewPage.as_view(),
        name="clause-new",
    ),
    path(
        "clauses/<uuid:uuid>/change", clause_pages.ClauseChangePage.as_view(), name="clause-change"
    ),
    path(
        "clauses/<uuid:uuid>/remove", clause_pages.ClauseRemovePage.as_view(), name="clause-remove"
    ),
    path(
        "contracts/<uuid:uuid>/milestones/new",
        clause_pages.MilestoneNewPage.as_view(),
        name="milestone-new",
    ),
    path("findings", breach_pages.BreachList.as_view(), name="breaches"),
    path("findings/<uuid:uuid>", breach_pages.BreachPage.as_view(), name="breach"),
    path(
        "findings/<uuid:uuid>/acknowledge",
        breach_pages.BreachAcknowledgePage.as_view(),
        name="breach-acknowledge",
    ),
    path(
        "findings/<uuid:uuid>/resolve",
        breach_pages.BreachResolvePage.as_view(),
        name="breach-resolve",
    ),
    path("budgets", budget_pages.BudgetList.as_view(), name="budgets"),
    path("budgets/new", budget_pages.BudgetNewPage.as_view(), name="budget-new"),
    path(
        "budgets/<uuid:uuid>/change", budget_pages.BudgetChangePage.as_view(), name="budget-change"
    ),
    path(
        "budgets/<uuid:uuid>/<int:year>", budget_pages.BudgetYearPage.as_view(), name="budget-year"
    ),
    path("expenses/new", account_pages.ExpenseNewPage.as_view(), name="expense-new"),
    path("accountability", account_pages.AccountabilityPage.as_view(), name="accountability"),
    path("call-offs", call_off_pages.CallOffList.as_view(), name="call-offs"),
    path("call-offs/<uuid:uuid>", call_off_pages.CallOffPage.as_view(), name="call-off"),
    path("ledger", money_pages.LedgerList.as_view(), name="ledger"),
    path(
        "contracts/<uuid:uuid>/money",
        money_pages.ContractMoneyPage.as_view(),
        name="contract-money",
    ),
    path("claims", claim_pages.ClaimList.as_view(), name="claims"),
    path("claims/<uuid:uuid>", claim_pages.ClaimPage.as_view(), name="claim"),
    path(
        "claims/<uuid:uuid>/decide",
        claim_decisions.ClaimAssessPage.as_view(),
        name="claim-decide",
    ),
    path(
        "claims/<uuid:uuid>/lines/<slug:ending>",
        claim_pages.ClaimLinesExport.as_view(),
        name="claim-lines",
    ),
    path(
        "claim-lines/<uuid:uuid>/credit",
        claim_decisions.ClaimLineCreditPage.as_view(),
        name="claim-line-credit",
    ),
    path("claims/to-send", claim_entry.ClaimsToSendPage.as_view(), name="claims-to-send"),
    path(
        "claims/new/<uuid:contract>/<uuid:municipality>/<int:year>/<int:month>",
        claim_entry.ClaimPreparePage.as_view(),
        name="claim-prepare",
    ),
    path(
        "claims/new/<uuid:contract>/<uuid:municipality>/<int:year>/<int:month>/upload",
        claim_files.ClaimUploadPage.as_view(),
        name="claim-upload",
    ),
    path(
        "claims/new/<uuid:contract>/<uuid:municipality>/<int:year>/<int:month>/lines/<slug:ending>",
        claim_entry.ClaimLinesFile.as_view(),
        name="claim-lines-file",
    ),
    path("claim-sheets/<uuid:uuid>", claim_files.ClaimSheetPage.as_view(), name="claim-sheet"),
    path("open-contracting/releases", open_contracting.releases, name="ocds-releases"),
    path("open-contracting/records", open_contracting.records, name="ocds-records"),
]
