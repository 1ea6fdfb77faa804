"""Cards of the start page."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, register
from procurement.models import Contract

# A new tender takes about half a year; before that, somebody must have decided to extend or not.
ENDING_DAYS = 180


def contracts_in_force(actor: Actor) -> Card | None:
    today = clock.today()
    running = Contract.objects.visible_to(actor).in_force_on(today)
    ending = running.filter(end_date__lte=today + timedelta(days=ENDING_DAYS)).count()
    text = (
        _("%(number)s of them end within six months") % {"number": ending}
        if ending
        else _("none of them ends within six months")
    )
    return Tile(
        _("Contracts in force"),
        running.count(),
        f"{reverse('contract-list')}?status=active&in_force_on={today.isoformat()}",
        text,
        "warning" if ending else "neutral",
    )


register(CardEntry("contracts", Permission.VIEW_CONTRACTS, contracts_in_force, order=40))
