"""Events are never changed: the database refuses it. Deleting is for their retention."""

from django.db import migrations

APPEND_ONLY = """
create function feed_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'Rows of % are never changed.', tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create trigger feed_feedevent_append_only
    before update or truncate on feed_feedevent
    for each statement execute function feed_refuse_change();
"""
CHANGEABLE = """
drop trigger feed_feedevent_append_only on feed_feedevent;
drop function feed_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("feed", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY, CHANGEABLE)]
