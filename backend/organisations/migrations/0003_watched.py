"""Who belongs to a region: an intake stop of a region counts for its members."""

from django.db import migrations

from backend.changes.watching import watch


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_privacy_text"), ("changes", "0001_initial")]

    operations = watch("regions", "organisations_regionmembership")
