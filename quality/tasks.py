"""Background work of quality; ids only, and safe to run again."""

from datetime import timedelta

from backend.outbox.public import Payload, handles
from quality.services.indicators import indicators_compute

COMPUTE_INDICATORS = "quality.compute_indicators"


@handles(COMPUTE_INDICATORS, lease=timedelta(minutes=15))
def compute_indicators_task(payload: Payload) -> None:
    """Computes all figures that are complete today; a second run of the day writes nothing."""
    indicators_compute()
