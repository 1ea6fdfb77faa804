"""What systems of a buyer send to tenders, lots and contracts."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.api.requests import actor_of
from backend.api.serializers import PassendSerializer, ReferenceField
from backend.common.codes import Component, TargetGroup
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.choices import (
    AllocationKey,
    DocumentKind,
    ExecutionVariant,
    IndexationMethod,
    PriceRounding,
    TariffUnit,
    TenderProcedure,
)
from procurement.clauses.kinds import ClauseKind
from procurement.models import Contract, ContractLot, Lot, Tender
from procurement.selectors.buyers import municipalities_for, payers_for
from providers.models import Course, Provider


def money(**options: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=2, **options)


@extend_schema_field(OpenApiTypes.UUID)
class OrganisationField(serializers.Field[Any, Any, Any, Any]):
    """An organisation by its id that the caller buys for, or through."""

    default_error_messages = {
        "unknown_reference": _("There is no such object, or you cannot see it.")
    }

    def to_internal_value(self, data: Any) -> Organisation:
        identity = serializers.UUIDField().run_validation(data)
        mine = Organisation.objects.filter(
            pk__in=actor_of(self.context["request"]).with_permission(Permission.VIEW_CONTRACTS)
        )
        found = mine.filter(uuid=identity).first()
        for one in () if found else mine:
            found = (municipalities_for(one) | payers_for(one)).filter(uuid=identity).first()
            if found is not None:
                break
        if found is None:
            self.fail("unknown_reference")
        return found

    def to_representation(self, value: Any) -> str:
        return str(value.uuid)


class StepReasonInput(PassendSerializer):
    reason = serializers.CharField(max_length=2000)


class NoInput(PassendSerializer):
    pass


class TenderChange(PassendSerializer):
    reference = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=160)
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True)
    procedure = serializers.ChoiceField(TenderProcedure.choices)
    cpv_codes = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=20
    )
    publication_reference = serializers.CharField(max_length=60, required=False, allow_blank=True)
    publication_date = serializers.DateField(required=False, allow_null=True)
    closing_date = serializers.DateField(required=False, allow_null=True)
    award_date = serializers.DateField(required=False, allow_null=True)
    standstill_until = serializers.DateField(required=False, allow_null=True)


class TenderInput(TenderChange):
    buyer = OrganisationField()


class AwardRowInput(PassendSerializer):
    lot = ReferenceField(Lot)
    provider = ReferenceField(Provider)
    rank = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    share = serializers.DecimalField(
        max_digits=5, decimal_places=2, required=False, allow_null=True
    )


class AwardInput(PassendSerializer):
    award_date = serializers.DateField()
    standstill_until = serializers.DateField(required=False, allow_null=True)
    awards = AwardRowInput(many=True)


class ParticipationInput(PassendSerializer):
    municipality = OrganisationField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)
    payer = OrganisationField(required=False, allow_null=True)


class LotChange(PassendSerializer):
    title = serializers.CharField(max_length=160)
    components = serializers.ListField(child=serializers.ChoiceField(Component.choices))
    target_groups = serializers.ListField(child=serializers.ChoiceField(TargetGroup.choices))
    areas = serializers.ListField(child=serializers.CharField(max_length=80), required=False)
    volume_min = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    volume_max = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    ceiling_amount = money(required=False, allow_null=True)
    contractors = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=999
    )
    allocation = serializers.ChoiceField(AllocationKey.choices, required=False)


class LotInput(LotChange):
    buyer = OrganisationField()
    tender = ReferenceField(Tender, required=False, allow_null=True)
    code = serializers.CharField(max_length=40)
    municipalities = ParticipationInput(many=True, required=False)


class ParticipationsInput(PassendSerializer):
    municipalities = ParticipationInput(many=True, allow_empty=False)


class LeaveInput(PassendSerializer):
    municipality = OrganisationField()
    valid_to = serializers.DateField(help_text="The last day on which it takes part.")
    reason = serializers.CharField(max_length=2000)


class ContractChange(PassendSerializer):
    title = serializers.CharField(max_length=160)
    start_date = serializers.DateField()
    end_date = serializers.DateField()


class ContractInput(ContractChange):
    buyer = OrganisationField()
    provider = ReferenceField(Provider)
    number = serializers.CharField(max_length=40)
    tender = ReferenceField(Tender, required=False, allow_null=True)


class TariffTerms(PassendSerializer):
    component = serializers.ChoiceField(Component.choices)
    unit = serializers.ChoiceField(TariffUnit.choices)
    detail = serializers.CharField(max_length=60, required=False, allow_blank=True)
    amount = money()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)


class TariffInput(TariffTerms):
    contract_lot = ReferenceField(ContractLot)


class TariffEndInput(PassendSerializer):
    valid_to = serializers.DateField(help_text="The last day of this price.")
    reason = serializers.CharField(max_length=2000)


class CoursesInput(PassendSerializer):
    courses = serializers.ListField(child=ReferenceField(Course), allow_empty=False)


class CourseRemoveInput(PassendSerializer):
    course = ReferenceField(Course)


class IndexationRuleInput(PassendSerializer):
    method = serializers.ChoiceField(IndexationMethod.choices)
    first_year = serializers.IntegerField(min_value=2000, max_value=2100)
    month = serializers.IntegerField(required=False, min_value=1, max_value=12)
    index_name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    percentage = serializers.DecimalField(
        max_digits=5, decimal_places=2, required=False, allow_null=True
    )
    rounding = serializers.ChoiceField(PriceRounding.choices, required=False)


class ContractLotInput(PassendSerializer):
    lot = ReferenceField(Lot)
    courses = serializers.ListField(child=ReferenceField(Course))
    tariffs = TariffTerms(many=True, required=False)
    ceiling_places = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    ceiling_amount = money(required=False, allow_null=True)
    execution = serializers.ChoiceField(ExecutionVariant.choices, required=False)


class CeilingInput(PassendSerializer):
    contract_lot = ReferenceField(ContractLot)
    places = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    amount = money(required=False, allow_null=True)


class VersionTermsInput(PassendSerializer):
    """What changes; what is left out stays as it is in the version before."""

    reason = serializers.CharField(max_length=2000)
    title = serializers.CharField(max_length=160, required=False)
    end_date = serializers.DateField(required=False)
    notice_months = serializers.IntegerField(required=False, min_value=0, max_value=36)
    payment_days = serializers.IntegerField(required=False, min_value=0, max_value=120)
    ceilings = CeilingInput(many=True, required=False)


class VersionInput(VersionTermsInput):
    contract = ReferenceField(Contract)
    effective_date = serializers.DateField()


class ClauseKindsInput(PassendSerializer):
    """Clauses of the library that the version lacks, with the numbers of the standard."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField(ClauseKind.choices),
        required=False,
        help_text="Left out: the whole library.",
    )


class KpiRowInput(PassendSerializer):
    indicator = serializers.CharField(max_length=8)
    norm = serializers.DecimalField(max_digits=8, decimal_places=2)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2)
    minimum_n = serializers.IntegerField(required=False, min_value=5, max_value=10_000)


class KpisInput(PassendSerializer):
    kpi_agreements = KpiRowInput(many=True)


class OptionInput(PassendSerializer):
    contract = ReferenceField(Contract)
    end_date = serializers.DateField()
    notice_date = serializers.DateField()


class DocumentChange(PassendSerializer):
    kind = serializers.ChoiceField(DocumentKind.choices)
    title = serializers.CharField(max_length=160)
    issued_date = serializers.DateField(required=False, allow_null=True)
    maximum_age_months = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=600
    )
    location = serializers.CharField(max_length=300, required=False, allow_blank=True)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]


class ContractDocumentInput(DocumentChange):
    contract = ReferenceField(Contract)


class IndexationTerms(PassendSerializer):
    contract = ReferenceField(Contract)
    effective_date = serializers.DateField()
    percentage = serializers.DecimalField(max_digits=5, decimal_places=2)
    rounding = serializers.ChoiceField(PriceRounding.choices, required=False)


class IndexationInput(IndexationTerms):
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, required=False, allow_blank=True
    )
