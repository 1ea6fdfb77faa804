"""For whom a provider takes in nobody today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet

from backend.common import clock
from backend.common.compiled import CompiledRows
from backend.organisations.models import Organisation, RegionMembership
from providers.choices import IntakeStatus
from providers.models import IntakeMoment, IntakeStop

NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class StopScope:
    """What one stop covers, and whose placements it stops; None and "" cover everything."""

    provider_id: int
    kind: str
    course_id: int | None
    location_id: int | None
    municipality_ids: frozenset[int]

    def covers(self, kind: str, course_id: int, location_id: int) -> bool:
        return (
            self.kind in ("", kind)
            and self.course_id in (None, course_id)
            and self.location_id in (None, location_id)
        )


@dataclass(frozen=True)
class StoppedScopes:
    """The stops in force on one day, by provider."""

    by_provider: dict[int, tuple[StopScope, ...]]

    def __bool__(self) -> bool:
        return bool(self.by_provider)

    def municipalities(
        self, *, provider_id: int, kind: str, course_id: int, location_id: int
    ) -> frozenset[int]:
        """Keys of the municipalities that cannot place anybody here now."""
        stopped = NOBODY
        for scope in self.by_provider.get(provider_id, ()):
            if scope.covers(kind, course_id, location_id):
                stopped |= scope.municipality_ids
        return stopped


def stops_in_force(*, on: date, provider_ids: Iterable[int] | None = None) -> StoppedScopes:
    """The stops in force on `on`; a region's stop counts for its members on that day.

    Two queries; one when there is no stop.
    """
    rows = IntakeStop.objects.in_force(on)
    if provider_ids is not None:
        rows = rows.filter(provider__in=list(provider_ids))
    stops = list(rows.order_by("pk"))
    if not stops:
        return StoppedScopes({})
    members: dict[int, set[int]] = {stop.organisation_id: {stop.organisation_id} for stop in stops}
    for region, municipality in (
        RegionMembership.objects.on(on)
        .filter(region__in=list(members))
        .values_list("region_id", "municipality_id")
    ):
        members[region].add(municipality)
    found: dict[int, tuple[StopScope, ...]] = {}
    for stop in stops:
        scope = StopScope(
            provider_id=stop.provider_id,
            kind=stop.kind,
            course_id=stop.course_id,
            location_id=stop.location_id,
            municipality_ids=frozenset(members[stop.organisation_id]),
        )
        found[stop.provider_id] = (*found.get(stop.provider_id, ()), scope)
    return StoppedScopes(found)


def _stops_of_intake(intake: int, municipality: int, on: date) -> QuerySet[IntakeStop, Any]:
    """The question of `StoppedScopes.municipalities` about one intake moment and municipality."""
    course, group = "provider__courses", "provider__courses__groups"
    regions = RegionMembership.objects.on(on).filter(municipality=municipality).values("region")
    return (
        IntakeStop.objects.in_force(on)
        .filter(
            Q(kind="") | Q(kind=F(f"{course}__kind")),
            Q(course__isnull=True) | Q(course=F(course)),
            Q(location__isnull=True) | Q(location=F(f"{group}__location")),
            Q(organisation=municipality) | Q(organisation__in=regions),
            **{f"{group}__intake_moments": intake},
        )
        .order_by()
        .values_list("pk")[:1]
    )


# One row where this municipality cannot place anybody on this start on `on`.
STOP_OF_INTAKE = CompiledRows(_stops_of_intake, intake=int, municipality=int, on=date)


def stop_in_force(*, intake: IntakeMoment, municipality_id: int, on: date) -> bool:
    """Whether this municipality cannot place anybody on this start on `on`."""
    return bool(STOP_OF_INTAKE(intake=intake.pk, municipality=municipality_id, on=on))


def decider_ids(municipality_ids: Iterable[int], on: date) -> frozenset[int]:
    """The organisations whose stops count for these municipalities: themselves and regions."""
    own = frozenset(municipality_ids)
    regions = (
        RegionMembership.objects.on(on)
        .filter(municipality__in=own)
        .values_list("region_id", flat=True)
    )
    return own | frozenset(regions)


def deciders() -> list[Organisation]:
    """Who can be asked for an intake stop: every active municipality and region, by name."""
    return list(
        Organisation.objects.filter(is_active=True).exclude(kind="provider").order_by("name", "pk")
    )


def starts_under_stop(intake_stop_id: int) -> list[tuple[int, int]]:
    """Key and seats of the open starts that this stop closed, or will close; two queries."""
    stop = IntakeStop.objects.get(pk=intake_stop_id)
    narrowed = {
        "group__course__kind": stop.kind or None,
        "group__course": stop.course_id,
        "group__location": stop.location_id,
    }
    return list(
        IntakeMoment.objects.filter(
            status=IntakeStatus.PUBLISHED,
            start_date__gte=clock.today(),
            group__course__provider=stop.provider_id,
            **{name: value for name, value in narrowed.items() if value is not None},
        )
        .order_by("start_date", "pk")
        .values_list("pk", "seats_total")
    )
