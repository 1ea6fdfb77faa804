"""What can go wrong when organisations and geography are managed."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, InvalidError


class OrganisationExistsError(ConflictError):
    code = "organisation_exists"
    message = _(
        "There is already an organisation of this kind with this code. Choose another code."
    )


class RegionMembershipOverlapError(ConflictError):
    code = "region_membership_overlap"
    message = _("This municipality already belongs to this region in this period.")


class OrganisationKindError(InvalidError):
    code = "organisation_kind"
    message = _("Only a municipality can join a region. Choose other organisations.")


class RegionPeriodError(InvalidError):
    code = "region_period"
    message = _("The last day is before the first day. Correct one of the two.")


class PostcodeFileError(InvalidError):
    code = "postcode_file_invalid"
    message = _("The postcode file contains mistakes. Nothing has been imported.")
