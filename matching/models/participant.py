"""The participant (inburgeraar): a pseudonymous row, and one protected table with the identity."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.common.codes import TargetGroup
from backend.common.constraints import ends_after_start, no_overlap
from backend.common.records import Record
from backend.organisations.models import Organisation
from matching.querysets import IdentityQuerySet, ParticipantQuerySet


class Participant(Record):
    """A person with a civic integration obligation, known by the municipality's own reference."""

    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="participants"
    )
    reference = models.CharField(_("reference of the municipality"), max_length=40)
    obligation_start_date = models.DateField(_("start of the obligation"))
    settlement_date = models.DateField(
        _("settled in the municipality"),
        help_text=_("Registration in the BRP of this municipality."),
    )
    notified_at_date = models.DateField(
        _("notified by DUO"),
        help_text=_("Day of the notification that starts the 10 weeks (SS139)."),
    )
    # R-PIP-2: the only ground on which the 10 weeks grow longer.
    third_party_information_date = models.DateField(
        _("missing information of others came in"), null=True, blank=True
    )
    # Of any municipality, as DUO reports it: it starts the term and decides R-PIP-5.
    first_pip_date = models.DateField(_("date of the first PIP"), null=True, blank=True)
    term_start_date = models.DateField(_("start of the integration term"), null=True, blank=True)
    # As DUO delivers it: exclusive (R-TRM-1); never computed again after an extension (R-TRM-2).
    term_end_date = models.DateField(_("end of the integration term"), null=True, blank=True)

    obligation_end_date = models.DateField(
        _("end of the obligation"), null=True, blank=True, help_text=_("As DUO delivers it.")
    )
    # A temporary exemption (Wet art. 4): nobody looks for a place until it has ended.
    exempt_until = models.DateField(
        _("temporarily exempt until"), null=True, blank=True, help_text=_("As DUO delivers it.")
    )
    moved_out_date = models.DateField(_("moved to another municipality"), null=True, blank=True)
    # Set by retention: what named or described the person is gone, the numbers stay.
    forgotten_at = models.DateTimeField(_("personal details removed"), null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        ordering = ["municipality", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "reference"], name="matching_participant_reference"
            ),
            models.CheckConstraint(
                condition=Q(term_end_date__isnull=True) | Q(term_end_date__gt=F("term_start_date")),
                name="matching_participant_term",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_exempt(self) -> bool:
        """Temporarily, today (Wet art. 4)."""
        return self.exempt_until is not None and self.exempt_until >= clock.today()


class TargetGroupPeriod(models.Model):
    """The target group in a period; a change re-opens who pays (R-GRP-1, R-PAY-1)."""

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="target_group_periods"
    )
    target_group = models.CharField(max_length=6, choices=TargetGroup.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["participant", "valid_from"]
        constraints = [
            ends_after_start("matching_targetgroup_ends_after_start"),
            no_overlap("matching_targetgroup_no_overlap", "participant"),
        ]

    def __str__(self) -> str:
        return f"{self.participant} {self.target_group}"


class ParticipantIdentity(models.Model):
    """Name and contact details; never read by matching, procurement or statistics.

    Seen by caseworkers of the own municipality and, once a placement is accepted, by the staff of
    that provider. Every look is logged. There is no BSN.
    """

    participant = models.OneToOneField(
        Participant, on_delete=models.CASCADE, related_name="identity"
    )
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=3, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    objects = IdentityQuerySet.as_manager()

    def __str__(self) -> str:
        # A name in a log or admin list would be a look that nobody records.
        return str(self.participant)

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()
