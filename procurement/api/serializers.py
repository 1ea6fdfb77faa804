"""What parties to a contract see of it; a contract and its prices have no other audience."""

from rest_framework import serializers

from backend.api.serializers import PassendModelSerializer
from backend.organisations.models import Organisation
from procurement.models import (
    Ceiling,
    Contract,
    ContractCourse,
    ContractLot,
    IndexationRule,
    Lot,
    LotMunicipality,
    Tariff,
    Tender,
)
from providers.models import Provider


class BuyerReference(PassendModelSerializer):
    """The contracting authority: a municipality or a region."""

    class Meta:
        model = Organisation
        fields = ("id", "kind", "code", "name")


class ContractedProviderReference(PassendModelSerializer):
    name = serializers.CharField(source="organisation.name", read_only=True)

    class Meta:
        model = Provider
        fields = ("id", "name")


class LotReference(PassendModelSerializer):
    class Meta:
        model = Lot
        fields = ("id", "code", "title")


class TenderReference(PassendModelSerializer):
    class Meta:
        model = Tender
        fields = ("id", "reference", "title")


class ParticipationSerializer(PassendModelSerializer):
    """A municipality that may call off from the lot in a period."""

    id = serializers.UUIDField(source="municipality.uuid", read_only=True)
    code = serializers.CharField(source="municipality.code", read_only=True)
    name = serializers.CharField(source="municipality.name", read_only=True)
    # Who pays for it, where that is not the municipality itself.
    payer = BuyerReference(read_only=True, allow_null=True)

    class Meta:
        model = LotMunicipality
        fields = ("id", "code", "name", "valid_from", "valid_to", "payer")


class LotSerializer(PassendModelSerializer):
    buyer = BuyerReference(read_only=True)
    tender = TenderReference(read_only=True, allow_null=True)
    municipalities = ParticipationSerializer(source="participations", many=True, read_only=True)

    class Meta:
        model = Lot
        fields = (
            "id",
            "buyer",
            "code",
            "title",
            "components",
            "target_groups",
            "tender",
            "areas",
            "volume_min",
            "volume_max",
            "ceiling_amount",
            "contractors",
            "allocation",
            "municipalities",
            "created_at",
        )


class CeilingSerializer(PassendModelSerializer):
    id = None  # type: ignore[assignment]

    class Meta:
        model = Ceiling
        fields = ("places", "amount")


class ContractLotSerializer(PassendModelSerializer):
    lot = LotReference(read_only=True)
    ceiling = CeilingSerializer(read_only=True, allow_null=True)

    class Meta:
        model = ContractLot
        fields = ("id", "lot", "execution", "ceiling")


class ContractedCourseReference(PassendModelSerializer):
    """A course that may be called off from the lot."""

    id = serializers.UUIDField(source="course.uuid", read_only=True)
    code = serializers.CharField(source="course.code", read_only=True)
    name = serializers.CharField(source="course.name", read_only=True)
    component = serializers.CharField(source="course.component", read_only=True)

    class Meta:
        model = ContractCourse
        fields = ("id", "code", "name", "component")


class IndexationRuleSerializer(PassendModelSerializer):
    """When and by how much prices change, as the contract says it."""

    id = None  # type: ignore[assignment]

    class Meta:
        model = IndexationRule
        fields = ("method", "index_name", "percentage", "rounding", "month", "first_year")


class ContractReference(PassendModelSerializer):
    provider = ContractedProviderReference(read_only=True)

    class Meta:
        model = Contract
        fields = ("id", "number", "title", "provider")


class ContractSerializer(PassendModelSerializer):
    buyer = BuyerReference(read_only=True)
    provider = ContractedProviderReference(read_only=True)
    tender = TenderReference(read_only=True, allow_null=True)
    lots = ContractLotSerializer(source="contract_lots", many=True, read_only=True)
    indexation_rule = IndexationRuleSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Contract
        fields = (
            "id",
            "buyer",
            "provider",
            "number",
            "title",
            "start_date",
            "end_date",
            "status",
            "tender",
            "lots",
            "indexation_rule",
            "created_at",
        )


class DeliveredLotSerializer(PassendModelSerializer):
    """A lot as one contract delivers it, with the courses that may be called off."""

    contract = ContractReference(read_only=True)
    lot = LotReference(read_only=True)
    ceiling = CeilingSerializer(read_only=True, allow_null=True)
    courses = ContractedCourseReference(source="contract_courses", many=True, read_only=True)

    class Meta:
        model = ContractLot
        fields = ("id", "contract", "lot", "execution", "ceiling", "courses", "created_at")


class TariffSerializer(PassendModelSerializer):
    contract = ContractReference(source="contract_lot.contract", read_only=True)
    lot = LotReference(source="contract_lot.lot", read_only=True)

    class Meta:
        model = Tariff
        fields = (
            "id",
            "contract",
            "lot",
            "component",
            "unit",
            "detail",
            "amount",
            "valid_from",
            "valid_to",
            "created_at",
        )
