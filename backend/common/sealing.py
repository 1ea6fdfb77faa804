"""Secrets of others as they stand in the database: of no use to whoever has only the database."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


class BrokenSealError(Exception):
    """Sealed with a key that is known no more, for another purpose, or changed since."""


def seal(secret: str, *, purpose: str) -> str:
    return _keys(purpose).encrypt(secret.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """The secret. Raises BrokenSealError."""
    try:
        return _keys(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise BrokenSealError from None


def _keys(purpose: str) -> MultiFernet:
    """The key of today first; those of SECRET_KEY_FALLBACKS still open what was sealed earlier."""
    wanted = [str(one) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(_fernet_key(one, purpose)) for one in wanted])


def _fernet_key(secret_key: str, purpose: str) -> bytes:
    digest = salted_hmac(__name__, purpose, secret=secret_key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
