"""Every open intake moment as columns for the engine, before anybody asks who may buy it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from matching.engine import OfferTable
from matching.ports import provider_quality
from providers.models import IntakeMoment
from providers.public import REQUIRED_MARK, offered_columns

# Half of the range that the engine scores: a price that a participant agrees on alone, or one
# that is not per hour, neither helps nor harms.
NEUTRAL_PRICE = 16.5
NOBODY: frozenset[int] = frozenset()


class StartNames(NamedTuple):
    """A start as people know it."""

    provider: str
    course: str
    location: str
    place: str
    start: date
    end: date
    mode: str
    # Of the location, to draw it.
    latitude: float
    longitude: float


NAME_COLUMNS = (
    "group__course__provider__organisation__name",
    "group__course__name",
    "group__location__name",
    "group__location__place",
    "start_date",
    "end_date",
    "group__course__mode",
    "group__location__latitude",
    "group__location__longitude",
)


@dataclass(frozen=True, eq=False)
class Supply:
    """Intake moments in the form of the engine, without any contract, and their keys."""

    table: OfferTable
    intakes: np.ndarray
    courses: np.ndarray
    providers: np.ndarray
    provider_organisations: np.ndarray
    kinds: np.ndarray
    locations: np.ndarray
    # Texts and dates for people by key, of the starts that were shown: see `names_of`.
    names: dict[int, StartNames] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.intakes)


def supply_on(as_of: date, *, component: str | None = None) -> Supply:
    """What providers offer from `as_of` on; a handful of queries, whatever the number.

    With `component` only its courses: all that one person can be told about.
    """
    data = offered_columns(as_of=as_of, component=component)
    count = len(data["pk"])
    components = data["group__course__component"]
    providers = data["group__course__provider_id"]
    required = [name.encode() for name in REQUIRED_MARK]
    table = OfferTable.from_columns(
        ids=data["uuid"],
        provider=providers,
        component=components,
        level_from=data["group__course__level_from"],
        level_to=data["group__course__level_to"],
        target_level=data["group__course__target_level"],
        literacy=data["group__course__literacy"],
        lat=data["group__location__latitude"],
        lon=data["group__location__longitude"],
        mode=data["group__course__mode"],
        slots=data["slots"],
        hours_per_week=data["group__course__hours_per_week"],
        start=data["start_date"],
        end=data["end_date"],
        seats=data["seats_free"],
        min_group=data["group__min_size"],
        enrolled=data["seats_taken"],
        municipalities=[NOBODY] * count,
        target_groups=np.zeros(count, np.int8),
        contract_from=np.full(count, date.min, "datetime64[D]"),
        contract_to=np.full(count, date.max, "datetime64[D]"),
        ceiling=[None] * count,
        mark_valid_to=data["mark_valid_to"],
        mark_required=np.isin(components, required),
        childcare=data["group__location__childcare"],
        wheelchair=data["group__location__wheelchair_accessible"],
        quality_index=_quality_of(providers),
        price_per_hour=np.full(count, NEUTRAL_PRICE),
    )
    return Supply(
        table=table,
        intakes=data["pk"],
        courses=data["group__course_id"],
        providers=providers,
        provider_organisations=data["group__course__provider__organisation_id"],
        kinds=data["group__course__kind"],
        locations=data["group__location_id"],
    )


def names_of(intakes: Iterable[int], known: dict[int, StartNames]) -> dict[int, StartNames]:
    """`known` with the names of these intake moments; one query for those that are missing."""
    missing = set(intakes) - known.keys()
    if missing:
        rows = IntakeMoment.objects.filter(pk__in=missing).values_list("pk", *NAME_COLUMNS)
        known.update((pk, StartNames(*names)) for pk, *names in rows)
    return known


def _quality_of(providers: np.ndarray) -> np.ndarray:
    index = provider_quality()
    keys, row = np.unique(providers, return_inverse=True)
    return np.array([index.get(key, 0.0) for key in keys.tolist()], np.float64)[row]
