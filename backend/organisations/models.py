"""Municipalities, purchasing regions and providers, and where they are."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from backend.common.records import Record
from backend.organisations.choices import OrganisationKind, Province
from backend.organisations.permissions import Permission
from backend.organisations.querysets import OrganisationQuerySet, PeriodQuerySet


class ValidDays(Func):
    """The days from `valid_from` up to and including `valid_to` as a PostgreSQL daterange."""

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self) -> None:
        super().__init__(F("valid_from"), F("valid_to"), Value("[]"))

    def deconstruct(self) -> tuple[str, tuple[object, ...], dict[str, object]]:
        return "backend.organisations.models.ValidDays", (), {}


class Organisation(Record):
    """A municipality, a region in which municipalities buy together, or a provider of courses."""

    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    name = models.CharField(max_length=200)
    # CBS code of a municipality, a short name of a region or provider.
    code = models.SlugField(max_length=60)
    is_active = models.BooleanField(default=True)

    objects = OrganisationQuerySet["Organisation"].as_manager()

    class Meta:
        # Only these can be granted; Django's add/change/delete/view would be a second set of rules.
        default_permissions = ()
        permissions = [(one.value, one.value.replace("_", " ").capitalize()) for one in Permission]
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "code"], name="organisations_organisation_code_unique"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values),
                name="organisations_organisation_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_provider(self) -> bool:
        return self.kind == OrganisationKind.PROVIDER


class Municipality(models.Model):
    """What only a municipality has: its CBS code, province, labour-market region and centre."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="municipality", primary_key=True
    )
    cbs_code = models.CharField(
        max_length=4, unique=True, validators=[RegexValidator(r"^[0-9]{4}$", _("Four digits."))]
    )
    province = models.CharField(max_length=20, choices=Province.choices)
    labour_market_region = models.CharField(max_length=60)
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        default_permissions = ()
        verbose_name_plural = "municipalities"
        ordering = ["cbs_code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cbs_code__regex=r"^[0-9]{4}$"),
                name="organisations_municipality_cbs_code_form",
            ),
        ]

    def __str__(self) -> str:
        return self.organisation.name


class PrivacyText(models.Model):
    """What an organisation itself says about personal details, to its users and inburgeraars."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.CASCADE, related_name="privacy_text", primary_key=True
    )
    text = models.TextField(max_length=4000)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"privacy text of {self.organisation_id}"


class RegionMembership(models.Model):
    """A municipality buys together with a region from one day up to and including another.

    A purchasing region is data: it is not the labour-market region, and it changes over time.
    """

    region = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="region_memberships"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = PeriodQuerySet["RegionMembership"].as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["region", "municipality", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="organisations_regionmembership_period_order",
            ),
            ExclusionConstraint(
                name="organisations_regionmembership_no_overlap",
                expressions=[
                    ("region", RangeOperators.EQUAL),
                    ("municipality", RangeOperators.EQUAL),
                    (ValidDays(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id} in {self.region_id} from {self.valid_from}"


class Postcode4(models.Model):
    """The centre of a four-digit postcode area (GeoNames postal codes, CC BY 4.0)."""

    pc4 = models.CharField(max_length=4, unique=True)
    place = models.CharField(max_length=100)
    # Text, not a key: the source names municipalities of its own year, some of them merged since.
    municipality_code = models.CharField(max_length=4, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        default_permissions = ()
        ordering = ["pc4"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pc4__regex=r"^[1-9][0-9]{3}$"), name="organisations_postcode4_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pc4} {self.place}"
