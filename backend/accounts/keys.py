"""Keys of machine clients: made once, shown once, recognised by their hash.

A key reads `psd_<prefix>_<secret>`: the prefix finds the row and may be shown in lists and logs,
the secret is 256 random bits. SHA-256 suffices for a secret that nobody can guess; a slow password
hash would only make every request slow.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from backend.accounts.cached_principals import clients
from backend.accounts.models import ApiClient
from backend.common import clock

SCHEME = "psd"
PREFIX_BYTES = 6
SECRET_BYTES = 32
_FORM = re.compile(rf"{SCHEME}_([0-9a-f]{{{2 * PREFIX_BYTES}}})_[A-Za-z0-9_-]+\Z")
_NOBODY = hashlib.sha256(b"nobody").hexdigest()


@dataclass(frozen=True)
class NewKey:
    """A key at the one moment that it is known; only `prefix` and `hash` are stored."""

    raw: str
    prefix: str
    hash: str


def new_key() -> NewKey:
    prefix = secrets.token_hex(PREFIX_BYTES)
    raw = f"{SCHEME}_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return NewKey(raw=raw, prefix=prefix, hash=_hash(raw))


def authenticate_key(raw: str) -> ApiClient | None:
    """The machine client whose key this is, or None when unknown, revoked or expired.

    No query for a key seen in the last five seconds, one otherwise (two for the first use of a
    day, which is written down). The comparison takes the same time whatever differs. A revoked
    key stops working at once in this process and within five seconds in the others.
    """
    digest = _hash(raw)
    client = clients.get(digest)
    if client is None:
        client = _look_up(raw, digest)
        if client is None:
            return None
        clients.put(digest, client)
    return client if client.works_at(clock.now()) else None


def _look_up(raw: str, digest: str) -> ApiClient | None:
    match = _FORM.match(raw)
    if match is None:
        return None
    client = ApiClient.objects.select_related("organisation").filter(key_prefix=match[1]).first()
    # Compared also where no row was found: the answer takes the same time either way.
    same = hmac.compare_digest(client.key_hash if client else _NOBODY, digest)
    if client is None or not same:
        return None
    today = clock.today()
    if client.last_used_day != today and client.works_at(clock.now()):
        ApiClient.objects.filter(pk=client.pk).update(last_used_day=today)
        client.last_used_day = today
    return client


def _hash(raw: str) -> str:
    return hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()
