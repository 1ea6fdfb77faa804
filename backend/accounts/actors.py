"""From a principal to its Actor: the rights of this day, at a constant number of queries."""

from collections import defaultdict
from collections.abc import Mapping
from types import MappingProxyType

from django.contrib.auth.models import AnonymousUser

from backend.accounts.actor import Actor
from backend.accounts.cached_principals import actors, forget, forget_all, principal_key
from backend.accounts.grants import organisations_by_permission
from backend.accounts.models import ApiClient, User
from backend.accounts.roles import REGION_WIDE_PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.common import clock
from backend.organisations.choices import OrganisationKind
from backend.organisations.permissions import Permission
from backend.organisations.selectors import member_ids_on

__all__ = ["ANONYMOUS", "actor_for", "forget", "forget_all"]

ANONYMOUS = Actor(kind="anonymous", key="anonymous", label="")


def actor_for(principal: User | AnonymousUser | ApiClient | None) -> Actor:
    """The actor of a person or machine client, with the rights that hold today.

    At most two queries, however many grants; none when the same principal was asked for in the last
    five seconds. Changes through `backend.accounts` act at once in this process and within five
    seconds in the others. An inactive person and a revoked or expired client have no rights.
    """
    if principal is None or isinstance(principal, AnonymousUser):
        return ANONYMOUS
    key = (principal_key(principal), clock.today())
    found = actors.get(key)
    if found is None:
        found = _user_actor(principal) if isinstance(principal, User) else _client_actor(principal)
        actors.put(key, found)
    return found


def _user_actor(user: User) -> Actor:
    return Actor(
        kind="user",
        key=principal_key(user),
        label=user.full_name or user.email,
        organisations=organisations_by_permission(user),
    )


def _client_actor(client: ApiClient) -> Actor:
    return Actor(
        kind="client",
        key=principal_key(client),
        label=client.name,
        organisations=_client_permissions(client),
    )


def _client_permissions(client: ApiClient) -> Mapping[Permission, frozenset[int]]:
    organisation = client.organisation
    if not client.works_at(clock.now()) or not organisation.is_active:
        return MappingProxyType({})
    members: frozenset[int] = frozenset()
    if organisation.kind == OrganisationKind.REGION:
        members = member_ids_on(organisation, clock.today())
    found: dict[Permission, frozenset[int]] = defaultdict(frozenset)
    for role in client.roles:
        for permission in ROLE_PERMISSIONS[Role(role)]:
            wide = members if permission in REGION_WIDE_PERMISSIONS else frozenset()
            found[permission] |= wide | {organisation.pk}
    return MappingProxyType(dict(found))
