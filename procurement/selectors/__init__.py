"""Read-side questions about contracts."""

from procurement.selectors.coverage import (
    COVER_OF_COURSE,
    Coverage,
    Covered,
    contract_lot_for,
    coverage,
    coverage_of,
    covered,
    open_call_offs,
    payer_of,
    tariff_on,
)

__all__ = [
    "COVER_OF_COURSE",
    "Coverage",
    "Covered",
    "contract_lot_for",
    "coverage",
    "coverage_of",
    "covered",
    "open_call_offs",
    "payer_of",
    "tariff_on",
]
