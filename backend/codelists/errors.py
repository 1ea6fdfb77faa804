"""What can go wrong when a code list is changed."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError


class CodeListDeliveredError(ConflictError):
    code = "code_list_delivered"
    message = _("This list comes from the law or from DUO and is delivered with Passend.")


class CodeListStartedError(ConflictError):
    code = "code_list_started"
    message = _(
        "This version has begun or is not the last one, so it stays. Make a new version instead."
    )


class CodeListChangedError(ConflictError):
    code = "code_list_changed"
    message = _("Someone else just made a version of this list. Look at it, and try again.")
