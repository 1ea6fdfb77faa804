"""Command line of Passend: `python -m backend.manage <command>`."""

import os
import sys

from django.core.management import execute_from_command_line

from backend.common.embedded.errors import EmbeddedServerError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings.development")
    if sys.argv[1:2] == ["worker"]:
        os.environ.setdefault("PASSEND_PROCESS", "worker")
    if sys.argv[1:2] == ["demo"] and os.environ["DJANGO_SETTINGS_MODULE"].endswith("development"):
        os.environ.setdefault("PASSEND_DEMO", "true")
        # The terminal is for the report and the log-ins; every finished message would bury them.
        os.environ.setdefault("PASSEND_LOG_LEVEL", "WARNING")
    try:
        execute_from_command_line(["manage", *sys.argv[1:]])
    except EmbeddedServerError as error:
        # A sentence for whoever runs the command; its traceback would only hide it.
        sys.exit(str(error))


if __name__ == "__main__":
    main()
