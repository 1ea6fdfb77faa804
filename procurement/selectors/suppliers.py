"""Providers as suppliers: what waits at each and how many places run, counted in the database."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from backend.accounts.actor import Actor
from backend.common import clock
from procurement.choices import CallOffState, ContractStatus
from procurement.clauses.kinds import BreachState, Severity
from procurement.models import CallOff, ClauseBreach, Contract
from providers.models import Provider
from providers.ports import SupplierFigures


def _number(rows: QuerySet[Any], path: str) -> Coalesce:
    """How many of `rows` belong to the provider of the outer row; 0 where there are none."""
    found = (
        rows.filter(**{path: OuterRef("pk")})
        .order_by()
        .values(path)
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(found), 0, output_field=IntegerField())


def _waiting(actor: Actor) -> QuerySet[Any]:
    return ClauseBreach.objects.visible_to(actor).exclude(state=BreachState.RESOLVED)


def _running(actor: Actor) -> QuerySet[Any]:
    """Places that run today. A placement above is a call-off here: a number, and no person."""
    today = clock.today()
    return CallOff.objects.visible_to(actor).filter(
        state=CallOffState.COMMITTED, start_date__lte=today, end_date__gte=today
    )


def supplier_figures(actor: Actor) -> SupplierFigures:
    """Findings that nobody has resolved and places that run, as far as the actor sees them."""
    return SupplierFigures(
        findings=_number(_waiting(actor), "contract__provider"),
        findings_path=reverse("breaches") + "?state=unsettled&provider=",
        places=_number(_running(actor), "contract_lot__contract__provider"),
        places_path=reverse("call-offs") + "?state=running&provider=",
    )


def suppliers(actor: Actor) -> QuerySet[Provider]:
    """Providers with a contract that the actor sees, with what is to be talked about (J2)."""
    contracts = Contract.objects.visible_to(actor)
    running = contracts.filter(status__in=[ContractStatus.ACTIVE, ContractStatus.SUSPENDED])
    return Provider.objects.filter(pk__in=contracts.order_by().values("provider")).annotate(
        running_contracts=_number(running, "provider"),
        open_breaches=_number(
            _waiting(actor).filter(severity=Severity.BREACH), "contract__provider"
        ),
        open_signals=_number(
            _waiting(actor).filter(severity=Severity.SIGNAL), "contract__provider"
        ),
        running_places=_number(_running(actor), "contract_lot__contract__provider"),
    )
