"""Who may change the supply side."""

from backend.accounts.actor import Actor
from backend.common.errors import NotAllowedError
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from providers.models import Provider


def may_register_providers(actor: Actor) -> bool:
    """Buyers register the schools they contract; functional administrators load DUO's list."""
    if actor.with_permission(Permission.MANAGE_CONTRACTS):
        return True
    # A provider has a functional administrator too, who must not judge its own recognition.
    administered = actor.with_permission(Permission.MANAGE_ACCOUNTS)
    if not administered:
        return False
    providers = Organisation.objects.filter(pk__in=administered, kind=OrganisationKind.PROVIDER)
    return len(administered) > providers.count()


def require_register_providers(actor: Actor) -> None:
    if not may_register_providers(actor):
        raise NotAllowedError


def may_manage_catalogue(actor: Actor, provider: Provider) -> bool:
    return actor.may(Permission.MANAGE_CATALOGUE, provider.organisation_id)


def require_manage_catalogue(actor: Actor, provider: Provider) -> None:
    """A provider's own planners keep its locations, courses and intake moments."""
    actor.require(Permission.MANAGE_CATALOGUE, provider.organisation_id)
