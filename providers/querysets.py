"""Which rows of the supply side an actor sees, and how many seats are free.

The catalogue is public to everybody who works in the chain: providers see each other's courses,
never each other's contracts, prices or seat claims.
"""

from collections.abc import Iterable
from datetime import date
from math import cos, radians
from typing import Any, Self, TypeVar

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.clock_sql import ClockNow
from backend.organisations.models import RegionMembership
from backend.organisations.permissions import Permission
from providers.choices import STOP_STATES_IN_FORCE, IntakeStatus, SeatState

Row = TypeVar("Row", bound=models.Model)
KM_PER_DEGREE = 111.195


class DistanceKm(models.Func):
    """Great-circle distance in kilometres from the coordinates in two columns to a fixed point."""

    output_field = models.FloatField()

    def __init__(self, latitude: str, longitude: str, here: float, there: float) -> None:
        super().__init__(F(latitude), F(longitude), models.Value(here), models.Value(there))

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (lat, lat_p), (lon, lon_p), (here, here_p), (there, there_p) = (
            compiler.compile(one) for one in self.source_expressions
        )
        sql = (
            f"12742.0176 * asin(least(1, sqrt(power(sin(radians({lat} - {here}) / 2), 2)"
            f" + cos(radians({lat})) * cos(radians({here}))"
            f" * power(sin(radians({lon} - {there}) / 2), 2))))"
        )
        parts = (lat_p, here_p, lat_p, here_p, lon_p, there_p)
        return sql, [value for part in parts for value in part]


class WithinKm(DistanceKm):
    """Whether the point in two columns lies at most so far from a fixed one.

    The box around the point is judged first: a comparison costs less than a cosine. Ready SQL for
    the reason of `SeatsTaken`.
    """

    output_field = models.BooleanField()  # type: ignore[assignment]

    def __init__(
        self, latitude: str, longitude: str, here: float, there: float, most: float
    ) -> None:
        super().__init__(latitude, longitude, here, there)
        tall = most / KM_PER_DEGREE
        wide = most / (KM_PER_DEGREE * max(0.01, cos(radians(here))))
        self.box = [here - tall, here + tall, there - wide, there + wide]
        self.most = most

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        distance, parameters = super().as_sql(compiler, connection, **context)
        (lat, lat_p), (lon, lon_p) = (compiler.compile(one) for one in self.source_expressions[:2])
        sql = f"({lat} between %s and %s and {lon} between %s and %s and {distance} <= %s)"
        return sql, [*lat_p, *self.box[:2], *lon_p, *self.box[2:], *parameters, self.most]


class HasLessonIn(models.Func):
    """Whether a group has a lesson in one of these day-parts; ready SQL as `SeatsTaken`."""

    output_field = models.BooleanField()
    LESSON = (
        "exists(select 1 from providers_weeklyslot as lesson"
        " where lesson.group_id = {group} and lesson.slot ~ {pattern})"
    )

    def __init__(self, group: str, day_parts: Iterable[int | str]) -> None:
        pattern = f"[{''.join(str(int(one)) for one in day_parts)}]$"
        super().__init__(F(group), models.Value(pattern))

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (group, group_p), (pattern, pattern_p) = (
            compiler.compile(one) for one in self.source_expressions
        )
        sql = self.LESSON.format(group=group, pattern=pattern)
        return sql, [*group_p, *pattern_p]


# Who works with providers from the public side: contacts are for them.
CONTACT_READERS = (
    Permission.PLACE,
    Permission.VIEW_CONTRACTS,
    Permission.MANAGE_QUALITY,
)
STOP_READERS = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CONTRACTS, Permission.PLACE)


class SeatsTaken(models.Func):
    """The seats of an intake moment that are confirmed or held at a moment.

    Says what `SeatClaimQuerySet.occupying` says, as ready SQL: composed by the ORM, this sub-query
    cost a third of a catalogue search.
    """

    output_field = models.IntegerField()
    TAKEN = (
        "(select count(*) from providers_seatclaim as taken where taken.intake_moment_id = {moment}"
        " and (taken.state = 'confirmed'"
        " or (taken.state = 'hold' and taken.expires_at > {now}))"
        # The condition of the partial index.
        " and not taken.state = 'released')"
    )

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        moment, now = (compiler.compile(one) for one in self.source_expressions[:2])
        return self.TAKEN.format(moment=moment[0], now=now[0]), [*moment[1], *now[1]]


class SeatsFree(SeatsTaken):
    """The seats of an intake moment minus those taken; negative when it is overbooked."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        taken, parameters = super().as_sql(compiler, connection, **context)
        total, before = compiler.compile(self.source_expressions[2])
        return f"({total} - {taken})", [*before, *parameters]


class CatalogueQuerySet(models.QuerySet[Row]):
    """Rows that everybody with a right to the catalogue sees."""

    # Lookup path from the row to the organisation of its provider.
    owner_path = "provider__organisation"

    def visible_to(self, actor: Actor) -> Self:
        if actor.with_permission(Permission.VIEW_CATALOGUE):
            return self
        return self.none()

    def managed_by(self, actor: Actor) -> Self:
        """Rows whose provider the actor may keep up to date."""
        owners = actor.with_permission(Permission.MANAGE_CATALOGUE)
        return self.filter(**{f"{self.owner_path}__in": owners})


class ProviderQuerySet(CatalogueQuerySet[Any]):
    owner_path = "organisation"


class CourseQuerySet(CatalogueQuerySet[Any]):
    pass


class CourseGroupQuerySet(CatalogueQuerySet[Any]):
    owner_path = "course__provider__organisation"


class IntakeSeriesQuerySet(CatalogueQuerySet[Any]):
    owner_path = "group__course__provider__organisation"


class OwnQuerySet(CatalogueQuerySet[Any]):
    """Rows that only the provider itself sees."""

    def visible_to(self, actor: Actor) -> Self:
        return self.managed_by(actor)


class TeacherHoursQuerySet(OwnQuerySet):
    owner_path = "teacher__provider__organisation"


class ContactQuerySet(CatalogueQuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Contacts for public bodies that work with providers, and for the provider itself."""
        if any(actor.with_permission(one) for one in CONTACT_READERS):
            return self
        return self.managed_by(actor)


class DocumentQuerySet(CatalogueQuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Documents for those who see contracts, and for the provider itself."""
        if actor.with_permission(Permission.VIEW_CONTRACTS):
            return self
        return self.managed_by(actor)


class IntakeStopQuerySet(CatalogueQuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The provider, the body that decides, and the municipalities for which it decides."""
        readers = frozenset().union(*(actor.with_permission(one) for one in STOP_READERS))
        members = RegionMembership.objects.on(clock.today()).filter(municipality__in=readers)
        return self.filter(
            Q(provider__organisation__in=actor.with_permission(Permission.MANAGE_CATALOGUE))
            | Q(organisation__in=readers)
            | Q(organisation__in=members.values("region"))
        )

    def in_force(self, day: date) -> Self:
        """Stops that block placements on `day`, judged by the clock and not by a nightly run."""
        return self.filter(state__in=STOP_STATES_IN_FORCE, starts_on__lte=day).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        )


class IntakeMomentQuerySet(CatalogueQuerySet[Any]):
    owner_path = "group__course__provider__organisation"

    def visible_to(self, actor: Actor) -> Self:
        """Published and closed starts for all; drafts only for the provider itself."""
        owners = actor.with_permission(Permission.MANAGE_CATALOGUE)
        return (
            super()
            .visible_to(actor)
            .filter(~Q(status=IntakeStatus.DRAFT) | Q(**{f"{self.owner_path}__in": owners}))
        )

    def for_entry_level(self, level: str) -> Self:
        """Starts of courses that take in people of this level; levels sort as text."""
        return self.filter(group__course__level_from__lte=level, group__course__level_to__gte=level)

    def with_lessons_in(self, day_parts: Iterable[int | str]) -> Self:
        """Starts of groups with a lesson in one of these day-parts."""
        return self.filter(HasLessonIn("group", day_parts))

    def within(self, latitude: float, longitude: float, most_km: float) -> Self:
        """Starts at most so many kilometres from a point."""
        place = "group__location__"
        return self.filter(
            WithinKm(f"{place}latitude", f"{place}longitude", latitude, longitude, most_km)
        )

    def near(self, latitude: float, longitude: float, within_km: float | None = None) -> Self:
        """Adds `distance_km` from a point and, with `within_km`, leaves out what is farther."""
        place = "group__location__"
        found = self.annotate(
            distance_km=DistanceKm(f"{place}latitude", f"{place}longitude", latitude, longitude)
        )
        return found if within_km is None else found.within(latitude, longitude, within_km)

    def open_on(self, day: date) -> Self:
        """Published starts that have not begun on `day`."""
        return self.filter(status=IntakeStatus.PUBLISHED, start_date__gte=day)

    def with_group_people(self) -> Self:
        """Adds `group_people`: who is in the group on the start date, earlier starts included."""
        claims = apps.get_model("providers", "SeatClaim").objects.occupying()
        people = (
            claims.filter(
                intake_moment__group=models.OuterRef("group"),
                intake_moment__start_date__lte=models.OuterRef("start_date"),
                intake_moment__end_date__gte=models.OuterRef("start_date"),
            )
            .exclude(intake_moment__status=IntakeStatus.CANCELLED)
            .order_by()
            .values("intake_moment__group")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(
            group_people=Coalesce(models.Subquery(people), 0, output_field=models.IntegerField())
        )

    def with_seats_free(self) -> Self:
        """Adds `seats_taken` and `seats_free`, counted from the claim rows."""
        # Lists build their question once: the moment is that of each run.
        now = ClockNow()
        return self.annotate(
            seats_taken=SeatsTaken(F("pk"), now),
            seats_free=SeatsFree(F("pk"), now, F("seats_total")),
        )


class SeatClaimQuerySet(models.QuerySet[Any]):
    def occupying(self) -> Self:
        """Claims that take a seat at this moment."""
        return self.filter(
            Q(state=SeatState.CONFIRMED) | Q(state=SeatState.HOLD, expires_at__gt=ClockNow())
        )

    def visible_to(self, actor: Actor) -> Self:
        """The provider sees the claims on its own seats, the municipality its own claims."""
        return self.filter(
            Q(organisation__in=actor.with_permission(Permission.PLACE))
            | Q(
                intake_moment__group__course__provider__organisation__in=actor.with_permission(
                    Permission.MANAGE_CATALOGUE
                )
            )
        )
