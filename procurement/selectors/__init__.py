"""Read-side questions about contracts."""

from procurement.selectors.coverage import (
    COVER_OF_COURSE,
    Coverage,
    contract_lot_for,
    coverage,
    coverage_of,
    open_call_offs,
    payer_of,
    tariff_on,
)

__all__ = [
    "COVER_OF_COURSE",
    "Coverage",
    "contract_lot_for",
    "coverage",
    "coverage_of",
    "open_call_offs",
    "payer_of",
    "tariff_on",
]
