"""The personal link: made by a caseworker, opened by the person, and the answer that comes back."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.accounts.public import system_actor as system
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Permission
from matching import policies
from matching.choices import PlacementState
from matching.errors import TransitionError
from matching.letter_choices import ResponseKind, ResponseReason
from matching.letters import LANGUAGES
from matching.models import PersonalLink, Placement, PlacementResponse
from matching.models.letters import MAX_WRONG_CODES

# The place has been asked for or given, and the first lesson is still to come.
LETTER_STATES = frozenset({PlacementState.OFFERED, PlacementState.ACCEPTED})
TOKEN_BYTES = 16
CODE_DIGITS = 6
AFTER_START = timedelta(days=7)
AT_LEAST = timedelta(days=14)
SESSION = timedelta(minutes=30)
# Somebody who changes their mind more often than this is better called.
MAX_RESPONSES = 10
NOT_FITTING_NOTICE = "person_says_not_fitting"
PERSON = "person with a personal link"


@dataclass(frozen=True)
class Contact:
    """Whom the person calls: a desk or a caseworker of the municipality."""

    name: str
    phone: str


@dataclass(frozen=True)
class IssuedLink:
    """A new link with the two secrets, which are shown once and stored nowhere."""

    link: PersonalLink
    token: str
    code: str


def register_kinds() -> None:
    """Declares the text of the task; called once when the house is wired."""
    register_kind(
        NOT_FITTING_NOTICE,
        title=_("A person says that a place does not fit"),
        body=_("%(course)s, start %(start)s"),
    )


@transaction.atomic
def personal_link_create(
    *, actor: Actor, placement: Placement, language: str, contact: Contact
) -> IssuedLink:
    """A link with a token of 128 bits and a code of 6 digits; an earlier link stops working.

    MUST lock the placement first, so that one link is live. Raises NotAllowedError, InvalidError,
    TransitionError when there is no place to tell of.
    """
    policies.require_place(actor, placement.municipality_id)
    _check(language, contact)
    placement = lock_row(Placement.objects.all(), placement.pk)
    if placement.state not in LETTER_STATES:
        raise TransitionError
    placement.personal_links.filter(revoked_at__isnull=True).update(revoked_at=clock.now())
    token, code = secrets.token_urlsafe(TOKEN_BYTES), _new_code()
    link = PersonalLink(
        placement=placement,
        token_hmac=_token_hmac(token),
        language=language,
        contact_name=contact.name.strip(),
        contact_phone=contact.phone.strip(),
        expires_at=_expiry(placement),
        made_by_label=actor.label[:200],
    )
    link.code_hmac = _code_hmac(link, code)
    link.save()
    _record(actor, "personal_link.created", link)
    return IssuedLink(link, token, code)


@transaction.atomic
def personal_link_renew_code(*, actor: Actor, placement: Placement) -> str:
    """A new code for the live link, to give by telephone; sessions of the old code end.

    Raises NotAllowedError, TransitionError when no link is live.
    """
    policies.require_place(actor, placement.municipality_id)
    live = placement.personal_links.filter(revoked_at__isnull=True).first()
    if live is None:
        raise TransitionError
    link = lock_row(PersonalLink.objects.all(), live.pk)
    if not _is_live(link):
        raise TransitionError
    code = _new_code()
    link.code_number += 1
    link.code_hmac = _code_hmac(link, code)
    link.code_used_at = None
    link.wrong_codes = 0
    link.save(update_fields=["code_number", "code_hmac", "code_used_at", "wrong_codes"])
    _record(actor, "personal_link.code_renewed", link)
    return code


@transaction.atomic
def personal_links_revoke(*, actor: Actor, placement: Placement) -> int:
    """No link of this placement works any more, open sessions included. Raises NotAllowedError."""
    policies.require_place(actor, placement.municipality_id)
    live = list(placement.personal_links.select_for_update().filter(revoked_at__isnull=True))
    for link in live:
        link.revoked_at = clock.now()
        link.save(update_fields=["revoked_at"])
        _record(actor, "personal_link.revoked", link)
    return len(live)


@transaction.atomic
def personal_link_open(*, token: str, code: str) -> PersonalLink | None:
    """The link, when token and code are right and not used before; the code is then used up.

    None for everything else, without saying which: unknown, expired, revoked, used, or wrong too
    often. MUST lock the link before it compares, so that parallel guesses count one by one.
    """
    link = (
        PersonalLink.objects.select_for_update()
        .filter(token_hmac=_token_hmac(token), revoked_at__isnull=True)
        .first()
    )
    if link is None or not _is_live(link) or link.code_used_at is not None:
        return None
    if link.wrong_codes >= MAX_WRONG_CODES:
        return None
    if not constant_time_compare(_code_hmac(link, code), link.code_hmac):
        link.wrong_codes += 1
        link.save(update_fields=["wrong_codes"])
        return None
    link.code_used_at = clock.now()
    link.save(update_fields=["code_used_at"])
    _record(_person(), "personal_link.opened", link)
    return link


def session_of(link: PersonalLink) -> str:
    """A signed value for a cookie that opens this link for half an hour."""
    until = clock.now() + SESSION
    return signing.dumps(
        [str(link.uuid), link.code_number, int(until.timestamp())], salt="matching.personal-link"
    )


def link_of_session(value: str) -> PersonalLink | None:
    """The link of a session that has not ended, with all that the card shows; one query."""
    try:
        uuid, code_number, until = signing.loads(value, salt="matching.personal-link")
    except (signing.BadSignature, ValueError):
        return None
    if clock.now().timestamp() >= until:
        return None
    link = (
        PersonalLink.objects.select_related(
            "placement__intake_moment__group__course", "placement__intake_moment__group__location"
        )
        .filter(uuid=uuid, code_number=code_number, revoked_at__isnull=True)
        .first()
    )
    return link if link is not None and _is_live(link) else None


@transaction.atomic
def response_give(
    *, link: PersonalLink, kind: str, reasons: Sequence[str] = ()
) -> PlacementResponse:
    """Keeps what the person said; "does not fit" becomes a task and changes no placement.

    The same answer twice is one answer. Raises InvalidError, TransitionError when the place is
    gone or the person answered too often.
    """
    given = sorted(set(reasons))
    if kind not in ResponseKind.values or not set(given) <= set(ResponseReason.values):
        raise InvalidError(violations=[_unknown("reasons")])
    if (kind == ResponseKind.NOT_FITTING) != bool(given):
        raise InvalidError(violations=[_unknown("reasons")])
    placement = lock_row(Placement.objects.all(), link.placement_id)
    earlier = list(placement.person_responses.all()[:MAX_RESPONSES])
    if placement.state not in LETTER_STATES or len(earlier) == MAX_RESPONSES:
        raise TransitionError
    if earlier and earlier[0].kind == kind and earlier[0].reasons == given:
        return earlier[0]
    response = PlacementResponse.objects.create(placement=placement, kind=kind, reasons=given)
    # The reasons stay out of history: a code about health is health data too.
    record(
        actor=_person(),
        action="placement_response.given",
        subject=response,
        after={"kind": kind, "placement": str(placement.uuid)},
        organisation_ids=[placement.municipality_id],
    )
    if kind == ResponseKind.NOT_FITTING:
        _ask_caseworker(placement, response)
    return response


@transaction.atomic
def responses_handle(*, actor: Actor, placement: Placement) -> int:
    """The caseworker has dealt with what the person said. Raises NotAllowedError."""
    policies.require_place(actor, placement.municipality_id)
    # The placement is the lock that answers queue for as well.
    placement = lock_row(Placement.objects.all(), placement.pk)
    found = list(placement.person_responses.filter(handled_at__isnull=True))
    for response in found:
        response.handled_at = clock.now()
        response.handled_by_label = actor.label[:200]
        response.save(update_fields=["handled_at", "handled_by_label"])
        record(
            actor=actor,
            action="placement_response.handled",
            subject=response,
            after={"placement": str(placement.uuid)},
            organisation_ids=[placement.municipality_id],
        )
    return len(found)


def _ask_caseworker(placement: Placement, response: PlacementResponse) -> None:
    intake = placement.intake_moment
    notify(
        organisation_id=placement.municipality_id,
        permission=Permission.PLACE,
        kind=NOT_FITTING_NOTICE,
        path=f"/placements/{placement.uuid}",
        key=f"person-response:{response.uuid}",
        params={"course": intake.group.course.name, "start": intake.start_date.isoformat()},
    )


def _check(language: str, contact: Contact) -> None:
    found = []
    if language not in LANGUAGES:
        found.append(_unknown("language"))
    for name, value in (("contact_name", contact.name), ("contact_phone", contact.phone)):
        if not value.strip():
            found.append(Violation(name, "required", _("Say whom the person can call.")))
    if found:
        raise InvalidError(violations=found)


def _unknown(field: str) -> Violation:
    return Violation(
        field, "unknown_code", _("This code does not exist. Choose one from the list.")
    )


def _is_live(link: PersonalLink) -> bool:
    return link.revoked_at is None and link.expires_at > clock.now()


def _expiry(placement: Placement) -> datetime:
    """A week after the first lesson, and never sooner than two weeks from now; end of that day."""
    day = max(placement.intake_moment.start_date + AFTER_START, clock.today() + AT_LEAST)
    return datetime.combine(day, time(23, 59, 59), tzinfo=clock.NETHERLANDS)


def _new_code() -> str:
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def _token_hmac(token: str) -> str:
    return salted_hmac("matching.personal-link.token", token, algorithm="sha256").hexdigest()


def _code_hmac(link: PersonalLink, code: str) -> str:
    """Keyed, and bound to the link and the number of the code."""
    value = f"{link.uuid}:{link.code_number}:{code}"
    return salted_hmac("matching.personal-link.code", value, algorithm="sha256").hexdigest()


def _record(actor: Any, action: str, link: PersonalLink) -> None:
    record(
        actor=actor,
        action=action,
        subject=link,
        after={"placement": str(link.placement.uuid), "code_number": link.code_number},
        organisation_ids=[link.placement.municipality_id],
    )


def _person() -> Actor:
    return system(PERSON, {})
