"""A regional pool: how the places of a lot are shared by the municipalities that take part."""

from typing import Any, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common.records import Record
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.choices import PoolMode
from procurement.models.lot import Lot


class LotPoolQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Buyer and participating municipalities see how the pool is shared; providers do not."""
        mine = actor.with_permission(Permission.VIEW_CONTRACTS) | actor.with_permission(
            Permission.VIEW_PARTICIPANTS
        )
        shares = PoolQuota.objects.filter(pool=models.OuterRef("pk"), municipality__in=mine)
        return self.filter(models.Q(lot__buyer__in=mine) | models.Exists(shares))


class LotPool(Record):
    """The sharing of one lot; a lot without one is first come, first served.

    The row that is locked before the ceilings when a place is drawn from a lot with quotas.
    """

    lot = models.OneToOneField(Lot, on_delete=models.CASCADE, related_name="pool")
    mode = models.CharField(_("sharing"), max_length=10, choices=PoolMode.choices)
    changed_at = models.DateTimeField(auto_now=True)

    objects = LotPoolQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        ordering = ["lot"]

    def __str__(self) -> str:
        return f"{self.lot} {self.mode}"


class PoolQuota(models.Model):
    """At most so many running places of one municipality on the lot."""

    pool = models.ForeignKey(LotPool, on_delete=models.CASCADE, related_name="quotas")
    municipality = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="pool_quotas"
    )
    places = models.PositiveIntegerField(_("places"))

    class Meta:
        default_permissions = ()
        ordering = ["pool", "municipality"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "municipality"], name="procurement_poolquota_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.municipality}: {self.places}"
