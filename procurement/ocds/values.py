"""How days, amounts and parties are written in OCDS."""

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.conf import settings

from backend.common.clock import NETHERLANDS
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from providers.models import Provider

Json = dict[str, Any]


def moment(value: date | datetime) -> str:
    """A moment, or the first second of a Dutch day."""
    if isinstance(value, datetime):
        return value.astimezone(NETHERLANDS).isoformat(timespec="seconds")
    return datetime.combine(value, time(), NETHERLANDS).isoformat()


def last_moment(value: date) -> str:
    """The last second of a Dutch day: a period includes its last day."""
    return datetime.combine(value, time(23, 59, 59), NETHERLANDS).isoformat()


def period(start: date, end: date | None) -> Json:
    return {"startDate": moment(start), **({"endDate": last_moment(end)} if end else {})}


def euros(amount: Decimal) -> Json:
    return {"amount": float(amount), "currency": "EUR"}


def ocid_of(kind: str, uuid: Any) -> str:
    """The id of a contracting process: the registered prefix and the key of tender or contract."""
    return f"{settings.OCDS_PREFIX}-{kind}-{uuid}"


def organisation_id(organisation: Organisation) -> str:
    """CBS number of a municipality, as the Dutch registers write it; otherwise our own key."""
    if organisation.kind == OrganisationKind.MUNICIPALITY:
        return f"NL-GM{organisation.code}"
    return f"XX-PASSEND-{organisation.uuid}"


def provider_id(provider: Provider) -> str:
    if provider.kvk_number:
        return f"NL-KVK-{provider.kvk_number}"
    return f"XX-PASSEND-{provider.organisation.uuid}"


def buyer_reference(organisation: Organisation) -> Json:
    return {"id": organisation_id(organisation), "name": organisation.name}


def supplier_reference(provider: Provider) -> Json:
    return {"id": provider_id(provider), "name": provider.organisation.name}


def buyer_party(organisation: Organisation, roles: Iterable[str]) -> Json:
    return {**buyer_reference(organisation), "roles": sorted(set(roles))}


def supplier_party(provider: Provider) -> Json:
    name = provider.organisation.name
    party: Json = {**supplier_reference(provider), "roles": ["supplier"]}
    if provider.kvk_number:
        party["identifier"] = {
            "scheme": "NL-KVK",
            "id": provider.kvk_number,
            "legalName": name,
        }
    return party
