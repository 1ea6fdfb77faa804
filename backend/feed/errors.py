from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, NotFoundError


class CursorExpiredError(NotFoundError):
    """Events behind this cursor were deleted after their retention."""

    code = "cursor_expired"
    message = _(
        "Events after this number have been deleted. Read the lists again, and go on from the "
        "oldest event: leave out sequenceAfter."
    )


class SubscriptionPausedError(ConflictError):
    code = "subscription_paused"
    message = _("This webhook is paused. Make it active first.")


class DeliveryUnderWayError(ConflictError):
    code = "delivery_under_way"
    message = _("This message is still being delivered. Wait until it is delivered or given up.")
