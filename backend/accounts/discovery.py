"""Reads what an OpenID Connect provider says of itself, before anybody depends on it."""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backend.common.addresses import is_own_or_link
from backend.common.errors import InvalidError, Text, Violation

WELL_KNOWN = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
SECONDS = 5
LONGEST = 200_000


@dataclass(frozen=True)
class Issuer:
    """An identity provider by its address without a closing slash, and where people log in."""

    address: str
    log_in_origin: str


def origin_of(address: str) -> str:
    """The scheme and host of a web address, as a content security policy names them."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def issuer_check(issuer: str) -> Issuer:
    """The issuer, when its discovery document is there and is its own.

    Only https, no redirects, and never an address of this machine itself outside a sandbox: the
    address comes from a form. Raises InvalidError at the field `issuer`.
    """
    issuer = issuer.strip().removesuffix(WELL_KNOWN).rstrip("/")
    _require_address(issuer)
    document = _read(issuer + WELL_KNOWN)
    if str(document.get("issuer", "")).rstrip("/") != issuer:
        raise _fault(
            "issuer_differs",
            _("The identity provider there calls itself “%(issuer)s”. Copy that address exactly.")
            % {"issuer": str(document.get("issuer", ""))[:200]},
        )
    missing = [name for name in NEEDED if not document.get(name)]
    if missing:
        raise _fault(
            "discovery_incomplete",
            _("The identity provider does not say: %(missing)s. Ask its administrator.")
            % {"missing": ", ".join(missing)},
        )
    return Issuer(issuer, origin_of(str(document["authorization_endpoint"])))


def _require_address(issuer: str) -> None:
    try:
        parts = urlsplit(issuer)
        host = parts.hostname or ""
        port = parts.port or 443
    except ValueError:
        host, port, parts = "", 443, urlsplit("")
    if not host or parts.username or parts.query or parts.fragment:
        raise _fault("issuer_invalid", _("This is not the web address of an identity provider."))
    sandbox = bool(settings.LOOPBACK_TARGETS)
    if parts.scheme != "https" and not sandbox:
        raise _fault("https_required", _("The address must begin with https://."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _unreachable(issuer) from None
    addresses = [ipaddress.ip_address(str(one[4][0])) for one in found]
    # A private network is fine: many identity providers stand next to this server.
    if not sandbox and any(map(is_own_or_link, addresses)):
        raise _fault("issuer_local", _("This address leads to this server itself. Use another."))


def _read(url: str) -> dict[str, object]:
    try:
        with requests.get(url, timeout=SECONDS, allow_redirects=False, stream=True) as answer:
            content = answer.raw.read(LONGEST + 1, decode_content=True)
            status = answer.status_code
    except (requests.RequestException, OSError):
        raise _unreachable(url) from None
    if status != requests.codes.ok:
        raise _fault(
            "discovery_missing",
            _("There is no discovery document at %(url)s (answer %(status)s). Check the address.")
            % {"url": url, "status": status},
        )
    try:
        document = orjson.loads(content[:LONGEST])
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        raise _fault(
            "discovery_unreadable",
            _("What stands at %(url)s is not a discovery document. Check the address.")
            % {"url": url},
        )
    return document


def _unreachable(url: str) -> InvalidError:
    return _fault(
        "issuer_unreachable",
        _(
            "The identity provider at %(url)s does not answer. Check the address, and whether this "
            "server may reach it. Nothing has been saved."
        )
        % {"url": url},
    )


def _fault(code: str, message: Text) -> InvalidError:
    return InvalidError(violations=[Violation("issuer", code, message)])
