"""Tenders on screen: the list and the page of one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component, TargetGroup
from backend.organisations.permissions import Permission
from backend.web.access import holds
from backend.web.pages import Action, Crumb, DetailPage, Fact, ListPage
from backend.web.tables import Column, table_of
from backend.web.values import Badge, Lines, Link, Money, Percentage, Text
from procurement.choices import TENDER_TRANSITIONS, TenderStatus
from procurement.cpv import cpv_name
from procurement.models import Award, LotMunicipality, Tender
from procurement.policies import may_manage_contracts
from procurement.selectors.completeness import lots_without_contractor
from procurement.web.common import (
    MANAGER,
    Section,
    contract_url,
    lot_url,
    status_badge,
    tender_badge,
    tender_url,
)
from procurement.web.filters import TenderFilters
from procurement.web.lot_sections import MUNICIPALITY_COLUMNS

STEPS = (
    (TenderStatus.PUBLISHED, gettext_lazy("Publish"), "tender-publish"),
    (TenderStatus.CLOSED, gettext_lazy("Close"), "tender-close"),
    (TenderStatus.AWARDED, gettext_lazy("Award"), "tender-award"),
    (TenderStatus.CANCELLED, gettext_lazy("Cancel the tender"), "tender-cancel"),
)


class TenderList(ListPage):
    permission = Permission.VIEW_CONTRACTS
    model = Tender
    title = gettext_lazy("Tenders")
    filterset_class = TenderFilters
    default_sort = "reference"
    export_name = "tenders"
    empty_title = gettext_lazy("No tenders yet")
    empty_text = gettext_lazy("Register the first tender with its lots.")
    columns = (
        Column(
            "reference",
            gettext_lazy("Reference"),
            lambda tender: Link(tender.reference, tender_url(tender)),
            sort=("reference",),
            header=True,
        ),
        Column("title", gettext_lazy("Title"), "title", sort=("title",)),
        Column("buyer", gettext_lazy("Buyer"), "buyer.name", sort=("buyer__name",)),
        Column(
            "procedure", gettext_lazy("Procedure"), "get_procedure_display", sort=("procedure",)
        ),
        Column("lots", gettext_lazy("Lots"), "lot_count", sort=("lot_count",), numeric=True),
        Column(
            "published", gettext_lazy("Published"), "publication_date", sort=("publication_date",)
        ),
        Column("closes", gettext_lazy("Last day"), "closing_date", sort=("closing_date",)),
        Column("awarded", gettext_lazy("Awarded"), "award_date", sort=("award_date",)),
        Column("status", gettext_lazy("Status"), tender_badge, sort=("status",)),
    )

    def get_actions(self) -> Sequence[Action]:
        if not holds(self.actor, MANAGER):
            return ()
        return (
            Action(_("New tender"), reverse("tender-new"), primary=True),
            Action(_("Register an awarded tender"), reverse("contract-new")),
        )

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("buyer").annotate(lot_count=Count("lots"))


class TenderPage(DetailPage):
    """A tender with its lots, who takes part, to whom it was awarded, and the contracts."""

    permission = Permission.VIEW_CONTRACTS
    model = Tender
    template_name = "procurement/sections.html"

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().select_related("buyer")

    def get_title(self) -> Text:
        return f"{self.object.reference}: {self.object.title}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Tenders"), reverse("tenders")),)

    def get_actions(self) -> Sequence[Action]:
        tender = self.object
        if not may_manage_contracts(self.actor, tender.buyer):
            return ()
        following = TENDER_TRANSITIONS[TenderStatus(tender.status)]
        actions = [
            Action(label, reverse(name, args=[tender.uuid]), primary=number == 0)
            for number, (label, name) in enumerate(
                (label, name) for status, label, name in STEPS if status in following
            )
        ]
        if tender.status != TenderStatus.CANCELLED:
            actions.append(Action(_("Change"), reverse("tender-change", args=[tender.uuid])))
        return actions

    def get_facts(self) -> Sequence[Fact]:
        tender = self.object
        return (
            Fact(_("Buyer"), tender.buyer.name),
            Fact(_("Procedure"), tender.get_procedure_display()),
            Fact(_("Status"), tender_badge(tender)),
            Fact(_("Publication number"), tender.publication_reference),
            Fact(
                _("CPV codes"),
                Lines(tuple(f"{one} {cpv_name(one)}".strip() for one in tender.cpv_codes)),
            ),
            Fact(_("Published"), tender.publication_date),
            Fact(_("Last day for tenders"), tender.closing_date),
            Fact(_("Awarded"), tender.award_date),
            Fact(_("End of the standstill period"), tender.standstill_until),
            Fact(_("Description"), tender.description),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        return super().get_context(sections=self._sections(), alerts=self._alerts(), **extra)

    def _alerts(self) -> list[dict[str, Text]]:
        """Lots that were awarded to nobody, or whose provider has no contract yet."""
        if self.object.status != TenderStatus.AWARDED:
            return []
        lots = lots_without_contractor(self.object.pk)
        if not lots:
            return []
        text = _("No contract delivers: %(lots)s. Add these lots to a contract.") % {
            "lots": ", ".join(one.code for one in lots)
        }
        return [{"tone": "warning", "heading": _("Lots without a provider"), "text": text}]

    def _sections(self) -> list[Section]:
        tender = self.object
        lots = list(
            tender.lots.prefetch_related(
                Prefetch(
                    "participations",
                    LotMunicipality.objects.select_related("municipality", "payer").order_by(
                        "municipality__name", "valid_from"
                    ),
                ),
                Prefetch("awards", Award.objects.select_related("provider__organisation")),
            ).order_by("code", "pk")
        )
        contracts = (
            tender.contracts.visible_to(self.actor)
            .select_related("provider__organisation")
            .order_by("number")
        )
        draft = tender.status == TenderStatus.DRAFT
        actions = []
        if draft and may_manage_contracts(self.actor, tender.buyer):
            actions = [Action(_("Add a lot"), reverse("tender-lot-new", args=[tender.uuid]))]
        return [
            Section(
                "lots",
                _("Lots"),
                parts=[lot_part(one, linked=True) for one in lots],
                actions=actions,
                empty="" if lots else _("This tender has no lots yet."),
            ),
            Section(
                "contracts",
                _("Contracts"),
                tables=[
                    table_of(
                        CONTRACT_COLUMNS,
                        contracts,
                        caption=_("Contracts from this tender"),
                        empty=_("No contract has followed from this tender yet."),
                    )
                ],
            ),
        ]


def lot_part(lot: Any, *, linked: bool = False) -> Section:
    """What a lot asks, who takes part and to whom it was awarded; expects both prefetched."""
    volume = "–".join(str(one) for one in (lot.volume_min, lot.volume_max) if one is not None)
    name = {"code": lot.code}
    return Section(
        f"lot-{lot.pk}",
        _("Lot %(code)s: %(title)s") % {"code": lot.code, "title": lot.title},
        facts=(
            Fact(
                _("Components"), Lines(tuple(str(Component(one).label) for one in lot.components))
            ),
            Fact(
                _("Target groups"),
                Lines(tuple(str(TargetGroup(one).label) for one in lot.target_groups)),
            ),
            Fact(_("Areas"), Lines(tuple(lot.areas))),
            Fact(_("Participants a year"), volume),
            Fact(_("Ceiling"), Money(lot.ceiling_amount)),
            Fact(_("Number of contractors"), lot.contractors),
            Fact(_("Allocation key"), lot.get_allocation_display()),
        ),
        actions=(Action(_("To lot %(code)s") % name, lot_url(lot)),) if linked else (),
        tables=(
            table_of(
                MUNICIPALITY_COLUMNS,
                lot.participations.all(),
                caption=_("Municipalities of lot %(code)s") % name,
                empty=_("No municipality takes part in this lot."),
            ),
            table_of(
                AWARD_COLUMNS,
                lot.awards.all(),
                caption=_("Awards of lot %(code)s") % name,
                empty=_("This lot has not been awarded."),
            ),
        ),
    )


def _share(award: Award) -> Percentage:
    return Percentage(None if award.share is None else float(award.share) / 100)


def _contract_badge(contract: Any) -> Badge:
    return status_badge(contract)


AWARD_COLUMNS = (
    Column("provider", gettext_lazy("Provider"), "provider.organisation.name", header=True),
    Column("rank", gettext_lazy("Place in the ranking"), "rank", numeric=True),
    Column("share", gettext_lazy("Share"), _share, numeric=True),
)
CONTRACT_COLUMNS = (
    Column(
        "number",
        gettext_lazy("Contract"),
        lambda one: Link(one.number, contract_url(one)),
        header=True,
    ),
    Column("provider", gettext_lazy("Provider"), "provider.organisation.name"),
    Column("start", gettext_lazy("Start"), "start_date"),
    Column("end", gettext_lazy("End"), "end_date"),
    Column("status", gettext_lazy("Status"), _contract_badge),
)
