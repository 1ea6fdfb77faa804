"""People with roles and machine clients with keys, made through the real services."""

from datetime import date, timedelta
from typing import Any

import factory
from allauth.account.models import EmailAddress

from backend.accounts.grants import grant_role, revoke_role
from backend.accounts.models import ApiClient, Membership, User
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor, api_client_create
from backend.common import clock
from backend.organisations.models import Organisation
from tests.factories.organisations import OrganisationFactory

PASSWORD = "een-lang-wachtwoord-2026"


class UserFactory(factory.django.DjangoModelFactory):
    """A person without any role; `inactive` cannot log in, `english` reads English."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    class Params:
        inactive = factory.Trait(is_active=False)
        english = factory.Trait(language="en")

    email = factory.Sequence(lambda n: f"medewerker{n}@voorbeeld.example")
    full_name = factory.Sequence(lambda n: f"Medewerker {n}")

    @factory.post_generation
    def password(self: User, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)
        if create:
            self.save()
            EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=True)


def user_with(role: Role, organisation: Organisation, **fields: Any) -> User:
    """A person who holds `role` at `organisation` since 2020, with its grants."""
    user = UserFactory(**fields)
    membership_for(user, role, organisation)
    return user


def membership_for(
    user: User,
    role: Role,
    organisation: Organisation,
    *,
    valid_from: date = date(2020, 1, 1),
    valid_to: date | None = None,
) -> Membership:
    return grant_role(
        actor=accounts_actor("tests", organisation),
        user=user,
        organisation=organisation,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def ended_membership_for(user: User, role: Role, organisation: Organisation) -> Membership:
    """A role that was ended at once, today."""
    membership = membership_for(user, role, organisation)
    revoke_role(actor=accounts_actor("tests", organisation), membership=membership)
    membership.refresh_from_db()
    return membership


def client_with(
    *roles: Role,
    organisation: Organisation | None = None,
    expired: bool = False,
    revoked: bool = False,
) -> tuple[ApiClient, str]:
    """A machine client and its raw key; `expired` and `revoked` since an hour."""
    organisation = organisation or OrganisationFactory()
    client, key = api_client_create(
        actor=accounts_actor("tests", organisation),
        organisation=organisation,
        name=f"Koppeling {ApiClient.objects.count() + 1}",
        roles=roles,
    )
    hour_ago = clock.now() - timedelta(hours=1)
    if expired:
        client.expires_at = hour_ago
    if revoked:
        client.revoked_at = hour_ago
    client.save()
    return client, key
