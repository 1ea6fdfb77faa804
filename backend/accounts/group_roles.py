"""Roles that follow from groups at the identity provider, brought up to date at every log-in.

Whoever is in a group has its role; whoever has left it has not. Roles that an administrator gave by
hand are never touched.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from backend.accounts.grants import grant_role, revoke_role
from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor, user_create
from backend.common import clock
from backend.organisations.models import Organisation

ACTOR = "single-sign-on"
REASON = "group at the identity provider"


def roles_claimed(app_settings: Mapping[str, Any], claims: Mapping[str, Any]) -> frozenset[Role]:
    """The roles of the groups that the log-in names."""
    found = claim_of(claims, app_settings.get("group_claim", ""))
    groups = {found} if isinstance(found, str) else set(map(str, found or ()))
    by_group: Mapping[str, str] = app_settings.get("roles_by_group") or {}
    return frozenset(Role(role) for group, role in by_group.items() if group in groups)


@transaction.atomic
def user_of_groups(
    *, organisation: Organisation, email: str, full_name: str, roles: frozenset[Role]
) -> User:
    """A new person whose groups carry roles: no invitation is needed, and no password exists."""
    first, *others = sorted(roles)
    user = user_create(
        actor=accounts_actor(ACTOR, organisation),
        email=email,
        full_name=full_name or email,
        organisation=organisation,
        role=Role(first),
    )
    Membership.objects.filter(user=user).update(from_group=True)
    _give(user, organisation, others)
    return user


@transaction.atomic
def roles_follow_groups(*, user: User, organisation: Organisation, roles: frozenset[Role]) -> None:
    """The roles that came from groups are exactly `roles`; nothing is written when they are."""
    held = Membership.objects.on(clock.today()).filter(user=user, organisation=organisation)
    for one in held.filter(from_group=True).exclude(role__in=sorted(roles)):
        revoke_role(actor=accounts_actor(ACTOR, organisation), membership=one, reason=REASON)
    known = set(held.values_list("role", flat=True))
    _give(user, organisation, sorted(roles - known))


def _give(user: User, organisation: Organisation, roles: list[Any]) -> None:
    for role in roles:
        found = grant_role(
            actor=accounts_actor(ACTOR, organisation),
            user=user,
            organisation=organisation,
            role=Role(role),
            reason=REASON,
        )
        Membership.objects.filter(pk=found.pk).update(from_group=True)


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """From what the provider says of the person, wherever it says so (user info or ID token)."""
    for part in (claims, claims.get("userinfo"), claims.get("id_token")):
        if isinstance(part, Mapping) and part.get(name):
            return part[name]
    return None
