from django.urls import path

from backend.api.routers import PassendRouter
from procurement.api import accounts
from procurement.api import money_viewsets as viewsets

router = PassendRouter()
router.register("budgets", viewsets.BudgetViewSet)
router.register("expenses", viewsets.ExpenseViewSet)
router.register("call-offs", viewsets.CallOffViewSet)
router.register("ledger-entries", viewsets.LedgerEntryViewSet)
router.register("claims", viewsets.ClaimViewSet)
router.register("clauses", viewsets.ClauseViewSet)
router.register("clause-breaches", viewsets.BreachViewSet)
router.register("milestones", viewsets.MilestoneViewSet)

COMPUTED = {
    "accountability-lines": accounts.AccountabilityLineViewSet,
    "budget-lines": accounts.BudgetLineViewSet,
    "forecast-months": accounts.ForecastMonthViewSet,
    "claim-months": accounts.ClaimMonthViewSet,
}
urlpatterns = [
    *(path(name, one.as_view({"get": "list"}), name=name) for name, one in COMPUTED.items()),
    *router.urls,
]
