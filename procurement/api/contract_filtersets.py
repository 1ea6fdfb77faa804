"""Filters of tenders, versions, options, KPI, documents and indexations."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from backend.api.filters import (
    FILE_FIELDS,
    RECORD_FIELDS,
    AmountFilter,
    CodeFilter,
    DayFilter,
    ExactFilter,
    PassendFilterSet,
    ReferenceFilter,
    SearchFilter,
    TextFilter,
)
from procurement.choices import (
    DocumentKind,
    OptionStatus,
    PriceRounding,
    TenderProcedure,
    TenderStatus,
    VersionKind,
)
from procurement.kpi_codes import KPI_CODES
from procurement.models import (
    Award,
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    Indexation,
    KpiAgreement,
    Tender,
)

INDICATORS = [(one.code, one.title) for one in KPI_CODES.values()]


class HoldsFilter(ExactFilter):
    """A list that holds exactly this value."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__contains": [value]}) if value else qs


class HeldOnFilter(DayFilter):
    """The version that held on a day, as far as is known now."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.filter(
            periods__known_to__isnull=True,
            periods__valid_from__lte=value,
            periods__valid_to__gte=value,
        )


class TenderFilterSet(PassendFilterSet):
    search = SearchFilter("reference", "title", "publication_reference")
    buyer = ReferenceFilter("buyer__uuid")
    reference = ExactFilter()
    title = TextFilter()
    procedure = CodeFilter(choices=TenderProcedure.choices)
    status = CodeFilter(choices=TenderStatus.choices)
    cpv_codes = HoldsFilter()
    publication_reference = ExactFilter()
    published_from = DayFilter("publication_date", "gte")
    published_until = DayFilter("publication_date", "lte")
    closes_from = DayFilter("closing_date", "gte")
    closes_until = DayFilter("closing_date", "lte")
    awarded_from = DayFilter("award_date", "gte")
    awarded_until = DayFilter("award_date", "lte")

    class Meta:
        model = Tender

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "description": "long text; use search",
        "standstill_until": "follows the award date",
    }


class AwardFilterSet(PassendFilterSet):
    lot = ReferenceFilter("lot__uuid")
    tender = ReferenceFilter("lot__tender__uuid")
    provider = ReferenceFilter("provider__uuid")

    class Meta:
        model = Award

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "rank": "read it within a lot",
        "share": "read it within a lot",
    }


class ContractVersionFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract__uuid")
    kind = CodeFilter(choices=VersionKind.choices)
    title = TextFilter()
    effective_from = DayFilter("effective_date", "gte")
    effective_until = DayFilter("effective_date", "lte")
    ends_from = DayFilter("end_date", "gte")
    ends_until = DayFilter("end_date", "lte")
    held_on = HeldOnFilter()

    class Meta:
        model = ContractVersion

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "number": "read it within a contract",
        "reason": "long text",
        "notice_months": "a term of the contract",
        "payment_days": "a term of the contract",
        "replaces": "read it within a contract",
        "agreed_at": "see periods",
        "applied_at": "internal",
    }


class KpiAgreementFilterSet(PassendFilterSet):
    version = ReferenceFilter("version__uuid")
    contract = ReferenceFilter("version__contract__uuid")
    indicator = CodeFilter(choices=INDICATORS)

    class Meta:
        model = KpiAgreement

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "norm": "its meaning depends on the indicator",
        "weight": "read it within a version",
        "minimum_n": "read it within a version",
    }


class ExtensionOptionFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract__uuid")
    status = CodeFilter(choices=OptionStatus.choices)
    notice_from = DayFilter("notice_date", "gte")
    notice_until = DayFilter("notice_date", "lte")
    ends_from = DayFilter("end_date", "gte")
    ends_until = DayFilter("end_date", "lte")

    class Meta:
        model = ExtensionOption

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "number": "read it within a contract",
        "start_date": "the day after the contract or the option before",
        "decided_date": "use status",
        "reason": "long text",
        "version": "read it within a contract",
    }


class ContractDocumentFilterSet(PassendFilterSet):
    search = SearchFilter("title", "location")
    contract = ReferenceFilter("contract__uuid")
    kind = CodeFilter(choices=DocumentKind.choices)
    title = TextFilter()
    issued_from = DayFilter("issued_date", "gte")
    issued_until = DayFilter("issued_date", "lte")

    class Meta:
        model = ContractDocument

    unfiltered: ClassVar = {
        **RECORD_FIELDS,
        "location": "use search",
        "maximum_age_months": "a term of the document",
        "required": "a term of the document",
        **FILE_FIELDS,
    }


class IndexationFilterSet(PassendFilterSet):
    contract = ReferenceFilter("contract__uuid")
    effective_from = DayFilter("effective_date", "gte")
    effective_until = DayFilter("effective_date", "lte")
    percentage_min = AmountFilter("percentage", "gte")
    rounding = CodeFilter(choices=PriceRounding.choices)

    class Meta:
        model = Indexation

    unfiltered: ClassVar = {**RECORD_FIELDS, "source": "long text"}
