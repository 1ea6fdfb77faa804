"""What the test database may do and a real one may not."""

from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

_flush = DatabaseOperations.execute_sql_flush


def _flush_without_triggers(self: DatabaseOperations, sql_list: list[str]) -> None:
    """Empties all tables between tests with committed transactions.

    History is append-only by trigger, which refuses the TRUNCATE that such tests need.
    """
    with transaction.atomic(using=self.connection.alias):
        with self.connection.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
        _flush(self, sql_list)


def allow_flush(patch: Any) -> None:
    """Lets tests with committed transactions empty append-only tables."""
    patch.setattr(DatabaseOperations, "execute_sql_flush", _flush_without_triggers)


def database_name() -> str:
    """Name of the database of this test process, for processes that a test starts."""
    return str(connection.settings_dict["NAME"])
