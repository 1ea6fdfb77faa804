"""Who acts: one frozen value for people, machine clients and the system itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from backend.common.errors import NotAllowedError
from backend.organisations.permissions import Permission

ActorKind = Literal["user", "client", "system", "anonymous"]
# The organisations per permission in a form that can be a key.
Rights = tuple[tuple[Permission, frozenset[int]], ...]
_NO_ORGANISATIONS: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Actor:
    """A principal with the organisations on which it holds each permission.

    Built once per request by `backend.accounts.actors`; a grant on a region has been expanded to
    the municipalities that are its members today.
    """

    kind: ActorKind
    key: str
    label: str
    organisations: Mapping[Permission, frozenset[int]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    @cached_property
    def rights(self) -> Rights:
        """Everything this actor holds, the same for whoever holds the same."""
        return tuple(sorted(self.organisations.items(), key=lambda one: str(one[0])))

    def with_permission(self, permission: Permission) -> frozenset[int]:
        """Keys of the organisations on which this actor holds `permission`."""
        return self.organisations.get(permission, _NO_ORGANISATIONS)

    def may(self, permission: Permission, organisation_id: int) -> bool:
        return organisation_id in self.with_permission(permission)

    def require(self, permission: Permission, organisation_id: int) -> None:
        """Raises NotAllowedError unless the actor holds `permission` on the organisation."""
        if not self.may(permission, organisation_id):
            raise NotAllowedError


def system_actor(label: str, organisations: Mapping[Permission, frozenset[int]]) -> Actor:
    """An actor for scheduled and background work, with the rights that work needs."""
    return Actor(kind="system", key=f"system:{label}", label=label, organisations=organisations)
