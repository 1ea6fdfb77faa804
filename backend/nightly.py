"""What the night looks over: promises that locks keep by day, counted again from the rows.

Each check must find nothing. What it finds is a fault of Passend or a change behind its back, is
logged as an error and printed by `manage.py check_capacity`.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from django.core.files.storage import default_storage
from django.db.models import Count, F, Q

from backend.common import clock
from backend.common.stored_files import FOLDER
from procurement.models import ContractDocument
from providers.choices import SeatState
from providers.models import IntakeMoment, ProviderDocument

log = structlog.get_logger(__name__)

CAPACITY_EXCEEDED = "capacity.exceeded"


@dataclass(frozen=True)
class ExceededCapacity:
    """An intake moment with more seats taken than it has, without anybody having said so."""

    intake_moment: UUID
    seats_total: int
    taken: int


def exceeded_capacities() -> list[ExceededCapacity]:
    """All intake moments that are oversold; seats that were overbooked with a reason do not count.

    One query, which reads every seat that is taken.
    """
    live_hold = Q(seat_claims__state=SeatState.HOLD, seat_claims__expires_at__gt=clock.now()) | Q(
        seat_claims__state=SeatState.CONFIRMED
    )
    rows = (
        IntakeMoment.objects.annotate(
            taken=Count("seat_claims", filter=live_hold & Q(seat_claims__overbooked_reason=""))
        )
        .filter(taken__gt=F("seats_total"))
        .order_by("pk")
        .values_list("uuid", "seats_total", "taken")
    )
    return [ExceededCapacity(*row) for row in rows]


def check_capacity() -> list[ExceededCapacity]:
    """Logs and returns what `exceeded_capacities` finds."""
    found = exceeded_capacities()
    for one in found:
        log.error(
            CAPACITY_EXCEEDED,
            intake_moment=str(one.intake_moment),
            seats_total=one.seats_total,
            taken=one.taken,
        )
    return found


def forget_orphan_files() -> int:
    """Removes files of documents that no row names: of a transaction that failed. How many.

    A file of today may belong to a transaction that has not ended, so it stays.
    """
    keys = {
        key
        for model in (ProviderDocument, ContractDocument)
        for key in model.objects.exclude(file_key="").values_list("file_key", flat=True)
    }
    if not default_storage.exists(FOLDER):
        return 0
    yesterday = clock.now() - timedelta(days=1)
    orphans = [
        key
        for key in (f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1])
        if key not in keys and default_storage.get_created_time(key) < yesterday
    ]
    for key in orphans:
        default_storage.delete(key)
    return len(orphans)
