"""`manage.py settings_reference`: the page docs/settings.md, from the table of settings."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.settings.env import ENVIRONMENT

INTRODUCTION = """\
# Settings

Passend is configured by environment variables. This page is generated from
`backend/settings/env.py` (`python -m backend.manage settings_reference --write`); a test keeps it
current. A production installation that lacks a setting, or has an unsafe one, does not start and
names all of them.

| Variable | Default | Meaning |
|---|---|---|
"""


def reference_page() -> str:
    """The page, with the variables in alphabetical order."""
    rows = []
    for setting in sorted(ENVIRONMENT, key=lambda one: one.name):
        default = {None: "required", "": "empty"}.get(setting.default, f"`{setting.default}`")
        rows.append(f"| `{setting.name}` | {default} | {setting.help.replace('|', '&#124;')} |\n")
    return INTRODUCTION + "".join(rows)


class Command(BaseCommand):
    help = "Prints the reference page of all settings, or writes it to docs/settings.md."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            (Path(settings.BASE_DIR) / "docs" / "settings.md").write_text(reference_page())
        else:
            self.stdout.write(reference_page(), ending="")
