"""Row locks in one agreed order, so that two transactions never wait for each other.

Order everywhere: ceiling, intake moment, waiting entry; rows of one kind by ascending key.
"""

from collections.abc import Iterable
from typing import TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, models, transaction

from backend.common.errors import BusyError

LOCK_TIMEOUT = "3s"
LOCK_NOT_AVAILABLE = "55P03"
DEADLOCK_DETECTED = "40P01"

Row = TypeVar("Row", bound=models.Model)


def lock_row(queryset: models.QuerySet[Row], pk: int) -> Row:
    """The row with `pk`, locked until the end of the transaction and read after the lock.

    Raises `queryset.model.DoesNotExist`, BusyError when somebody holds it for over 3 seconds, and
    TransactionManagementError outside a transaction.
    """
    return lock_rows(queryset, [pk])[pk]


def lock_rows(queryset: models.QuerySet[Row], pks: Iterable[int]) -> dict[int, Row]:
    """All rows with `pks`, locked in ascending order. Raises as `lock_row`."""
    alias = queryset.db or DEFAULT_DB_ALIAS
    connection = connections[alias]
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A lock outlives its statement only in atomic()."
        )
    wanted = sorted(set(pks))
    try:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        # Without the key: rows that merely refer to this one (a COPY of proposals, attendance) need
        # not wait, and can take no part in a deadlock.
        locking = queryset.select_for_update(of=("self",), no_key=True)
        # Evaluated here: a lazy select_for_update locks nothing.
        rows = {row.pk: row for row in locking.filter(pk__in=wanted).order_by("pk")}
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}:
            raise BusyError from error
        raise
    if len(rows) != len(wanted):
        raise queryset.model.DoesNotExist  # type: ignore[attr-defined]
    return rows
