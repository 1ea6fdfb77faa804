"""Organisations and the dated membership of purchasing regions."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.actor import system_actor
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.organisations.choices import OrganisationKind
from backend.organisations.errors import (
    OrganisationExistsError,
    OrganisationKindError,
    RegionMembershipOverlapError,
    RegionPeriodError,
)
from backend.organisations.models import Organisation, RegionMembership
from backend.organisations.permissions import Permission
from backend.organisations.selectors import members_on, region_ids_of
from backend.organisations.services import (
    organisation_create,
    region_member_add,
    region_member_end,
)
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionMembershipFactory,
)

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("tests", {})


def test_members_are_those_of_the_day(region, municipality) -> None:
    ended = RegionMembershipFactory(region=region, ended=True).municipality
    coming = RegionMembershipFactory(region=region, coming=True).municipality
    closed = MunicipalityFactory(organisation__is_active=False).organisation
    RegionMembershipFactory(region=region, municipality=closed)
    RegionMembershipFactory()
    assert members_on(region, date(2024, 12, 31)) == sorted(
        [ended, municipality], key=lambda one: one.name
    )
    assert members_on(region, date(2025, 1, 1)) == [municipality]
    assert set(members_on(region, date(2090, 1, 1))) == {municipality, coming}
    assert members_on(region, date(2019, 12, 31)) == []
    assert region_ids_of(municipality.pk, date(2025, 1, 1)) == {region.pk}


def test_a_municipality_joins_and_leaves(municipality) -> None:
    region = OrganisationFactory(region=True)
    actor = accounts_actor("tests", region, municipality)
    details = {"actor": actor, "region": region, "municipality": municipality}
    membership = region_member_add(**details, valid_from=date(2026, 1, 1))
    with pytest.raises(RegionMembershipOverlapError):
        region_member_add(**details, valid_from=date(2027, 1, 1))
    region_member_end(actor=actor, membership=membership, last_day=date(2026, 6, 30))
    again = region_member_add(**details, valid_from=date(2026, 7, 1))
    with pytest.raises(RegionPeriodError):
        region_member_end(actor=actor, membership=again, last_day=date(2026, 6, 30))
    with pytest.raises(RegionMembershipOverlapError):
        region_member_end(actor=actor, membership=membership, last_day=date(2026, 7, 1))
    with pytest.raises(RegionPeriodError):
        region_member_add(**details, valid_from=date(2020, 1, 2), valid_to=date(2020, 1, 1))
    events = AuditEvent.objects.order_by("pk")
    assert [one.action for one in events] == [
        "region_membership.added",
        "region_membership.ended",
        "region_membership.added",
    ]
    assert set(events[0].organisation_ids) == {region.pk, municipality.pk}


def test_only_municipalities_join_regions(provider, municipality) -> None:
    region = OrganisationFactory(region=True)
    actor = accounts_actor("tests", region, municipality, provider)
    for members in ((region, provider), (municipality, municipality), (region, region)):
        with pytest.raises(OrganisationKindError):
            region_member_add(
                actor=actor,
                region=members[0],
                municipality=members[1],
                valid_from=date(2026, 1, 1),
            )
    assert not RegionMembership.objects.exists()


def test_both_sides_must_agree_before_a_region_sees_a_municipality(
    municipality, make_actor
) -> None:
    region = OrganisationFactory(region=True)
    for home in (region, municipality):
        actor = make_actor(Role.FUNCTIONAL_ADMINISTRATOR, home)
        assert actor.may(Permission.MANAGE_ACCOUNTS, home.pk)
        with pytest.raises(NotAllowedError):
            region_member_add(
                actor=actor, region=region, municipality=municipality, valid_from=date(2026, 1, 1)
            )
    assert not RegionMembership.objects.exists()


def test_the_database_itself_refuses_overlap_and_reversed_periods(region, municipality) -> None:
    for valid_from, valid_to in ((date(2021, 1, 1), None), (date(2019, 2, 1), date(2019, 1, 1))):
        with pytest.raises(IntegrityError), transaction.atomic():
            RegionMembership.objects.create(
                region=region,
                municipality=municipality,
                valid_from=valid_from,
                valid_to=valid_to,
            )


def test_organisations_are_made_by_the_system_once_and_whole(make_actor, municipality) -> None:
    details = {"kind": OrganisationKind.PROVIDER, "code": "school-a", "name": "School A"}
    organisation_create(actor=SYSTEM, **details)
    with pytest.raises(OrganisationExistsError):
        organisation_create(actor=SYSTEM, **details)
    with pytest.raises(InvalidError) as caught:
        organisation_create(actor=SYSTEM, kind="club", code="met spatie", name=" ")
    assert {one.field for one in caught.value.violations} == {"kind", "code", "name"}
    with pytest.raises(NotAllowedError):
        organisation_create(
            actor=make_actor(Role.FUNCTIONAL_ADMINISTRATOR, municipality),
            **(details | {"code": "school-b"}),
        )
    assert Organisation.objects.filter(kind=OrganisationKind.PROVIDER).count() == 1
    # The same code may name organisations of different kinds.
    organisation_create(actor=SYSTEM, **(details | {"kind": OrganisationKind.REGION}))
