from django.utils.translation import gettext_lazy as _

from backend.common.errors import NotFoundError


class NotificationUnknownError(NotFoundError):
    code = "notification_unknown"
    message = _("This notification does not exist, or you cannot see it.")
