"""Posting to procurement's ledger what attendance says was delivered.

Attendance is entered once and is the only source: a month is posted as its total, the ledger writes
the difference, so that posting twice changes nothing and a correction is a line below zero.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from backend.accounts.actor import system_actor
from procurement.public import (
    call_offs_lock,
    delivered_quantities,
    deliveries_record,
    delivery_units,
)
from quality.delivered import as_deliveries, delivered
from quality.models import Attendance

ZERO = Decimal(0)
# Call-offs that are locked and written in one transaction.
BATCH = 500


@dataclass(frozen=True)
class DeliveryFault:
    """Attendance says `attended` where procurement knows `posted`."""

    placement: UUID
    month: date
    attended: Decimal
    posted: Decimal


def deliveries_post(*, changed_since: datetime | None = None) -> int:
    """The ledger says what attendance says, of everybody. Returns how many months changed.

    With `changed_since` only for placements of which attendance was written since then; the nightly
    run for everybody also catches whoever stopped. Safe to run twice and side by side.
    """
    if changed_since is None:
        return sum(_post(some) for some in _batches(delivery_units(None)))
    found = Attendance.objects.filter(changed_at__gte=changed_since)
    changed = found.order_by().values_list("placement__uuid", flat=True).distinct()
    return sum(_post(some) for some in _batches(changed))


def _batches(references: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(references)
    for first in range(0, len(ordered), BATCH):
        yield ordered[first : first + BATCH]


def _post(references: Collection[UUID]) -> int:
    actor = system_actor("post-deliveries", {})
    with transaction.atomic():
        # Locked before attendance is read: whoever comes second reads what the first left.
        call_offs_lock(references=references)
        units = delivery_units(references)
        differing = _differences(units)
        return deliveries_record(
            actor=actor,
            deliveries=as_deliveries({key: after for key, (after, _before) in differing.items()}),
        )


def delivery_faults() -> list[DeliveryFault]:
    """Where attendance and procurement disagree; nothing when all is well."""
    units = delivery_units(None)
    return [
        DeliveryFault(uuid, month, attended, posted)
        for some in _batches(units)
        for (uuid, month), (attended, posted) in sorted(
            _differences({uuid: units[uuid] for uuid in some}).items()
        )
    ]


def _differences(
    units: Mapping[UUID, str],
) -> dict[tuple[UUID, date], tuple[Decimal, Decimal]]:
    """What attendance says, and what was posted, per placement and month where the two differ."""
    attended, posted = delivered(units), delivered_quantities(list(units))
    found = {}
    for key in {*attended, *posted}:
        pair = attended.get(key, ZERO), posted.get(key, ZERO)
        if pair[0] != pair[1]:
            found[key] = pair
    return found
