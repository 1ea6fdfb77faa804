"""Names of organisations, which recommendations show."""

from django.db import migrations

from backend.changes.watching import watch


class Migration(migrations.Migration):
    dependencies = [("organisations", "0003_watched")]

    operations = watch("names", "organisations_organisation")
