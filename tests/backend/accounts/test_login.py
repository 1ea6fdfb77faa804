"""Getting in: invitations, passwords, second factor; closed sign-up and single sign-on."""

import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse

from backend.accounts.adapters import AccountAdapter, SocialAccountAdapter
from backend.accounts.errors import UserExistsError
from backend.accounts.grants import organisations_by_permission
from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from backend.accounts.services import accounts_actor, user_create, user_deactivate, user_invite
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.outbox.public import consume
from backend.settings.accounts import oidc_apps
from tests.factories.accounts import PASSWORD, membership_for, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.accounts.urls")]
INSIDE = "/inside"


def log_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def test_an_invited_person_chooses_a_password_and_gets_in(client, municipality, mailoutbox) -> None:
    user = user_invite(
        actor=accounts_actor("tests", municipality),
        email=" Nieuwe.Collega@Voorbeeld.example ",
        full_name="Nieuwe Collega",
        organisation=municipality,
        role=Role.COUNCIL_READER,
    )
    assert mailoutbox == []
    consume()
    assert user.email == "nieuwe.collega@voorbeeld.example"
    assert not user.has_usable_password()
    (mail,) = mailoutbox
    assert mail.to == [user.email]
    link = re.search(r"https?://[^/]+(/\S+)", mail.body).group(1)
    page = client.get(link, follow=True)
    answer = client.post(
        page.redirect_chain[-1][0],
        {"password1": "zeer-geheim-woord-77", "password2": "zeer-geheim-woord-77"},
    )
    assert answer.status_code == 302
    client.logout()
    assert log_in(client, user, "zeer-geheim-woord-77").status_code == 302
    assert client.get(INSIDE).content == b"Nieuwe Collega"
    # The link has been used up.
    assert client.get(link).status_code == 200
    assert [one.action for one in AuditEvent.objects.order_by("pk")] == [
        "user.created",
        "membership.granted",
    ]


def test_wrong_password_and_closed_accounts_stay_outside(client, municipality) -> None:
    user = user_with(Role.COUNCIL_READER, municipality)
    assert log_in(client, user, "verkeerd").status_code == 200
    assert client.get(INSIDE).content == b""
    user.is_active = False
    user.save()
    log_in(client, user)
    assert client.get(INSIDE).content == b""


def test_sign_up_does_not_exist(client) -> None:
    for name in ("account_signup", "socialaccount_signup"):
        for method in (client.get, client.post):
            answer = method(
                reverse(name),
                {"email": "a@b.example", "password1": PASSWORD, "password2": PASSWORD},
            )
            assert answer.status_code == 404
    assert not AccountAdapter().is_open_for_signup(None)
    assert not SocialAccountAdapter().is_open_for_signup(None, None)
    assert not User.objects.exists()


def test_many_wrong_passwords_are_stopped(client, municipality) -> None:
    user = user_with(Role.COUNCIL_READER, municipality)
    for _ in range(6):
        log_in(client, user, "verkeerd")
    log_in(client, user)
    assert client.get(INSIDE).content == b""


@pytest.mark.parametrize("required", [True, False])
def test_who_sees_names_needs_a_second_factor_where_it_is_required(
    client, municipality, settings, required
) -> None:
    settings.MFA_REQUIRED_FOR_IDENTITY = required
    log_in(client, user_with(Role.CASEWORKER, municipality))
    answer = client.get(INSIDE)
    if required:
        assert answer.status_code == 302
        assert answer.url == reverse("mfa_activate_totp")
        assert client.get("/api/inside").content == b""
    else:
        assert answer.status_code == 200


def test_who_sees_no_names_needs_no_second_factor(client, municipality, settings) -> None:
    settings.MFA_REQUIRED_FOR_IDENTITY = True
    log_in(client, user_with(Role.COUNCIL_READER, municipality))
    assert client.get(INSIDE).status_code == 200


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_the_second_factor_is_set_up_asked_for_and_opens(client, municipality, settings) -> None:
    settings.MFA_REQUIRED_FOR_IDENTITY = True
    settings.MFA_TOTP_TOLERANCE = 1
    user = user_with(Role.CASEWORKER, municipality)
    log_in(client, user)
    page = client.get(client.get(INSIDE).url)
    assert page.status_code == 200
    secret = page.context["form"].secret
    assert client.post(reverse("mfa_activate_totp"), {"code": "000000"}).status_code == 200
    assert client.get(INSIDE).status_code == 302
    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert client.get(INSIDE).content == user.full_name.encode()
    assert client.get("/api/inside").content == user.full_name.encode()
    client.logout()

    asked = log_in(client, user)
    assert asked.url.startswith(reverse("mfa_authenticate"))
    assert client.get(INSIDE).content == b""
    client.post(asked.url, {"code": "000000"})
    assert client.get(INSIDE).content == b""
    # A code counts once: the one of the set-up may have been looked over somebody's shoulder.
    cache.clear()
    client.post(asked.url, {"code": code_for(secret)})
    assert client.get(INSIDE).content == user.full_name.encode()


def test_providers_come_from_the_environment() -> None:
    text = (
        b'[{"id": "stad", "name": "Stad", "client_id": "c", "secret": "s",'
        b' "server_url": "https://login.stad.example", "organisation": "0344"}]'
    ).decode()
    (app,) = oidc_apps(text)
    assert (app["provider_id"], app["settings"]["organisation"]) == ("stad", "0344")
    assert app["settings"]["organisation_kind"] == "municipality"
    assert oidc_apps(" ") == []
    with pytest.raises(ValueError, match="entry 1: missing organisation"):
        oidc_apps(text.replace("organisation", "organisatie"))
    with pytest.raises(ValueError, match="list"):
        oidc_apps("{}")


def test_people_are_not_made_twice_or_half(municipality, make_actor) -> None:
    actor = accounts_actor("tests", municipality)
    details = {"full_name": "A", "organisation": municipality, "role": Role.CASEWORKER}
    user_create(actor=actor, email="a@voorbeeld.example", **details)
    with pytest.raises(UserExistsError):
        user_create(actor=actor, email="A@voorbeeld.example", **details)
    with pytest.raises(InvalidError) as caught:
        user_create(actor=actor, email="geen adres", **(details | {"full_name": " "}))
    assert {one.field for one in caught.value.violations} == {"email", "full_name"}
    with pytest.raises(InvalidError):
        user_create(actor=actor, email="b@voorbeeld.example", **(details | {"role": Role.TEACHER}))
    with pytest.raises(NotAllowedError):
        user_create(
            actor=make_actor(Role.CASEWORKER, municipality), email="c@voorbeeld.example", **details
        )
    assert User.objects.exclude(email__startswith="medewerker").count() == 1


def test_closing_an_account_needs_rights_everywhere_it_works(
    municipality, other_municipality, make_actor
) -> None:
    user = user_with(Role.CASEWORKER, municipality)
    membership_for(user, Role.CASEWORKER, other_municipality)
    details = {"user": user, "organisation": municipality, "reason": "left"}
    with pytest.raises(NotAllowedError):
        user_deactivate(actor=make_actor(Role.FUNCTIONAL_ADMINISTRATOR, municipality), **details)
    user_deactivate(actor=accounts_actor("tests", municipality, other_municipality), **details)
    user.refresh_from_db()
    assert organisations_by_permission(user) == {}
    assert Membership.objects.filter(user=user).count() == 2


def test_the_command_makes_a_user_and_says_what_is_wrong(municipality, capsys) -> None:
    arguments = ["create_user", "x@voorbeeld.example", "Xandra", "caseworker"]
    call_command(*arguments, organisation=municipality.code)
    assert User.objects.get().email == "x@voorbeeld.example"
    with pytest.raises(CommandError):
        call_command(*arguments, organisation=municipality.code)
    with pytest.raises(CommandError):
        call_command("create_user", "y", "", "caseworker", organisation=municipality.code)
