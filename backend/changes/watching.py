"""For migrations: tables of which every change is noted, whoever makes it and by whichever way."""

from django.db.migrations import RunSQL

_STATEMENTS = """
create trigger {table}_noted after insert or update or delete or truncate on {table}
    for each statement execute function changes_note('{topic}');
alter table {table} enable always trigger {table}_noted;
"""
_NO_STATEMENTS = "drop trigger {table}_noted on {table};"
_ROWS = """
create function {table}_note() returns trigger language plpgsql as $$
begin
    if tg_op <> 'DELETE' then
        insert into changes_change (topic, key) values ('{topic}', new.{key})
        on conflict do nothing;
    end if;
    if tg_op = 'DELETE' or (tg_op = 'UPDATE' and old.{key} is distinct from new.{key}) then
        insert into changes_change (topic, key) values ('{topic}', old.{key})
        on conflict do nothing;
    end if;
    return null;
end
$$;
create trigger {table}_noted after insert or update or delete on {table}
    for each row execute function {table}_note();
create trigger {table}_emptied after truncate on {table}
    for each statement execute function changes_note('{topic}');
alter table {table} enable always trigger {table}_noted;
alter table {table} enable always trigger {table}_emptied;
"""
_NO_ROWS = """
drop trigger {table}_noted on {table};
drop trigger {table}_emptied on {table};
drop function {table}_note();
"""


def watch(topic: str, *tables: str) -> list[RunSQL]:
    """Notes `topic` for every statement that writes to one of these tables."""
    return [
        RunSQL(
            _STATEMENTS.format(table=table, topic=topic),
            _NO_STATEMENTS.format(table=table),
        )
        for table in tables
    ]


def unwatch(topic: str, table: str) -> RunSQL:
    """Takes back what `watch` did for this table."""
    return RunSQL(_NO_STATEMENTS.format(table=table), _STATEMENTS.format(table=table, topic=topic))


def watch_rows(topic: str, table: str, key: str) -> RunSQL:
    """Notes `topic` with the value of the column `key` of every row that is written.

    Key 0, of an emptied table, stands for all of them.
    """
    return RunSQL(_ROWS.format(table=table, topic=topic, key=key), _NO_ROWS.format(table=table))
