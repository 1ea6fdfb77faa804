"""Fills who pays and what was approved from what is known, and freezes the payer of a call-off.

The ledger is opened for this one change: its lines get the payer that their call-off always had.
"""

from django.db import migrations

FILL = """
update procurement_calloff c set payer_id = coalesce(
    (select p.payer_id
     from procurement_lotmunicipality p
     join procurement_contractlot l on l.lot_id = p.lot_id
     where l.id = c.contract_lot_id and p.municipality_id = c.municipality_id
       and p.valid_from <= c.start_date and (p.valid_to is null or p.valid_to >= c.start_date)
     limit 1),
    c.municipality_id);
alter table procurement_ledgerentry disable trigger procurement_ledgerentry_append_only;
update procurement_ledgerentry e set payer_id = coalesce(
    (select c.payer_id from procurement_calloff c where c.id = e.call_off_id), e.municipality_id);
set constraints all immediate;
alter table procurement_ledgerentry enable trigger procurement_ledgerentry_append_only;
update procurement_claimline set approved_quantity = quantity, approved_amount = amount
where state = 'approved';

create or replace function procurement_calloff_frozen() returns trigger language plpgsql as $$
begin
    if (new.contract_lot_id, new.municipality_id, new.payer_id, new.reference, new.tariff_id,
        new.quantity, new.amount) is distinct from
       (old.contract_lot_id, old.municipality_id, old.payer_id, old.reference, old.tariff_id,
        old.quantity, old.amount) then
        raise exception 'What call-off % committed is frozen.', old.id
            using errcode = 'insufficient_privilege';
    end if;
    return new;
end
$$;
"""
WITHOUT_PAYER = """
create or replace function procurement_calloff_frozen() returns trigger language plpgsql as $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("procurement", "0003_payer_and_parts")]

    operations = [migrations.RunSQL(FILL, WITHOUT_PAYER)]
