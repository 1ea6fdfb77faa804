from django.urls import path

from backend.api.routers import PassendRouter
from procurement.api import (
    agreements,
    contract_viewsets,
    deadlines,
    pools,
    sheets,
    suppliers,
    viewsets,
)

router = PassendRouter()
router.register("lots", viewsets.LotViewSet)
router.register("contracts", viewsets.ContractViewSet)
router.register("contract-lots", viewsets.ContractLotViewSet)
router.register("tariffs", viewsets.TariffViewSet)
router.register("tenders", contract_viewsets.TenderViewSet)
router.register("awards", contract_viewsets.AwardViewSet)
router.register("contract-versions", contract_viewsets.ContractVersionViewSet)
router.register("kpi-agreements", contract_viewsets.KpiAgreementViewSet)
router.register("extension-options", contract_viewsets.ExtensionOptionViewSet)
router.register("contract-documents", contract_viewsets.ContractDocumentViewSet)
router.register("indexations", contract_viewsets.IndexationViewSet)
router.register("contract-sheets", sheets.ContractSheetViewSet)
router.register("suppliers", suppliers.SupplierViewSet, basename="supplier")

urlpatterns = [
    path(
        "framework-agreements",
        agreements.AgreementViewSet.as_view({"post": "create"}),
        name="framework-agreements",
    ),
    path(
        "contracts/<uuid:id>/gaps",
        agreements.ContractGapsViewSet.as_view({"get": "retrieve"}),
        name="contract-gaps",
    ),
    path(
        "indexations/preview",
        contract_viewsets.IndexationPreviewViewSet.as_view({"post": "create"}),
        name="indexation-preview",
    ),
    path(
        "contract-deadlines",
        deadlines.ContractDeadlineViewSet.as_view({"get": "retrieve"}),
        name="contract-deadlines",
    ),
    path(
        "lots/<uuid:id>/pool",
        pools.LotPoolViewSet.as_view({"get": "retrieve", "post": "create"}),
        name="lot-pool-sharing",
    ),
    *router.urls,
]
