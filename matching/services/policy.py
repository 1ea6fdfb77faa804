"""Publishing a new version of a municipality's matching policy."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record, snapshot
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from matching import policies
from matching.choices import PriorityMode
from matching.engine import DEFAULT_WEIGHTS, FACTORS
from matching.errors import ReasonRequiredError
from matching.models import MatchingPolicy
from matching.selectors.policy import default_policy

HISTORY_FIELDS = (
    "version",
    "valid_from",
    "weights",
    "max_travel_km",
    "urgent_within_days",
    "long_wait_days",
    "priority",
    "seed",
    "hold_hours",
    "answer_business_days",
    "proposal_business_days",
    "freeze_days",
    "talk_interval_weeks",
    "absence_percent",
    "absence_weeks",
    "absence_in_row",
    "retention_months",
    "letter_opening",
    "letter_closing",
)


AT_LEAST_ONE = (
    "max_travel_km",
    "hold_hours",
    "answer_business_days",
    "proposal_business_days",
    "talk_interval_weeks",
    "absence_percent",
    "absence_weeks",
    "absence_in_row",
    "retention_months",
)


@dataclass(frozen=True)
class PolicyData:
    valid_from: date
    weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    max_travel_km: int = 25
    urgent_within_days: int = 28
    long_wait_days: int = 90
    priority: str = PriorityMode.TIERS
    seed: int = 20260302
    hold_hours: int = 48
    answer_business_days: int = 5
    proposal_business_days: int = 5
    freeze_days: int = 14
    talk_interval_weeks: int = 13
    absence_percent: int = 20
    absence_weeks: int = 4
    absence_in_row: int = 3
    retention_months: int = 60
    letter_opening: str = ""
    letter_closing: str = ""


@transaction.atomic
def policy_publish(
    *, actor: Actor, organisation_id: int, data: PolicyData, reason: str
) -> MatchingPolicy:
    """A new version of the policy of a municipality or region; earlier versions stay readable.

    Nothing decided before changes: every match record keeps the version it was made with. Raises
    NotAllowedError, InvalidError with all faults, a missing reason among them.
    """
    policies.require_manage_policy(actor, organisation_id)
    policy_check(data, reason=reason)
    default_policy()
    last = (
        MatchingPolicy.objects.filter(organisation=organisation_id)
        .select_for_update()
        .order_by("-version")
        .first()
    )
    policy = MatchingPolicy.objects.create(
        organisation_id=organisation_id,
        version=last.version + 1 if last else 1,
        **{**asdict(data), "weights": dict(data.weights)},
    )
    record(
        actor=actor,
        action="matching_policy.published",
        subject=policy,
        before=snapshot(last, HISTORY_FIELDS) if last else None,
        after=snapshot(policy, HISTORY_FIELDS),
        reason=reason.strip(),
        organisation_ids=[organisation_id],
    )
    return policy


def policy_check(data: PolicyData, *, reason: str | None = None) -> None:
    """Raises InvalidError with every fault; `reason` counts only where one is given to judge."""
    found = []
    if set(data.weights) != set(FACTORS) or any(one < 0 for one in data.weights.values()):
        found.append(
            Violation(
                "weights", "weights_invalid", _("Give every factor a weight of 0 or more, once.")
            )
        )
    elif not any(data.weights.values()):
        found.append(
            Violation(
                "weights", "weights_all_zero", _("Give at least one factor a weight above 0.")
            )
        )
    if data.valid_from < clock.today():
        found.append(
            Violation(
                "valid_from",
                "date_in_past",
                _("A policy cannot take effect in the past. Choose today or a later day."),
            )
        )
    if data.priority not in PriorityMode.values:
        found.append(
            Violation(
                "priority", "unknown_code", _("This code does not exist. Choose one from the list.")
            )
        )
    for name in AT_LEAST_ONE:
        if getattr(data, name) < 1:
            found.append(Violation(name, "too_low", _("Enter a number of 1 or more.")))
    if reason is not None and not reason.strip():
        found.append(Violation("reason", ReasonRequiredError.code, ReasonRequiredError.message))
    if found:
        raise InvalidError(violations=found)
