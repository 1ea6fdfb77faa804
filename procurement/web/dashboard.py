"""Cards of the start page."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, Worklist, register
from backend.web.tables import table_of
from procurement.models import Contract
from procurement.selectors.deadlines import DeadlineKind, contract_deadlines
from procurement.web import money_cards  # noqa: F401 - registers its cards
from procurement.web.calendar import COLUMNS as CALENDAR_COLUMNS

# A new tender takes about half a year; before that, somebody must have decided to extend or not.
ENDING_DAYS = 180
# A quarter ahead is what a contract manager plans for.
SOON_DAYS, SHOWN = 92, 8


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
        f"{reverse('contracts')}?status=active&in_force_on={today.isoformat()}",
        text,
        "warning" if ending else "neutral",
    )


def contract_dates(actor: Actor) -> Card | None:
    """What is due in the contracts soon: ends, options, notice, new prices, papers."""
    today = clock.today()
    found = contract_deadlines(actor, first=today, last=today + timedelta(days=SOON_DAYS))
    found = [one for one in found if one.kind != DeadlineKind.CONTRACT_STARTS]
    if not found:
        return None
    return Worklist(
        _("Due in your contracts"),
        table_of(CALENDAR_COLUMNS, found[:SHOWN], caption=_("Due in your contracts")),
        reverse("contract-calendar"),
        _("To the contract calendar"),
    )


register(CardEntry("contract-dates", Permission.MANAGE_CONTRACTS, contract_dates, order=41))
register(CardEntry("contracts", Permission.VIEW_CONTRACTS, contracts_in_force, order=40))
