"""The door of changes: values kept in the process that are never out of date.

Tables are watched by a migration of their own app (`backend.changes.watching`); what is built from
watched tables alone may be `Kept`.
"""

from backend.changes.kept import ALL, Found, Kept
from backend.changes.log import forget_old

__all__ = ["ALL", "Found", "Kept", "forget_old"]
