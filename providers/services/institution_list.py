"""Fetches DUO's list of institutions live: `GET /instellingen` of the Inburgeringsaanbod API.

The address comes from the settings, never from a user. DUO wants three headers: who asks (`bron`,
an OIN), who answers (`doel`, the OIN of DUO) and an own number per message (`berichtId`).
"""

import uuid
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.errors import InvalidError, Violation
from backend.common.imports import read_json
from providers.errors import InstitutionListUnavailableError
from providers.policies import require_register_providers

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 10
# The list holds at most 200 schools; this is a hundred times what they need.
MAX_BYTES = 10 * 1024 * 1024


class _NoRedirects(HTTPRedirectHandler):
    """The settings say where the list is; an answer does not send us elsewhere."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        return None


def institution_list_read(content: bytes) -> object:
    """The JSON value of an uploaded list, of which one byte more than MAX_BYTES is enough.

    Raises InvalidError when it is too large, ImportFaultsError when it is no JSON.
    """
    if len(content) > MAX_BYTES:
        raise InvalidError(
            violations=[Violation("file", "too_large", _("This file is larger than 10 MB."))]
        )
    return read_json(content)


def institution_list_fetch(*, actor: Actor) -> object:
    """The JSON value that DUO answers. Raises NotAllowedError, InstitutionListUnavailableError,
    ImportFaultsError when the answer is no JSON."""
    require_register_providers(actor)
    base = str(settings.DUO_URL).rstrip("/")
    if not base or urlsplit(base).scheme not in {"http", "https"}:
        raise InstitutionListUnavailableError(
            _("No address of DUO is set (PASSEND_DUO_URL). Upload the file instead.")
        )
    message = str(uuid.uuid4())
    request = Request(  # noqa: S310 - the scheme was checked, the address is a setting
        f"{base}/instellingen",
        headers={
            "Accept": "application/json",
            "bron": str(settings.DUO_SOURCE),
            "doel": str(settings.DUO_TARGET),
            "berichtId": message,
        },
    )
    try:
        with build_opener(_NoRedirects).open(request, timeout=TIMEOUT_SECONDS) as answer:
            content = answer.read(MAX_BYTES + 1)
    except (HTTPError, URLError, TimeoutError, OSError) as error:
        log.warning("duo.institutions_unavailable", reason=str(error), message_id=message)
        raise InstitutionListUnavailableError from error
    if len(content) > MAX_BYTES:
        log.warning("duo.institutions_too_large", message_id=message)
        raise InstitutionListUnavailableError
    return read_json(content)
