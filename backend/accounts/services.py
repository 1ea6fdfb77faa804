"""Managing people and machine clients. Roles are given and ended in `backend.accounts.grants`."""

from collections.abc import Sequence
from datetime import date, datetime

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from backend.accounts import cached_principals
from backend.accounts.actor import Actor, system_actor
from backend.accounts.errors import (
    ClientNameTakenError,
    ClientRevokedError,
    OwnRightsError,
    RoleNotFittingError,
    UserExistsError,
)
from backend.accounts.grants import grant_role
from backend.accounts.invitations import send_invitation
from backend.accounts.keys import new_key
from backend.accounts.models import ApiClient, User
from backend.accounts.roles import Role, role_fits
from backend.audit import public as audit
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission

CLIENT_FIELDS = ("name", "organisation", "roles", "key_prefix", "expires_at", "revoked_at")


def accounts_actor(label: str, *organisations: Organisation) -> Actor:
    """The system itself, managing accounts at these organisations: set-up commands and the demo."""
    held = frozenset(one.pk for one in organisations)
    return system_actor(label, {Permission.MANAGE_ACCOUNTS: held})


def user_create(
    *,
    actor: Actor,
    email: str,
    full_name: str,
    organisation: Organisation,
    role: Role,
    password: str | None = None,
    language: str = "nl",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> User:
    """A new person with a first role; without a password an invitation or single sign-on follows.

    The address counts as verified: an administrator vouches for it, and a password can only be
    set through a link that is mailed to it. Raises UserExistsError, InvalidError and whatever
    `grant_role` raises.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    user = User(
        email=User.objects.normalize_email(email), full_name=full_name.strip(), language=language
    )
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(email=user.email).exists():
            raise UserExistsError
        try:
            user.full_clean()
        except ValidationError as error:
            raise _invalid(error) from error
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            raise UserExistsError from error
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        audit.record(
            actor=actor, action="user.created", subject=user, organisation_ids=[organisation.pk]
        )
        grant_role(
            actor=actor,
            user=user,
            organisation=organisation,
            role=role,
            valid_from=valid_from,
            valid_to=valid_to,
        )
    return user


def user_invite(
    *,
    actor: Actor,
    email: str,
    full_name: str,
    organisation: Organisation,
    role: Role,
    language: str = "nl",
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> User:
    """As `user_create`, and mails a link with which the person chooses a password."""
    with transaction.atomic():
        user = user_create(
            actor=actor,
            email=email,
            full_name=full_name,
            organisation=organisation,
            role=role,
            language=language,
            valid_from=valid_from,
            valid_to=valid_to,
        )
        send_invitation(user)
    return user


def user_choose_language(*, user: User, language: str) -> None:
    """The pages of this person are in `language` from now on, wherever they log in.

    A preference that everybody sets for themselves: no right is needed and no history is kept.
    """
    if language not in dict(settings.LANGUAGES):
        raise ValueError(f"unknown language {language!r}")
    User.objects.filter(pk=user.pk).update(language=language)


def user_deactivate(*, actor: Actor, user: User, organisation: Organisation, reason: str) -> None:
    """Closes the account everywhere; its history stays. Raises NotAllowedError, OwnRightsError."""
    _set_active(actor, user, organisation, reason, is_active=False)


def user_reactivate(*, actor: Actor, user: User, organisation: Organisation, reason: str) -> None:
    """Opens a closed account again, with the roles that have not ended."""
    _set_active(actor, user, organisation, reason, is_active=True)


def _set_active(
    actor: Actor, user: User, organisation: Organisation, reason: str, *, is_active: bool
) -> None:
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    if actor.key == f"user:{user.uuid}":
        raise OwnRightsError
    memberships = user.memberships.values_list("organisation_id", flat=True)
    for organisation_id in set(memberships) | {organisation.pk}:
        # Somebody who also works elsewhere is not this administrator's to close.
        actor.require(Permission.MANAGE_ACCOUNTS, organisation_id)
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        before, user.is_active = user.is_active, is_active
        user.save(update_fields=["is_active"])
        audit.record(
            actor=actor,
            action="user.reactivated" if is_active else "user.deactivated",
            subject=user,
            before={"is_active": before},
            after={"is_active": is_active},
            reason=reason,
            organisation_ids=[organisation.pk],
        )
        cached_principals.forget(user)


def api_client_create(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    roles: Sequence[Role],
    expires_at: datetime | None = None,
) -> tuple[ApiClient, str]:
    """A new machine client and its key, which cannot be shown again.

    Raises RoleNotFittingError, ClientNameTakenError and InvalidError.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    for role in roles:
        if not role_fits(Role(role), at_provider=organisation.is_provider):
            raise RoleNotFittingError
    key = new_key()
    client = ApiClient(
        organisation=organisation,
        name=name.strip(),
        roles=sorted({Role(role).value for role in roles}),
        key_prefix=key.prefix,
        key_hash=key.hash,
        expires_at=expires_at,
    )
    with transaction.atomic():
        try:
            client.full_clean(validate_constraints=False)
        except ValidationError as error:
            raise _invalid(error) from error
        try:
            with transaction.atomic():
                client.save()
        except IntegrityError as error:
            raise ClientNameTakenError from error
        audit.record(
            actor=actor,
            action="api_client.created",
            subject=client,
            after=audit.snapshot(client, CLIENT_FIELDS),
            organisation_ids=[organisation.pk],
        )
    return client, key.raw


def api_client_revoke(*, actor: Actor, client: ApiClient, reason: str = "") -> ApiClient:
    """Ends the client for good; a key of it stops working within seconds everywhere."""
    actor.require(Permission.MANAGE_ACCOUNTS, client.organisation_id)
    with transaction.atomic():
        client = ApiClient.objects.select_for_update().get(pk=client.pk)
        if client.revoked_at is None:
            before = audit.snapshot(client, CLIENT_FIELDS)
            client.revoked_at = clock.now()
            client.save(update_fields=["revoked_at"])
            audit.record(
                actor=actor,
                action="api_client.revoked",
                subject=client,
                before=before,
                after=audit.snapshot(client, CLIENT_FIELDS),
                reason=reason,
                organisation_ids=[client.organisation_id],
            )
        cached_principals.forget(client)
    return client


def api_client_renew(*, actor: Actor, client: ApiClient) -> tuple[ApiClient, str]:
    """The same system with a new key; the old one stops working. Raises ClientRevokedError."""
    actor.require(Permission.MANAGE_ACCOUNTS, client.organisation_id)
    with transaction.atomic():
        old = ApiClient.objects.select_for_update().get(pk=client.pk)
        if old.revoked_at is not None:
            raise ClientRevokedError
        api_client_revoke(actor=actor, client=old, reason="new key")
        return api_client_create(
            actor=actor,
            organisation=old.organisation,
            name=old.name,
            roles=[Role(one) for one in old.roles],
            expires_at=old.expires_at,
        )


def _invalid(error: ValidationError) -> InvalidError:
    """All faults of a model as one domain error."""
    return InvalidError(
        violations=[
            Violation(field=field, code=str(fault.code or "invalid"), message=fault.messages[0])
            for field, faults in error.error_dict.items()
            for fault in faults
        ]
    )
