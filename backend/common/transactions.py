"""Transactions of services: each stands alone, and joins without a savepoint where all is one act.

A savepoint costs two ways to the database. It is needed where somebody catches a service's error
and goes on in the same transaction (an import, a test); not in a request that ends with any error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

from backend.common.prepared import trust_quiet_connection

P = ParamSpec("P")
T = TypeVar("T")
_one_act: ContextVar[bool] = ContextVar("one_act", default=False)


@contextmanager
def one_act() -> Iterator[None]:
    """A transaction that commits as a whole or not at all: errors inside MUST leave it."""
    trust_quiet_connection()
    token = _one_act.set(True)
    try:
        with transaction.atomic():
            yield
    finally:
        _one_act.reset(token)


def service(function: Callable[P, T]) -> Callable[P, T]:
    """As `transaction.atomic`, without a savepoint inside `one_act`."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with transaction.atomic(savepoint=not _one_act.get()):
            return function(*args, **kwargs)

    return run
