"""Background work of quality; ids only, and safe to run again."""

from datetime import timedelta

import structlog

from backend.common import clock
from backend.outbox.public import Payload, handles
from quality.services.absence import absence_signals_raise
from quality.services.deliveries import DeliveryFault, deliveries_post, delivery_faults
from quality.services.indicators import indicators_compute

log = structlog.get_logger(__name__)

COMPUTE_INDICATORS = "quality.compute_indicators"
POST_DELIVERIES = "quality.post_deliveries"
CHECK_DELIVERIES = "quality.check_deliveries"
RAISE_ABSENCE = "quality.raise_absence"
DELIVERIES_DIFFER = "deliveries.differ"
# The work is asked for every hour; what a late or failed hour missed comes with the next ones.
LOOK_BACK = timedelta(hours=6)


@handles(COMPUTE_INDICATORS, lease=timedelta(minutes=15))
def compute_indicators_task(payload: Payload) -> None:
    """Computes all figures that are complete today; a second run of the day writes nothing."""
    indicators_compute()


@handles(POST_DELIVERIES, lease=timedelta(minutes=15))
def post_deliveries_task(payload: Payload) -> None:
    """Posts to the ledger what attendance changed in the last hours."""
    deliveries_post(changed_since=clock.now() - LOOK_BACK)


@handles(CHECK_DELIVERIES, lease=timedelta(minutes=30))
def check_deliveries_task(payload: Payload) -> None:
    """Posts what is left of everybody, and then finds nothing."""
    deliveries_post()
    check_deliveries()


@handles(RAISE_ABSENCE, lease=timedelta(minutes=15))
def raise_absence_task(payload: Payload) -> None:
    """Signals absence above the policy of each municipality; a second run of the day adds none."""
    absence_signals_raise()


def check_deliveries() -> list[DeliveryFault]:
    """Logs and returns where attendance and ledger differ; nothing when all is well."""
    found = delivery_faults()
    for one in found:
        log.error(
            DELIVERIES_DIFFER,
            placement=str(one.placement),
            month=one.month.isoformat(),
            attended=str(one.attended),
            posted=str(one.posted),
        )
    return found
