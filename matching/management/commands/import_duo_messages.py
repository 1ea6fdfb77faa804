"""`import_duo_messages FILE`: take in what DUO said, from a file of messages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from backend.accounts.actor import system_actor
from backend.common.errors import Violation
from backend.common.imports import ImportFaultsError, read_json, read_json_lines
from backend.organisations.models import Municipality
from backend.organisations.permissions import Permission
from matching.services.duo_receive import duo_messages_check, duo_messages_receive

LINE_SUFFIXES = frozenset({".ndjson", ".jsonl"})


class Command(BaseCommand):
    help = "Takes in messages of DUO (docs/duo-messages.md) from a JSON list or JSON lines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only report, write nothing")

    def handle(self, *, file: Path, check: bool, **options: Any) -> None:
        keys = frozenset(Municipality.objects.values_list("organisation_id", flat=True))
        actor = system_actor("import_duo_messages", {Permission.MANAGE_PIPS: keys})
        read = read_json_lines if file.suffix in LINE_SUFFIXES else read_json
        try:
            document = read(file.read_bytes())
            faults = self._take(actor, document, check=check)
        except ImportFaultsError as error:
            faults = list(error.violations)
        except OSError as error:
            raise CommandError(
                _("%(file)s cannot be read: %(reason)s") % {"file": file, "reason": error.strerror}
            ) from error
        for one in faults:
            self.stdout.write(f"{one.field}: {one.message} [{one.code}]")
        if faults:
            raise CommandError(
                _("%(count)s mistakes found.") % {"count": len(faults)}, returncode=2
            )

    def _take(self, actor: Any, document: object, *, check: bool) -> list[Violation]:
        if check:
            return duo_messages_check(actor=actor, document=document)
        outcomes = duo_messages_receive(actor=actor, document=document)
        for one in outcomes:
            if one.message is not None:
                self.stdout.write(f"{one.message.message_id}: {one.message.get_state_display()}")
        return [fault for one in outcomes for fault in one.faults]
