"""Signatures of webhooks as in Standard Webhooks 1.0, and the secrets they are made with."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
SECRET_BYTES = 32
_SALT = "backend.feed.signing"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(secret: str) -> str:
    """The secret as it stands in the database, of no use to whoever has only the database."""
    return _keys().encrypt(secret.encode()).decode()


def unsealed(stored: str) -> str:
    return _keys().decrypt(stored.encode()).decode()


def headers_of(message_id: str, moment: datetime, body: bytes, secret: str) -> dict[str, str]:
    """`webhook-id`, `webhook-timestamp` and `webhook-signature` of one attempt."""
    timestamp = str(int(moment.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def _keys() -> MultiFernet:
    """The key of today first; those of SECRET_KEY_FALLBACKS still open what was sealed earlier."""
    wanted = [str(one) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(_fernet_key(one)) for one in wanted])


def _fernet_key(secret_key: str) -> bytes:
    digest = salted_hmac(_SALT, "webhook secrets", secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
