"""Principals this process has looked up in the last seconds, and how they are forgotten.

Reading rights costs queries on every request; a few seconds of memory take them away. The price
is stated once, here: a right that is taken away, and a key that is revoked, stop working at once in
the process that did it and within SECONDS in all others.
"""

from functools import partial

from django.db import transaction

from backend.accounts.actor import Actor
from backend.accounts.cache import ShortCache
from backend.accounts.models import ApiClient, User

SECONDS = 5.0

actors: ShortCache[Actor] = ShortCache(SECONDS)
clients: ShortCache[ApiClient] = ShortCache(SECONDS)


def principal_key(principal: User | ApiClient) -> str:
    kind = "user" if isinstance(principal, User) else "client"
    return f"{kind}:{principal.uuid}"


def forget(principal: User | ApiClient) -> None:
    """Makes the next look-up read the rights anew, now and once more after the commit.

    Twice, because another thread may read the old rights between now and the commit.
    """
    drop = partial(_drop, principal_key(principal))
    drop()
    transaction.on_commit(drop)


def forget_all() -> None:
    """Forgets everybody; call it after the commit of a change that concerns many principals."""
    actors.clear()
    clients.clear()


def _drop(key: str) -> None:
    actors.drop(lambda one: isinstance(one, tuple) and one[0] == key)
    clients.drop_values(lambda client: principal_key(client) == key)
