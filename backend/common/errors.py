"""Errors that a user can cause. They carry a stable code and a sentence for that user.

The code is part of the API and never changes; the sentence says what happened and what to do.
Domain code never names an HTTP status: `backend.api.problems` maps the kind of error to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Violation:
    """One fault in the input: where (dotted path of model names), its code and its sentence."""

    field: str
    code: str
    message: Text


class DomainError(Exception):
    """Base of all errors a user can cause."""

    code = "domain_error"
    message: Text = _("This is not possible.")

    def __init__(
        self,
        message: Text | None = None,
        *,
        code: str | None = None,
        violations: Sequence[Violation] = (),
    ) -> None:
        self.code = code or self.code
        self.message = message or self.message
        self.violations = tuple(violations)
        super().__init__(str(self.message))


class InvalidError(DomainError):
    """The input breaks one or more rules; `violations` names all of them."""

    code = "invalid"
    message = _("The data contains mistakes. Correct them and try again.")


class ConflictError(DomainError):
    """The state of the data does not allow this now."""

    code = "conflict"
    message = _("This is not possible in the current state.")


class NotAllowedError(DomainError):
    """The actor may see the object, but may not do this with it."""

    code = "not_allowed"
    message = _("You do not have permission for this. Ask your functional administrator.")


class NotFoundError(DomainError):
    """The object does not exist, or not for this actor."""

    code = "not_found"
    message = _("This does not exist, or you cannot see it.")


class PreconditionFailedError(DomainError):
    """Somebody else changed the object since the actor read it."""

    code = "precondition_failed"
    message = _("Someone else changed this in the meantime. Load it again and repeat your change.")


class BusyError(DomainError):
    """Another transaction holds the rows; trying again shortly will work."""

    code = "busy"
    message = _("Many people are working on this at the same time. Try again in a moment.")
    retry_after_seconds = 2
