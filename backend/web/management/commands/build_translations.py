"""`build_translations`: merges locale/fragments/*.po into the catalogue that Django reads."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backend.web.translations import LANGUAGES, merge_fragments, write_catalog


class Command(BaseCommand):
    help = "Merge the translation fragments; fails on fuzzy, empty or conflicting translations."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        locale_dir = settings.BASE_DIR / "locale"
        for language in LANGUAGES:
            merge = merge_fragments(locale_dir, language)
            if merge.faults:
                raise CommandError("\n".join(merge.faults))
            write_catalog(locale_dir, language, merge.catalog)
            self.stdout.write(f"{language}: {len(merge.catalog)} messages")
