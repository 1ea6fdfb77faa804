"""What stands in the way of placing people on a start, in words."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.web.values import Text, day_text
from providers.choices import MARK_STATUSES_IN_FORCE, IntakeStatus
from providers.models import IntakeMoment, IntakeStop, QualityMark
from providers.selectors.supply import REQUIRED_MARK
from providers.services.alerts import LOOK_AHEAD

Notice = tuple[Text, Text]
OPEN = (IntakeStatus.PUBLISHED, IntakeStatus.CLOSED, IntakeStatus.DRAFT)


def start_warnings(actor: Actor, moment: Any) -> list[Notice]:
    """Heading and sentence of each warning: the mark, intake stops, too few people.

    `moment` MUST carry `group_people` and `seats_free`. Two queries; none for a start that is over
    or cancelled.
    """
    if moment.status not in OPEN or moment.end_date < clock.today():
        return []
    return [*_mark(moment), *_stops(actor, moment), *_too_few(moment), *_too_many(moment)]


def _mark(moment: IntakeMoment) -> list[Notice]:
    """R-KEU-1, R-KEU-2: without recognition on the start date nobody can be placed."""
    course = moment.group.course
    kind = REQUIRED_MARK.get(course.component)
    if kind is None:
        return []
    mark = (
        QualityMark.objects.filter(
            provider=course.provider_id,
            kind=kind,
            status__in=MARK_STATUSES_IN_FORCE,
            valid_from__lte=moment.start_date,
        )
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=moment.start_date))
        .first()
    )
    if mark is None:
        text = _(
            "%(kind)s is not valid on %(day)s. Nobody can be placed here (R-KEU-1, R-KEU-2). "
            "Record a newer recognition, or move the start."
        ) % {"kind": kind.label, "day": day_text(moment.start_date)}
        return [(_("No recognition on the start date"), text)]
    if mark.valid_to is not None and mark.valid_to < moment.end_date:
        text = _("%(kind)s is known until %(day)s; the course ends on %(end)s.") % {
            "kind": kind.label,
            "day": day_text(mark.valid_to),
            "end": day_text(moment.end_date),
        }
        return [(_("The recognition ends before the course"), text)]
    return []


def _stops(actor: Actor, moment: IntakeMoment) -> list[Notice]:
    """Stops in force that the actor may know of, for this course and place."""
    course = moment.group.course
    stops = (
        IntakeStop.objects.visible_to(actor)
        .in_force(clock.today())
        .filter(
            Q(kind="") | Q(kind=course.kind),
            Q(course=None) | Q(course=course),
            Q(location=None) | Q(location=moment.group.location_id),
            provider=course.provider_id,
        )
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    names = list(dict.fromkeys(stop.organisation.name for stop in stops))
    if not names:
        return []
    text = _("Nobody can be placed here from: %(names)s.") % {"names": ", ".join(names)}
    return [(_("An intake stop is in force"), text)]


def _too_many(moment: Any) -> list[Notice]:
    """Starts of a group that runs on overlap: their people sit in one room."""
    most = moment.group.max_size
    possible = moment.group_people + max(0, moment.seats_free)
    if possible <= most or moment.start_date < clock.today():
        return []
    text = _(
        "With everybody who can still be placed this group has %(people)s people; at most "
        "%(most)s fit. Lower the seats of this start."
    ) % {
        "people": possible,
        "most": most,
    }
    return [(_("More seats than the group can hold"), text)]


def _too_few(moment: Any) -> list[Notice]:
    soon = moment.start_date <= clock.today() + LOOK_AHEAD
    least = moment.group.min_size
    if not soon or moment.start_date < clock.today() or moment.group_people >= least:
        return []
    text = _("%(people)s people are in this group; it needs at least %(least)s.") % {
        "people": moment.group_people,
        "least": least,
    }
    return [(_("Too few people for a start"), text)]
