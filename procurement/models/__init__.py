"""Models of contracts and money."""

from procurement.models.calendar import CalendarFeed
from procurement.models.call_off import CallOff
from procurement.models.contract import Ceiling, Contract, ContractCourse, ContractLot, Tariff
from procurement.models.indexation import Indexation, IndexationRule
from procurement.models.lot import Lot, LotMunicipality
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
    "CalendarFeed",
    "CallOff",
    "Ceiling",
    "Contract",
    "ContractCourse",
    "ContractDocument",
    "ContractLot",
    "ContractVersion",
    "ExtensionOption",
    "Indexation",
    "IndexationRule",
    "KpiAgreement",
    "Lot",
    "LotMunicipality",
    "Tariff",
    "Tender",
    "VersionLot",
    "VersionPeriod",
]
