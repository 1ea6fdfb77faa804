"""`python -m backend.manage compute_indicators`: compute all figures that are complete today."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.dateparse import parse_date

from quality.services.indicators import indicators_compute


class Command(BaseCommand):
    help = "Computes the indicators of all providers; writes only what changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--day", type=parse_date, help="As if today were this day (YYYY-MM-DD)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        written = indicators_compute(day=options["day"])
        self.stdout.write(f"{written} new figures.")
