from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backend.accounts.management.arguments import add_organisation, organisation_of
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor, api_client_create
from backend.common import clock
from backend.common.errors import DomainError


class Command(BaseCommand):
    help = "Creates a machine client of an organisation and prints its key, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("roles", nargs="+", choices=Role.values)
        add_organisation(parser)
        parser.add_argument("--days", type=int, help="Days until the key expires; default never.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation = organisation_of(options)
        days = options["days"]
        try:
            client, key = api_client_create(
                actor=accounts_actor("create_api_client", organisation),
                organisation=organisation,
                name=options["name"],
                roles=[Role(one) for one in options["roles"]],
                expires_at=clock.now() + timedelta(days=days) if days is not None else None,
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        self.stderr.write(_("Key of %(name)s; it is shown only this once:") % {"name": client.name})
        self.stdout.write(key)
