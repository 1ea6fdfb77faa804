"""The ledger is never changed, and what a call-off committed is frozen: the database sees to it."""

from django.db import migrations

FROZEN = """
create function procurement_refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'Rows of % are never changed or deleted.', tg_table_name
        using errcode = 'insufficient_privilege';
end
$$;
create trigger procurement_ledgerentry_append_only
    before update or delete or truncate on procurement_ledgerentry
    for each statement execute function procurement_refuse_change();

create function procurement_calloff_frozen() returns trigger language plpgsql as $$
begin
    if (new.contract_lot_id, new.municipality_id, new.reference, new.tariff_id, new.quantity,
        new.amount) is distinct from
       (old.contract_lot_id, old.municipality_id, old.reference, old.tariff_id, old.quantity,
        old.amount) then
        raise exception 'What call-off % committed is frozen.', old.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger procurement_calloff_frozen
    before update on procurement_calloff
    for each row execute function procurement_calloff_frozen();

create function procurement_tariff_frozen() returns trigger language plpgsql as $$
begin
    if exists (select from procurement_calloff where tariff_id = old.id) then
        raise exception 'The price of tariff % is frozen: call-offs stand on it.', old.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
create trigger procurement_tariff_frozen
    before update of amount, unit, component, contract_lot_id on procurement_tariff
    for each row
    when ((new.amount, new.unit, new.component, new.contract_lot_id) is distinct from
          (old.amount, old.unit, old.component, old.contract_lot_id))
    execute function procurement_tariff_frozen();
"""
CHANGEABLE = """
drop trigger procurement_tariff_frozen on procurement_tariff;
drop function procurement_tariff_frozen();
drop trigger procurement_calloff_frozen on procurement_calloff;
drop function procurement_calloff_frozen();
drop trigger procurement_ledgerentry_append_only on procurement_ledgerentry;
drop function procurement_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_initial")]

    operations = [migrations.RunSQL(FROZEN, CHANGEABLE)]
