"""Tenders, versions, options, KPI, documents and indexations as their parties see them."""

from rest_framework import serializers

from backend.api.serializers import (
    PassendModelSerializer,
    PassendSerializer,
    UtcDateTimeField,
)
from backend.common.codes import Component
from procurement.api.serializers import (
    BuyerReference,
    ContractedProviderReference,
    ContractReference,
    LotReference,
)
from procurement.choices import TariffUnit
from procurement.models import (
    Award,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Lot,
    Tender,
    VersionLot,
    VersionPeriod,
)
from procurement.selectors.deadlines import KIND_LABELS


class TenderLotSerializer(PassendModelSerializer):
    class Meta:
        model = Lot
        fields = ("id", "code", "title", "components")


class TenderSerializer(PassendModelSerializer):
    buyer = BuyerReference(read_only=True)
    lots = TenderLotSerializer(many=True, read_only=True)

    class Meta:
        model = Tender
        fields = (
            "id",
            "buyer",
            "reference",
            "title",
            "description",
            "procedure",
            "cpv_codes",
            "publication_reference",
            "publication_date",
            "closing_date",
            "award_date",
            "standstill_until",
            "status",
            "lots",
            "created_at",
        )


class AwardSerializer(PassendModelSerializer):
    lot = LotReference(read_only=True)
    provider = ContractedProviderReference(read_only=True)

    class Meta:
        model = Award
        fields = ("id", "lot", "provider", "rank", "share", "created_at")


class VersionPeriodSerializer(PassendModelSerializer):
    """When the version holds, and from when to when that was known."""

    id = None  # type: ignore[assignment]
    known_from_at = UtcDateTimeField(source="known_from", read_only=True)
    known_to_at = UtcDateTimeField(source="known_to", read_only=True, allow_null=True)

    class Meta:
        model = VersionPeriod
        fields = ("valid_from", "valid_to", "known_from_at", "known_to_at")


class VersionReplacedReference(PassendModelSerializer):
    """The version that a correction takes the place of."""

    class Meta:
        model = ContractVersion
        fields = ("id", "number")


class VersionLotSerializer(PassendModelSerializer):
    """The ceiling of one lot from the first day of the version on."""

    id = serializers.UUIDField(source="contract_lot.uuid", read_only=True)
    lot = LotReference(source="contract_lot.lot", read_only=True)

    class Meta:
        model = VersionLot
        fields = ("id", "lot", "ceiling_places", "ceiling_amount")


class ContractVersionSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)
    replaces = VersionReplacedReference(read_only=True, allow_null=True)
    periods = VersionPeriodSerializer(many=True, read_only=True)
    lots = VersionLotSerializer(many=True, read_only=True)

    class Meta:
        model = ContractVersion
        fields = (
            "id",
            "contract",
            "number",
            "kind",
            "reason",
            "title",
            "effective_date",
            "end_date",
            "notice_months",
            "payment_days",
            "replaces",
            "agreed_at",
            "periods",
            "lots",
            "created_at",
        )


class ContractVersionReference(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = ContractVersion
        fields = ("id", "number", "contract")


class KpiAgreementSerializer(PassendModelSerializer):
    version = ContractVersionReference(read_only=True)

    class Meta:
        model = KpiAgreement
        fields = ("id", "version", "indicator", "norm", "weight", "minimum_n", "created_at")


class ExtensionOptionSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = ExtensionOption
        fields = (
            "id",
            "contract",
            "number",
            "start_date",
            "end_date",
            "notice_date",
            "status",
            "decided_date",
            "reason",
            "created_at",
        )


class ContractDocumentSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = ContractDocument
        fields = (
            "id",
            "contract",
            "kind",
            "title",
            "location",
            "issued_date",
            "maximum_age_months",
            "required",
            "file_name",
            "file_size",
            "created_at",
        )


class IndexationSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)

    class Meta:
        model = Indexation
        fields = (
            "id",
            "contract",
            "effective_date",
            "percentage",
            "rounding",
            "source",
            "created_at",
        )


class PriceChangeSerializer(PassendSerializer):
    """What indexation makes of one price."""

    tariff = serializers.UUIDField(source="tariff.uuid")
    lot = serializers.CharField(source="tariff.contract_lot.lot.code")
    component = serializers.ChoiceField(Component.choices, source="tariff.component")
    unit = serializers.ChoiceField(TariffUnit.choices, source="tariff.unit")
    detail = serializers.CharField(source="tariff.detail")
    old_amount = serializers.DecimalField(max_digits=10, decimal_places=2, source="old")
    new_amount = serializers.DecimalField(max_digits=10, decimal_places=2, source="new")
    difference = serializers.DecimalField(max_digits=10, decimal_places=2)


class IndexationPreviewSerializer(PassendSerializer):
    """Every price before and after; nothing has changed yet."""

    prices = PriceChangeSerializer(many=True)


class DeadlineSerializer(PassendSerializer):
    """A day on which somebody must do or know something."""

    day_date = serializers.DateField(source="day")
    kind = serializers.ChoiceField(list(KIND_LABELS.items()))
    label = serializers.CharField()  # type: ignore[assignment]
    number = serializers.CharField(help_text="Of the contract or the tender.")
    detail = serializers.CharField()
    contract = serializers.UUIDField(source="contract.uuid", read_only=True, allow_null=True)
    tender = serializers.UUIDField(source="tender.uuid", read_only=True, allow_null=True)


class DeadlinesSerializer(PassendSerializer):
    items = DeadlineSerializer(many=True)


class DeadlinePeriod(PassendSerializer):
    first_date = serializers.DateField(required=False)
    last_date = serializers.DateField(required=False)
    kind = serializers.CharField(required=False)
    search = serializers.CharField(required=False, max_length=100)

    def validate_kind(self, value: str) -> list[str]:
        """The kinds, separated by commas as in every filter on codes."""
        known = serializers.ChoiceField(list(KIND_LABELS))
        return [str(known.run_validation(one)) for one in value.split(",")]
