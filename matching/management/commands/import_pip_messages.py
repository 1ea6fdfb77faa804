"""`import_pip_messages FILE`: check and import PIPs as DUO's messages in Passend's envelope."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from backend.accounts.actor import system_actor
from backend.common.imports import ImportFaultsError, Preview, read_json, read_json_lines
from backend.organisations.models import Municipality
from backend.organisations.permissions import Permission
from matching.services.duo_message_import import pip_messages_check, pip_messages_import

LINE_SUFFIXES = frozenset({".ndjson", ".jsonl"})


class Command(BaseCommand):
    help = "Imports PIP messages (docs/pip-messages.md) from a JSON list or a file with JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only report, write nothing")
        parser.add_argument(
            "--municipality",
            action="append",
            help="CBS code of a municipality that this file may contain (default: all)",
        )

    def handle(
        self, *, file: Path, check: bool, municipality: list[str] | None, **options: Any
    ) -> None:
        allowed = Municipality.objects.all()
        if municipality:
            allowed = allowed.filter(cbs_code__in=municipality)
        keys = frozenset(allowed.values_list("organisation_id", flat=True))
        actor = system_actor("import_pip_messages", {Permission.MANAGE_PIPS: keys})
        step = pip_messages_check if check else pip_messages_import
        read = read_json_lines if file.suffix in LINE_SUFFIXES else read_json
        try:
            preview = step(actor=actor, document=read(file.read_bytes()))
        except ImportFaultsError as error:
            preview = Preview(faults=error.violations)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(reason)s") % {"file": file, "reason": error.strerror}
            ) from error
        for line in preview.lines():
            self.stdout.write(line)
        if not preview.is_clean:
            raise CommandError(
                _("%(count)s mistakes found; nothing was imported.")
                % {"count": len(preview.faults)},
                returncode=2,
            )
