"""One contracting process with everything that is published of it, loaded beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backend.organisations.models import Organisation
from procurement.models import (
    Award,
    Contract,
    ContractVersion,
    Lot,
    Milestone,
    Tender,
)


@dataclass(frozen=True)
class Payment:
    """What one municipality paid on a contract in one month: approved minus taken back.

    Summed over all participants; a month is published when it is over and changes no more.
    """

    municipality: Organisation
    month: date
    amount: Decimal


@dataclass
class PublicContract:
    contract: Contract
    lots: Sequence[Lot]
    # Agreed versions in their order.
    versions: Sequence[ContractVersion]
    # Sum of the ceilings in euros per version key; absent where none is agreed.
    values: dict[int, Decimal] = field(default_factory=dict)
    milestones: Sequence[Milestone] = ()
    payments: Sequence[Payment] = ()


@dataclass
class Process:
    """A tender with its lots, awards and contracts, or a contract that had no tender."""

    ocid: str
    buyer: Organisation
    tender: Tender | None
    lots: Sequence[Lot]
    awards: Sequence[Award] = ()
    contracts: Sequence[PublicContract] = ()
