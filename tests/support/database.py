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


def keep_planner_calm() -> None:
    """No autovacuum of the tables of this database.

    While a test is in its transaction, a vacuum counts none of its rows and notes that the table is
    empty; the planner then joins as if there were one row, and a list of 100 takes minutes. It
    strikes at random, and no installation works in transactions that last a minute and roll back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            do $$ declare name regclass; begin
                for name in select oid from pg_class
                    where relkind = 'r' and relnamespace = 'public'::regnamespace
                loop
                    execute format('alter table %s set (autovacuum_enabled = off)', name);
                end loop;
            end $$
            """
        )


def is_left_to_autovacuum() -> list[str]:
    """Tables that autovacuum may still visit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select relname from pg_class
            where relkind = 'r' and relnamespace = 'public'::regnamespace
                and not coalesce(reloptions @> '{autovacuum_enabled=off}', false)
            """
        )
        return [name for (name,) in cursor.fetchall()]


def database_name() -> str:
    """Name of the database of this test process, for processes that a test starts."""
    return str(connection.settings_dict["NAME"])
