"""Removes stored answers to commands whose Idempotency-Key has expired."""

from typing import Any

from django.core.management.base import BaseCommand

from backend.api.idempotency import remove_expired


class Command(BaseCommand):
    help = "Remove expired idempotency records (they hold copies of answers)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remove_expired()} removed")
