"""From which contract lots people will be called off whose places have not been accepted yet."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from procurement.choices import ContractStatus
from procurement.models import ContractCourse, LotMunicipality


@dataclass(frozen=True)
class ExpectedCallOff:
    """A place that becomes a call-off when the provider accepts it."""

    course_id: int
    municipality_id: int
    component: str
    target_group: str
    start_date: date


@dataclass(frozen=True)
class ExpectedFrom:
    """The contract lot that would pay, and its lot; the later end comes first, then the key."""

    end_date: date
    contract_lot_id: int
    lot_id: int


def expected_from(places: Sequence[ExpectedCallOff]) -> list[ExpectedFrom | None]:
    """Per place what `contract_lot_for` would answer on its start date; two queries for all."""
    bought: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for course_id, *facts in ContractCourse.objects.filter(
        course__in={one.course_id for one in places},
        contract_lot__contract__status=ContractStatus.ACTIVE,
    ).values_list(
        "course_id",
        "contract_lot_id",
        "contract_lot__lot_id",
        "contract_lot__lot__components",
        "contract_lot__lot__target_groups",
        "contract_lot__contract__start_date",
        "contract_lot__contract__end_date",
    ):
        bought[course_id].append(tuple(facts))
    takes_part = defaultdict(list)
    for lot_id, municipality_id, first, last in LotMunicipality.objects.filter(
        lot__in={facts[1] for found in bought.values() for facts in found},
        municipality__in={one.municipality_id for one in places},
    ).values_list("lot_id", "municipality_id", "valid_from", "valid_to"):
        takes_part[lot_id, municipality_id].append((first, last or date.max))

    def payer(one: ExpectedCallOff) -> ExpectedFrom | None:
        day = one.start_date
        found = [
            ExpectedFrom(end, contract_lot_id, lot_id)
            for contract_lot_id, lot_id, components, groups, start, end in bought[one.course_id]
            if one.component in components
            and one.target_group in groups
            and start <= day <= end
            and any(first <= day <= last for first, last in takes_part[lot_id, one.municipality_id])
        ]
        return min(
            found, key=lambda each: (-each.end_date.toordinal(), each.contract_lot_id), default=None
        )

    return [payer(one) for one in places]
