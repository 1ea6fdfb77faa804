"""History that nobody can rewrite: what was changed, and who looked at whom."""

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from backend.common import clock


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def of_organisations(self, organisation_ids: Iterable[int]) -> "AuditQuerySet":
        """Events that concern at least one of these organisations."""
        return self.filter(organisation_ids__overlap=sorted(set(organisation_ids)))

    def about(self, subject: models.Model) -> "AuditQuerySet":
        return self.filter(
            subject_type=subject._meta.label_lower, subject_uuid=getattr(subject, "uuid", None)
        )


class AuditEvent(models.Model):
    """One change: who did what to what, the values before and after, and why.

    Written in the transaction of the change itself. The database refuses to change or delete it.
    """

    at = models.DateTimeField(default=clock.now)
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=80)
    subject_uuid = models.UUIDField(null=True)
    organisation_ids = ArrayField(models.BigIntegerField(), default=list)
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(null=True, encoder=DjangoJSONEncoder)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]
        indexes = [
            BrinIndex(fields=["at"], name="audit_auditevent_at"),
            models.Index(fields=["subject_type", "subject_uuid"], name="audit_auditevent_subject"),
            GinIndex(fields=["organisation_ids"], name="audit_auditevent_organisations"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject_type}"


class AccessEvent(models.Model):
    """One look at personal data: who saw whose data, when and for what.

    Written outside the business transaction, so that a rollback hides no look. The database
    refuses to change or delete it.
    """

    at = models.DateTimeField(default=clock.now)
    actor_key = models.CharField(max_length=100)
    actor_label = models.CharField(max_length=200)
    subject_type = models.CharField(max_length=80)
    subject_uuid = models.UUIDField()
    purpose = models.CharField(max_length=120)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-pk"]
        indexes = [
            BrinIndex(fields=["at"], name="audit_accessevent_at"),
            models.Index(fields=["subject_uuid"], name="audit_accessevent_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_key} looked at {self.subject_type}"
