"""What can go wrong with contracts and money, with stable codes."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError


class CeilingReachedError(ConflictError):
    code = "ceiling_reached"
    message = _(
        "The ceiling of this contract has been reached. Choose another course or ask procurement."
    )


class NoTariffError(ConflictError):
    code = "no_tariff"
    message = _("The contract has no tariff for this course on the start date. Ask procurement.")
