"""The secret personal address of a contract calendar: made once, shown once, revoked at will."""

import hashlib
import secrets

from django.contrib.auth import get_user_model
from django.db import transaction

from backend.accounts.actor import Actor
from backend.accounts.public import actor_for
from backend.audit import services as audit
from backend.common import clock
from procurement.models import CalendarFeed

# 256 bits: nobody guesses the address of a calendar.
TOKEN_BYTES = 32


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def calendar_feed_create(*, actor: Actor, user_id: int) -> str:
    """A new secret address for the user; an older one stops working. Only a hash is kept."""
    calendar_feed_revoke(actor=actor, user_id=user_id)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed.objects.create(user_id=user_id, token_hash=_hashed(token))
    audit.record(actor=actor, action="calendar_feed.created", subject=feed)
    return token


@transaction.atomic
def calendar_feed_revoke(*, actor: Actor, user_id: int) -> None:
    """The address stops working at once; revoking twice changes nothing."""
    for feed in CalendarFeed.objects.select_for_update().filter(
        user=user_id, revoked_at__isnull=True
    ):
        feed.revoked_at = clock.now()
        feed.save(update_fields=["revoked_at"])
        audit.record(actor=actor, action="calendar_feed.revoked", subject=feed)


def calendar_feed_reader(token: str) -> Actor | None:
    """Who reads with this address, with the rights of today; None for an unknown one."""
    feed = (
        CalendarFeed.objects.filter(token_hash=_hashed(token), revoked_at__isnull=True)
        .values("user_id")
        .first()
    )
    if feed is None:
        return None
    user = get_user_model().objects.filter(pk=feed["user_id"], is_active=True).first()
    return None if user is None else actor_for(user)
