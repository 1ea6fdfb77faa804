"""Row locks in one agreed order, so that two transactions never wait for each other.

Order everywhere: PIP, ceiling, intake moment, waiting entry; rows of one kind by ascending key.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, models, transaction
from django.db.models import Func, Value
from django.db.models.expressions import RawSQL

from backend.common.compiled import Answers, CompiledRows, JoinedRows, key_array
from backend.common.errors import BusyError
from backend.common.prepared import run_together

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
    wanted = sorted(set(pks))
    with _locking(alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        # Without the key: rows that merely refer to this one (a COPY of proposals, attendance) need
        # not wait, and can take no part in a deadlock.
        locking = queryset.select_for_update(of=("self",), no_key=True)
        # Evaluated here: a lazy select_for_update locks nothing.
        rows = {row.pk: row for row in locking.filter(pk__in=wanted).order_by("pk")}
    if len(rows) != len(wanted):
        raise queryset.model.DoesNotExist  # type: ignore[attr-defined]
    return rows


def keys_in(keys: Iterable[int]) -> RawSQL:
    """`filter(pk__in=keys_in(keys))` for thousands of keys: one parameter, an array."""
    return RawSQL("select unnest(%s::bigint[])", [key_array(keys)])


def lock_values(
    queryset: models.QuerySet[Row], pks: Iterable[int], *columns: str
) -> dict[int, tuple[Any, ...]]:
    """These columns of all rows with `pks`, locked as by `lock_rows`: for thousands at once."""
    alias = queryset.db or DEFAULT_DB_ALIAS
    wanted = sorted(set(pks))
    with _locking(alias):
        with connections[alias].cursor() as cursor:
            cursor.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        locking = (
            queryset.select_for_update(no_key=True).filter(pk__in=keys_in(wanted)).order_by("pk")
        )
        rows = {pk: tuple(values) for pk, *values in locking.values_list("pk", *columns)}
    if len(rows) != len(wanted):
        raise queryset.model.DoesNotExist  # type: ignore[attr-defined]
    return rows


def lock_by_key(model: type[Row], pk: int) -> Row:
    """As `lock_row` on all rows of `model`, in one statement that is built and planned once."""
    with _locking(DEFAULT_DB_ALIAS):
        rows = _locked_row(model)(pk=pk)
    if not rows:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return model.from_db(DEFAULT_DB_ALIAS, _names(model), rows[0][:-1])


def ask_locked(model: type[models.Model], pk: int, rows: JoinedRows, **values: Any) -> Answers:
    """The answer to `rows`, asked once the row with `pk` is locked, in one way to the server.

    Two statements: the second also sees what whoever held the lock has written. Raises as
    `lock_row`.
    """
    with _locking(DEFAULT_DB_ALIAS):
        locked, found = run_together([_lock_only(model).asked(pk=pk), rows.asked(**values)])
    if not locked:
        raise model.DoesNotExist  # type: ignore[attr-defined]
    return rows.read(found)


@contextmanager
def _locking(alias: str) -> Iterator[None]:
    if not connections[alias].in_atomic_block:
        raise transaction.TransactionManagementError(
            "A lock outlives its statement only in atomic()."
        )
    try:
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in {LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED}:
            raise BusyError from error
        raise


@cache
def _locked_row(model: type[models.Model]) -> CompiledRows:
    return _locking_rows(model, _names(model))


@cache
def _lock_only(model: type[models.Model]) -> CompiledRows:
    return _locking_rows(model, ("pk",))


def _locking_rows(model: type[models.Model], columns: tuple[str, ...]) -> CompiledRows:
    # PostgreSQL makes the columns of a row before it locks the row; a test waits for the timeout.
    timeout = Func(
        Value("lock_timeout"),
        Value(LOCK_TIMEOUT),
        Value(True),
        function="set_config",
        output_field=models.TextField(),
    )
    return CompiledRows(
        lambda pk: (
            model._default_manager.filter(pk=pk)
            .order_by()
            .select_for_update(of=("self",), no_key=True)
            .values_list(*columns, timeout)
        ),
        pk=int,
    )


@cache
def _names(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)
