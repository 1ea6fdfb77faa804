"""Which contracts, lots and call-offs an actor sees.

The buyer and the participating municipalities see a contract, and so does its provider. A
provider never sees the contracts or prices of another.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from procurement.choices import ContractStatus, TenderStatus
from procurement.money_choices import EntryKind


class TenderQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """The buyer's own, and once published those of which a municipality takes part in a lot."""
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        taking_part = apps.get_model("procurement", "Lot").objects.filter(
            participations__municipality__in=mine
        )
        shown = ~Q(status=TenderStatus.DRAFT) & Q(pk__in=taking_part.values("tender"))
        return self.filter(Q(buyer__in=mine) | shown)


class AwardQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Who was awarded what: for whoever sees the lot, and the provider for its own."""
        lots = apps.get_model("procurement", "Lot").objects.visible_to(actor)
        return self.filter(
            Q(lot__in=lots)
            | Q(provider__organisation__in=actor.with_permission(Permission.MANAGE_CATALOGUE))
        )


class LotQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        # Sub-queries instead of joins: a join would repeat rows.
        taking_part = self.model.objects.filter(participations__municipality__in=mine)
        return self.filter(Q(buyer__in=mine) | Q(pk__in=taking_part.values("pk")))


class ContractQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        taking_part = self.model.objects.filter(
            contract_lots__lot__participations__municipality__in=mine
        )
        return self.filter(
            Q(buyer__in=mine)
            | Q(pk__in=taking_part.values("pk"))
            | Q(provider__organisation__in=actor.with_permission(Permission.MANAGE_CATALOGUE))
        )

    def in_force_on(self, day: date) -> Self:
        return self.filter(status=ContractStatus.ACTIVE, start_date__lte=day, end_date__gte=day)


class TariffQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Prices are seen by whoever sees the contract."""
        contracts = apps.get_model("procurement", "Contract").objects.visible_to(actor)
        return self.filter(contract_lot__contract__in=contracts)


class _OfContract(models.QuerySet[Any]):
    """Rows that are seen by whoever sees their contract."""

    contract_path = "contract"

    def visible_to(self, actor: Actor) -> Self:
        contracts = apps.get_model("procurement", "Contract").objects.visible_to(actor)
        return self.filter(**{f"{self.contract_path}__in": contracts})


class ContractSheetQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(buyer__in=actor.with_permission(Permission.MANAGE_CONTRACTS))


class ContractLotQuerySet(_OfContract):
    pass


class ContractVersionQuerySet(_OfContract):
    pass


class ExtensionOptionQuerySet(_OfContract):
    pass


class ContractDocumentQuerySet(_OfContract):
    pass


class IndexationQuerySet(_OfContract):
    pass


class KpiAgreementQuerySet(_OfContract):
    contract_path = "version__contract"


class CallOffQuerySet(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        mine = actor.with_permission(Permission.VIEW_CONTRACTS)
        return self.filter(
            Q(municipality__in=mine)
            | Q(payer__in=mine)
            | Q(contract_lot__contract__buyer__in=mine)
            | Q(
                contract_lot__contract__provider__organisation__in=actor.with_permission(
                    Permission.MANAGE_CATALOGUE
                )
            )
        )

    def with_balance(self) -> Self:
        """Adds the sum of the ledger per kind, under the name of the kind; 0 where none is written.

        Sub-queries instead of one join: the database then adds up the rows of one page only.
        """
        entries = apps.get_model("procurement", "LedgerEntry").objects.order_by()
        sums = {
            str(kind.value): Coalesce(
                Subquery(
                    entries.filter(call_off=OuterRef("pk"), kind=kind)
                    .values("call_off")
                    .annotate(total=Sum("amount"))
                    .values("total")
                ),
                Value(Decimal("0.00")),
                output_field=DecimalField(max_digits=12, decimal_places=2),
            )
            for kind in EntryKind
        }
        return self.annotate(**sums)
