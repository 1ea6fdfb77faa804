"""Lots, contracts and tariffs, for the parties to them."""

from backend.api.viewsets import ReadOnlyResource
from backend.organisations.permissions import Permission
from procurement.api import filtersets, serializers
from procurement.models import Contract, Lot, Tariff

# A provider sees its own contracts with the right to keep its catalogue.
PARTIES = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)


class LotViewSet(ReadOnlyResource):
    """What is bought together, and which municipalities take part."""

    model = Lot
    serializer_class = serializers.LotSerializer
    filterset_class = filtersets.LotFilterSet
    sortable = {"code": "code", "title": "title"}
    default_order = ("code",)
    required_permission = Permission.VIEW_CONTRACTS


class ContractViewSet(ReadOnlyResource):
    """Framework contracts with their lots and ceilings."""

    model = Contract
    serializer_class = serializers.ContractSerializer
    filterset_class = filtersets.ContractFilterSet
    sortable = {
        "number": "number",
        "startDate": "start_date",
        "endDate": "end_date",
        "provider": "provider__organisation__name",
        "status": "status",
    }
    default_order = ("number",)
    required_permission = PARTIES


class TariffViewSet(ReadOnlyResource):
    """Prices per component and period, excluding VAT, in euros."""

    model = Tariff
    serializer_class = serializers.TariffSerializer
    filterset_class = filtersets.TariffFilterSet
    sortable = {"component": "component", "amount": "amount", "validFrom": "valid_from"}
    default_order = ("component", "valid_from")
    required_permission = PARTIES
