"""The one wrapper around django-guardian: who may do what at which organisation.

Grants stand on organisations only. What a person may do today is what a grant says AND what a role
that holds today carries: a role that ran out opens nothing, even before its grants are cleared.
Global permissions, groups and `is_superuser` are never looked at; guardian's own helpers accept
them by default, which is why they are banned elsewhere.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db import IntegrityError, transaction
from django.db.models import OuterRef
from guardian.shortcuts import assign_perm, remove_perm  # noqa: TID251 - the wrapper itself

from backend.accounts import cached_principals
from backend.accounts.actor import Actor
from backend.accounts.errors import (
    ExtraPermissionError,
    MembershipOverlapError,
    OwnRightsError,
    PeriodOrderError,
    RoleNotFittingError,
)
from backend.accounts.models import Membership, OrganisationUserGrant, User
from backend.accounts.roles import (
    EXTRA_PERMISSIONS,
    REGION_WIDE_PERMISSIONS,
    ROLE_PERMISSIONS,
    Role,
    role_fits,
)
from backend.audit import public as audit
from backend.common import clock
from backend.organisations.models import Organisation, RegionMembership
from backend.organisations.permissions import Permission

MEMBERSHIP_FIELDS = ("role", "user", "organisation", "valid_from", "valid_to")


def organisations_by_permission(user: User) -> Mapping[Permission, frozenset[int]]:
    """Keys of the organisations on which `user` holds each permission today, in two queries.

    A role at a region reaches its member municipalities of today for REGION_WIDE_PERMISSIONS.
    """
    if not user.is_active:
        return MappingProxyType({})
    today = clock.today()
    granted = set(
        OrganisationUserGrant.objects.filter(
            user_id=user.pk, content_object__is_active=True
        ).values_list("permission__codename", "content_object_id")
    )
    members = (
        RegionMembership.objects.on(today)
        .filter(region_id=OuterRef("organisation_id"), municipality__is_active=True)
        .values("municipality_id")
    )
    roles = (
        Membership.objects.on(today)
        .filter(user_id=user.pk)
        .order_by()
        .values_list("role", "organisation_id", ArraySubquery(members))
    )
    found: dict[Permission, set[int]] = defaultdict(set)
    for role, organisation_id, member_ids in roles:
        for permission in ROLE_PERMISSIONS[Role(role)] | EXTRA_PERMISSIONS:
            if (permission.value, organisation_id) not in granted:
                continue
            found[permission].add(organisation_id)
            if permission in REGION_WIDE_PERMISSIONS:
                found[permission].update(member_ids)
    return MappingProxyType({key: frozenset(value) for key, value in found.items()})


def grant_role(
    *,
    actor: Actor,
    user: User,
    organisation: Organisation,
    role: Role,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str = "",
) -> Membership:
    """Gives `user` the role at the organisation, from today unless told otherwise.

    Raises RoleNotFittingError, PeriodOrderError, MembershipOverlapError, OwnRightsError and
    NotAllowedError.
    """
    _may_manage(actor, user, organisation)
    if not role_fits(Role(role), at_provider=organisation.is_provider):
        raise RoleNotFittingError
    valid_from = valid_from or clock.today()
    if valid_to is not None and valid_to < valid_from:
        raise PeriodOrderError
    membership = Membership(
        user=user, organisation=organisation, role=role, valid_from=valid_from, valid_to=valid_to
    )
    with transaction.atomic():
        _lock(user)
        try:
            with transaction.atomic():
                membership.save()
        except IntegrityError as error:
            raise MembershipOverlapError from error
        _align_grants(user, organisation)
        audit.record(
            actor=actor,
            action="membership.granted",
            subject=membership,
            after=audit.snapshot(membership, MEMBERSHIP_FIELDS),
            reason=reason,
            organisation_ids=[organisation.pk],
        )
    return membership


def revoke_role(
    *, actor: Actor, membership: Membership, last_day: date | None = None, reason: str = ""
) -> None:
    """Ends the role: at once, or after `last_day`.

    At once means that rights are gone when this commits; the row stays, as history of who could
    do what. A role that had not begun is removed altogether.
    """
    organisation = membership.organisation
    _may_manage(actor, membership.user, organisation)
    with transaction.atomic():
        _lock(membership.user)
        membership = Membership.objects.select_for_update().get(pk=membership.pk)
        before = audit.snapshot(membership, MEMBERSHIP_FIELDS)
        if last_day is not None and last_day < membership.valid_from:
            raise PeriodOrderError
        ends = last_day or _day_before(clock.today())
        # Ending never prolongs a role that ends earlier already.
        ends = min(ends, membership.valid_to or ends)
        if ends < membership.valid_from:
            after = None
        else:
            membership.valid_to = ends
            after = audit.snapshot(membership, MEMBERSHIP_FIELDS)
        audit.record(
            actor=actor,
            action="membership.revoked",
            subject=membership,
            before=before,
            after=after,
            reason=reason,
            organisation_ids=[organisation.pk],
        )
        if after is None:
            membership.delete()
        else:
            membership.save(update_fields=["valid_to"])
        _align_grants(membership.user, organisation)


def grant_permission(
    *, actor: Actor, user: User, organisation: Organisation, permission: Permission, reason: str
) -> None:
    """Gives one right that no role carries (EXTRA_PERMISSIONS) to a person by name.

    It opens nothing by itself: it counts while the person has a role at that organisation.
    """
    _change_extra(actor, user, organisation, permission, reason, granted=True)


def revoke_permission(
    *, actor: Actor, user: User, organisation: Organisation, permission: Permission, reason: str
) -> None:
    """Takes back a right given by `grant_permission`."""
    _change_extra(actor, user, organisation, permission, reason, granted=False)


def expired_grants_clear() -> int:
    """Removes grants whose roles ran out; the number of persons and organisations tidied.

    Housekeeping for the nightly schedule: rights end by date without it.
    """
    today = clock.today()
    held = OrganisationUserGrant.objects.values_list("user_id", "content_object_id").distinct()
    current = set(
        Membership.objects.exclude(valid_to__lt=today).values_list("user_id", "organisation_id")
    )
    stale = sorted(set(held) - current)
    for user_id, organisation_id in stale:
        with transaction.atomic():
            user = User.objects.select_for_update().get(pk=user_id)
            _align_grants(user, Organisation.objects.get(pk=organisation_id))
    return len(stale)


def _change_extra(
    actor: Actor,
    user: User,
    organisation: Organisation,
    permission: Permission,
    reason: str,
    *,
    granted: bool,
) -> None:
    _may_manage(actor, user, organisation)
    if permission not in EXTRA_PERMISSIONS:
        raise ExtraPermissionError
    with transaction.atomic():
        _lock(user)
        if granted:
            assign_perm(permission.value, user, organisation)
        else:
            remove_perm(permission.value, user, organisation)
        audit.record(
            actor=actor,
            action="permission.granted" if granted else "permission.revoked",
            subject=user,
            after={"permission": permission.value, "organisation": organisation.pk},
            reason=reason,
            organisation_ids=[organisation.pk],
        )
        cached_principals.forget(user)


def _align_grants(user: User, organisation: Organisation) -> None:
    """Makes guardian's grants at this organisation exactly those of the roles now and to come."""
    roles = list(
        Membership.objects.filter(user=user, organisation=organisation)
        .exclude(valid_to__lt=clock.today())
        .values_list("role", flat=True)
    )
    wanted = {permission.value for role in roles for permission in ROLE_PERMISSIONS[Role(role)]}
    held = set(
        OrganisationUserGrant.objects.filter(user=user, content_object=organisation).values_list(
            "permission__codename", flat=True
        )
    )
    if roles:
        wanted |= held & {permission.value for permission in EXTRA_PERMISSIONS}
    # In bulk, on guardian's own rows: its helpers cost five statements for each permission.
    missing = DjangoPermission.objects.filter(
        content_type=ContentType.objects.get_for_model(Organisation),
        codename__in=sorted(wanted - held),
    )
    OrganisationUserGrant.objects.bulk_create(
        OrganisationUserGrant(user=user, permission=one, content_object=organisation)
        for one in missing
    )
    OrganisationUserGrant.objects.filter(
        user=user, content_object=organisation, permission__codename__in=sorted(held - wanted)
    ).delete()
    cached_principals.forget(user)


def _may_manage(actor: Actor, user: User, organisation: Organisation) -> None:
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    if actor.key == f"user:{user.uuid}":
        raise OwnRightsError


def _lock(user: User) -> None:
    """One change of rights per person at a time, so that grants and roles cannot diverge."""
    User.objects.select_for_update().only("pk").get(pk=user.pk)


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
