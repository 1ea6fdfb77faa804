"""One lot on screen: what is asked, who takes part, to whom it was awarded, who delivers it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, DetailPage, Fact
from backend.web.tables import table_of
from backend.web.values import Link, Text
from procurement.choices import ContractStatus
from procurement.models import Award, Contract, Lot, LotMunicipality
from procurement.policies import may_manage_contracts
from procurement.services.lots import LOTS_ARE_PUBLIC
from procurement.web.common import tender_url
from procurement.web.tenders import CONTRACT_COLUMNS, lot_part


class LotPage(DetailPage):
    permission = Permission.VIEW_CONTRACTS
    model = Lot
    template_name = "procurement/sections.html"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("buyer", "tender")
            .prefetch_related(
                Prefetch(
                    "participations",
                    LotMunicipality.objects.select_related("municipality", "payer").order_by(
                        "municipality__name", "valid_from"
                    ),
                ),
                Prefetch("awards", Award.objects.select_related("provider__organisation")),
            )
        )

    def get_title(self) -> Text:
        return f"{self.object.code}: {self.object.title}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Lots"), reverse("lots")),)

    def get_actions(self) -> Sequence[Action]:
        lot = self.object
        if not may_manage_contracts(self.actor, lot.buyer):
            return ()
        uuid = [lot.uuid]
        actions = [
            Action(_("Add municipalities"), reverse("lot-admit", args=uuid)),
            Action(_("End the part of a municipality"), reverse("lot-leave", args=uuid)),
        ]
        in_force = lot.contract_lots.exclude(contract__status=ContractStatus.DRAFT)
        is_public = lot.tender is not None and lot.tender.status in LOTS_ARE_PUBLIC
        if not is_public and not in_force.exists():
            actions.insert(0, Action(_("Change"), reverse("lot-change", args=uuid)))
        return actions

    def get_facts(self) -> Sequence[Fact]:
        lot = self.object
        tender = lot.tender
        return (
            Fact(_("Buyer"), lot.buyer.name),
            Fact(
                _("Tender"),
                None if tender is None else Link(tender.reference, tender_url(tender)),
            ),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        lot = self.object
        part = lot_part(lot)
        contracts = (
            Contract.objects.visible_to(self.actor)
            .filter(contract_lots__lot=lot)
            .select_related("provider__organisation")
            .order_by("number", "pk")
        )
        table = table_of(
            CONTRACT_COLUMNS,
            contracts,
            caption=_("Contracts for this lot"),
            empty=_("No contract delivers this lot yet."),
        )
        part.tables = (*part.tables, table)
        part.title = _("What is agreed about this lot")
        return super().get_context(sections=[part], alerts=(), **extra)
