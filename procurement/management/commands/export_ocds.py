"""`manage.py export_ocds`: all open contracting data as one package."""

import sys
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from procurement.ocds.releases import PROFILES, record_package, release_package
from procurement.selectors.open_contracting import public_process_count, public_processes


class Command(BaseCommand):
    help = "Schrijft alle open contractgegevens (OCDS 1.1.5). / Writes all open contracting data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--profile", choices=PROFILES, default="eu")
        parser.add_argument("--records", action="store_true", help="records instead of releases")
        parser.add_argument("--uri", default="https://example.org/ocds", help="uri of the package")
        parser.add_argument("--out", type=Path, help="file to write; default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        build = record_package if options["records"] else release_package
        # The language of the data is Dutch, whoever runs the command.
        with translation.override("nl"):
            package = build(
                public_processes(0, public_process_count()),
                uri=options["uri"],
                publisher=settings.OCDS_PUBLISHER,
                eu=options["profile"] == "eu",
            )
        document = orjson.dumps(package, option=orjson.OPT_INDENT_2)
        if options["out"] is not None:
            options["out"].write_bytes(document)
        else:
            sys.stdout.buffer.write(document + b"\n")
