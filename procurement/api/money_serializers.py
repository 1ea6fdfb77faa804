"""Budgets, ledger, claims, clauses and findings as systems of their parties see them."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.api.requests import actor_of
from backend.api.serializers import PassendModelSerializer, PassendSerializer, ReferenceField
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.api.serializers import BuyerReference, ContractReference, LotReference
from procurement.choices import TariffUnit
from procurement.clauses.kinds import ClauseKind, MilestoneKind
from procurement.models import (
    Budget,
    CallOff,
    Claim,
    ClaimLine,
    Clause,
    ClauseBreach,
    Contract,
    ContractLot,
    ContractVersion,
    Expense,
    LedgerEntry,
    LotMunicipality,
    Milestone,
    Tariff,
)
from procurement.money_choices import BudgetSource, SpendCategory


def euros(**options: Any) -> serializers.DecimalField:
    """An amount of money, never below zero, written as text."""
    return serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, **options)


@extend_schema_field(OpenApiTypes.UUID)
class MunicipalityField(serializers.Field[Any, Any, Any, Any]):
    """A municipality by its id: the own one, or one that takes part in a contract one can see."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it.")
    }

    def to_internal_value(self, data: Any) -> Organisation:
        identity = serializers.UUIDField().run_validation(data)
        actor = actor_of(self.context["request"])
        taking_part = LotMunicipality.objects.filter(
            lot__contract_lots__contract__in=Contract.objects.visible_to(actor)
        ).values("municipality")
        found = Organisation.objects.filter(
            Q(pk__in=actor.with_permission(Permission.VIEW_CONTRACTS)) | Q(pk__in=taking_part),
            uuid=identity,
        ).first()
        if found is None:
            self.fail("unknown_reference")
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.uuid)


class BudgetSerializer(PassendModelSerializer):
    municipality = BuyerReference(read_only=True)

    class Meta:
        model = Budget
        fields = (
            "id",
            "municipality",
            "year",
            "source",
            "category",
            "amount",
            "note",
            "created_at",
        )


class BudgetInput(PassendSerializer):
    municipality = MunicipalityField()
    year = serializers.IntegerField(min_value=2021, max_value=2100)
    source = serializers.ChoiceField(choices=BudgetSource.choices)  # type: ignore[assignment]
    category = serializers.ChoiceField(choices=SpendCategory.choices)
    amount = euros()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class BudgetChange(PassendSerializer):
    amount = euros(required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ExpenseSerializer(PassendModelSerializer):
    municipality = BuyerReference(read_only=True)

    class Meta:
        model = Expense
        fields = (
            "id",
            "municipality",
            "reference",
            "category",
            "spent_date",
            "amount",
            "description",
            "created_at",
        )


class ExpenseInput(PassendSerializer):
    municipality = MunicipalityField()
    reference = serializers.UUIDField()
    category = serializers.ChoiceField(choices=SpendCategory.choices)
    spent_date = serializers.DateField()
    amount = euros()
    description = serializers.CharField(max_length=160)


class FrozenTariffSerializer(PassendModelSerializer):
    """The price as it was on the first day; later prices do not touch it."""

    class Meta:
        model = Tariff
        fields = ("id", "component", "unit", "detail", "amount")


class CallOffSerializer(PassendModelSerializer):
    """A call-off with the sums of its ledger; whose place it is, procurement does not know."""

    placement_reference = serializers.UUIDField(source="reference", read_only=True)
    contract = ContractReference(source="contract_lot.contract", read_only=True)
    lot = LotReference(source="contract_lot.lot", read_only=True)
    municipality = BuyerReference(read_only=True)
    payer = BuyerReference(read_only=True)
    tariff = FrozenTariffSerializer(read_only=True)
    committed = euros(read_only=True)
    released = euros(read_only=True)
    delivered = euros(read_only=True)
    claimed = euros(read_only=True)
    approved = euros(read_only=True)
    credited = euros(read_only=True)

    class Meta:
        model = CallOff
        fields = (
            "id",
            "placement_reference",
            "contract",
            "lot",
            "municipality",
            "payer",
            "tariff",
            "quantity",
            "amount",
            "start_date",
            "end_date",
            "state",
            "committed",
            "released",
            "delivered",
            "claimed",
            "approved",
            "credited",
            "created_at",
        )


class LedgerEntrySerializer(PassendModelSerializer):
    """One line of the ledger; below zero where an earlier line is corrected."""

    municipality = BuyerReference(read_only=True)
    payer = BuyerReference(read_only=True)
    contract = ContractReference(source="contract_lot.contract", read_only=True, allow_null=True)
    lot = LotReference(source="contract_lot.lot", read_only=True, allow_null=True)
    placement_reference = serializers.UUIDField(
        source="call_off.reference", read_only=True, allow_null=True
    )

    class Meta:
        model = LedgerEntry
        fields = (
            "id",
            "kind",
            "municipality",
            "payer",
            "contract",
            "lot",
            "placement_reference",
            "category",
            "month",
            "quantity",
            "amount",
            "created_at",
        )


class ClaimLineSerializer(PassendModelSerializer):
    class Meta:
        model = ClaimLine
        fields = (
            "id",
            "line_reference",
            "reference",
            "start_date",
            "end_date",
            "unit",
            "quantity",
            "rate",
            "amount",
            "credits_reference",
            "approved_quantity",
            "approved_amount",
            "state",
            "faults",
            "warnings",
            "note",
        )


class ClaimSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)
    municipality = BuyerReference(read_only=True)
    lines = ClaimLineSerializer(many=True, read_only=True)

    class Meta:
        model = Claim
        fields = (
            "id",
            "contract",
            "municipality",
            "number",
            "month",
            "state",
            "answer_due_date",
            "assessed_at",
            "lines",
            "created_at",
        )


class ClaimLineInput(PassendSerializer):
    line_reference = serializers.CharField(max_length=40)
    reference = serializers.UUIDField()
    start_date = serializers.DateField()
    end_date = serializers.DateField()
    unit = serializers.ChoiceField(choices=TariffUnit.choices)
    quantity = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0)
    rate = serializers.DecimalField(max_digits=10, decimal_places=2, min_value=0)
    amount = euros()
    credits_reference = serializers.CharField(max_length=40, required=False, allow_blank=True)


class ClaimInput(PassendSerializer):
    contract = ReferenceField(Contract)
    municipality = MunicipalityField()
    number = serializers.CharField(max_length=40)
    month = serializers.DateField()
    lines = ClaimLineInput(many=True)


class RefusalInput(PassendSerializer):
    line = serializers.UUIDField()
    reason = serializers.CharField(max_length=300)


class ReductionInput(PassendSerializer):
    line = serializers.UUIDField()
    quantity = serializers.DecimalField(max_digits=9, decimal_places=2, min_value=0)
    reason = serializers.CharField(max_length=300)


class AssessInput(PassendSerializer):
    refusals = RefusalInput(many=True, required=False)
    reductions = ReductionInput(many=True, required=False)


class CreditInput(PassendSerializer):
    line = serializers.UUIDField()
    reason = serializers.CharField(max_length=300)


class VersionReference(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = ContractVersion
        fields = ("id", "number", "contract")


class ClauseSerializer(PassendModelSerializer):
    version = VersionReference(read_only=True)
    lot = LotReference(source="contract_lot.lot", read_only=True, allow_null=True)

    class Meta:
        model = Clause
        fields = ("id", "version", "kind", "detail", "lot", "parameters", "created_at")


class ClauseChange(PassendSerializer):
    """Other numbers of a clause; what is left out stays."""

    parameters = serializers.DictField()


class ClauseInput(PassendSerializer):
    """A clause for the version of the contract that is being prepared."""

    contract = ReferenceField(Contract)
    kind = serializers.ChoiceField(choices=ClauseKind.choices)
    detail = serializers.CharField(max_length=60, required=False, allow_blank=True)
    contract_lot = ReferenceField(
        ContractLot, required=False, help_text="Left out: the whole contract."
    )
    parameters = serializers.DictField(required=False)


class BreachSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = ClauseBreach
        fields = (
            "id",
            "contract",
            "kind",
            "detail",
            "severity",
            "subject_type",
            "subject_uuid",
            "subject_label",
            "period",
            "facts",
            "due_date",
            "evidence_url",
            "first_seen",
            "last_seen",
            "state",
            "acknowledged_at",
            "acknowledged_by",
            "resolved_at",
            "resolved_by",
            "note",
            "created_at",
        )


class AcknowledgeInput(PassendSerializer):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class ResolveInput(PassendSerializer):
    note = serializers.CharField(max_length=2000)


class MilestoneSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = Milestone
        fields = (
            "id",
            "contract",
            "kind",
            "title",
            "period_start",
            "due_date",
            "met_date",
            "amount",
            "location",
            "note",
            "created_at",
        )


class MilestoneInput(PassendSerializer):
    contract = ReferenceField(Contract)
    kind = serializers.ChoiceField(choices=MilestoneKind.choices)
    title = serializers.CharField(max_length=160)
    period_start = serializers.DateField()
    met_date = serializers.DateField(required=False, allow_null=True, default=None)
    due_date = serializers.DateField(required=False, allow_null=True, default=None)
    amount = euros(required=False, allow_null=True, default=None)
    location = serializers.CharField(max_length=300, required=False, allow_blank=True)
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True)
