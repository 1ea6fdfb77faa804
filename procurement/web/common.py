"""What the pages of contracts and tenders share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.pages import Action, Crumb, Fact
from backend.web.tables import Table
from backend.web.values import Badge, Bar, Text, Tone, Value, day_text
from procurement.choices import ContractStatus, TenderStatus
from procurement.models import Contract, Lot, Tender

CONTRACT_TONES: dict[str, Tone] = {
    ContractStatus.DRAFT: "neutral",
    ContractStatus.ACTIVE: "success",
    ContractStatus.SUSPENDED: "danger",
    ContractStatus.ENDED: "neutral",
}
TENDER_TONES: dict[str, Tone] = {
    TenderStatus.DRAFT: "neutral",
    TenderStatus.PUBLISHED: "info",
    TenderStatus.CLOSED: "warning",
    TenderStatus.AWARDED: "success",
    TenderStatus.CANCELLED: "neutral",
}
# Buyers and municipalities see their contracts, a provider sees its own.
READERS = (Permission.VIEW_CONTRACTS, Permission.MANAGE_CATALOGUE)
MANAGER = Permission.MANAGE_CONTRACTS


@dataclass
class Section:
    """A part of a page with its own heading; `key` is its anchor."""

    key: str
    title: Text
    facts: Sequence[Fact] = ()
    tables: Sequence[Table] = ()
    actions: Sequence[Action] = ()
    warnings: Sequence[Text] = ()
    empty: Text = ""
    parts: Sequence["Section"] = field(default=())


def status_badge(contract: Contract) -> Badge:
    return Badge(contract.get_status_display(), CONTRACT_TONES[contract.status])


def tender_badge(tender: Tender) -> Badge:
    return Badge(tender.get_status_display(), TENDER_TONES[tender.status])


def contract_url(contract: Contract) -> str:
    return reverse("contract", kwargs={"uuid": contract.uuid})


def tender_url(tender: Tender) -> str:
    return reverse("tender", kwargs={"uuid": tender.uuid})


def lot_url(lot: Lot) -> str:
    return reverse("lot", kwargs={"uuid": lot.uuid})


def places_bar(places_used: int, places: int | None) -> Value:
    """The bar of a ceiling in places, or only the number where nothing is agreed."""
    if places is None:
        return _("%(used)s, no maximum") % {"used": places_used}
    return Bar(places_used, places)


def period_text(row: Any) -> str:
    """The days on which a row with valid_from and valid_to holds."""
    if row.valid_to is None:
        return _("from %(day)s") % {"day": day_text(row.valid_from)}
    return _("%(first)s to %(last)s") % {
        "first": day_text(row.valid_from),
        "last": day_text(row.valid_to),
    }


def in_force_badge(row: Any) -> Badge:
    today = clock.today()
    if row.valid_from > today:
        return Badge(_("Later"), "info")
    if row.valid_to is not None and row.valid_to < today:
        return Badge(_("Past"))
    return Badge(_("In force"), "success")


class OfContract:
    """A step on something that belongs to a contract; goes back to the page of that contract."""

    actor: Any
    kwargs: dict[str, Any]
    contract: Contract
    # Where on the page of the contract the change is seen.
    anchor = ""

    def load(self, model: Any, *related: str) -> Any:
        """The object of the address through the actor's eyes; 404 when it is not visible."""
        found = (
            model.objects.visible_to(self.actor)
            .select_related(*related)
            .filter(uuid=self.kwargs["uuid"])
            .first()
        )
        if found is None:
            raise Http404
        return found

    def prepare(self) -> None:
        self.contract = self.load(Contract, "buyer", "provider__organisation")

    def get_breadcrumbs(self) -> Sequence[Crumb]:
        return (
            (_("Contracts"), reverse("contracts")),
            (self.contract.number, contract_url(self.contract)),
        )

    def get_success_url(self, result: Any) -> str:
        return contract_url(self.contract) + (f"#{self.anchor}" if self.anchor else "")
