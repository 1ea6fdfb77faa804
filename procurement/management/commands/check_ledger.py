"""`manage.py check_ledger`: adds up the ledger again and prints nothing when all is well."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from procurement.tasks import check_ledger


class Command(BaseCommand):
    help = "Telt het grootboek na; meldt alleen wat niet klopt. / Adds up the ledger again."

    def handle(self, *args: Any, **options: Any) -> None:
        found = check_ledger()
        for one in found:
            self.stdout.write(
                f"{one.promise} {one.subject}: regels {one.rows}, grootboek {one.ledger}"
            )
        if found:
            sys.exit(1)
