"""Everything from which the open starts of the matching are read."""

from django.db import migrations

from backend.changes.watching import watch, watch_rows

SUPPLY = (
    "providers_provider",
    "providers_qualitymark",
    "providers_location",
    "providers_course",
    "providers_coursegroup",
    "providers_weeklyslot",
    "providers_intakemoment",
)


class Migration(migrations.Migration):
    dependencies = [("providers", "0005_import_in_background"), ("changes", "0001_initial")]

    operations = [
        *watch("supply", *SUPPLY),
        *watch("stops", "providers_intakestop"),
        watch_rows("seats", "providers_seatclaim", "intake_moment_id"),
    ]
