"""Three layers of capacity: what was contracted, what is published, what is used.

Contracts are known above this app; they are asked through `providers.ports`. Seats of a closed
start count as published only where they are taken: nobody can be placed on the others any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from uuid import UUID

from django.db.models import Count, F

from backend.accounts.actor import Actor
from backend.common.lines import matching, sorted_by
from providers.choices import CourseKind, IntakeStatus
from providers.models import IntakeMoment, Provider, SeatClaim
from providers.ports import ContractedPlaces, contracted_places

# A season: what a provider can publish ahead.
PERIOD = timedelta(days=182)


@dataclass(frozen=True)
class CapacityLine:
    """The layers of one contract lot, or of a kind of course without a contract."""

    provider: Provider
    label: str
    path: str
    organisation_id: int | None
    # None: no contract promises places here.
    contracted: int | None
    published: int
    used: int
    # Seats that were free when their start was closed.
    closed: int
    # Keys of the contract and the lot, for who reads them elsewhere.
    contract: UUID | None = None
    lot: UUID | None = None

    @property
    def promised(self) -> int:
        """Contracted places; none without a contract."""
        return self.contracted or 0

    @property
    def missing(self) -> int:
        """Contracted places for which no seat is published."""
        return max(0, self.promised - self.published)

    @property
    def has_alert(self) -> bool:
        return self.missing > 0 or self.closed > 0


# Attributes of a line in which is searched, and those it can be put in order by.
SEARCHED = ("provider.organisation.name", "label")
ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "provider": "provider.organisation.name",
        "name": "label",
        "contracted": "promised",
        "published": "published",
        "used": "used",
        "missing": "missing",
        "closed": "closed",
    }
)


@dataclass(frozen=True)
class CapacityWish:
    """Which lines somebody wants to see, by which attributes in order (`-` turns one around)."""

    first: date
    last: date
    search: str = ""
    # Keys of providers; none: all of them.
    providers: Sequence[UUID] = ()
    has_alert: bool | None = None
    order: Sequence[str] = (ORDERS["provider"], ORDERS["name"])


@dataclass
class _Seats:
    """The seats of one course in the period."""

    published: int = 0
    used: int = 0
    closed: int = 0


def capacity_layers(
    *,
    actor: Actor | None,
    first: date,
    last: date,
    provider_ids: Iterable[int] | None = None,
    with_uncontracted: bool = False,
) -> list[CapacityLine]:
    """The layers of every contract lot the actor sees, by provider; four queries at most.

    `used` counts the places of the municipalities of the contract. With `with_uncontracted` there
    is a line per kind of course that no seen contract covers, for the named providers.
    """
    wanted = None if provider_ids is None else list(provider_ids)
    contracts = contracted_places(actor=actor, provider_ids=wanted, first=first, last=last)
    keys = {one.provider_id for one in contracts} | set(wanted or ())
    providers = Provider.objects.select_related("organisation").in_bulk(keys)
    seats, takers, courses = _seats_by_course(keys, first, last)
    lines = [_contract_line(one, providers[one.provider_id], seats, takers) for one in contracts]
    if with_uncontracted:
        covered = frozenset(course for one in contracts for course in one.course_ids)
        lines += _uncontracted(providers, courses, seats, covered)
    return sorted(lines, key=lambda line: (line.provider.organisation.name, line.label))


def capacity_list(*, actor: Actor, wish: CapacityWish) -> list[CapacityLine]:
    """The lines that the actor may see and asks for; who keeps a catalogue sees only his own.

    The same rows for the page and for the API.
    """
    own = list(Provider.objects.managed_by(actor).values_list("pk", flat=True))
    wanted: Iterable[int] | None = own or None
    if wish.providers:
        named = Provider.objects.filter(uuid__in=wish.providers)
        if own:
            named = named.filter(pk__in=own)
        wanted = list(named.values_list("pk", flat=True))
    lines = capacity_layers(
        actor=actor,
        first=wish.first,
        last=wish.last,
        provider_ids=wanted,
        with_uncontracted=bool(own),
    )
    found = [one for one in lines if wish.has_alert in (None, one.has_alert)]
    return sorted_by(matching(found, wish.search, SEARCHED), wish.order)


def _contract_line(
    one: ContractedPlaces,
    provider: Provider,
    seats: dict[int, _Seats],
    takers: dict[tuple[int, int], int],
) -> CapacityLine:
    found = [seats[course] for course in one.course_ids if course in seats]
    return CapacityLine(
        provider=provider,
        label=one.label,
        path=one.path,
        organisation_id=one.organisation_id,
        contracted=one.places,
        published=sum(course.published for course in found),
        used=sum(
            takers.get((course, municipality), 0)
            for course in one.course_ids
            for municipality in one.municipality_ids
        ),
        closed=sum(course.closed for course in found),
        contract=one.contract,
        lot=one.lot,
    )


def _uncontracted(
    providers: dict[int, Provider],
    courses: dict[int, tuple[int, str]],
    seats: dict[int, _Seats],
    covered: frozenset[int],
) -> list[CapacityLine]:
    sums: dict[tuple[int, str], _Seats] = defaultdict(_Seats)
    for course, (provider, kind) in courses.items():
        if course not in covered:
            total = sums[provider, kind]
            total.published += seats[course].published
            total.used += seats[course].used
            total.closed += seats[course].closed
    return [
        CapacityLine(
            provider=providers[provider],
            label=str(CourseKind(kind).label),
            path="",
            organisation_id=None,
            contracted=None,
            published=total.published,
            used=total.used,
            closed=total.closed,
        )
        for (provider, kind), total in sums.items()
    ]


def _seats_by_course(
    provider_ids: Iterable[int], first: date, last: date
) -> tuple[dict[int, _Seats], dict[tuple[int, int], int], dict[int, tuple[int, str]]]:
    """Seats by course, taken seats by (course, municipality), and (provider, kind) by course."""
    in_period = IntakeMoment.objects.filter(
        group__course__provider__in=provider_ids,
        start_date__range=(first, last),
        status__in=[IntakeStatus.PUBLISHED, IntakeStatus.CLOSED],
    )
    taken: dict[int, int] = defaultdict(int)
    takers: dict[tuple[int, int], int] = defaultdict(int)
    claims = (
        SeatClaim.objects.occupying()
        .filter(intake_moment__in=in_period)
        .order_by()
        .values_list("intake_moment_id", "intake_moment__group__course_id", "organisation_id")
        .annotate(number=Count("pk"))
    )
    for moment, course, organisation, number in claims:
        taken[moment] += number
        takers[course, organisation] += number
    seats: dict[int, _Seats] = defaultdict(_Seats)
    courses: dict[int, tuple[int, str]] = {}
    rows = in_period.order_by().values_list(
        "pk", "group__course_id", "group__course__provider_id", "group__course__kind", "status",
        "seats_total",
    )  # fmt: skip
    for moment, course, provider, kind, status, total in rows:
        courses[course] = (provider, kind)
        one = seats[course]
        one.used += taken[moment]
        if status == IntakeStatus.PUBLISHED:
            one.published += total
        else:
            one.published += taken[moment]
            one.closed += max(0, total - taken[moment])
    return seats, takers, courses


def starts_below_minimum(*, on: date, until: date) -> Sequence[IntakeMoment]:
    """Starts from `on` up to and including `until` after which the group is still too small."""
    return list(
        IntakeMoment.objects.with_group_people()
        .filter(
            status__in=[IntakeStatus.PUBLISHED, IntakeStatus.CLOSED],
            start_date__range=(on, until),
            group_people__lt=F("group__min_size"),
        )
        .select_related("group__course__provider__organisation")
        .order_by("pk")
    )


def closed_with_free_seats(*, since: date, on: date) -> Sequence[IntakeMoment]:
    """Starts ahead that were closed since `since` although seats were free; one query."""
    return list(
        IntakeMoment.objects.with_seats_free()
        .filter(
            status=IntakeStatus.CLOSED,
            start_date__gt=on,
            status_changed_at__date__gte=since,
            seats_free__gt=0,
        )
        .select_related("group__course__provider__organisation")
        .order_by("pk")
    )
