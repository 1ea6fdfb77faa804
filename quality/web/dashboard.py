"""What the start page shows of lessons."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.accounts.actor import Actor
from backend.common import clock
from backend.organisations.permissions import Permission
from backend.web.dashboard import Card, CardEntry, Tile, Worklist, register
from backend.web.tables import table_of
from quality import selectors
from quality.models import AbsenceSignal
from quality.web.lessons import LESSON_COLUMNS

LESSONS_SHOWN = 8


def build_lessons(actor: Actor) -> Card | None:
    """The first lessons of today: for a teacher one tap from the start page to the list."""
    lessons = selectors.lessons_of_day(actor, clock.today())[:LESSONS_SHOWN]
    return Worklist(
        title=_("Lessons of today"),
        table=table_of(
            LESSON_COLUMNS,
            lessons,
            caption=_("Lessons of today"),
            empty=_("There are no lessons on this day."),
        ),
        url=reverse("lessons"),
        url_label=gettext_lazy("All lessons of today"),
    )


def absence(actor: Actor) -> Card | None:
    """Open signals of absence in this caseworker's municipality."""
    number = AbsenceSignal.objects.visible_to(actor).open().count()
    return Tile(
        _("Absence"),
        number,
        reverse("absence-signals"),
        _("people who miss too many lessons"),
        "warning" if number else "success",
    )


register(CardEntry("absence", Permission.MANAGE_PIPS, absence, order=14))
register(CardEntry("lessons", Permission.RECORD_DELIVERY, build_lessons, order=20))
