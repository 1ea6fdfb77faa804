"""Supply entered through the services, and the actors that may enter it."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from backend.accounts.actor import Actor, system_actor
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from providers.models import CourseGroup, Provider
from providers.services.catalogue import course_add, group_add
from providers.services.drafts import (
    CourseDraft,
    GroupDraft,
    LocationDraft,
    ProviderDraft,
    SlotDraft,
)
from providers.services.provider import location_add, provider_register

MORNINGS = tuple(SlotDraft(day, time(9), time(12)) for day in (1, 2, 4, 5))


def actor_with(*permissions: Permission, at: list[Organisation]) -> Actor:
    """A system actor with these permissions at these organisations."""
    keys = frozenset(one.pk for one in at)
    return system_actor("tests", dict.fromkeys(permissions, keys))


def registrar() -> Actor:
    return system_actor("registrar", {Permission.MANAGE_ACCOUNTS: frozenset({0})})


def planner_of(provider: Provider) -> Actor:
    return actor_with(
        Permission.MANAGE_CATALOGUE, Permission.VIEW_CATALOGUE, at=[provider.organisation]
    )


def provider_draft(**changes: Any) -> ProviderDraft:
    base = {"name": "Taalschool Proef (demo)", "code": "proef", "duo_number": "0000000001"}
    return ProviderDraft(**base | changes)


def new_provider(**changes: Any) -> Provider:
    return provider_register(actor=registrar(), draft=provider_draft(**changes))


def location_draft(**changes: Any) -> LocationDraft:
    base = {
        "code": "hoofd",
        "name": "Hoofdlocatie",
        "place": "Apeldoorn",
        "latitude": 52.21,
        "longitude": 5.96,
    }
    return LocationDraft(**base | changes)


def course_draft(**changes: Any) -> CourseDraft:
    base = {
        "code": "b1-ochtend",
        "name": "B1-route ochtend",
        "component": "B",
        "level_from": "A0",
        "level_to": "A1",
        "target_level": "B1",
        "literacy": ("NVT",),
        "hours_per_week": Decimal(12),
        "total_hours": 600,
    }
    return CourseDraft(**base | changes)


def new_group(provider: Provider, **changes: Any) -> CourseGroup:
    actor = planner_of(provider)
    base = {
        "course": course_add(actor=actor, provider=provider, draft=course_draft()),
        "location": location_add(actor=actor, provider=provider, draft=location_draft()),
        "code": "g1",
        "max_size": 12,
        "slots": MORNINGS,
    }
    return group_add(actor=actor, provider=provider, draft=GroupDraft(**base | changes))


def in_days(number: int, start: date = date(2026, 11, 18)) -> date:
    return start + timedelta(days=number)
