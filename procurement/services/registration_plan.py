"""An award and everything that follows from it, as somebody asks for it to be registered."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.common.codes import Component
from backend.organisations.models import Organisation
from procurement.choices import ExecutionVariant
from procurement.services.clauses import ClauseDraft
from procurement.services.documents import DocumentDraft
from procurement.services.indexation import RuleDraft
from procurement.services.kpis import KpiDraft
from procurement.services.lots import LotTerms
from procurement.services.tariffs import TariffDraft
from procurement.services.tenders import TenderDraft
from providers.models import Provider


@dataclass(frozen=True)
class LotPlan:
    code: str
    title: str
    components: tuple[str, ...]
    target_groups: tuple[str, ...]
    terms: LotTerms = field(default_factory=LotTerms)
    execution: str = ExecutionVariant.EFFORT
    # Who takes part in this lot; None: everybody who takes part in the agreement.
    municipalities: tuple[Organisation, ...] | None = None


@dataclass(frozen=True)
class PartPlan:
    """What a contractor delivers of one lot (by its place in the list): prices, rank or share."""

    lot: int
    tariffs: tuple[TariffDraft, ...] = ()
    rank: int | None = None
    share: Decimal | None = None
    ceiling_places: int | None = None
    ceiling_amount: Decimal | None = None


@dataclass(frozen=True)
class ContractorPlan:
    """Without `provider` nothing is registered; all else is judged all the same."""

    provider: Provider | None
    number: str
    parts: tuple[PartPlan, ...]


@dataclass(frozen=True)
class OptionPlan:
    end_date: date
    notice_date: date


@dataclass(frozen=True)
class AgreementPlan:
    """An award and everything that follows from it."""

    buyer: Organisation
    tender: TenderDraft
    start_date: date
    end_date: date
    municipalities: tuple[Organisation, ...]
    lots: tuple[LotPlan, ...]
    contractors: tuple[ContractorPlan, ...]
    payer: Organisation | None = None
    options: tuple[OptionPlan, ...] = ()
    indexation: RuleDraft | None = None
    clauses: tuple[ClauseDraft, ...] = ()
    # None: a proposal that fits the first lot.
    kpis: tuple[KpiDraft, ...] | None = None
    # None: the check list of the contract standard.
    documents: tuple[DocumentDraft, ...] | None = None


def lot_title(components: tuple[str, ...]) -> str:
    """What a lot is called when nobody named it: its components."""
    return " + ".join(str(Component(one).label) for one in components)[:160]
