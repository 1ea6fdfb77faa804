"""One contract on screen: parties, lots, prices, versions, options, KPI, documents."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.web.pages import Action, Crumb, DetailPage, Fact
from backend.web.values import Link, Text
from procurement.choices import CONTRACT_TRANSITIONS, ContractStatus
from procurement.models import Contract
from procurement.policies import may_manage_contracts
from procurement.selectors.tariffs import tariff_gaps
from procurement.web import clause_pages, lot_sections, term_sections
from procurement.web.common import READERS, Section, status_badge, tender_url
from procurement.web.lot_sections import lots_of

# What the page shows below the facts, in order. A builder gets the contract, its lots as
# `lots_of` loads them, and whether the reader may change the contract.
Builder = Callable[[Contract, Sequence[Any], bool], Section]
BUILDERS: list[Builder] = [
    lot_sections.lots_section,
    lot_sections.tariffs_section,
    term_sections.versions_section,
    term_sections.options_section,
    term_sections.kpi_section,
    term_sections.documents_section,
    clause_pages.clauses_section,
    clause_pages.milestones_section,
]


class ContractPage(DetailPage):
    """A contract with everything that is agreed in it, and what can be done with it now."""

    permission = READERS
    model = Contract
    template_name = "procurement/sections.html"

    def get_queryset(self) -> QuerySet[Any]:
        return (
            super()
            .get_queryset()
            .select_related("provider__organisation", "buyer", "tender", "indexation_rule")
        )

    def get_title(self) -> Text:
        return f"{self.object.number}: {self.object.title}"

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return ((_("Contracts"), reverse("contracts")),)

    def get_actions(self) -> Sequence[Action]:
        uuid = self.object.uuid
        papers = (
            Action(_("PDF"), reverse("contract-pdf", args=[uuid])),
            Action(_("Excel"), reverse("contract-xlsx", args=[uuid])),
        )
        return (*contract_actions(self.actor, self.object), *papers)

    def get_facts(self) -> Sequence[Fact]:
        contract = self.object
        tender = contract.tender
        return (
            Fact(_("Buyer"), contract.buyer.name),
            Fact(_("Provider"), contract.provider.organisation.name),
            Fact(_("Contract number"), contract.number),
            Fact(_("Status"), status_badge(contract)),
            Fact(_("Start"), contract.start_date),
            Fact(_("End"), contract.end_date),
            Fact(
                _("Tender"),
                None if tender is None else Link(tender.reference, tender_url(tender)),
            ),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        lots = list(lots_of(self.object))
        manages = may_manage_contracts(self.actor, self.object.buyer)
        return super().get_context(
            sections=[build(self.object, lots, manages) for build in BUILDERS],
            alerts=list(_alerts(self.object, lots)),
            **extra,
        )


def contract_actions(actor: Actor, contract: Contract) -> list[Action]:
    """The steps that the status of the contract allows this actor."""
    if not may_manage_contracts(actor, contract.buyer):
        return []
    following = CONTRACT_TRANSITIONS[ContractStatus(contract.status)]
    steps = (
        (ContractStatus.ACTIVE, _("Bring into force"), "contract-activate"),
        (ContractStatus.SUSPENDED, _("Suspend"), "contract-suspend"),
        (ContractStatus.ENDED, _("End"), "contract-end"),
    )
    found = [
        Action(label, reverse(name, args=[contract.uuid]), primary=status == ContractStatus.ACTIVE)
        for status, label, name in steps
        if status in following
    ]
    if contract.status == ContractStatus.DRAFT:
        found.append(Action(_("Change"), reverse("contract-change", args=[contract.uuid])))
    elif contract.status != ContractStatus.ENDED:
        found.append(Action(_("Amend"), reverse("contract-amend", args=[contract.uuid])))
    return found


def _alerts(contract: Contract, lots: Sequence[Any]) -> list[dict[str, Text]]:
    """What a reader must know before anything else."""
    found: list[dict[str, Text]] = []
    if contract.status == ContractStatus.DRAFT:
        found.append(
            {
                "tone": "info",
                "heading": _("This contract is a draft"),
                "text": _("Nobody can be placed under it until you bring it into force."),
            }
        )
    running = contract.status in {ContractStatus.ACTIVE, ContractStatus.SUSPENDED}
    if running and contract.end_date >= clock.today() and tariff_gaps(contract, lots):
        found.append(
            {
                "tone": "warning",
                "heading": _("Tariffs are missing"),
                "text": _("On some days of the contract a course has no tariff: see Tariffs."),
            }
        )
    return found
