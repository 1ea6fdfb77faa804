"""Lots, contracts and tariffs, for the parties to them."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.viewsets import CreateOperation, ReadOnlyResource, UpdateOperation
from backend.organisations.permissions import Permission
from procurement.api import filtersets, inputs, serializers
from procurement.models import Contract, Lot, Tariff
from procurement.services.contracts import (
    contract_activate,
    contract_change,
    contract_end,
    contract_lot_add,
    contract_register,
    contract_suspend,
)
from procurement.services.lots import LotTerms, Participation, lot_register
from procurement.services.tariffs import TariffDraft, tariff_add

# A provider sees its own contracts with the right to keep its catalogue.
PARTIES = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)


MANAGER = Permission.MANAGE_CONTRACTS
LOT_TERMS = tuple(LotTerms.__dataclass_fields__)


class LotViewSet(CreateOperation, ReadOnlyResource):
    """What is bought together, and which municipalities take part."""

    model = Lot
    serializer_class = serializers.LotSerializer
    filterset_class = filtersets.LotFilterSet
    sortable = {"code": "code", "title": "title"}
    default_order = ("code",)
    required_permission = Permission.VIEW_CONTRACTS
    input_serializers = {"create": inputs.LotInput}
    action_permissions = {"create": MANAGER}

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        terms = {name: data.pop(name) for name in LOT_TERMS if name in data}
        if "areas" in terms:
            terms["areas"] = tuple(terms["areas"])
        takers = [Participation(**one) for one in data.pop("municipalities", ())]
        return lot_register(
            actor=self.actor, terms=LotTerms(**terms), participations=takers, **data
        )


class ContractViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """Framework contracts with their lots and ceilings, and the steps in their life."""

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
    input_serializers = {
        "create": inputs.ContractInput,
        "partial_update": inputs.ContractChange,
        "lots": inputs.ContractLotInput,
        "activate": inputs.NoInput,
        "suspend": inputs.StepReasonInput,
        "end": inputs.StepReasonInput,
    }
    action_permissions = dict.fromkeys(
        ("create", "partial_update", "lots", "activate", "suspend", "end"), MANAGER
    )

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        return contract_register(actor=self.actor, **data)

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        kept = {name: getattr(instance, name) for name in ("title", "start_date", "end_date")}
        return contract_change(actor=self.actor, contract=instance, **kept | data)

    @action(detail=True, methods=["post"])
    def lots(self, request: Request, id: Any) -> HttpResponse:
        """The contract delivers one more lot, while it is a draft."""
        contract = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            tariffs = [TariffDraft(**one) for one in data.pop("tariffs", ())]
            contract_lot_add(actor=self.actor, contract=contract, tariffs=tariffs, **data)
            found: models.Model = contract
            return found

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def activate(self, request: Request, id: Any) -> HttpResponse:
        """Brings the contract into force, or names every gap."""
        contract = self.visible_object(id)
        return self.command(
            request, lambda data: contract_activate(actor=self.actor, contract=contract)
        )

    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, id: Any) -> HttpResponse:
        contract = self.visible_object(id)
        return self.command(
            request, lambda data: contract_suspend(actor=self.actor, contract=contract, **data)
        )

    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: Any) -> HttpResponse:
        contract = self.visible_object(id)
        return self.command(
            request, lambda data: contract_end(actor=self.actor, contract=contract, **data)
        )


class TariffViewSet(CreateOperation, ReadOnlyResource):
    """Prices per component and period, excluding VAT, in euros."""

    model = Tariff
    serializer_class = serializers.TariffSerializer
    filterset_class = filtersets.TariffFilterSet
    sortable = {"component": "component", "amount": "amount", "validFrom": "valid_from"}
    default_order = ("component", "valid_from")
    required_permission = PARTIES
    input_serializers = {"create": inputs.TariffInput}
    action_permissions = {"create": MANAGER}

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        contract_lot = data.pop("contract_lot")
        return tariff_add(actor=self.actor, contract_lot=contract_lot, draft=TariffDraft(**data))
