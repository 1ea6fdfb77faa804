"""Sends to addresses that others chose: only to public ones, and never further than asked.

Against server-side request forgery: the name is resolved once, every address it has must be a
public one, and the connection is made to the address that was checked (a name that answers
differently a moment later changes nothing). Redirects are not followed.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import urllib3
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backend.common.addresses import Address, is_public
from backend.common.errors import Violation
from backend.feed.choices import DeliveryError

TIMEOUT = urllib3.Timeout(connect=5, read=10)


class PrivateTargetError(Exception):
    """The host is, or stands for, an address that is not public."""


@dataclass(frozen=True)
class Sent:
    """What came of one attempt: an answer, or why there was none."""

    status: int | None = None
    error: str = ""

    @property
    def succeeded(self) -> bool:
        return not self.error


def url_violation(url: str) -> Violation | None:
    """What is wrong with the address as such; the name is looked up when something is sent."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return Violation("url", "invalid", _("This is not a valid web address."))
    plain = not any(character.isspace() or not character.isprintable() for character in url)
    if not plain or not host or parts.username is not None or parts.fragment:
        return Violation(
            "url", "invalid", _("Give a web address without log-in name and without #.")
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and _may_loop(host)):
        return Violation("url", "https_required", _("The address must begin with https://."))
    literal = _literal(host)
    private = literal is not None and not is_public(literal)
    if (private or _is_localhost(host)) and not _may_loop(host):
        return Violation(
            "url",
            "private_address",
            _("This address is on a private network. Give one that can be reached publicly."),
        )
    return None


def send(url: str, body: bytes, headers: dict[str, str]) -> Sent:
    """POSTs once, to a checked address; never raises for what the other side does."""
    if url_violation(url) is not None:
        return Sent(error=DeliveryError.REFUSED_TARGET)
    parts = urlsplit(url)
    try:
        address = _checked_address(parts)
    except PrivateTargetError:
        return Sent(error=DeliveryError.REFUSED_TARGET)
    except (OSError, UnicodeError):
        return Sent(error=DeliveryError.UNREACHABLE)
    try:
        with _pool(parts, address) as pool:
            answer = pool.urlopen(
                "POST",
                parts._replace(scheme="", netloc="").geturl() or "/",
                body=body,
                headers={**headers, "Host": parts.netloc},
                redirect=False,
                retries=False,
                # The answer is of no interest, and may be without end.
                preload_content=False,
            )
            status = answer.status
            answer.close()
    except urllib3.exceptions.SSLError:
        return Sent(error=DeliveryError.TLS)
    except (urllib3.exceptions.HTTPError, OSError):
        return Sent(error=DeliveryError.UNREACHABLE)
    return Sent(status, "" if 200 <= status < 300 else DeliveryError.STATUS)


def _pool(parts: SplitResult, address: str) -> urllib3.HTTPConnectionPool:
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(address, _port(parts), timeout=TIMEOUT)
    return urllib3.HTTPSConnectionPool(
        address,
        _port(parts),
        timeout=TIMEOUT,
        # The certificate is that of the name, whatever address was looked up.
        server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _checked_address(parts: SplitResult) -> str:
    """An address of the host, when all that it has are public. Raises PrivateTargetError."""
    host = parts.hostname or ""
    found = socket.getaddrinfo(host, _port(parts), type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(one[4][0])) for one in found]
    if _may_loop(host):
        allowed = all(one.is_loopback for one in addresses)
    else:
        allowed = all(is_public(one) for one in addresses)
    if not addresses or not allowed:
        raise PrivateTargetError
    return str(addresses[0])


def _may_loop(host: str) -> bool:
    """This machine itself, where the settings open it for a sandbox."""
    literal = _literal(host)
    loops = _is_localhost(host) or (literal is not None and literal.is_loopback)
    return bool(settings.LOOPBACK_TARGETS) and loops


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
