from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backend.organisations.errors import PostcodeFileError
from backend.organisations.management.system import CommandActor
from backend.organisations.postcodes import check, postcodes_import


class Command(BaseCommand):
    help = "Imports the GeoNames postal-code file of the Netherlands (NL.txt)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--check", action="store_true", help="Only check, write nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        lines = self._read(options["file"])
        if options["check"]:
            checked = check(lines)
            if checked.faults:
                self._refuse(PostcodeFileError(violations=checked.faults))
            self.stdout.write(
                _("No mistakes found. Postcodes: %(count)s") % {"count": len(checked.rows)}
            )
            return
        try:
            result = postcodes_import(actor=CommandActor("import_postcodes"), lines=lines)
        except PostcodeFileError as error:
            self._refuse(error)
        else:
            self.stdout.write(
                _("New: %(new)s, changed: %(changed)s, unchanged: %(same)s")
                % {"new": result.created, "changed": result.changed, "same": result.unchanged}
            )

    def _read(self, path: Path) -> list[str]:
        try:
            # Not splitlines(): a place name may hold a character that it takes for a line end.
            return path.read_text(encoding="utf-8-sig").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                _("The file %(file)s cannot be read as UTF-8 text: %(error)s")
                % {"file": path, "error": error}
            ) from error

    def _refuse(self, error: PostcodeFileError) -> None:
        for fault in error.violations:
            self.stderr.write(f"{fault.field}: {fault.message}")
        raise CommandError(str(error.message))
