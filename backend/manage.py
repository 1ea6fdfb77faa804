"""Command line of Passend: `python -m backend.manage <command>`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
    execute_from_command_line(["manage", *sys.argv[1:]])


if __name__ == "__main__":
    main()
