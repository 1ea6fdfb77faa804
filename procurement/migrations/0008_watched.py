"""Everything that decides what a municipality may buy, from whom and at which price."""

from django.db import migrations

from backend.changes.watching import watch

CONTRACTS = (
    "procurement_lot",
    "procurement_lotmunicipality",
    "procurement_lotpool",
    "procurement_poolquota",
    "procurement_contract",
    "procurement_contractlot",
    "procurement_contractcourse",
    "procurement_ceiling",
    "procurement_tariff",
)


class Migration(migrations.Migration):
    dependencies = [("procurement", "0007_document_files"), ("changes", "0001_initial")]

    operations = [*watch("contracts", *CONTRACTS), *watch("call_offs", "procurement_calloff")]
