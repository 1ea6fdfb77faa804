"""Lots, contracts and tariffs, for the parties to them."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from rest_framework.decorators import action
from rest_framework.request import Request

from backend.api.viewsets import (
    CreateOperation,
    DeleteOperation,
    ReadOnlyResource,
    UpdateOperation,
)
from backend.organisations.permissions import Permission
from procurement.api import filtersets, inputs, serializers
from procurement.models import Contract, ContractLot, Lot, Tariff
from procurement.services.contracts import (
    contract_activate,
    contract_change,
    contract_courses_add,
    contract_end,
    contract_lot_add,
    contract_register,
    contract_suspend,
)
from procurement.services.draft_steps import (
    contract_course_remove,
    contract_lot_remove,
    tariff_remove,
)
from procurement.services.indexation import RuleDraft, indexation_rule_set
from procurement.services.lots import (
    LotTerms,
    Participation,
    lot_admit,
    lot_change,
    lot_leave,
    lot_register,
)
from procurement.services.tariffs import TariffDraft, tariff_add, tariff_end

# A provider sees its own contracts with the right to keep its catalogue.
PARTIES = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)


MANAGER = Permission.MANAGE_CONTRACTS
LOT_TERMS = tuple(LotTerms.__dataclass_fields__)


LOT_DATA = ("title", "components", "target_groups")


class LotViewSet(CreateOperation, UpdateOperation, ReadOnlyResource):
    """What is bought together, and which municipalities take part."""

    model = Lot
    serializer_class = serializers.LotSerializer
    filterset_class = filtersets.LotFilterSet
    sortable = {"code": "code", "title": "title"}
    default_order = ("code",)
    required_permission = Permission.VIEW_CONTRACTS
    input_serializers = {
        "create": inputs.LotInput,
        "partial_update": inputs.LotChange,
        "municipalities": inputs.ParticipationsInput,
        "leave": inputs.LeaveInput,
    }
    action_permissions = dict.fromkeys(
        ("create", "partial_update", "municipalities", "leave"), MANAGER
    )

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        terms = _lot_terms(data)
        takers = [Participation(**one) for one in data.pop("municipalities", ())]
        return lot_register(actor=self.actor, terms=terms, participations=takers, **data)

    def perform_update(self, instance: Any, data: dict[str, Any]) -> models.Model:
        kept = {name: getattr(instance, name) for name in (*LOT_DATA, *LOT_TERMS)}
        changed = kept | data
        terms = _lot_terms(changed)
        return lot_change(actor=self.actor, lot=instance, terms=terms, **changed)

    @action(detail=True, methods=["post"])
    def municipalities(self, request: Request, id: Any) -> HttpResponse:
        """More municipalities take part in the lot."""
        lot = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            takers = [Participation(**one) for one in data["municipalities"]]
            lot_admit(actor=self.actor, lot=lot, participations=takers)
            found: models.Model = lot
            return found

        return self.command(request, run)

    @action(detail=True, methods=["post"])
    def leave(self, request: Request, id: Any) -> HttpResponse:
        """A municipality takes no part in the lot after a day."""
        lot = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            lot_leave(actor=self.actor, lot=lot, **data)
            found: models.Model = lot
            return found

        return self.command(request, run)


def _lot_terms(data: dict[str, Any]) -> LotTerms:
    """The terms among the data, taken out of it."""
    terms = {name: data.pop(name) for name in LOT_TERMS if name in data}
    if "areas" in terms:
        terms["areas"] = tuple(terms["areas"])
    return LotTerms(**terms)


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
        "indexation_rule": inputs.IndexationRuleInput,
        "activate": inputs.NoInput,
        "suspend": inputs.StepReasonInput,
        "end": inputs.StepReasonInput,
    }
    action_permissions = dict.fromkeys(
        (
            "create",
            "partial_update",
            "lots",
            "indexation_rule",
            "activate",
            "suspend",
            "end",
        ),
        MANAGER,
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

    @action(detail=True, methods=["post"], url_path="indexation-rule")
    def indexation_rule(self, request: Request, id: Any) -> HttpResponse:
        """What the contract says about prices that rise; no price changes by this."""
        contract = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            indexation_rule_set(actor=self.actor, contract=contract, draft=RuleDraft(**data))
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


class ContractLotViewSet(DeleteOperation, ReadOnlyResource):
    """Lots as contracts deliver them, with the courses that may be called off."""

    model = ContractLot
    serializer_class = serializers.DeliveredLotSerializer
    filterset_class = filtersets.ContractLotFilterSet
    sortable = {"contract": "contract__number", "lot": "lot__code"}
    default_order = ("contract__number", "lot__code")
    required_permission = PARTIES
    input_serializers = {
        "courses": inputs.CoursesInput,
        "remove_course": inputs.CourseRemoveInput,
    }
    action_permissions = dict.fromkeys(("destroy", "courses", "remove_course"), MANAGER)

    def perform_delete(self, instance: Any) -> None:
        contract_lot_remove(actor=self.actor, contract_lot=instance)

    @action(detail=True, methods=["post"])
    def courses(self, request: Request, id: Any) -> HttpResponse:
        """More courses may be called off from the lot."""
        contract_lot = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            contract_courses_add(actor=self.actor, contract_lot=contract_lot, **data)
            found: models.Model = contract_lot
            return found

        return self.command(request, run)

    @action(detail=True, methods=["post"], url_path="remove-course")
    def remove_course(self, request: Request, id: Any) -> HttpResponse:
        """A course of a contract in draft is not called off after all."""
        contract_lot = self.visible_object(id)

        def run(data: dict[str, Any]) -> models.Model:
            contract_course_remove(actor=self.actor, contract_lot=contract_lot, **data)
            found: models.Model = contract_lot
            return found

        return self.command(request, run)


class TariffViewSet(CreateOperation, DeleteOperation, ReadOnlyResource):
    """Prices per component and period, excluding VAT, in euros."""

    model = Tariff
    serializer_class = serializers.TariffSerializer
    filterset_class = filtersets.TariffFilterSet
    sortable = {"component": "component", "amount": "amount", "validFrom": "valid_from"}
    default_order = ("component", "valid_from")
    required_permission = PARTIES
    input_serializers = {"create": inputs.TariffInput, "end": inputs.TariffEndInput}
    action_permissions = dict.fromkeys(("create", "end", "destroy"), MANAGER)

    def perform_create(self, data: dict[str, Any]) -> models.Model:
        contract_lot = data.pop("contract_lot")
        return tariff_add(actor=self.actor, contract_lot=contract_lot, draft=TariffDraft(**data))

    def perform_delete(self, instance: Any) -> None:
        tariff_remove(actor=self.actor, tariff=instance)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: Any) -> HttpResponse:
        """The price ends on a day; a call-off that froze it keeps it."""
        tariff = self.visible_object(id)
        return self.command(
            request, lambda data: tariff_end(actor=self.actor, tariff=tariff, **data)
        )
