"""Match records and placement events are never changed or deleted: the database refuses it."""

from django.db import migrations

APPEND_ONLY = """
create function matching_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'Rows of % are never changed or deleted.', tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create trigger matching_matchrecord_append_only
    before update or delete or truncate on matching_matchrecord
    for each statement execute function matching_refuse_change();
create trigger matching_placementevent_append_only
    before update or delete or truncate on matching_placementevent
    for each statement execute function matching_refuse_change();
"""
CHANGEABLE = """
drop trigger matching_placementevent_append_only on matching_placementevent;
drop trigger matching_matchrecord_append_only on matching_matchrecord;
drop function matching_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY, CHANGEABLE)]
