"""`manage.py check_capacity`: counts all seats again and prints nothing when all is well."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from backend.nightly import check_capacity


class Command(BaseCommand):
    help = "Telt alle plaatsen na; meldt alleen wat niet klopt. / Recounts all seats."

    def handle(self, *args: Any, **options: Any) -> None:
        found = check_capacity()
        for one in found:
            self.stdout.write(
                f"{one.intake_moment}: {one.taken} bezet van {one.seats_total} plaatsen"
            )
        if found:
            sys.exit(1)
