"""Signatures of webhooks as in Standard Webhooks 1.0, and the secrets they are made with."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from backend.common.sealing import seal, unseal

PREFIX = "whsec_"
SECRET_BYTES = 32
_PURPOSE = "webhooks"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sealed(secret: str) -> str:
    return seal(secret, purpose=_PURPOSE)


def unsealed(stored: str) -> str:
    """The secret that was sealed here. Raises BrokenSealError."""
    return unseal(stored, purpose=_PURPOSE)


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
