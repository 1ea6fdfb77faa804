"""Which clauses hold on a day, and what was found against them."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from backend.accounts.actor import Actor
from backend.common import clock
from procurement.clauses.kinds import BreachState, Severity
from procurement.models import Clause, ClauseBreach, VersionPeriod


def clauses_in_force(contract_ids: Collection[int], on: date) -> list[Clause]:
    """The clauses of the version of each contract that holds on the day, as known now."""
    moment = clock.now()
    versions = VersionPeriod.objects.filter(
        Q(known_to__isnull=True) | Q(known_to__gt=moment),
        contract__in=list(contract_ids),
        valid_from__lte=on,
        valid_to__gte=on,
        known_from__lte=moment,
    ).values("version")
    return list(
        Clause.objects.filter(version__in=versions)
        .select_related("version", "contract_lot")
        .order_by("version__contract", "kind", "detail", "pk")
    )


def breaches_to_settle(actor: Actor) -> QuerySet[Any]:
    """Breaches and signals that the actor sees and that nobody has settled."""
    return ClauseBreach.objects.visible_to(actor).exclude(state=BreachState.RESOLVED)


def breach_counts(actor: Actor) -> tuple[int, int]:
    """How many breaches and how many signals wait to be settled. One query."""
    counted = (
        breaches_to_settle(actor)
        .order_by()
        .aggregate(
            breaches=Count("pk", filter=Q(severity=Severity.BREACH)),
            signals=Count("pk", filter=Q(severity=Severity.SIGNAL)),
        )
    )
    return counted["breaches"], counted["signals"]
