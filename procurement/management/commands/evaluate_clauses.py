"""`manage.py evaluate_clauses`: checks all clauses now, as every night."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.services.breaches import clauses_evaluate


class Command(BaseCommand):
    help = "Toetst alle contractafspraken. / Checks every clause of every contract in force."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{clauses_evaluate()} nieuwe bevindingen")
