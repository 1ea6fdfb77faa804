"""How commands name an organisation: its kind and its code."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.selectors import organisation_by_code


def add_organisation(parser: CommandParser) -> None:
    parser.add_argument("--kind", choices=OrganisationKind.values, default="municipality")
    parser.add_argument(
        "--organisation", required=True, help="CBS code of a municipality, code of another kind."
    )


def organisation_of(options: dict[str, Any]) -> Organisation:
    """The organisation named in the arguments. Raises CommandError."""
    found = organisation_by_code(OrganisationKind(options["kind"]), options["organisation"])
    if found is None:
        raise CommandError(
            _("There is no organisation of kind %(kind)s with code %(code)s.")
            % {"kind": options["kind"], "code": options["organisation"]}
        )
    return found
