"""J12: an organisation gets its first administrator, and from then on its accounts are its own."""

from datetime import date

import pytest

from backend.accounts.actors import actor_for
from backend.accounts.errors import OrganisationOpenError
from backend.accounts.models import Membership, User
from backend.accounts.public import (
    organisation_onboard,
    organisations_to_open,
    regions_that_onboard,
    revoke_role,
)
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.organisations.models import RegionMembership
from backend.outbox.models import OutboxMessage
from tests.factories.accounts import user_with
from tests.factories.organisations import MunicipalityFactory, OrganisationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def opener(region):
    return actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, region))


@pytest.fixture
def town():
    return MunicipalityFactory(name="Nieuwstad").organisation


def onboard(opener, region, organisation, **changes):
    values = {"email": "Beheer@nieuwstad.example", "full_name": "B. Heer"} | changes
    return organisation_onboard(actor=opener, region=region, organisation=organisation, **values)


def test_a_municipality_is_opened_with_an_administrator_who_can_invite(opener, region, town):
    user = onboard(opener, region, town, roles=[Role.CASEWORKER], member_from=date(2027, 1, 1))
    assert set(Membership.objects.filter(user=user).values_list("role", flat=True)) == {
        Role.FUNCTIONAL_ADMINISTRATOR,
        Role.CASEWORKER,
    }
    assert RegionMembership.objects.get(municipality=town).valid_from == date(2027, 1, 1)
    assert OutboxMessage.objects.filter(key__endswith=f"invitation:{user.uuid}").exists()
    event = AuditEvent.objects.get(action="organisation.onboarded")
    assert event.actor_key == opener.key
    assert not organisations_to_open().filter(pk=town.pk).exists()


def test_an_organisation_with_an_administrator_is_its_own(opener, region, town):
    onboard(opener, region, town)
    with pytest.raises(OrganisationOpenError):
        onboard(opener, region, town, email="ander@nieuwstad.example")
    assert User.objects.filter(email__endswith="nieuwstad.example").count() == 1


def test_when_the_last_administrator_has_left_it_can_be_opened_again(opener, region, town):
    user = onboard(opener, region, town)
    own = user_with(Role.FUNCTIONAL_ADMINISTRATOR, town)
    for membership in Membership.objects.filter(user__in=[user, own], organisation=town):
        other = own if membership.user_id == user.pk else None
        actor = actor_for(other) if other else None
        if actor is not None:
            revoke_role(actor=actor, membership=membership)
    assert not organisations_to_open().filter(pk=town.pk).exists()
    User.objects.filter(pk=own.pk).update(is_active=False)
    assert organisations_to_open().filter(pk=town.pk).exists()


def test_only_an_administrator_of_a_region_opens_for_others(municipality, region, town):
    own = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
    assert not regions_that_onboard(own).exists()
    with pytest.raises(NotAllowedError):
        onboard(own, region, town)
    with pytest.raises(NotAllowedError):
        onboard(own, municipality, town)
    coordinator = actor_for(user_with(Role.REGIONAL_COORDINATOR, region))
    with pytest.raises(NotAllowedError):
        onboard(coordinator, region, town)
    assert not Membership.objects.filter(organisation=town).exists()


def test_a_provider_does_not_join_a_region_and_nothing_is_half_done(opener, region):
    school = OrganisationFactory(name="Taalschool Nieuw")
    with pytest.raises(InvalidError) as error:
        onboard(opener, region, school, member_from=date(2027, 1, 1))
    assert error.value.violations[0].code == "not_a_municipality"
    with pytest.raises(InvalidError):
        onboard(opener, region, school, roles=[Role.CASEWORKER])
    assert not User.objects.filter(full_name="B. Heer").exists()
    assert onboard(opener, region, school, roles=[Role.PROVIDER_PLANNER]).pk
