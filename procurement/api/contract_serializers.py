"""Tenders, versions, options, KPI, documents and indexations as their parties see them."""

from backend.api.serializers import PassendModelSerializer, UtcDateTimeField
from procurement.api.serializers import (
    BuyerReference,
    ContractedProviderReference,
    ContractReference,
    LotReference,
)
from procurement.models import (
    Award,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Lot,
    Tender,
    VersionPeriod,
)


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


class ContractVersionSerializer(PassendModelSerializer):
    contract = ContractReference(read_only=True)
    periods = VersionPeriodSerializer(many=True, read_only=True)

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
            "agreed_at",
            "periods",
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
