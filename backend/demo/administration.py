"""What a functional administrator finds: a code list that changes soon, and a privacy text."""

from datetime import timedelta

from backend.accounts.public import Actor
from backend.codelists.public import Change, Code, code_list_publish
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.public import privacy_text_set
from matching.code_lists import WITHDRAWALS
from providers.code_lists import SPECIAL_GROUPS

PRIVACY = (
    "Uw gemeente is verantwoordelijk voor uw gegevens. Wij gebruiken ze om een passende cursus "
    "voor u te zoeken. Vragen? Bel het team Inburgering: 030 123 45 67."
)


def administration_build(actor: Actor, municipality: Organisation) -> None:
    """Two planned versions, from the first day of the month after next, and a text of one town."""
    first = (clock.today().replace(day=1) + timedelta(days=63)).replace(day=1)
    childcare = Code("no_childcare", "Geen kinderopvang bij de les", "No childcare at the lessons")
    code_list_publish(
        actor=actor,
        key=WITHDRAWALS,
        change=Change(first, (childcare,), frozenset({"better_place"})),
        reason="Afspraak van de regio met de aanbieders (demo)",
    )
    night = Code("shift_workers", "Mensen met wisselende diensten", "People who work in shifts")
    code_list_publish(
        actor=actor,
        key=SPECIAL_GROUPS,
        change=Change(first, (night,)),
        reason="Wens van werkgevers in de regio (demo)",
    )
    privacy_text_set(actor=actor, organisation=municipality, text=PRIVACY)
