"""Signals of absence in the demo: some of weeks ago with what came of them, and those of today."""

from itertools import cycle

from django.utils.translation import gettext as _

from backend.demo.build import Region, at
from quality.choices import AbsenceOutcome
from quality.public import absence_signals_raise
from quality.services.absence import absence_signal_close

DEALT_WITH = 21


def absence_build(built: Region) -> None:
    """The daily work as it was three weeks ago, and as it is today; caseworkers closed some."""
    answers = cycle(
        (
            (AbsenceOutcome.TALK, _("Spoke by telephone; comes again from Monday (demo).")),
            (AbsenceOutcome.AGREEMENT, _("School and person agreed on other days (demo).")),
            (AbsenceOutcome.WRONG_RECORD, _("The school corrects the list (demo).")),
        )
    )
    with at(built.plan, DEALT_WITH):
        # Every second one still waits for somebody.
        for signal, (outcome, note) in zip(absence_signals_raise()[::2], answers, strict=False):
            absence_signal_close(actor=built.actor(), signal=signal, outcome=outcome, note=note)
    with at(built.plan, 0):
        absence_signals_raise()
