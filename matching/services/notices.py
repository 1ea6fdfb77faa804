"""Telling the other party, and the systems of both, what happened to a placement; never whom."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Permission
from backend.outbox.public import OutboxMessage, message_of
from matching.choices import PlacementState
from matching.models import Placement
from matching.services.feed import placement_emit

PLACEMENT_TOPIC = "matching.placement"
# Who hears of which state, and under which kind of notification.
TO_PROVIDER = {
    PlacementState.OFFERED: "placement_offered",
    PlacementState.WITHDRAWN: "placement_withdrawn",
}
TO_MUNICIPALITY = {
    PlacementState.ACCEPTED: "placement_accepted",
    PlacementState.REFUSED: "placement_refused",
    PlacementState.EXPIRED: "placement_expired",
    PlacementState.STARTED: "placement_started",
    PlacementState.STOPPED: "placement_stopped",
}


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    place = _("%(course)s, start %(start)s")
    register_kind("placement_offered", title=_("A participant is offered to you"), body=place)
    register_kind("placement_withdrawn", title=_("A placement was withdrawn"), body=place)
    register_kind("placement_accepted", title=_("A provider accepted a placement"), body=place)
    register_kind("placement_refused", title=_("A provider refused a placement"), body=place)
    register_kind("placement_expired", title=_("A held or offered place has expired"), body=place)
    register_kind("placement_started", title=_("A participant has started"), body=place)
    register_kind("placement_stopped", title=_("A placement has stopped"), body=place)


def notice_rows(placement: Placement, state: PlacementState) -> list[OutboxMessage]:
    """What asks, in the transaction of the step, that others are told of it."""
    if state == PlacementState.DRAFT:
        return []
    payload = {
        "placement": str(placement.uuid),
        "state": state.value,
        "at": clock.now().isoformat(),
    }
    return [message_of(PLACEMENT_TOPIC, payload)]


def notice_send(*, placement_id: UUID | str, state: PlacementState, at: datetime) -> None:
    """Writes the notification and the events of the feed. MUST be in atomic()."""
    placement = Placement.objects.select_related("intake_moment__group__course").get(
        uuid=placement_id
    )
    placement_emit(placement, state, at)
    to_provider = state in TO_PROVIDER
    if to_provider and placement.offered_at is None:
        # The provider never heard of this place.
        return
    notify(
        organisation_id=(
            placement.provider_organisation_id if to_provider else placement.municipality_id
        ),
        permission=Permission.ANSWER_PLACEMENTS if to_provider else Permission.PLACE,
        kind=(TO_PROVIDER if to_provider else TO_MUNICIPALITY)[state],
        path=f"/placements/{placement.uuid}",
        key=f"placement:{placement.uuid}:{state.value}",
        params={
            "course": placement.intake_moment.group.course.name,
            "start": placement.intake_moment.start_date.isoformat(),
        },
    )
