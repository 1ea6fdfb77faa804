"""How allauth lets people in: invited people only, by password or by their organisation."""

from typing import Any

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from backend.accounts.group_roles import (
    claim_of,
    roles_claimed,
    roles_follow_groups,
    user_of_groups,
)
from backend.accounts.models import Membership, User
from backend.accounts.roles import Role
from backend.accounts.single_sign_on import PURPOSE
from backend.common import clock
from backend.common.sealing import BrokenSealError, unseal
from backend.organisations.models import Organisation

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts: nobody signs up, an administrator invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not just after a log-in: whoever is sent to the set-up of a second factor has just typed
        the password, and would have to type it again.
        """
        required: bool = super().is_reauthentication_required(app=app, **kwargs)
        return required and not _logged_in_just_now(self.request)


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Single sign-on of one organisation opens only accounts that belong to it alone.

    An identity provider vouches for the people of its own organisation. It must not open the
    account of somebody who has rights elsewhere by stating that person's address; who works for
    several organisations logs in with a password and a second factor.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> Any:
        """Apps that an administrator entered keep their secret sealed until it is needed."""
        apps = super().list_apps(request, provider=provider, client_id=client_id)
        for app in apps:
            if sealed := app.settings.get("sealed_secret"):
                app.secret = _opened(sealed)
        return apps

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            user = sociallogin.user
            _follow_groups(user, sociallogin)
            if not _belongs_to_provider(user, sociallogin):
                raise ImmediateHttpResponse(_refusal(request))
            return
        user = _invited_user(sociallogin) or _user_of_groups(sociallogin)
        if user is None or request.user.is_authenticated:
            raise ImmediateHttpResponse(_refusal(request))
        sociallogin.connect(request, user)


def _opened(sealed: str) -> str:
    """The secret; empty when no known key opens it, so that the identity provider refuses the
    log-in and an administrator enters the secret again, while everybody else gets in.
    """
    try:
        return unseal(sealed, purpose=PURPOSE)
    except BrokenSealError:
        log.error("single_sign_on.secret_unreadable")
        return ""


def _logged_in_just_now(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    latest = max((float(one["at"]) for one in records), default=0.0)
    age: float = clock.now().timestamp() - latest
    return age < app_settings.REAUTHENTICATION_TIMEOUT


def _invited_user(sociallogin: Any) -> User | None:
    """The invited person with an address that the provider vouches for."""
    user = User.objects.filter(email__in=_addresses(sociallogin), is_active=True).first()
    if user is None or not _belongs_to_provider(user, sociallogin):
        return None
    _follow_groups(user, sociallogin)
    return user if _belongs_to_provider(user, sociallogin) else None


def _user_of_groups(sociallogin: Any) -> User | None:
    """A new account for somebody whose groups carry a role; nobody who has one already."""
    addresses = _addresses(sociallogin)
    organisation = _organisation_of(sociallogin)
    roles = _roles(sociallogin)
    if not addresses or not roles or organisation is None:
        return None
    if User.objects.filter(email__in=addresses).exists():
        return None
    return user_of_groups(
        organisation=organisation,
        email=addresses[0],
        full_name=str(claim_of(sociallogin.account.extra_data, "name") or "")[:150],
        roles=roles,
    )


def _follow_groups(user: User, sociallogin: Any) -> None:
    """Brings the roles up to date, of people who have never worked anywhere else."""
    organisation = _organisation_of(sociallogin)
    if not sociallogin.provider.app.settings.get("roles_by_group") or organisation is None:
        return
    worked = set(Membership.objects.filter(user=user).values_list("organisation_id", flat=True))
    if user.is_active and worked == {organisation.pk}:
        roles_follow_groups(user=user, organisation=organisation, roles=_roles(sociallogin))


def _roles(sociallogin: Any) -> frozenset[Role]:
    return roles_claimed(sociallogin.provider.app.settings, sociallogin.account.extra_data)


def _organisation_of(sociallogin: Any) -> Organisation | None:
    settings = sociallogin.provider.app.settings
    return (
        Organisation.objects.active()
        .filter(kind=settings["organisation_kind"], code=settings["organisation"])
        .first()
    )


def _addresses(sociallogin: Any) -> list[str]:
    """Addresses that count as verified.

    Some directories never say "verified", because their administrators give the addresses out; such
    a provider is trusted by name (`trusts_email`), and still opens accounts of its own people only.
    """
    trusted = sociallogin.provider.app.settings.get("trusts_email", False)
    return [
        User.objects.normalize_email(one.email)
        for one in sociallogin.email_addresses
        if one.verified or trusted
    ]


def _belongs_to_provider(user: User, sociallogin: Any) -> bool:
    settings = sociallogin.provider.app.settings
    places = set(
        Membership.objects.on(clock.today())
        .filter(user_id=user.pk)
        .values_list("organisation__kind", "organisation__code")
    )
    return places == {(settings["organisation_kind"], settings["organisation"])}


def _refusal(request: HttpRequest) -> Any:
    return render(request, "socialaccount/authentication_error.html", status=403)
