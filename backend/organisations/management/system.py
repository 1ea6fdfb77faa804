"""The system itself as the one who runs set-up commands."""

from dataclasses import dataclass

from backend.organisations.permissions import Permission


@dataclass(frozen=True)
class CommandActor:
    """A set-up command: may do what only the system may, and is named in history."""

    label: str
    kind: str = "system"

    @property
    def key(self) -> str:
        return f"system:{self.label}"

    def require(self, permission: Permission, organisation_id: int) -> None:
        """Whoever can run commands on the server holds every right on its data."""
