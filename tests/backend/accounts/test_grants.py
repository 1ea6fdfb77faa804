"""Rights of people: what opens something, what does not, and what is written down."""

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as DjangoPermission
from guardian.models import UserObjectPermission
from guardian.shortcuts import (
    assign_perm,  # noqa: TID251 - to prove what it does not open
    get_perms,
)

#
from backend.accounts.actors import actor_for, forget_all
from backend.accounts.errors import (
    ExtraPermissionError,
    MembershipOverlapError,
    OwnRightsError,
    PeriodOrderError,
    RoleNotFittingError,
)
from backend.accounts.grants import (
    expired_grants_clear,
    grant_permission,
    grant_role,
    organisations_by_permission,
    revoke_permission,
    revoke_role,
)
from backend.accounts.models import Membership, OrganisationUserGrant
from backend.accounts.roles import REGION_WIDE_PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.accounts.services import accounts_actor
from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission
from tests.factories.accounts import UserFactory, membership_for, user_with
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionMembershipFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_exactly_its_permissions_at_exactly_that_organisation(role, provider) -> None:
    municipality = MunicipalityFactory().organisation
    home = provider if role in {Role.PROVIDER_PLANNER, Role.TEACHER} else municipality
    user = user_with(role, home)
    assert organisations_by_permission(user) == {
        permission: frozenset({home.pk}) for permission in ROLE_PERMISSIONS[role]
    }


def test_global_permissions_groups_and_superusers_open_nothing(municipality) -> None:
    user = UserFactory(is_superuser=True)
    permissions = DjangoPermission.objects.filter(content_type__app_label="organisations")
    assert permissions.count() == len(Permission)
    user.user_permissions.set(permissions)
    group = Group.objects.create(name="everything")
    group.permissions.set(permissions)
    user.groups.add(group)
    assign_perm("view_identity", group, municipality)
    assert organisations_by_permission(user) == {}


def test_a_grant_without_a_role_opens_nothing(municipality) -> None:
    user = UserFactory()
    assign_perm("view_identity", user, municipality)
    assert OrganisationUserGrant.objects.filter(user=user).count() == 1
    assert not UserObjectPermission.objects.exists()
    assert organisations_by_permission(user) == {}


def test_a_role_without_its_grant_opens_nothing(municipality) -> None:
    user = UserFactory()
    Membership.objects.create(
        user=user, organisation=municipality, role=Role.CASEWORKER, valid_from=date(2020, 1, 1)
    )
    assert organisations_by_permission(user) == {}


def test_a_role_opens_from_its_first_day_to_its_last(municipality, frozen_clock) -> None:
    user = UserFactory()
    membership_for(
        user,
        Role.CASEWORKER,
        municipality,
        valid_from=date(2026, 11, 19),
        valid_to=date(2026, 11, 20),
    )
    seen = []
    for day in range(4):
        frozen_clock.move_to(f"2026-11-{18 + day}T12:00:00+01:00")
        seen.append(actor_for(user).may(Permission.PLACE, municipality.pk))
    assert seen == [False, True, True, False]


def test_an_expired_role_leaves_nothing_to_another_role_at_the_same_place(
    municipality, frozen_clock
) -> None:
    user = user_with(Role.COUNCIL_READER, municipality)
    membership_for(user, Role.CASEWORKER, municipality, valid_to=date(2026, 11, 18))
    frozen_clock.move_to("2026-11-19T12:00:00+01:00")
    assert organisations_by_permission(user) == {
        Permission.VIEW_QUALITY: frozenset({municipality.pk})
    }


def test_guardian_itself_reads_the_same_grants(municipality, other_municipality) -> None:
    user = user_with(Role.CASEWORKER, municipality)
    assert set(get_perms(user, municipality)) == {
        one.value for one in ROLE_PERMISSIONS[Role.CASEWORKER]
    }
    assert user.has_perm("organisations.place", municipality)
    assert not user.has_perm("organisations.place", other_municipality)
    assert not user.has_perm("organisations.place")


def test_inactive_people_and_closed_organisations_have_no_rights(municipality) -> None:
    user = user_with(Role.CASEWORKER, municipality)
    municipality.is_active = False
    municipality.save()
    assert organisations_by_permission(user) == {}
    municipality.is_active = True
    municipality.save()
    user.is_active = False
    user.save()
    assert organisations_by_permission(user) == {}


def test_a_region_reaches_the_members_of_today_for_looking_and_running(region, municipality):
    RegionMembershipFactory(region=region, ended=True)
    RegionMembershipFactory(region=region, coming=True)
    RegionMembershipFactory()
    user = user_with(Role.REGIONAL_COORDINATOR, region)
    found = organisations_by_permission(user)
    assert set(found) == ROLE_PERMISSIONS[Role.REGIONAL_COORDINATOR]
    for permission, organisations in found.items():
        wide = permission in REGION_WIDE_PERMISSIONS
        assert organisations == ({region.pk, municipality.pk} if wide else {region.pk})


def test_names_of_members_stay_closed_to_a_caseworker_of_the_region(region, municipality) -> None:
    found = organisations_by_permission(user_with(Role.CASEWORKER, region))
    assert found[Permission.VIEW_IDENTITY] == {region.pk}
    assert found[Permission.PLACE] == {region.pk}
    assert found[Permission.VIEW_PARTICIPANTS] == {region.pk, municipality.pk}


def test_an_actor_costs_two_queries_however_many_grants(django_assert_num_queries) -> None:
    user = UserFactory()
    for _ in range(12):
        membership_for(user, Role.CASEWORKER, MunicipalityFactory().organisation)
        region = OrganisationFactory(region=True)
        RegionMembershipFactory(region=region)
        membership_for(user, Role.REGIONAL_COORDINATOR, region)
    forget_all()
    with django_assert_num_queries(2):
        actor = actor_for(user)
    assert len(actor.with_permission(Permission.VIEW_PARTICIPANTS)) == 36
    with django_assert_num_queries(0):
        assert actor_for(user) is actor


def test_changes_of_rights_act_at_once_despite_the_cache(municipality) -> None:
    user = UserFactory()
    assert not actor_for(user).may(Permission.PLACE, municipality.pk)
    membership = membership_for(user, Role.CASEWORKER, municipality)
    assert actor_for(user).may(Permission.PLACE, municipality.pk)
    revoke_role(actor=accounts_actor("tests", municipality), membership=membership)
    assert not actor_for(user).may(Permission.PLACE, municipality.pk)
    assert not OrganisationUserGrant.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.CASEWORKER, "provider"),
        (Role.PROCUREMENT_OFFICER, "provider"),
        (Role.TEACHER, "municipality"),
        (Role.PROVIDER_PLANNER, "municipality"),
    ],
)
def test_a_role_is_refused_where_it_does_not_fit(role, kind, provider, municipality) -> None:
    home = {"provider": provider, "municipality": municipality}[kind]
    user = UserFactory()
    with pytest.raises(RoleNotFittingError):
        membership_for(user, role, home)
    assert not Membership.objects.filter(user=user).exists()
    assert not OrganisationUserGrant.objects.filter(user=user).exists()
    assert not AuditEvent.objects.exists()


def test_periods_in_the_wrong_order_or_overlapping_are_refused(municipality) -> None:
    user = UserFactory()
    with pytest.raises(PeriodOrderError):
        membership_for(
            user,
            Role.CASEWORKER,
            municipality,
            valid_from=date(2026, 2, 1),
            valid_to=date(2026, 1, 31),
        )
    membership_for(user, Role.CASEWORKER, municipality)
    with pytest.raises(MembershipOverlapError):
        membership_for(user, Role.CASEWORKER, municipality, valid_from=date(2027, 1, 1))
    assert Membership.objects.filter(user=user).count() == 1


def test_only_an_administrator_of_that_organisation_gives_roles(
    municipality, other_municipality, make_actor
) -> None:
    user = UserFactory()
    for actor in (
        make_actor(Role.CASEWORKER, municipality),
        make_actor(Role.FUNCTIONAL_ADMINISTRATOR, other_municipality),
    ):
        with pytest.raises(NotAllowedError):
            grant_role(actor=actor, user=user, organisation=municipality, role=Role.CASEWORKER)
    assert not Membership.objects.filter(user=user).exists()
    administrator = make_actor(Role.FUNCTIONAL_ADMINISTRATOR, municipality)
    grant_role(actor=administrator, user=user, organisation=municipality, role=Role.CASEWORKER)
    assert organisations_by_permission(user)[Permission.PLACE] == {municipality.pk}


def test_nobody_gives_rights_to_themselves(municipality) -> None:
    user = user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality)
    with pytest.raises(OwnRightsError):
        grant_role(
            actor=actor_for(user), user=user, organisation=municipality, role=Role.CASEWORKER
        )
    with pytest.raises(OwnRightsError):
        grant_permission(
            actor=actor_for(user),
            user=user,
            organisation=municipality,
            permission=Permission.OVERRULE,
            reason="convenient",
        )
    assert Permission.PLACE not in organisations_by_permission(user)


def test_overruling_is_given_by_name_and_ends_with_the_role(municipality) -> None:
    actor = accounts_actor("tests", municipality)
    user = UserFactory()
    membership = membership_for(user, Role.CASEWORKER, municipality)
    change = {"actor": actor, "user": user, "organisation": municipality}
    grant_permission(**change, permission=Permission.OVERRULE, reason="team lead")
    assert organisations_by_permission(user)[Permission.OVERRULE] == {municipality.pk}
    revoke_permission(**change, permission=Permission.OVERRULE, reason="left the team")
    assert Permission.OVERRULE not in organisations_by_permission(user)
    grant_permission(**change, permission=Permission.OVERRULE, reason="back again")
    revoke_role(actor=actor, membership=membership)
    assert organisations_by_permission(user) == {}
    assert not OrganisationUserGrant.objects.filter(user=user).exists()
    with pytest.raises(ExtraPermissionError):
        grant_permission(**change, permission=Permission.PLACE, reason="no")


def test_ending_a_role_never_prolongs_it(municipality, frozen_clock) -> None:
    user = UserFactory()
    membership = membership_for(user, Role.CASEWORKER, municipality, valid_to=date(2026, 11, 1))
    actor = accounts_actor("tests", municipality)
    revoke_role(actor=actor, membership=membership)
    revoke_role(actor=actor, membership=membership, last_day=date(2027, 1, 1))
    membership.refresh_from_db()
    assert membership.valid_to == date(2026, 11, 1)
    with pytest.raises(PeriodOrderError):
        revoke_role(actor=actor, membership=membership, last_day=date(2019, 1, 1))


def test_a_role_of_today_that_is_revoked_at_once_is_gone_but_stays_in_history(municipality):
    user = UserFactory()
    actor = accounts_actor("tests", municipality)
    membership = grant_role(actor=actor, user=user, organisation=municipality, role=Role.CASEWORKER)
    revoke_role(actor=actor, membership=membership, reason="mistake")
    assert not Membership.objects.filter(user=user).exists()
    events = AuditEvent.objects.filter(subject_uuid=membership.uuid).order_by("pk")
    assert [(one.action, one.reason, one.organisation_ids) for one in events] == [
        ("membership.granted", "", [municipality.pk]),
        ("membership.revoked", "mistake", [municipality.pk]),
    ]


def test_housekeeping_removes_only_grants_of_roles_that_ran_out(municipality, frozen_clock):
    leaving = UserFactory()
    membership_for(leaving, Role.CASEWORKER, municipality, valid_to=date(2026, 11, 18))
    staying = user_with(Role.CASEWORKER, municipality)
    frozen_clock.shift(timedelta(days=1))
    assert expired_grants_clear() == 1
    assert set(OrganisationUserGrant.objects.values_list("user", flat=True)) == {staying.pk}
    assert expired_grants_clear() == 0
