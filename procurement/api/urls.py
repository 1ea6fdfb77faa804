from backend.api.routers import PassendRouter
from procurement.api import viewsets

router = PassendRouter()
router.register("lots", viewsets.LotViewSet)
router.register("contracts", viewsets.ContractViewSet)
router.register("tariffs", viewsets.TariffViewSet)

urlpatterns = router.urls
