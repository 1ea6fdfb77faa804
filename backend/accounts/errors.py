"""What can go wrong when people and machine clients are managed."""

from django.utils.translation import gettext_lazy as _

from backend.common.errors import ConflictError, InvalidError, NotAllowedError


class RoleNotFittingError(InvalidError):
    code = "role_not_fitting"
    message = _("This role does not exist at this kind of organisation. Choose another role.")


class MembershipOverlapError(ConflictError):
    code = "membership_overlap"
    message = _("This person already has this role in this period. Change the existing role.")


class OwnRightsError(NotAllowedError):
    code = "own_rights"
    message = _("You cannot change your own roles. Ask another functional administrator.")


class UserExistsError(ConflictError):
    code = "user_exists"
    message = _("There is already a user with this e-mail address. Give that user a role.")


class ClientNameTakenError(ConflictError):
    code = "client_name_taken"
    message = _("A machine client with this name already exists. Revoke it or choose another name.")


class ClientRevokedError(ConflictError):
    code = "client_revoked"
    message = _("This machine client was revoked. Add it again under its name.")


class PeriodOrderError(InvalidError):
    code = "period_order"
    message = _("The last day is before the first day. Correct one of the two.")


class ExtraPermissionError(InvalidError):
    code = "permission_not_separate"
    message = _("This right belongs to a role. Give the role instead.")


class SecondFactorError(NotAllowedError):
    code = "second_factor_required"
    message = _("Set up two-step verification for your account first; then you can continue.")


class OrganisationOpenError(ConflictError):
    code = "organisation_open"
    message = _(
        "This organisation has an administrator already, who invites its people. Ask that person."
    )
