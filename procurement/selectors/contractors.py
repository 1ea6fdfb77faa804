"""Who may deliver from a lot, and with which courses."""

from datetime import date

from django.db.models import QuerySet

from procurement.choices import ContractStatus
from procurement.models import ContractCourse, ContractLot
from providers.models import Course, Provider


def contracted_providers(*, lot_id: int, on: date) -> QuerySet[Provider]:
    """The providers with a contract for the lot that is in force and has not ended on the day."""
    parts = ContractLot.objects.filter(
        lot=lot_id, contract__status=ContractStatus.ACTIVE, contract__end_date__gte=on
    )
    return Provider.objects.filter(pk__in=parts.values("contract__provider")).order_by(
        "organisation__name", "pk"
    )


def contracted_courses(
    *, lot_id: int, provider_id: int, component: str, on: date
) -> QuerySet[Course]:
    """The courses of the provider that may be called off from the lot for the component."""
    covered = ContractCourse.objects.filter(
        contract_lot__lot=lot_id,
        contract_lot__contract__provider=provider_id,
        contract_lot__contract__status=ContractStatus.ACTIVE,
        contract_lot__contract__end_date__gte=on,
    )
    return Course.objects.filter(
        pk__in=covered.values("course"), component=component, is_active=True
    ).order_by("name", "pk")
