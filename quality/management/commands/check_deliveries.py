"""`manage.py check_deliveries`: attendance against the ledger; prints nothing when all is well."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from quality.services.deliveries import deliveries_post
from quality.tasks import check_deliveries


class Command(BaseCommand):
    help = (
        "Vergelijkt aanwezigheid met wat geleverd staat; meldt alleen verschillen. / "
        "Compares attendance with what was delivered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--post", action="store_true", help="First post what is not yet there.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["post"]:
            deliveries_post()
        found = check_deliveries()
        for one in found:
            self.stdout.write(
                f"{one.placement} {one.month:%Y-%m}: aanwezigheid {one.attended}, "
                f"grootboek {one.posted}"
            )
        if found:
            sys.exit(1)
