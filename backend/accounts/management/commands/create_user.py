import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backend.accounts.management.arguments import add_organisation, organisation_of
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor, user_create, user_invite
from backend.common.errors import DomainError


class Command(BaseCommand):
    help = "Creates a user with a role at an organisation; by default with an invitation by mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("full_name")
        parser.add_argument("role", choices=Role.values)
        add_organisation(parser)
        parser.add_argument("--language", choices=["nl", "en"], default="nl")
        parser.add_argument(
            "--ask-password", action="store_true", help="Type a password here; send no invitation."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = organisation_of(options)
        details = {
            "actor": accounts_actor("create_user", organisation),
            "email": options["email"],
            "full_name": options["full_name"],
            "organisation": organisation,
            "role": Role(options["role"]),
            "language": options["language"],
        }
        try:
            if options["ask_password"]:
                user = user_create(**details, password=getpass.getpass())
            else:
                user = user_invite(**details)
        except DomainError as error:
            faults = "".join(f"\n{one.field}: {one.message}" for one in error.violations)
            raise CommandError(f"{error.message}{faults}") from error
        self.stdout.write(_("User created: %(email)s") % {"email": user.email})
