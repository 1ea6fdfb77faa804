"""A second database connection per thread, whose writes survive a rollback of the first.

It is opened at the first look inside a transaction and checked before each use, as Django does
with its own connections between requests.
"""

from collections.abc import Sequence
from typing import Any, cast

from asgiref.local import Local
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper

_local = Local(thread_critical=True)


def insert(rows: Sequence[models.Model]) -> None:
    """Commits `rows`, all of one model, at once and for good."""
    own = _open()
    model = type(rows[0])
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    query = models.sql.InsertQuery(model)
    query.insert_values(fields, list(rows))
    cast(Any, query).get_compiler(connection=own).execute_sql()


def close() -> None:
    own: BaseDatabaseWrapper | None = getattr(_local, "connection", None)
    if own is not None:
        own.close()
        del _local.connection


def _open() -> BaseDatabaseWrapper:
    own: BaseDatabaseWrapper | None = getattr(_local, "connection", None)
    if own is None or own.settings_dict["NAME"] != connection.settings_dict["NAME"]:
        close()
        own = connection.copy()
        _local.connection = own
    else:
        own.close_if_unusable_or_obsolete()
    return own
