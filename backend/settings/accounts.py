"""Settings of log-in, single sign-on, object grants and the access log."""

from typing import Any

import orjson

from backend.settings import env

# Guardian: no row for "the anonymous user"; grants are written for people only.
ANONYMOUS_USER_NAME = None

# A look inside a transaction is written by a connection of its own (backend.audit.services).
ACCESS_LOG_OWN_CONNECTION = True

ACCOUNT_ADAPTER = "backend.accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Passend: "
# Tries per window, then 429. Per address and per account, so that one office behind one address
# is not locked out by one colleague.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "confirm_email": "1/3m/key",
    "signup": "1/h/ip",
}

# Whose address is counted: with a proxy in front, the one that the proxy reports.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.BEHIND_PROXY.flag() else 0

MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Passend"
# Whoever sees names of participants logs in with a second factor; the demo may do without.
MFA_REQUIRED_FOR_IDENTITY = not env.DEMO.flag()

SOCIALACCOUNT_ADAPTER = "backend.accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
# Connecting by verified address is decided in the adapter, per organisation of the provider.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False


def oidc_apps(text: str) -> list[dict[str, Any]]:
    """The OpenID Connect apps named in PASSEND_OIDC_PROVIDERS; one per organisation.

    Each entry needs id, name, client_id, secret, server_url and organisation (the code of the
    municipality, region or provider whose people log in there). Optional: organisation_kind
    (municipality unless told otherwise) and trusts_email, true for a directory that gives out its
    addresses itself and therefore never marks them as verified. A mistake stops the start.
    """
    if not text.strip():
        return []
    entries = orjson.loads(text)
    if not isinstance(entries, list):
        raise ValueError("PASSEND_OIDC_PROVIDERS must be a JSON list.")
    apps = []
    for number, entry in enumerate(entries, start=1):
        wanted = {"id", "name", "client_id", "secret", "server_url", "organisation"}
        missing = sorted(wanted - set(entry))
        if missing:
            raise ValueError(
                f"PASSEND_OIDC_PROVIDERS, entry {number}: missing {', '.join(missing)}."
            )
        apps.append(
            {
                "provider_id": entry["id"],
                "name": entry["name"],
                "client_id": entry["client_id"],
                "secret": entry["secret"],
                "settings": {
                    "server_url": entry["server_url"],
                    "organisation": entry["organisation"],
                    "organisation_kind": entry.get("organisation_kind", "municipality"),
                    "trusts_email": entry.get("trusts_email", False) is True,
                },
            }
        )
    return apps


SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": oidc_apps(env.OIDC_PROVIDERS.optional())}
}
