from backend.api.routers import PassendRouter
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

urlpatterns = router.urls
