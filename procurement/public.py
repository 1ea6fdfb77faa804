"""The door of `procurement`: what the apps above may use. Names here keep their meaning."""

from procurement.errors import CeilingReachedError, NoTariffError
from procurement.selectors import COVER_OF_COURSE, Coverage, contract_lot_for, coverage, coverage_of
from procurement.services.call_offs import call_off_open, call_off_release, ceiling_lock

__all__ = [
    "COVER_OF_COURSE",
    "CeilingReachedError",
    "Coverage",
    "NoTariffError",
    "call_off_open",
    "call_off_release",
    "ceiling_lock",
    "contract_lot_for",
    "coverage",
    "coverage_of",
]
