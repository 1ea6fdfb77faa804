"""`import_institutions FILE`: check and import DUO's list of institutions."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from backend.accounts.actor import system_actor
from backend.common import clock
from backend.common.imports import ImportFaultsError, Preview, read_json
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from providers.services.institutions import institutions_check, institutions_import


class Command(BaseCommand):
    help = "Imports DUO's list of institutions (the JSON body of GET /instellingen)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="only report, write nothing")

    def handle(self, *, file: Path, check: bool, **options: Any) -> None:
        everywhere = frozenset(Organisation.objects.values_list("pk", flat=True)) or frozenset({0})
        actor = system_actor("import_institutions", {Permission.MANAGE_ACCOUNTS: everywhere})
        step = institutions_check if check else institutions_import
        try:
            preview = step(actor=actor, document=read_json(file.read_bytes()), on=clock.today())
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
