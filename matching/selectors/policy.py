"""The matching policy in force."""

from datetime import date
from functools import lru_cache
from uuid import UUID

from backend.common.compiled import CompiledRows
from matching.choices import PriorityMode
from matching.engine import DEFAULT_WEIGHTS, Policy
from matching.models import MatchingPolicy

# The weights and limits of engine.md: what holds until an organisation publishes its own.
DEFAULT_VALID_FROM = date(2022, 1, 1)
DEFAULT_SEED = 20260302


def default_policy() -> MatchingPolicy:
    """The policy without an organisation, made at first need (and once, also under a race)."""
    found = MatchingPolicy.objects.filter(organisation__isnull=True).order_by("-version").first()
    if found is not None:
        return found
    MatchingPolicy.objects.bulk_create(
        [
            MatchingPolicy(
                organisation=None,
                version=1,
                valid_from=DEFAULT_VALID_FROM,
                weights=dict(DEFAULT_WEIGHTS),
                max_travel_km=25,
                urgent_within_days=28,
                long_wait_days=90,
                priority=PriorityMode.TIERS,
                seed=DEFAULT_SEED,
            )
        ],
        ignore_conflicts=True,
    )
    return MatchingPolicy.objects.get(organisation__isnull=True, version=1)


def policy_in_force(*, organisation_id: int, on: date) -> MatchingPolicy:
    """The newest version of the organisation's own policy that holds on the day, or the default.

    One query once a default exists and the version has been read before: versions never change.
    """
    return policy_of(next(iter(VERSION_IN_FORCE(organisation=organisation_id, on=on)), None))


def policy_of(row: tuple[int, UUID] | None) -> MatchingPolicy:
    """The policy of a row of VERSION_IN_FORCE; the default where there is none yet."""
    return default_policy() if row is None else _version(*row)


@lru_cache(maxsize=256)
def _version(pk: int, uuid: UUID) -> MatchingPolicy:
    # The UUID stands in the key so that two databases in one process never share a version.
    return MatchingPolicy.objects.get(pk=pk, uuid=uuid)


VERSION_IN_FORCE = CompiledRows(
    lambda organisation, on: MatchingPolicy.objects.in_force_on(on, organisation).values_list(
        "pk", "uuid"
    )[:1],
    organisation=int,
    on=date,
)


def engine_policy(policy: MatchingPolicy) -> Policy:
    """The stored policy in the form that the engine takes."""
    return Policy(
        weights={name: int(weight) for name, weight in policy.weights.items()},
        max_travel_km=float(policy.max_travel_km),
        urgent_within_days=policy.urgent_within_days,
        long_wait_days=policy.long_wait_days,
        priority=policy.priority,
        seed=policy.seed,
        version=str(policy.uuid),
    )
