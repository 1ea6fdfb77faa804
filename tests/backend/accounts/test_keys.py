"""Keys of machine clients: shown once, stored as a hash, revoked within seconds."""

import hashlib
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from backend.accounts import cached_principals
from backend.accounts.actors import actor_for, forget_all
from backend.accounts.errors import ClientNameTakenError, RoleNotFittingError
from backend.accounts.keys import authenticate_key
from backend.accounts.models import ApiClient
from backend.accounts.roles import REGION_WIDE_PERMISSIONS, ROLE_PERMISSIONS, Role
from backend.accounts.services import accounts_actor, api_client_create, api_client_revoke
from backend.audit.models import AuditEvent
from backend.common import clock
from backend.common.errors import InvalidError, NotAllowedError
from backend.organisations.permissions import Permission
from tests.factories.accounts import client_with

pytestmark = pytest.mark.django_db


def test_a_key_is_recognised_and_its_secret_is_stored_nowhere(municipality) -> None:
    client, key = client_with(Role.CASEWORKER, organisation=municipality)
    assert authenticate_key(key) == client
    stored = str(ApiClient.objects.values().get()) + str(list(AuditEvent.objects.values()))
    assert key.split("_", 2)[2] not in stored
    assert client.key_hash == hashlib.sha256(key.encode()).hexdigest()
    assert len(key.split("_", 2)[2]) >= 43


@pytest.mark.parametrize("kind", ["expired", "revoked"])
def test_expired_and_revoked_keys_open_nothing(municipality, kind) -> None:
    client, key = client_with(Role.CASEWORKER, organisation=municipality, **{kind: True})
    assert authenticate_key(key) is None
    assert actor_for(client).organisations == {}
    client.refresh_from_db()
    assert client.last_used_day is None


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key + "x",
        lambda key: key.split("_")[1],
        lambda key: "psd_000000000000_" + key.split("_", 2)[2],
        lambda key: key.upper(),
        lambda key: "",
        lambda key: "psd__",
        lambda key: "\x00" + key,
        lambda key: key.replace("_", "_\x00", 1),
        lambda key: "psd_" + "a" * 100_000,
        lambda key: "psd_\ud800_x",
    ],
)
def test_anything_but_the_key_is_nobody(municipality, change) -> None:
    _, key = client_with(Role.CASEWORKER, organisation=municipality)
    assert authenticate_key(change(key)) is None


def test_repeated_use_costs_no_query(municipality, django_assert_num_queries) -> None:
    client, key = client_with(Role.CASEWORKER, organisation=municipality)
    forget_all()
    with django_assert_num_queries(2):
        found = authenticate_key(key)
        actor_for(found)
    with django_assert_num_queries(0):
        assert actor_for(authenticate_key(key)).may(Permission.PLACE, municipality.pk)
    client.refresh_from_db()
    assert client.last_used_day == clock.today()
    forget_all()
    with django_assert_num_queries(1):
        authenticate_key(key)


def test_revoking_acts_at_once_here_and_within_seconds_elsewhere(municipality) -> None:
    client, key = client_with(Role.CASEWORKER, organisation=municipality)
    assert authenticate_key(key)
    actor = accounts_actor("tests", municipality)
    api_client_revoke(actor=actor, client=client, reason="leaked")
    assert authenticate_key(key) is None
    assert actor_for(ApiClient.objects.get()).organisations == {}
    # What another process remembers ends by itself.
    assert cached_principals.SECONDS <= 5
    api_client_revoke(actor=actor, client=client)
    assert [one.action for one in AuditEvent.objects.order_by("pk")] == [
        "api_client.created",
        "api_client.revoked",
    ]


def test_a_remembered_key_expires_on_time(municipality, frozen_clock) -> None:
    client, key = client_with(Role.CASEWORKER, organisation=municipality)
    client.expires_at = clock.now() + timedelta(seconds=1)
    client.save()
    assert authenticate_key(key)
    frozen_clock.shift(timedelta(seconds=1))
    assert authenticate_key(key) is None


def test_a_client_of_a_region_reaches_its_members(region, municipality) -> None:
    client, _ = client_with(Role.REGIONAL_COORDINATOR, organisation=region)
    found = actor_for(client).organisations
    assert found == {
        permission: frozenset(
            {region.pk, municipality.pk} if permission in REGION_WIDE_PERMISSIONS else {region.pk}
        )
        for permission in ROLE_PERMISSIONS[Role.REGIONAL_COORDINATOR]
    }


def test_what_is_refused_when_a_client_is_made(municipality, provider, make_actor) -> None:
    actor = accounts_actor("tests", municipality, provider)
    details = {"actor": actor, "organisation": municipality}
    with pytest.raises(RoleNotFittingError):
        api_client_create(**details, name="A", roles=[Role.TEACHER])
    with pytest.raises(InvalidError) as caught:
        api_client_create(**details, name="", roles=[])
    assert {one.field for one in caught.value.violations} == {"name", "roles"}
    with pytest.raises(NotAllowedError):
        api_client_create(
            actor=make_actor(Role.CASEWORKER, municipality),
            organisation=municipality,
            name="A",
            roles=[Role.CASEWORKER],
        )
    assert not ApiClient.objects.exists()
    api_client_create(**details, name="A", roles=[Role.CASEWORKER])
    with pytest.raises(ClientNameTakenError):
        api_client_create(**details, name="A", roles=[Role.CASEWORKER])


def test_the_command_prints_a_working_key_once(municipality, capsys) -> None:
    call_command(
        "create_api_client",
        "Koppeling",
        "caseworker",
        organisation=municipality.code,
        days=30,
    )
    key = capsys.readouterr().out.strip()
    client = authenticate_key(key)
    assert client.name == "Koppeling"
    assert client.expires_at > clock.now() + timedelta(days=29)
    with pytest.raises(CommandError):
        call_command("create_api_client", "B", "caseworker", organisation="bestaat-niet")
