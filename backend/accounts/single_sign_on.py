"""Single sign-on of an organisation, kept on screen instead of in the settings (journey J12).

One OpenID Connect app per organisation, which allauth reads (`SocialApp`). The secret is sealed and
never shown again. Groups at the identity provider may carry roles: see `group_roles`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.accounts.discovery import issuer_check, origin_of
from backend.accounts.roles import Role, role_fits
from backend.audit import public as audit
from backend.common.errors import InvalidError, Violation
from backend.common.sealing import seal
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission

PROVIDER = "openid_connect"
DEFAULT_CLAIM = "groups"
# Of the seal on the secret.
PURPOSE = "single sign-on"
LONGEST_NAME = 40


@dataclass(frozen=True)
class SignOnData:
    """What an administrator fills in; an empty secret keeps the one that is known."""

    issuer: str
    client_id: str
    secret: str = ""
    trusts_email: bool = False
    group_claim: str = DEFAULT_CLAIM
    # Name of a group at the identity provider, and the role that it carries.
    roles_by_group: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SignOn:
    """How people of an organisation log in; without the secret."""

    issuer: str
    client_id: str
    trusts_email: bool
    group_claim: str
    roles_by_group: Mapping[str, str]
    redirect_url: str


def redirect_url(organisation: Organisation) -> str:
    """The address that the identity provider must know."""
    path = reverse("openid_connect_callback", kwargs={"provider_id": provider_id(organisation)})
    return f"{settings.PUBLIC_URL}{path}"


def provider_id(organisation: Organisation) -> str:
    return f"{organisation.kind}-{organisation.code}"


def log_in_origins() -> list[str]:
    """Where the log-in page sends people of organisations that entered their identity provider.

    Browsers hold the end of a form's redirects to the content security policy: without these the
    button does nothing.
    """
    apps = SocialApp.objects.filter(provider=PROVIDER).values_list("settings", flat=True)
    return sorted({kept.get("log_in_origin") or origin_of(kept["server_url"]) for kept in apps})


def single_sign_on_of(*, actor: Actor, organisation: Organisation) -> SignOn | None:
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    app = _apps(organisation).first()
    return None if app is None else _shown(app, organisation)


@transaction.atomic
def single_sign_on_set(*, actor: Actor, organisation: Organisation, data: SignOnData) -> SignOn:
    """People of the organisation log in there from now on; accounts with a password stay.

    The discovery document is read first. Raises NotAllowedError and InvalidError with the field.
    """
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    app = _apps(organisation).select_for_update().first()
    faults = _faults(organisation, data, has_secret=app is not None)
    if faults:
        raise InvalidError(violations=faults)
    issuer = issuer_check(data.issuer)
    before = None if app is None else _history(app)
    app = app or SocialApp(provider=PROVIDER, provider_id=provider_id(organisation))
    sealed = seal(data.secret, purpose=PURPOSE) if data.secret else app.settings["sealed_secret"]
    app.name = organisation.name[:LONGEST_NAME]
    app.client_id = data.client_id.strip()
    app.settings = {
        "server_url": issuer.address,
        "log_in_origin": issuer.log_in_origin,
        "organisation": organisation.code,
        "organisation_kind": organisation.kind,
        "trusts_email": data.trusts_email,
        "sealed_secret": sealed,
        "group_claim": data.group_claim.strip() or DEFAULT_CLAIM,
        "roles_by_group": dict(data.roles_by_group),
    }
    app.save()
    audit.record(
        actor=actor,
        action="single_sign_on.set",
        subject=organisation,
        before=before,
        after={**_history(app), "new_secret": bool(data.secret)},
        organisation_ids=[organisation.pk],
    )
    return _shown(app, organisation)


@transaction.atomic
def single_sign_on_remove(*, actor: Actor, organisation: Organisation, reason: str) -> None:
    """Nobody logs in there any more; roles that came from groups stay until they are ended."""
    actor.require(Permission.MANAGE_ACCOUNTS, organisation.pk)
    app = _apps(organisation).select_for_update().first()
    if app is None:
        return
    audit.record(
        actor=actor,
        action="single_sign_on.removed",
        subject=organisation,
        before=_history(app),
        reason=reason,
        organisation_ids=[organisation.pk],
    )
    app.delete()


def _apps(organisation: Organisation) -> Any:
    return SocialApp.objects.filter(provider=PROVIDER, provider_id=provider_id(organisation))


def _shown(app: SocialApp, organisation: Organisation) -> SignOn:
    return SignOn(
        issuer=app.settings["server_url"],
        client_id=app.client_id,
        trusts_email=app.settings["trusts_email"],
        group_claim=app.settings["group_claim"],
        roles_by_group=app.settings["roles_by_group"],
        redirect_url=redirect_url(organisation),
    )


def _history(app: SocialApp) -> dict[str, Any]:
    kept = {name: value for name, value in app.settings.items() if name != "sealed_secret"}
    return {"client_id": app.client_id, **kept}


def _faults(organisation: Organisation, data: SignOnData, *, has_secret: bool) -> list[Violation]:
    found = []
    required = _("Fill this in.")
    if not data.client_id.strip():
        found.append(Violation("client_id", "required", required))
    if not data.issuer.strip():
        found.append(Violation("issuer", "required", required))
    if not data.secret and not has_secret:
        found.append(Violation("secret", "required", required))
    for role in set(data.roles_by_group.values()):
        known = role in Role.values
        if not known or not role_fits(Role(role), at_provider=organisation.is_provider):
            found.append(
                Violation(
                    "roles_by_group",
                    "role_not_fitting",
                    _("This role does not exist at this kind of organisation: %(role)s.")
                    % {"role": role},
                )
            )
    return found
