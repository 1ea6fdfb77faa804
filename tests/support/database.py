"""What the test database may do and a real one may not."""

from django.db import connection, transaction

# The same in every test: written by the migrations, and made anew by Django after a flush.
KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission"})


def empty_tables() -> None:
    """Deletes what a test committed: an empty table costs a look, and no more.

    Django would truncate every table, with a new file for each of them and their indexes, and make
    the content types anew: about a second after a test of three rows. Triggers are skipped, because
    history is append-only and refuses. Only a superuser of PostgreSQL can; the serving role of a
    production system is none.
    """
    every = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(name) for name in every if name not in KEPT]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(
            " union all ".join(
                f"select '{name}' where exists (select from {name})" for name in names
            )
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"delete from {name}")


def database_name() -> str:
    """Name of the database of this test process, for processes that a test starts."""
    return str(connection.settings_dict["NAME"])
