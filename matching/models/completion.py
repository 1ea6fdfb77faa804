"""What a person has completed of the obligation beside exams: MAP, PVT and the Z route."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from matching.agreement_choices import CompletionKind, Culpable
from matching.models.agreements import OfPersonQuerySet
from matching.models.participant import Participant


class Completion(Record):
    """The day, or that the term passed without it and whose fault that is; one of each kind.

    The municipality decides and reports it to DUO (Wet inburgering 2021, art. 8 and 9).
    """

    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, related_name="completions"
    )
    kind = models.CharField(_("what"), max_length=3, choices=CompletionKind.choices)
    completed_on = models.DateField(_("completed on"), null=True, blank=True)
    culpable = models.CharField(_("own fault"), max_length=3, choices=Culpable.choices, blank=True)
    recorded_by_label = models.CharField(max_length=200)

    objects = OfPersonQuerySet.as_manager()

    class Meta:
        ordering = ["participant", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["participant", "kind"], name="matching_completion_one_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(completed_on__isnull=False) | ~Q(culpable=""),
                name="matching_completion_says_something",
            ),
            models.CheckConstraint(
                condition=~Q(kind="Z") | Q(completed_on__isnull=False, culpable=""),
                name="matching_completion_z_is_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participant_id} {self.kind}"
