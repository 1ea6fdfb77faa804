"""The table in which triggers note what was changed, by the transaction that did it.

One row per transaction, topic and key. No model: only `backend.changes` reads it, and rows are
written by the database alone. The key also finds everything that was noted since a moment.
"""

from django.db import migrations

TABLE = """
create table changes_change (
    xid xid8 not null default pg_current_xact_id(),
    topic text not null,
    key bigint not null default 0,
    noted_at timestamptz not null default now(),
    primary key (xid, topic, key)
);
create function changes_note() returns trigger language plpgsql as $$
begin
    insert into changes_change (topic) values (tg_argv[0]) on conflict do nothing;
    return null;
end
$$;
"""
NO_TABLE = "drop function changes_note(); drop table changes_change;"


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [migrations.RunSQL(TABLE, NO_TABLE)]
