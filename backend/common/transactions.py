"""Transactions of services: each stands alone, and joins without a savepoint where all is one act.

A savepoint costs two ways to the database. It is needed where somebody catches a service's error
and goes on in the same transaction (an import, a test); not in a request that ends with any error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from backend.common.prepared import (
    Asked,
    Statement,
    is_watched,
    run_together,
    trust_quiet_connection,
)

P = ParamSpec("P")
T = TypeVar("T")
_COMMIT = Statement("commit")
_one_act: ContextVar[bool] = ContextVar("one_act", default=False)


class Act:
    """What is one act: all of it is committed, or none."""

    def __init__(self) -> None:
        self._last: list[Asked] = []

    def write_last(self, asked: Asked) -> None:
        """Runs a statement at the end, on the way on which the act is committed.

        Its errors come out of `one_act`.
        """
        self._last.append(asked)

    def _end(self, *, commits: bool) -> None:
        if commits and self._last:
            # Django finds the transaction ended, and has nothing left to send.
            run_together([*self._last, (_COMMIT, ())])
        elif self._last:
            run_together(self._last)


@contextmanager
def one_act() -> Iterator[Act]:
    """A transaction that commits as a whole or not at all: errors inside MUST leave it."""
    trust_quiet_connection()
    database: Any = connections[DEFAULT_DB_ALIAS]
    # Inside another transaction, or while somebody looks on, Django itself ends it.
    commits = not (database.in_atomic_block or is_watched(database))
    act, token = Act(), _one_act.set(True)
    try:
        with transaction.atomic():
            yield act
            act._end(commits=commits)
    finally:
        _one_act.reset(token)


def service(function: Callable[P, T]) -> Callable[P, T]:
    """As `transaction.atomic`, without a savepoint inside `one_act`."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with transaction.atomic(savepoint=not _one_act.get()):
            return function(*args, **kwargs)

    return run
