"""Cards of the start page about findings, ceilings, claims and budgets."""

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, register
from procurement.clauses.kinds import ClauseKind
from procurement.models import Claim
from procurement.money_choices import ClaimState
from procurement.selectors.clauses import breach_counts, breaches_to_settle


def findings(actor: Actor) -> Card | None:
    """Breaches that wait to be settled, with the number of signals beside them."""
    breaches, signals = breach_counts(actor)
    return Tile(
        _("Breaches of contracts"),
        breaches,
        f"{reverse('breaches')}?state=unsettled",
        _("and %(number)s signals") % {"number": signals},
        "danger" if breaches else ("warning" if signals else "success"),
    )


def ceilings(actor: Actor) -> Card | None:
    """Ceilings that reached an agreed threshold."""
    number = breaches_to_settle(actor).filter(kind=ClauseKind.CEILING).count()
    if not number:
        return None
    return Tile(
        _("Alerts on ceilings"),
        number,
        f"{reverse('breaches')}?state=unsettled&kind={ClauseKind.CEILING}",
        _("places or money of a lot run out"),
        "warning",
    )


def claims(actor: Actor) -> Card | None:
    """Claims that wait for a decision."""
    waiting = Claim.objects.visible_to(actor).filter(state=ClaimState.SUBMITTED)
    number = waiting.count()
    if not number:
        return None
    late = waiting.filter(answer_due_date__lt=clock.today()).count()
    return Tile(
        _("Claims to assess"),
        number,
        f"{reverse('claims')}?state={ClaimState.SUBMITTED}",
        _("%(number)s past their day") % {"number": late},
        "danger" if late else "warning",
    )


register(
    CardEntry(
        "findings", (Permission.MANAGE_CONTRACTS, Permission.MANAGE_CATALOGUE), findings, order=42
    ),
    CardEntry("ceilings", Permission.MANAGE_CONTRACTS, ceilings, order=43),
    CardEntry("claims", Permission.MANAGE_CONTRACTS, claims, order=44),
)
