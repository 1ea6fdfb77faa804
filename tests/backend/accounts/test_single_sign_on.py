"""Single sign-on against a real OpenID Connect provider: whose account it opens, and whose not."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from backend.accounts.grants import revoke_role
from backend.accounts.models import User
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor
from backend.settings.accounts import oidc_apps
from tests.backend.accounts.identity_provider import identity_provider
from tests.factories.accounts import UserFactory, membership_for, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.accounts.urls")]
INSIDE = "/inside"


@pytest.fixture
def stad(municipality, settings):
    """The identity provider of `municipality`."""
    with identity_provider() as provider:
        configure(settings, provider.url, municipality)
        yield provider


def configure(settings, url, municipality, **extra) -> None:
    entry = {
        "id": "stad",
        "name": "Stad",
        "client_id": "passend",
        "secret": "s",
        "server_url": url,
        "organisation": municipality.code,
        **extra,
    }
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": oidc_apps(orjson.dumps([entry]).decode()),
        }
    }


def sign_on(client, provider, email, *, verified: bool | None = True, sub="1"):
    """The whole round trip of a browser; the answer of the last step."""
    provider.claims = {"sub": sub, "email": email, "name": "Naam"}
    if verified is not None:
        provider.claims["email_verified"] = verified
    start = client.post(reverse("openid_connect_login", kwargs={"provider_id": "stad"}))
    assert start.status_code == 302
    asked = parse_qs(urlsplit(start.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    back = reverse("openid_connect_callback", kwargs={"provider_id": "stad"})
    return client.get(back, {"code": "c", "state": asked["state"][0]})


def test_an_invited_person_gets_in_and_comes_back(client, stad, municipality, settings) -> None:
    settings.MFA_REQUIRED_FOR_IDENTITY = True
    user = user_with(Role.CASEWORKER, municipality)
    for _ in range(2):
        answer = sign_on(client, stad, user.email.upper())
        assert answer.status_code == 302
        # The second factor is the organisation's own: no set-up page in between.
        assert client.get(INSIDE).content == user.full_name.encode()
        client.logout()
    assert SocialAccount.objects.get().user == user
    assert User.objects.count() == 1


def test_an_address_that_is_not_verified_counts_only_where_the_directory_is_trusted(
    client, stad, municipality, settings
) -> None:
    user = user_with(Role.CASEWORKER, municipality)
    for verified in (False, None):
        assert sign_on(client, stad, user.email, verified=verified).status_code == 403
        assert client.get(INSIDE).content == b""
    configure(settings, stad.url, municipality, trusts_email=True)
    assert sign_on(client, stad, user.email, verified=None).status_code == 302
    assert client.get(INSIDE).content == user.full_name.encode()


def test_nobody_else_gets_in(client, stad, municipality, other_municipality) -> None:
    elsewhere = user_with(Role.CASEWORKER, other_municipality)
    both = user_with(Role.CASEWORKER, municipality)
    membership_for(both, Role.COUNCIL_READER, other_municipality)
    past = UserFactory()
    membership_for(past, Role.CASEWORKER, municipality, valid_to=date(2020, 12, 31))
    inactive = user_with(Role.CASEWORKER, municipality, inactive=True)
    people = User.objects.count()
    for email in (
        elsewhere.email,
        both.email,
        past.email,
        inactive.email,
        UserFactory.build().email,
        "",
    ):
        assert sign_on(client, stad, email).status_code == 403
        assert client.get(INSIDE).content == b""
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == people


def test_a_connected_account_is_checked_again_at_every_log_in(
    client, stad, municipality, other_municipality
) -> None:
    user = UserFactory()
    membership = membership_for(user, Role.CASEWORKER, municipality)
    assert sign_on(client, stad, user.email).status_code == 302
    client.logout()
    membership_for(user, Role.CASEWORKER, other_municipality)
    assert sign_on(client, stad, user.email).status_code == 403
    assert client.get(INSIDE).content == b""
    revoke_role(actor=accounts_actor("tests", municipality), membership=membership)
    assert sign_on(client, stad, user.email).status_code == 403
    assert client.get(INSIDE).content == b""
