"""For whom a buyer buys, and who may pay."""

from django.db.models import Q, QuerySet

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation, RegionMembership
from backend.organisations.permissions import Permission
from backend.organisations.public import region_ids_of


def buyers_for(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose tenders and contracts the actor keeps."""
    mine = actor.with_permission(Permission.MANAGE_CONTRACTS)
    return Organisation.objects.filter(pk__in=mine).order_by("name")


def municipalities_for(buyer: Organisation) -> QuerySet[Organisation]:
    """The municipalities that can take part: the buyer itself and all of its regions."""
    today = clock.today()
    regions = {buyer.pk}
    if buyer.kind == OrganisationKind.MUNICIPALITY:
        regions = set(region_ids_of(buyer.pk, today))
    members = RegionMembership.objects.on(today).filter(region__in=regions)
    return Organisation.objects.filter(
        Q(pk__in=members.values("municipality")) | Q(pk=buyer.pk),
        kind=OrganisationKind.MUNICIPALITY,
    ).order_by("name")


def payers_for(buyer: Organisation) -> QuerySet[Organisation]:
    """Who can pay for a municipality: the buyer, and every municipality that can take part."""
    return Organisation.objects.filter(
        Q(pk=buyer.pk) | Q(pk__in=municipalities_for(buyer).order_by().values("pk"))
    ).order_by("name")
