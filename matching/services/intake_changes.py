"""What happens to places when the provider cancels or moves their start.

Nobody is moved by itself: a cancelled start withdraws no place, for the caseworker must choose and
say what fits. Every municipality with an open place is told, with the way to the alternatives.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.notifications.public import notify, register_kind
from backend.organisations.public import Permission
from backend.outbox.public import enqueue
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import Placement
from matching.services.feed import intake_change_emit
from providers.models import IntakeMoment
from providers.public import IntakeMomentCancelled, IntakeMomentMoved, alternatives_for

CHANGED_TOPIC = "matching.intake_changed"


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    register_kind(
        "intake_cancelled",
        title=_("A start was cancelled: somebody needs another place"),
        body=_("%(course)s, start %(start)s. Other fitting starts found: %(alternatives)s."),
    )
    register_kind(
        "intake_moved",
        title=_("A start was moved: check whether it still fits"),
        body=_("%(course)s: from %(start)s to %(moved)s."),
    )


def on_intake_cancelled(event: IntakeMomentCancelled) -> None:
    """Leaves the work to the outbox; comes after the commit, so in a transaction of its own."""
    with transaction.atomic():
        enqueue(
            CHANGED_TOPIC,
            {"intake_moment": event.intake_moment_id, "kind": "intake_cancelled"},
            key=f"intake_cancelled:{event.intake_moment_id}",
        )


def on_intake_moved(event: IntakeMomentMoved) -> None:
    old, new = event.old_start_date.isoformat(), event.new_start_date.isoformat()
    payload = {
        "intake_moment": event.intake_moment_id,
        "kind": "intake_moved",
        "start": old,
        "moved": new,
    }
    key = f"intake_moved:{event.intake_moment_id}:{old}:{new}"
    with transaction.atomic():
        enqueue(CHANGED_TOPIC, payload, key=key)


def intake_change_tell(
    *, intake_moment_id: int, kind: str, start: str | None = None, moved: str | None = None
) -> int:
    """Tells the caseworkers of every open place on the start; how many places. MUST be in atomic().

    A second time changes nothing.
    """
    intake = IntakeMoment.objects.select_related(
        "group__course__provider__organisation", "group__location"
    ).get(pk=intake_moment_id)
    places = list(
        Placement.objects.filter(
            intake_moment=intake_moment_id, state__in=OPEN_PLACEMENT_STATES
        ).order_by("pk")
    )
    intake_change_emit(intake, kind, places)
    if not places:
        return 0
    params: dict[str, str | int] = {
        "course": intake.group.course.name,
        "start": start or intake.start_date.isoformat(),
    }
    if kind == "intake_moved":
        params["moved"] = moved or intake.start_date.isoformat()
    else:
        params["alternatives"] = len(alternatives_for(intake))
    for place in places:
        notify(
            organisation_id=place.municipality_id,
            permission=Permission.PLACE,
            kind=kind,
            path=f"/intake-moments/{intake.uuid}/alternatives",
            key=f"{kind}:{place.uuid}:{params.get('moved', '')}",
            params=params,
        )
    return len(places)
