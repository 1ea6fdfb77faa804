"""Opening Passend for an organisation: its first administrator, and its region (journey J12)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor, system_actor
from backend.accounts.errors import OrganisationOpenError
from backend.accounts.grants import grant_role
from backend.accounts.models import Membership, User
from backend.accounts.ports import provider_directory
from backend.accounts.roles import Role
from backend.accounts.services import user_invite
from backend.accounts.single_sign_on import SignOnData, single_sign_on_set
from backend.audit import public as audit
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError, Text, Violation
from backend.organisations.choices import OrganisationKind
from backend.organisations.geography import municipalities
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.organisations.public import (
    municipality_load,
    organisation_by_code,
    privacy_text_set,
    region_ids_of,
    region_member_add,
)

NUMBER = re.compile(r"[0-9A-Za-z-]{1,10}")


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


@dataclass(frozen=True)
class Found:
    """What is known of a number: the organisation, its name, and whether it is open already."""

    kind: OrganisationKind
    number: str
    name: str = ""
    organisation: Organisation | None = None
    is_open: bool = False


def organisation_lookup(*, actor: Actor, kind: str, number: str) -> Found:
    """A municipality by its CBS code, a provider by its Blik op Werk or KvK number.

    A provider that nobody knows is a Found without a name: it is registered when it is opened.
    Raises NotAllowedError and InvalidError at the field `number`.
    """
    if not regions_that_onboard(actor).exists():
        raise NotAllowedError
    number = "".join(number.split())
    if kind == OrganisationKind.MUNICIPALITY:
        return _municipality_found(number)
    if kind != OrganisationKind.PROVIDER:
        raise _number_fault(
            "kind", "unknown_code", _("Only municipalities and providers are opened.")
        )
    if not NUMBER.fullmatch(number):
        raise _number_fault(
            "number", "number_form", _("A KvK number has eight digits, a Blik op Werk number less.")
        )
    known = provider_directory().find(number)
    return _found(OrganisationKind.PROVIDER, number, known)


def _municipality_found(number: str) -> Found:
    kind = OrganisationKind.MUNICIPALITY
    known = organisation_by_code(kind, number)
    if known is not None:
        return _found(kind, number, known)
    facts = next((one for one in municipalities() if one.cbs_code == number), None)
    if facts is None:
        raise _number_fault(
            "number",
            "unknown_municipality",
            _("There is no municipality with this CBS code. Use four digits."),
        )
    return Found(kind, number, facts.name)


def _found(kind: OrganisationKind, number: str, known: Organisation | None) -> Found:
    if known is None:
        return Found(kind, number)
    is_open = not organisations_to_open().filter(pk=known.pk).exists()
    return Found(kind, number, known.name, known, is_open)


@transaction.atomic
def organisation_open(
    *, actor: Actor, region: Organisation, kind: str, number: str, name: str = "", **opening: Any
) -> User:
    """Opens Passend by number: the organisation is made where it is not known yet.

    The further arguments, and what is raised, are those of `organisation_onboard`; a provider that
    nobody knows needs a name.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, region.pk)
    found = organisation_lookup(actor=actor, kind=kind, number=number)
    if found.is_open:
        raise OrganisationOpenError
    organisation = found.organisation
    if organisation is None and found.kind == OrganisationKind.MUNICIPALITY:
        organisation = municipality_load(
            actor=system_actor("onboarding", {}), cbs_code=found.number
        )
    if organisation is None:
        if not name.strip():
            raise _number_fault(
                "name", "required", _("This number is not known yet. Fill in the name.")
            )
        organisation = provider_directory().register(
            actor=actor, number=found.number, name=name.strip()
        )
    return organisation_onboard(actor=actor, region=region, organisation=organisation, **opening)


def _number_fault(field: str, code: str, message: Text) -> InvalidError:
    return InvalidError(violations=[Violation(field, code, message)])


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
    privacy_text: str = "",
    sign_on: SignOnData | None = None,
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
    if privacy_text.strip():
        privacy_text_set(actor=opener, organisation=organisation, text=privacy_text)
    if sign_on is not None:
        single_sign_on_set(actor=opener, organisation=organisation, data=sign_on)
    audit.record(
        actor=actor,
        action="organisation.onboarded",
        subject=organisation,
        after={"region": region.code, "administrator": str(user.uuid)},
        organisation_ids=[region.pk, organisation.pk],
    )
    return user
