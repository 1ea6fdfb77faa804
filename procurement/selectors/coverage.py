"""Read-side questions about contracts: what a municipality may buy, and at which price."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from backend.common.columns import WHOLE, CompiledColumns, text
from backend.common.compiled import CompiledRows
from backend.common.locks import keys_in
from procurement.choices import FEES, CallOffState, ContractStatus, PoolMode, TariffUnit
from procurement.models import (
    CallOff,
    Ceiling,
    ContractCourse,
    ContractLot,
    LotMunicipality,
    PoolQuota,
    Tariff,
)
from procurement.selectors.pools import quotas_left

_COURSE_KINDS = {"contract_lot_id": WHOLE, "course_id": WHOLE, "course__component": text(3)}


@dataclass(frozen=True)
class Coverage:
    """One course that may be called off from one contract lot."""

    contract_lot_id: int
    course_id: int
    municipality_ids: frozenset[int]
    target_groups: tuple[str, ...]
    contract_from: date
    contract_to: date
    ceiling_id: int | None
    places_left: int | None
    price_per_hour: Decimal | None
    # Only where municipalities share the lot by quotas; and the places left per municipality.
    lot_id: int = 0
    shares: Mapping[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Covered:
    """What may be called off, as columns: row i is course `courses[i]` under `terms[numbers[i]]`.

    Courses of one component in one contract lot share their terms, which name no course (0).
    """

    courses: np.ndarray
    numbers: np.ndarray
    terms: tuple[Coverage, ...]


def coverage(*, municipality_ids: Iterable[int], on: date) -> list[Coverage]:
    """As `covered`, one object per row."""
    found = covered(municipality_ids=municipality_ids, on=on)
    return [
        replace(found.terms[number], course_id=course)
        for course, number in zip(found.courses.tolist(), found.numbers.tolist(), strict=True)
    ]


def covered(*, municipality_ids: Iterable[int], on: date) -> Covered:
    """Everything the municipalities may buy from active contracts that have not ended on `on`.

    `places_left` counts open call-offs of all participating municipalities; `price_per_hour` is
    the tariff per learner-hour on `on`, None where another unit is agreed. Six queries.
    """
    takers = {lot: set(keys) for lot, keys in _TAKERS.planned(keys=municipality_ids, on=on)}
    # What a contract lot says comes once, its courses as columns: there are thousands of those.
    agreed = {pk: terms for pk, *terms in _AGREED.planned(lots=takers, on=on)}
    courses = _COURSES(contract_lots=agreed)
    ceilings = {
        contract_lot: (pk, None if places is None else max(0, places - used))
        for contract_lot, pk, places, used in _CEILINGS.planned(contract_lots=agreed)
    }
    shares = {
        # Who takes part without a quota of its own has none of the places, as `quota_guard` says.
        lot_id: {one: left.get(one, 0) for one in takers[lot_id]}
        for lot_id, left in quotas_left(takers).items()
    }
    for lot_id, left in shares.items():
        # Whoever has used its share of a lot cannot buy from it, whatever is left for others.
        takers[lot_id] -= {one for one, places in left.items() if not places}
    # Of several prices the one without a detail counts, as in `tariff_on`: it comes last here.
    prices = {
        (contract_lot, component): amount
        for contract_lot, component, amount in _HOUR_PRICES.planned(contract_lots=agreed, on=on)
    }
    # One object per set of municipalities: whoever reads hundreds of terms then hashes it once.
    known: dict[frozenset[int], frozenset[int]] = {}
    buyers = {
        lot: known.setdefault(found, found)
        for lot, municipalities in takers.items()
        for found in (frozenset(municipalities),)
    }
    components, component = np.unique(courses["course__component"], return_inverse=True)
    keys = courses["contract_lot_id"] * len(components) + component.reshape(-1)
    distinct, number = np.unique(keys, return_inverse=True)
    terms: list[Coverage] = []
    number_of = np.full(len(distinct), -1)
    for row, key in enumerate(distinct.tolist()):
        contract_lot_id, code = divmod(key, len(components))
        lot_id, bought, target_groups, start, end = agreed[contract_lot_id]
        name = components[code].decode()
        if name not in bought:
            continue
        number_of[row] = len(terms)
        ceiling_id, places_left = ceilings.get(contract_lot_id, (None, None))
        terms.append(
            Coverage(
                contract_lot_id=contract_lot_id,
                course_id=0,
                municipality_ids=buyers[lot_id],
                target_groups=tuple(target_groups),
                contract_from=start,
                contract_to=end,
                ceiling_id=ceiling_id,
                places_left=places_left,
                price_per_hour=prices.get((contract_lot_id, name)),
                lot_id=lot_id if lot_id in shares else 0,
                shares=shares.get(lot_id),
            )
        )
    numbers = number_of[number.reshape(-1)]
    return Covered(courses["course_id"][numbers >= 0], numbers[numbers >= 0], tuple(terms))


def coverage_of(row: tuple[Any, ...], municipality_id: int) -> Coverage:
    """What a row of COVER_OF_COURSE says, for the municipality that was asked about."""
    contract_lot_id, course_id, target_groups, start, end, *limits, price = row
    ceiling_id, places, used, quota, quota_used = limits
    left = None if places is None else max(0, places - (used or 0))
    if quota is not None:
        share = max(0, quota - (quota_used or 0))
        left = share if left is None else min(left, share)
        # Without a ceiling the share of the municipality is what limits it.
        ceiling_id = -contract_lot_id if ceiling_id is None else ceiling_id
    return Coverage(
        contract_lot_id=contract_lot_id,
        course_id=course_id,
        municipality_ids=frozenset({municipality_id}),
        target_groups=tuple(target_groups),
        contract_from=start,
        contract_to=end,
        ceiling_id=ceiling_id,
        places_left=left,
        price_per_hour=price,
    )


def _buyable(on: date) -> QuerySet[ContractCourse]:
    return ContractCourse.objects.filter(
        contract_lot__contract__status=ContractStatus.ACTIVE,
        contract_lot__contract__end_date__gte=on,
        contract_lot__lot__components__contains=[F("course__component")],
    )


def _of_course(
    course: int, municipality: int, on: date
) -> QuerySet[ContractCourse, tuple[Any, ...]]:
    used = (
        CallOff.objects.filter(contract_lot=OuterRef("contract_lot"), state=CallOffState.COMMITTED)
        .order_by()
        .values("contract_lot")
        .annotate(number=Count("pk"))
        .values("number")
    )
    # Ordered by what can differ: the model's own order would join buyer, contract and lot.
    price = (
        Tariff.objects.filter(
            _valid_on(on),
            contract_lot=OuterRef("contract_lot"),
            component=OuterRef("course__component"),
            unit=TariffUnit.LEARNER_HOUR,
        )
        .order_by("valid_from")
        .values("amount")[:1]
    )
    takes_part = LotMunicipality.objects.filter(_valid_on(on), municipality=municipality)
    # One at most: a lot has one pool, and in it one quota for each.
    quota = (
        PoolQuota.objects.filter(
            pool__lot=OuterRef("contract_lot__lot"),
            pool__mode=PoolMode.QUOTA,
            municipality=municipality,
        )
        .order_by()
        .values("places")
    )
    quota_used = (
        CallOff.objects.filter(
            contract_lot__lot=OuterRef("contract_lot__lot"),
            municipality=municipality,
            state=CallOffState.COMMITTED,
        )
        .order_by()
        .values("municipality")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        _buyable(on)
        .filter(course=course, contract_lot__lot__in=takes_part.values("lot"))
        .annotate(
            used=Subquery(used),
            quota=Subquery(quota),
            quota_used=Subquery(quota_used),
            price=Subquery(price),
        )
        .order_by("pk")
        .values_list(
            "contract_lot_id",
            "course_id",
            "contract_lot__lot__target_groups",
            "contract_lot__contract__start_date",
            "contract_lot__contract__end_date",
            "contract_lot__ceiling__pk",
            "contract_lot__ceiling__places",
            "used",
            "quota",
            "quota_used",
            "price",
        )
    )


# What `coverage` holds for one course and municipality; `coverage_of` reads a row.
COVER_OF_COURSE = CompiledRows(_of_course, course=int, municipality=int, on=date)


def contract_lot_for(
    *, course_id: int, municipality_id: int, component: str, target_group: str, on: date
) -> ContractLot | None:
    """The contract lot from which the municipality buys the course for a start `on`, if any.

    With several, the contract that ends last, then the lowest key: the same answer every time.
    """
    takes_part = LotMunicipality.objects.filter(_valid_on(on), municipality=municipality_id).values(
        "lot"
    )
    return (
        ContractLot.objects.filter(
            lot__in=takes_part,
            lot__components__contains=[component],
            lot__target_groups__contains=[target_group],
            contract__status=ContractStatus.ACTIVE,
            contract__start_date__lte=on,
            contract__end_date__gte=on,
            contract_courses__course=course_id,
        )
        .select_related("contract", "lot")
        .order_by("-contract__end_date", "pk")
        .first()
    )


def tariff_on(*, contract_lot_id: int, component: str, on: date) -> Tariff | None:
    """The price of `component` on a day, fees beside it left out.

    With several, the unit named first in TariffUnit, then the price without a detail.
    """
    order = {unit: number for number, unit in enumerate(TariffUnit.values)}
    tariffs = Tariff.objects.filter(
        _valid_on(on), contract_lot=contract_lot_id, component=component
    ).exclude(unit__in=FEES)
    return min(tariffs, key=lambda one: (order[one.unit], one.detail), default=None)


def open_call_offs(contract_lot_id: int) -> int:
    """Places in use on the contract lot; exact while its ceiling is locked."""
    return CallOff.objects.filter(
        contract_lot=contract_lot_id, state=CallOffState.COMMITTED
    ).count()


def payer_of(*, contract_lot_id: int, municipality_id: int, on: date) -> int:
    """Key of who pays what the municipality calls off from the lot on a day; mostly itself."""
    agreed = LotMunicipality.objects.filter(
        _valid_on(on), lot__contract_lots=contract_lot_id, municipality=municipality_id
    )
    return agreed.values_list("payer", flat=True).first() or municipality_id


def _valid_on(day: date) -> Q:
    return Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))


_TAKERS = CompiledRows(
    lambda keys, on: (
        LotMunicipality.objects.filter(_valid_on(on), municipality__in=keys_in(keys))
        .order_by()
        .values_list("lot_id")
        .annotate(keys=ArrayAgg("municipality"))
    ),
    keys=list,
    on=date,
)
_AGREED = CompiledRows(
    lambda lots, on: (
        ContractLot.objects.filter(
            contract__status=ContractStatus.ACTIVE,
            contract__end_date__gte=on,
            lot__in=keys_in(lots),
        )
        .order_by()
        .values_list(
            "pk",
            "lot_id",
            "lot__components",
            "lot__target_groups",
            "contract__start_date",
            "contract__end_date",
        )
    ),
    lots=list,
    on=date,
)
_COURSES = CompiledColumns(
    lambda contract_lots: (
        ContractCourse.objects.filter(contract_lot__in=keys_in(contract_lots))
        .order_by("pk")
        .values_list(*_COURSE_KINDS)
    ),
    _COURSE_KINDS,
    contract_lots=list,
)
_CEILINGS = CompiledRows(
    lambda contract_lots: (
        Ceiling.objects.filter(contract_lot__in=keys_in(contract_lots))
        .order_by()
        .annotate(
            used=Count(
                "contract_lot__call_offs",
                filter=Q(contract_lot__call_offs__state=CallOffState.COMMITTED),
            )
        )
        .values_list("contract_lot_id", "pk", "places", "used")
    ),
    contract_lots=list,
)
_HOUR_PRICES = CompiledRows(
    lambda contract_lots, on: (
        Tariff.objects.filter(
            _valid_on(on),
            contract_lot__in=keys_in(contract_lots),
            unit=TariffUnit.LEARNER_HOUR,
        )
        .order_by("-detail", "pk")
        .values_list("contract_lot_id", "component", "amount")
    ),
    contract_lots=list,
    on=date,
)
