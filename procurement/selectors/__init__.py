"""Read-side questions about contracts."""

from procurement.selectors.coverage import (
    COVER_OF_COURSE,
    Coverage,
    committed_amount,
    contract_lot_for,
    coverage,
    coverage_of,
    open_call_offs,
    tariff_on,
)

__all__ = [
    "COVER_OF_COURSE",
    "Coverage",
    "committed_amount",
    "contract_lot_for",
    "coverage",
    "coverage_of",
    "open_call_offs",
    "tariff_on",
]
