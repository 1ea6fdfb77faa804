"""Which budgets, ledger lines, claims and clauses an actor sees.

Money of a municipality is its own business; what belongs to a contract is also its provider's.
"""

from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission


class OfMunicipality(models.QuerySet[Any]):
    """Rows that only the municipality itself sees (and its region, for looking)."""

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(municipality__in=actor.with_permission(Permission.VIEW_CONTRACTS))


class LedgerEntryQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The municipality that pays, the buyer of the contract, and the provider for its own."""
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        lots = apps.get_model("procurement", "ContractLot").objects.filter(
            Q(contract__buyer__in=mine)
            | Q(contract__provider__organisation__in=_catalogue_of(actor))
        )
        return self.filter(
            Q(municipality__in=mine)
            | Q(payer__in=mine)
            | Q(contract_lot__in=lots.order_by().values("pk"))
        )


class ClaimQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The municipality, who pays for it, the buyer of the contract, and the provider."""
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        paid = apps.get_model("procurement", "ClaimLine").objects.filter(call_off__payer__in=mine)
        return self.filter(
            Q(municipality__in=mine)
            | Q(pk__in=paid.order_by().values("claim"))
            | Q(contract__buyer__in=mine)
            | Q(contract__provider__organisation__in=_catalogue_of(actor))
        )


class ClaimLineQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        claims = apps.get_model("procurement", "Claim").objects.visible_to(actor)
        return self.filter(claim__in=claims)


class ClaimSheetQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Until it is sent, a claim is the provider's own business."""
        return self.filter(contract__provider__organisation__in=_catalogue_of(actor))


class ClauseQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        contracts = apps.get_model("procurement", "Contract").objects.visible_to(actor)
        return self.filter(version__contract__in=contracts)


class OfContract(models.QuerySet[Any]):
    """Rows that are seen by whoever sees their contract."""

    def visible_to(self, actor: Actor) -> Self:
        contracts = apps.get_model("procurement", "Contract").objects.visible_to(actor)
        return self.filter(contract__in=contracts)


def _catalogue_of(actor: Actor) -> frozenset[int]:
    return actor.with_permission(Permission.MANAGE_CATALOGUE)
