"""Cards of the start page."""

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, Worklist, register
from backend.web.tables import Column, table_of
from providers.models import IntakeMoment
from providers.web import columns

SOON = 5


def own_starts(actor: Actor) -> Card | None:
    """The next starts of one's own school, with how full they are."""
    moments = (
        IntakeMoment.objects.with_seats_free()
        .open_on(clock.today())
        .managed_by(actor)
        .select_related("group__course", "group__location")
        .order_by("start_date", "pk")[:SOON]
    )
    table = table_of(
        (
            Column("course", _("Course"), columns.course_link, header=True),
            Column("place", _("Place"), "group.location.place"),
            columns.START,
            columns.SEATS,
        ),
        moments,
        caption=_("Our next starts"),
        empty=_("No start has been published."),
    )
    return Worklist(
        _("Our next starts"), table, reverse("own-catalogue"), _("All courses of our school")
    )


def open_starts(actor: Actor) -> Card | None:
    number = (
        IntakeMoment.objects.with_seats_free()
        .open_on(clock.today())
        .visible_to(actor)
        .filter(group__course__is_active=True)
        .filter(seats_free__gt=0)
        .count()
    )
    return Tile(
        _("Starts with free seats"),
        number,
        f"{reverse('catalogue')}?seats_free=on",
        _("of all providers together"),
    )


register(
    CardEntry("own-starts", Permission.MANAGE_CATALOGUE, own_starts, order=60),
    CardEntry("open-starts", Permission.VIEW_CATALOGUE, open_starts, order=50),
)
