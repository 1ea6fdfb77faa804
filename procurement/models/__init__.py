"""Models of contracts and money."""

from procurement.models.call_off import CallOff
from procurement.models.contract import Ceiling, Contract, ContractCourse, ContractLot, Tariff
from procurement.models.lot import Lot, LotMunicipality

__all__ = [
    "CallOff",
    "Ceiling",
    "Contract",
    "ContractCourse",
    "ContractLot",
    "Lot",
    "LotMunicipality",
    "Tariff",
]
