"""Which pages an actor may open: by holding a permission on any organisation."""

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission

# One permission, or several of which any is enough (a buyer and a provider read one contract).
Wanted = Permission | tuple[Permission, ...]


def holds(actor: Actor, wanted: Wanted | None) -> bool:
    """Whether the actor holds one of the wanted permissions anywhere; None wants nothing."""
    return wanted is None or any(actor.with_permission(one) for one in _each(wanted))


def named(wanted: Wanted) -> str:
    """The wanted permissions as words for a sentence."""
    return " / ".join(str(one.label) for one in _each(wanted))


def _each(wanted: Wanted) -> tuple[Permission, ...]:
    return (wanted,) if isinstance(wanted, Permission) else wanted
