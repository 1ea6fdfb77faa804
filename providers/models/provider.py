"""Who offers courses, and under which recognition."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backend.common.constraints import ends_after_start, no_overlap
from backend.common.records import Record
from backend.organisations.models import Organisation
from providers.choices import MarkKind, MarkStatus
from providers.querysets import CatalogueQuerySet, ProviderQuerySet


class Provider(Record):
    """A language school or MAP/PVT provider (taalaanbieder, cursusinstelling)."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="provider"
    )
    kvk_number = models.CharField(_("KvK number"), max_length=8, blank=True)
    duo_number = models.CharField(_("DUO number"), max_length=10, blank=True)
    bow_number = models.CharField(_("Blik op Werk number"), max_length=10, blank=True)
    brin = models.CharField(_("BRIN"), max_length=4, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    website = models.URLField(_("website"), blank=True)

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["duo_number"],
                condition=~Q(duo_number=""),
                name="providers_provider_duo_number",
            ),
            models.CheckConstraint(
                condition=Q(kvk_number="") | Q(kvk_number__regex=r"^[0-9]{8}$"),
                name="providers_provider_kvk_number_form",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name


class QualityMark(Record):
    """A period in which a provider's recognition had one status; periods never overlap."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="quality_marks")
    kind = models.CharField(max_length=10, choices=MarkKind.choices)
    status = models.CharField(max_length=10, choices=MarkStatus.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=100, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "kind", "valid_from"]
        constraints = [
            ends_after_start("providers_qualitymark_ends_after_start"),
            no_overlap("providers_qualitymark_no_overlap", "provider", "kind"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind} {self.status} {self.valid_from}"


class Location(Record):
    """An address where lessons are given."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="locations")
    code = models.CharField(_("location code"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=120, blank=True)
    house_number = models.CharField(_("house number"), max_length=12, blank=True)
    postcode = models.CharField(_("postcode"), max_length=6, blank=True)
    place = models.CharField(_("place"), max_length=80)
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    latitude = models.FloatField()
    longitude = models.FloatField()
    wheelchair_accessible = models.BooleanField(_("wheelchair accessible"), default=False)
    childcare = models.BooleanField(_("childcare"), default=False)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        ordering = ["provider", "code"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "code"], name="providers_location_code"),
            models.CheckConstraint(
                condition=Q(latitude__range=(-90, 90)) & Q(longitude__range=(-180, 180)),
                name="providers_location_coordinates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.place}"
