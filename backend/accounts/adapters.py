"""How allauth lets people in: invited people only, by password or by their organisation."""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from backend.accounts.models import Membership, User
from backend.common import clock


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

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            user = sociallogin.user
            if not _belongs_to_provider(user, sociallogin):
                raise ImmediateHttpResponse(_refusal(request))
            return
        user = _invited_user(sociallogin)
        if user is None or request.user.is_authenticated:
            raise ImmediateHttpResponse(_refusal(request))
        sociallogin.connect(request, user)


def _logged_in_just_now(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    latest = max((float(one["at"]) for one in records), default=0.0)
    age: float = clock.now().timestamp() - latest
    return age < app_settings.REAUTHENTICATION_TIMEOUT


def _invited_user(sociallogin: Any) -> User | None:
    """The invited person with an address that the provider has verified.

    Some directories never say "verified", because their administrators give the addresses out; such
    a provider is trusted by name (`trusts_email`), and still opens accounts of its own people only.
    """
    trusted = sociallogin.provider.app.settings.get("trusts_email", False)
    addresses = [
        User.objects.normalize_email(one.email)
        for one in sociallogin.email_addresses
        if one.verified or trusted
    ]
    user = User.objects.filter(email__in=addresses, is_active=True).first()
    return user if user is not None and _belongs_to_provider(user, sociallogin) else None


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
