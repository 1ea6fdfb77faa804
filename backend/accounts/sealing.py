"""Secrets of identity providers as they stand in the database: readable by this program only."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(secret: str) -> str:
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret, or nothing when it was sealed under another PASSEND_SECRET_KEY: log-in then fails
    at the identity provider, and the secret has to be entered again.
    """
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"passend single sign-on")
    return Fernet(urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
