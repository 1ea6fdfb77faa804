"""The personal link in a letter, and what the person answered through it."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.permissions import Permission
from matching.letter_choices import ResponseKind, ResponseReason
from matching.models.placement import Placement

MAX_WRONG_CODES = 5


class PersonalLink(Record):
    """A link to one placement: only the HMACs of its token and of its code are kept.

    It opens with a code that works once; afterwards the municipality can give a new code.
    """

    placement = models.ForeignKey(
        Placement, on_delete=models.CASCADE, related_name="personal_links"
    )
    token_hmac = models.CharField(max_length=64, unique=True)
    code_hmac = models.CharField(max_length=64)
    # Counts the codes given: a session belongs to one code and ends with it.
    code_number = models.PositiveSmallIntegerField(default=1)
    code_used_at = models.DateTimeField(null=True, blank=True)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    language = models.CharField(_("language"), max_length=2)
    contact_name = models.CharField(_("whom to call"), max_length=80)
    contact_phone = models.CharField(_("telephone"), max_length=30)
    expires_at = models.DateTimeField(_("works until"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    made_by_label = models.CharField(max_length=200)

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(revoked_at__isnull=True),
                name="matching_personallink_one_live",
            ),
            models.CheckConstraint(
                condition=Q(wrong_codes__lte=MAX_WRONG_CODES),
                name="matching_personallink_wrong_codes",
            ),
        ]

    def __str__(self) -> str:
        return f"personal link of placement {self.placement_id}"


class PlacementResponseQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Only the own municipality: a provider never learns why a place does not fit somebody."""
        return self.filter(
            placement__municipality__in=actor.with_permission(Permission.VIEW_PARTICIPANTS)
        )

    def to_handle(self) -> Self:
        return self.filter(kind=ResponseKind.NOT_FITTING, handled_at__isnull=True)


class PlacementResponse(Record):
    """What the person said about the place. "Does not fit" is a task, never a refusal by itself."""

    placement = models.ForeignKey(
        Placement, on_delete=models.CASCADE, related_name="person_responses"
    )
    kind = models.CharField(_("answer"), max_length=11, choices=ResponseKind.choices)
    reasons = ArrayField(
        models.CharField(max_length=9, choices=ResponseReason.choices),
        verbose_name=_("reasons"),
        default=list,
        blank=True,
    )
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    handled_by_label = models.CharField(_("handled by"), max_length=200, blank=True)

    objects = PlacementResponseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ResponseKind.COMING, reasons=[])
                | (Q(kind=ResponseKind.NOT_FITTING) & ~Q(reasons=[])),
                name="matching_placementresponse_reasons",
            ),
        ]
        indexes = [
            models.Index(
                fields=["placement", "-created_at"],
                condition=Q(kind="not_fitting", handled_at__isnull=True),
                name="matching_response_to_handle",
            )
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.kind}"
