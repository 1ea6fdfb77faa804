"""How many findings wait per provider, for the list of providers (`providers.ports`)."""

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from backend.accounts.actor import Actor
from procurement.clauses.kinds import BreachState
from procurement.models import ClauseBreach
from providers.ports import OpenFindings


def provider_findings(actor: Actor) -> OpenFindings:
    """Findings on contracts that the actor sees and that nobody has resolved."""
    waiting = (
        ClauseBreach.objects.visible_to(actor)
        .exclude(state=BreachState.RESOLVED)
        .filter(contract__provider=OuterRef("pk"))
        .order_by()
        .values("contract__provider")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return OpenFindings(
        number=Coalesce(Subquery(waiting), 0, output_field=IntegerField()),
        path=reverse("breaches") + "?state=unsettled&search=",
    )
