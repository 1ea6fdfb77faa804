"""Cards of the start page."""

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, Worklist, register
from backend.web.tables import Column, table_of
from backend.web.values import Link
from matching.choices import PlacementState
from matching.models import Placement
from matching.public import work_list
from matching.web import placements, texts, waiting_cards

SHOWN = 8


def urgent(actor: Actor) -> Card | None:
    numbers = (
        work_list(actor).waiting().aggregate(urgent=Count("pk", filter=Q(tier=1)), all=Count("pk"))
    )
    return Tile(
        _("Legal deadline at risk"),
        numbers["urgent"],
        f"{reverse('work-list')}?tier=1",
        _("of %(number)s needs on the waiting list") % {"number": numbers["all"]},
        "danger" if numbers["urgent"] else "success",
    )


def next_people(actor: Actor) -> Card | None:
    """The first people of the waiting list, by reference: a start page shows no names."""
    needs = work_list(actor).waiting().select_related("pip__participant")[:SHOWN]
    table = table_of(
        (
            Column(
                "reference",
                _("Reference"),
                lambda one: Link(one.pip.participant.reference, reverse("need", args=[one.uuid])),
                header=True,
            ),
            Column("component", _("Waits for"), "get_component_display"),
            Column("tier", _("Urgency"), lambda one: texts.tier_badge(one.tier)),
            Column("deadline", _("Legal deadline"), "deadline"),
        ),
        needs,
        caption=_("First in line"),
        empty=_("Nobody is waiting."),
    )
    return Worklist(_("First in line"), table, reverse("work-list"), _("The whole waiting list"))


def open_offers(actor: Actor) -> Card | None:
    """Offers that a provider has not answered yet, seen by the municipality."""
    number = (
        Placement.objects.visible_to(actor)
        .filter(
            state=PlacementState.OFFERED,
            municipality__in=actor.with_permission(Permission.PLACE),
        )
        .count()
    )
    return Tile(
        _("Waiting for the provider"),
        number,
        f"{reverse('placements')}?state=offered",
        _("offered places without an answer"),
    )


def inbox(actor: Actor) -> Card | None:
    waiting = (
        Placement.objects.visible_to(actor)
        .filter(
            state=PlacementState.OFFERED,
            provider_organisation__in=actor.with_permission(Permission.ANSWER_PLACEMENTS),
        )
        .select_related(*placements.DETAILS)
        .order_by("answer_due_at", "pk")[:SHOWN]
    )
    table = table_of(
        (
            placements.REFERENCE,
            placements.COURSE,
            placements.START,
            Column("due", _("Answer before"), placements.answer_badge),
        ),
        waiting,
        caption=_("To answer"),
        empty=_("Nothing to answer."),
    )
    return Worklist(_("To answer"), table, reverse("placement-inbox"), _("The whole inbox"))


register(
    CardEntry("urgent", Permission.PLACE, urgent, order=10),
    CardEntry("open-offers", Permission.PLACE, open_offers, order=11),
    CardEntry("seat-offers", Permission.PLACE, waiting_cards.freed_seats, order=11),
    CardEntry("first-in-line", Permission.PLACE, next_people, order=12),
    CardEntry("inbox", Permission.ANSWER_PLACEMENTS, inbox, order=10),
    CardEntry("asked-groups", Permission.ANSWER_PLACEMENTS, waiting_cards.asked_groups, order=11),
)
