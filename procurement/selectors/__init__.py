"""Read-side questions about contracts."""

from procurement.selectors.coverage import (
    Coverage,
    committed_amount,
    contract_lot_for,
    course_coverage,
    coverage,
    open_call_offs,
    tariff_on,
)

__all__ = [
    "Coverage",
    "committed_amount",
    "contract_lot_for",
    "course_coverage",
    "coverage",
    "open_call_offs",
    "tariff_on",
]
