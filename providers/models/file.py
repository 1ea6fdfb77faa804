"""What is on file about a provider: contacts and documents with an expiry date."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.common.stored_files import WithFile
from providers.choices import ContactRole, DocumentKind
from providers.models.provider import Provider
from providers.querysets import ContactQuerySet, DocumentQuerySet


class ProviderContact(Record):
    """Somebody at a provider whom municipalities can reach about one subject."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=10, choices=ContactRole.choices)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "role", "name", "pk"]
        verbose_name = _("contact")
        constraints = [
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone=""),
                name="providers_providercontact_reachable",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProviderDocument(WithFile, Record):
    """A document that a provider has shown, with the last day on which it counts.

    The file itself may be kept with it, or only where it is filed.
    """

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind.choices)
    title = models.CharField(_("title"), max_length=160)
    issue_date = models.DateField(_("issued"))
    # The issue date plus the maximum age of the kind; empty: it does not expire.
    valid_until = models.DateField(_("counts until"), null=True, blank=True)
    reference = models.CharField(_("filed under"), max_length=200, blank=True)
    # A newer document of the same kind has taken its place.
    is_current = models.BooleanField(default=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "kind", "-issue_date", "-pk"]
        verbose_name = _("document")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("issue_date")),
                name="providers_providerdocument_ends_after_issue",
            ),
        ]

    def __str__(self) -> str:
        return self.title
