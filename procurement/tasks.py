"""What the clock asks of procurement, each once a day (backend.schedule)."""

import structlog

from backend.outbox.public import Payload, handles
from procurement.selectors.ledger_checks import LedgerFault, ledger_faults
from procurement.services.breaches import clauses_evaluate
from procurement.services.versions import versions_apply_due

log = structlog.get_logger(__name__)

EVALUATE_CLAUSES = "procurement.evaluate_clauses"
CHECK_LEDGER = "procurement.check_ledger"
APPLY_VERSIONS = "procurement.apply_versions"
LEDGER_DISAGREES = "ledger.disagrees"


@handles(EVALUATE_CLAUSES)
def evaluate_clauses(_payload: Payload) -> None:
    """Checks every clause of every contract in force against the facts of today."""
    clauses_evaluate()


@handles(APPLY_VERSIONS)
def apply_versions(_payload: Payload) -> None:
    """Takes over title and ceilings of amendments whose first day has come."""
    versions_apply_due()


@handles(CHECK_LEDGER)
def check_ledger_message(_payload: Payload) -> None:
    """Adds up the ledger again; a sum that differs from its rows is an error in the log."""
    check_ledger()


def check_ledger() -> list[LedgerFault]:
    """Logs and returns where the ledger and the rows differ; nothing when all is well."""
    found = ledger_faults()
    for one in found:
        log.error(
            LEDGER_DISAGREES,
            promise=one.promise,
            subject=one.subject,
            rows=str(one.rows),
            ledger=str(one.ledger),
        )
    return found
