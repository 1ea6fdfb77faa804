from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from backend.organisations.management.system import CommandActor
from backend.organisations.services import geography_load


class Command(BaseCommand):
    help = "Loads the municipalities of 2026 with their labour-market region and coordinate."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = geography_load(actor=CommandActor("load_geography"))
        self.stdout.write(_("Municipalities loaded or changed: %(count)s") % {"count": changed})
