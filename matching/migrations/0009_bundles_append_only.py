"""Proposed bundles are never changed or deleted: the database refuses it."""

from django.db import migrations

APPEND_ONLY = """
create trigger matching_matchbundle_append_only
    before update or delete or truncate on matching_matchbundle
    for each statement execute function matching_refuse_change();
"""
CHANGEABLE = "drop trigger matching_matchbundle_append_only on matching_matchbundle;"


class Migration(migrations.Migration):
    dependencies = [("matching", "0008_bundles")]

    operations = [migrations.RunSQL(APPEND_ONLY, CHANGEABLE)]
