"""One letter of the demo: a personal link that can be opened, and an answer that waits."""

from dataclasses import dataclass

from backend.accounts.public import Actor
from matching.letter_choices import ResponseKind, ResponseReason
from matching.models import Placement
from matching.pdf.letter import link_url
from matching.services.letters import (
    LETTER_STATES,
    Contact,
    personal_link_create,
    response_give,
)

CONTACT = Contact("Team Inburgering", "030 123 45 67")


@dataclass(frozen=True)
class DemoLink:
    """What the demo prints, as it would stand in the letter."""

    url: str
    code: str
    language: str


def letters_build(actor: Actor) -> DemoLink | None:
    """An open link for one offered place, and "does not fit" for another; None without places."""
    places = list(
        Placement.objects.filter(state__in=LETTER_STATES, person_responses__isnull=True)
        .select_related("participant")
        .order_by("-state", "pk")[:2]
    )
    if not places:
        return None
    if len(places) > 1:
        answered = personal_link_create(
            actor=actor, placement=places[1], language="en", contact=CONTACT
        )
        response_give(
            link=answered.link,
            kind=ResponseKind.NOT_FITTING,
            reasons=[ResponseReason.CHILDCARE, ResponseReason.TRAVEL],
        )
    issued = personal_link_create(actor=actor, placement=places[0], language="ar", contact=CONTACT)
    return DemoLink(f"{link_url(issued.token)}?language=ar", issued.code, "ar")
