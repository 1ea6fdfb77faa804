"""The figures that make the quality index of a provider."""

from django.db import migrations

from backend.changes.watching import watch


class Migration(migrations.Migration):
    dependencies = [("quality", "0003_absence_signals"), ("changes", "0001_initial")]

    operations = watch("quality", "quality_indicator", "quality_indicatorvalue")
