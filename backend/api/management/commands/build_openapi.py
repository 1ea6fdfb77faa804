"""Writes backend/api/openapi.json from the code; a test compares the two."""

from typing import Any

from django.core.management.base import BaseCommand
from drf_spectacular.drainage import GENERATOR_STATS

from backend.api.document import DOCUMENT_PATH, generate


class Command(BaseCommand):
    help = "Write the OpenAPI document that /api/v1/openapi.json serves."

    def handle(self, *args: Any, **options: Any) -> None:
        document = generate()
        GENERATOR_STATS.emit_summary()
        DOCUMENT_PATH.write_bytes(document)
        self.stdout.write(f"{DOCUMENT_PATH.name}: {len(document)} bytes")
