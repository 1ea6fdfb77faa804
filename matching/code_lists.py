"""The code lists of matching that a functional administrator may change, and what uses them.

A place keeps the lists of the day on which it was held: whoever answers or ends it chooses from
those, also when a newer version has begun since (design.md section 4).
"""

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Count, Func
from django.utils.translation import gettext_lazy as _

from backend.codelists.public import CodeList, Running, Usage, code_faults, register, version_on
from backend.common import clock
from backend.common.errors import InvalidError
from matching.agreement_choices import DualActivity
from matching.choices import (
    OPEN_PLACEMENT_STATES,
    PlacementState,
    RefusalReason,
    StopReason,
    WithdrawalReason,
)
from matching.models import PipAgreements, Placement, PlacementEvent

REFUSALS = "refusal-reasons"
WITHDRAWALS = "withdrawal-reasons"
STOPS = "stop-reasons"
ACTIVITIES = "dual-activities"


def lists_day(placement: Placement) -> date:
    """The day whose code lists a place keeps."""
    return clock.local_day(placement.created_at)


def ground_of(key: str, reason: str, placement: Placement) -> str:
    """The fixed code that `reason` is or belongs to, in the version that the place keeps.

    Raises InvalidError for a code that did not hold on that day.
    """
    day = lists_day(placement)
    faults = code_faults(key, [reason], on=day, field="reason")
    if faults:
        raise InvalidError(violations=faults)
    return version_on(key, day).holds()[reason].counts_as or reason


def register_lists() -> None:
    register(
        CodeList(
            REFUSALS,
            _("Reasons to refuse a place"),
            _("The three lawful grounds of the contract standard (clause 3.7) are fixed."),
            RefusalReason,
            fixed=frozenset(RefusalReason.values),
            grounds=frozenset(RefusalReason.values),
            usages=(_placements_in(PlacementState.REFUSED),),
            running=(RUNNING,),
        ),
        CodeList(
            WITHDRAWALS,
            _("Reasons to withdraw a place"),
            _("Two codes are fixed, because Passend writes them itself when somebody moves."),
            WithdrawalReason,
            fixed=frozenset({WithdrawalReason.MOVED, WithdrawalReason.OTHER_PROVIDER}),
            usages=(_placements_in(PlacementState.WITHDRAWN),),
            running=(RUNNING,),
        ),
        CodeList(
            STOPS,
            _("Reasons why a place ends"),
            _("The numbers of the national iJw list JZ588 are fixed."),
            StopReason,
            fixed=frozenset(StopReason.values),
            grounds=frozenset(StopReason.values),
            usages=(_placements_in(PlacementState.STOPPED),),
            running=(RUNNING,),
        ),
        CodeList(
            ACTIVITIES,
            _("Activities beside the lessons"),
            _("The list of Passend; every code may change."),
            DualActivity,
            usages=(Usage(_("Agreements in a PIP"), _agreements),),
        ),
    )


def _placements_in(state: PlacementState) -> Usage:
    def count(codes: Collection[str]) -> Mapping[str, int]:
        rows = PlacementEvent.objects.filter(state=state, reason_code__in=codes)
        counted = rows.order_by().values_list("reason_code").annotate(Count("pk"))
        return dict(counted)

    return Usage(_("Placements"), count)


def _running_placements() -> int:
    return Placement.objects.filter(state__in=sorted(OPEN_PLACEMENT_STATES)).count()


def _agreements(codes: Collection[str]) -> Mapping[str, int]:
    rows = PipAgreements.objects.annotate(code=Func("dual_activities", function="unnest"))
    return dict(
        rows.filter(dual_activities__overlap=list(codes))
        .order_by()
        .values_list("code")
        .annotate(Count("pk"))
    )


RUNNING = Running(
    _("Running placements that keep the list of the day they began"), _running_placements
)
