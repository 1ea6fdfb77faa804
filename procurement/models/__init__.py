"""Models of contracts and money."""

from procurement.models.calendar import CalendarFeed
from procurement.models.call_off import CallOff
from procurement.models.clauses import Clause, ClauseBreach, Milestone
from procurement.models.contract import Ceiling, Contract, ContractCourse, ContractLot, Tariff
from procurement.models.indexation import Indexation, IndexationRule
from procurement.models.lot import Lot, LotMunicipality
from procurement.models.money import (
    Budget,
    Claim,
    ClaimLine,
    DeliveredMonth,
    Expense,
    LedgerEntry,
)
from procurement.models.pool import LotPool, PoolQuota
from procurement.models.sheet import ClaimSheet, ContractSheet
from procurement.models.tender import Award, Tender
from procurement.models.version import (
    ContractDocument,
    ContractVersion,
    ExtensionOption,
    KpiAgreement,
    VersionLot,
    VersionPeriod,
)

__all__ = [
    "Award",
    "Budget",
    "CalendarFeed",
    "CallOff",
    "Ceiling",
    "Claim",
    "ClaimLine",
    "ClaimSheet",
    "Clause",
    "ClauseBreach",
    "Contract",
    "ContractCourse",
    "ContractDocument",
    "ContractLot",
    "ContractSheet",
    "ContractVersion",
    "DeliveredMonth",
    "Expense",
    "ExtensionOption",
    "Indexation",
    "IndexationRule",
    "KpiAgreement",
    "LedgerEntry",
    "Lot",
    "LotMunicipality",
    "LotPool",
    "Milestone",
    "PoolQuota",
    "Tariff",
    "Tender",
    "VersionLot",
    "VersionPeriod",
]
