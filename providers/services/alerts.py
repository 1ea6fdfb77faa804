"""Daily look at supply: what a municipality or a provider should hear about today.

Every alert has a key, so that a second run of the same day tells nothing twice.
"""

from datetime import timedelta

from django.db import transaction

from backend.common import clock
from backend.notifications.public import notify
from backend.organisations.permissions import Permission
from providers.models import Provider, ProviderDocument
from providers.ports import involved_organisation_ids
from providers.selectors.capacity import (
    PERIOD,
    capacity_layers,
    closed_with_free_seats,
    starts_below_minimum,
)
from providers.selectors.teachers import teacher_shortages
from providers.services.stops import stops_follow_clock

# Closed starts are looked back for so long, in case a night was missed.
LOOK_BACK = timedelta(days=3)
# Long enough to move a start or to find people, short enough that most have been placed.
LOOK_AHEAD = timedelta(days=14)


def supply_watch() -> None:
    """Moves stops along with the calendar, then sends the alerts of the day; repeatable."""
    stops_follow_clock()
    with transaction.atomic():
        alert_below_contract()
        alert_closed_starts()
        alert_small_starts()
        alert_teacher_shortages()
        alert_expired_documents()


def alert_below_contract() -> None:
    """Buyer and provider hear once a month that fewer places are published than contracted."""
    today = clock.today()
    last = today + PERIOD
    for line in capacity_layers(actor=None, first=today, last=last):
        if not line.missing or line.organisation_id is None:
            continue
        for organisation, permission in (
            (line.organisation_id, Permission.MANAGE_CONTRACTS),
            (line.provider.organisation_id, Permission.MANAGE_CATALOGUE),
        ):
            notify(
                organisation_id=organisation,
                permission=permission,
                kind="capacity_below_contract",
                path="/capacity",
                key=f"capacity:{line.path}:{line.label}:{today:%Y-%m}:{organisation}"[:200],
                params={
                    "provider": line.provider.organisation.name,
                    "published": line.published,
                    "contracted": line.contracted or 0,
                    "year": f"{today.isoformat()} – {last.isoformat()}",
                },
            )


def alert_closed_starts() -> None:
    """Buyers and caseworkers hear of starts that were closed while seats were free."""
    today = clock.today()
    for moment in closed_with_free_seats(since=today - LOOK_BACK, on=today):
        provider = moment.group.course.provider
        for organisation in sorted(involved_organisation_ids(provider.pk)):
            notify(
                organisation_id=organisation,
                permission=Permission.MANAGE_CONTRACTS,
                kind="start_closed_early",
                path=f"/intake-moments/{moment.uuid}",
                key=f"closed:{moment.uuid}:{moment.status_changed_at:%Y%m%d}:{organisation}",
                params={
                    "provider": provider.organisation.name,
                    "course": moment.group.course.name,
                    "day": moment.start_date.isoformat(),
                },
            )


def alert_small_starts() -> None:
    """The provider hears two weeks ahead that a group stays too small after a start."""
    today = clock.today()
    for moment in starts_below_minimum(on=today, until=today + LOOK_AHEAD):
        notify(
            organisation_id=moment.group.course.provider.organisation_id,
            permission=Permission.MANAGE_CATALOGUE,
            kind="start_below_minimum",
            path=f"/intake-moments/{moment.uuid}",
            key=f"small:{moment.uuid}:{moment.start_date}",
            params={
                "course": moment.group.course.name,
                "day": moment.start_date.isoformat(),
                "people": moment.group_people,  # type: ignore[attr-defined]
                "least": moment.group.min_size,
            },
        )


def alert_teacher_shortages() -> None:
    """The provider hears weeks ahead that its teachers carry fewer seats than it promised."""
    providers = list(Provider.objects.filter(teachers__isnull=False).distinct())
    for shortage in teacher_shortages(provider_ids=[one.pk for one in providers], on=clock.today()):
        group = shortage.group
        notify(
            organisation_id=group.course.provider.organisation_id,
            permission=Permission.MANAGE_CATALOGUE,
            kind="teacher_shortage",
            path=f"/course-groups/{group.uuid}",
            key=f"teachers:{group.uuid}:{shortage.last_week}:{shortage.seats_carried}",
            params={
                "group": f"{group.course.name} ({group.code})",
                "seats": shortage.seats_lost,
                "day": shortage.first_week.isoformat(),
            },
        )


def alert_expired_documents() -> None:
    """The provider hears that a document no longer counts."""
    expired = ProviderDocument.objects.filter(
        is_current=True, valid_until__lt=clock.today()
    ).select_related("provider")
    for document in expired:
        notify(
            organisation_id=document.provider.organisation_id,
            permission=Permission.MANAGE_CATALOGUE,
            kind="document_expired",
            path=f"/providers/{document.provider.uuid}",
            key=f"document:{document.uuid}:{document.valid_until}",
            params={
                "title": document.title,
                "day": document.valid_until.isoformat() if document.valid_until else "",
            },
        )
