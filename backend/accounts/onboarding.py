"""Opening Passend for an organisation: its first administrator, and its region (journey J12)."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.accounts.errors import OrganisationOpenError
from backend.accounts.grants import grant_role
from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from backend.accounts.services import user_invite
from backend.audit import public as audit
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.organisations.public import region_ids_of, region_member_add


def regions_that_onboard(actor: Actor) -> QuerySet[Organisation]:
    """The regions for which the actor opens Passend for others."""
    return (
        Organisation.objects.active()
        .filter(
            pk__in=actor.with_permission(Permission.MANAGE_ACCOUNTS), kind=OrganisationKind.REGION
        )
        .order_by("name")
    )


def organisations_to_open() -> QuerySet[Organisation]:
    """Municipalities and providers that nobody administers today."""
    administered = Membership.objects.on(clock.today()).filter(
        role=Role.FUNCTIONAL_ADMINISTRATOR, user__is_active=True
    )
    return (
        Organisation.objects.active()
        .exclude(kind=OrganisationKind.REGION)
        .exclude(pk__in=administered.values("organisation_id"))
        .order_by("name", "pk")
    )


@transaction.atomic
def organisation_onboard(
    *,
    actor: Actor,
    region: Organisation,
    organisation: Organisation,
    email: str,
    full_name: str,
    language: str = "nl",
    roles: Collection[str] = (),
    member_from: date | None = None,
) -> User:
    """The organisation has its first administrator, who is invited by mail and does the rest.

    Only an administrator of a region may, and only while the organisation has no administrator:
    afterwards its accounts are its own. With `member_from` a municipality joins the region.
    Raises NotAllowedError, OrganisationOpenError, InvalidError and what `user_invite` raises.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, region.pk)
    if region.kind != OrganisationKind.REGION:
        raise NotAllowedError
    # One at a time, so that two invitations cannot both be the first.
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if not organisations_to_open().filter(pk=organisation.pk).exists():
        raise OrganisationOpenError
    is_member = region.pk in region_ids_of(organisation.pk, member_from or clock.today())
    if member_from is not None and organisation.is_provider:
        raise InvalidError(
            violations=[
                Violation(
                    "member_from",
                    "not_a_municipality",
                    _("Only a municipality joins a region. Leave this day empty."),
                )
            ]
        )
    # The same person, with the right that this step needs and no longer than it lasts.
    both = frozenset({region.pk, organisation.pk})
    opener = Actor(actor.kind, actor.key, actor.label, {Permission.MANAGE_ACCOUNTS: both})
    user = user_invite(
        actor=opener,
        email=email,
        full_name=full_name,
        organisation=organisation,
        role=Role.FUNCTIONAL_ADMINISTRATOR,
        language=language,
    )
    for role in sorted(set(roles) - {Role.FUNCTIONAL_ADMINISTRATOR}):
        grant_role(actor=opener, user=user, organisation=organisation, role=Role(role))
    if member_from is not None and not is_member:
        region_member_add(
            actor=opener, region=region, municipality=organisation, valid_from=member_from
        )
    audit.record(
        actor=actor,
        action="organisation.onboarded",
        subject=organisation,
        after={"region": region.code, "administrator": str(user.uuid)},
        organisation_ids=[region.pk, organisation.pk],
    )
    return user
