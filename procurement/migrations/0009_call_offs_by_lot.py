"""Call-offs are noted with their contract lot: most offers have nothing to do with it."""

from django.db import migrations

from backend.changes.watching import unwatch, watch_rows


class Migration(migrations.Migration):
    dependencies = [("procurement", "0008_watched")]

    operations = [
        unwatch("call_offs", "procurement_calloff"),
        watch_rows("call_offs", "procurement_calloff", "contract_lot_id"),
    ]
