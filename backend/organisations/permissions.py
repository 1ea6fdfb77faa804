"""What somebody may be granted on an organisation: the closed set of permissions."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Permission(models.TextChoices):
    """Codenames of guardian grants; they stand on organisations, never on single placements."""

    VIEW_CATALOGUE = "view_catalogue", _("See courses and intake moments")
    MANAGE_CATALOGUE = "manage_catalogue", _("Manage courses and intake moments")
    VIEW_CONTRACTS = "view_contracts", _("See contracts and tariffs")
    MANAGE_CONTRACTS = "manage_contracts", _("Manage contracts and tariffs")
    VIEW_PARTICIPANTS = "view_participants", _("See participants and PIPs")
    VIEW_IDENTITY = "view_identity", _("See names and contact details of participants")
    MANAGE_PIPS = "manage_pips", _("Enter and change PIPs")
    PLACE = "place", _("Hold seats and offer places")
    RUN_BATCH = "run_batch", _("Route all waiting people at once")
    OVERRULE = "overrule", _("Place although a hard rule fails, with a reason")
    ANSWER_PLACEMENTS = "answer_placements", _("Accept or refuse offered placements")
    RECORD_DELIVERY = "record_delivery", _("Record attendance, progress and exams")
    VIEW_DELIVERY = "view_delivery", _("See attendance, progress and exams of persons")
    VIEW_QUALITY = "view_quality", _("See indicators of providers")
    MANAGE_QUALITY = "manage_quality", _("Manage feedback rounds and indicators")
    VIEW_AUDIT = "view_audit", _("See the audit trail")
    MANAGE_ACCOUNTS = "manage_accounts", _("Manage users and machine clients")
    MANAGE_POLICY = "manage_policy", _("Change the matching policy")
