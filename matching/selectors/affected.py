"""Who holds a place on a start that changes, for the pages of supply (`providers.ports`)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse

from backend.accounts.actor import Actor
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import Placement
from providers.public import AffectedPlace


def affected_places(
    actor: Actor, intake_moment_ids: Iterable[int]
) -> Mapping[int, Sequence[AffectedPlace]]:
    """The open places the actor sees on these starts, by start; one query, no names."""
    found: dict[int, list[AffectedPlace]] = defaultdict(list)
    places = (
        Placement.objects.visible_to(actor)
        .filter(intake_moment__in=list(intake_moment_ids), state__in=OPEN_PLACEMENT_STATES)
        .select_related("participant", "municipality")
        .order_by("municipality__name", "pk")
    )
    for one in places:
        found[one.intake_moment_id].append(
            AffectedPlace(
                label=one.participant.reference,
                municipality=one.municipality.name,
                state=one.get_state_display(),
                path=reverse("placement", args=[one.uuid]),
                placement=one.uuid,
            )
        )
    return found


def placing_municipalities(provider_id: int) -> Iterable[int]:
    """Keys of the municipalities with an open place at the provider."""
    return (
        Placement.objects.filter(
            intake_moment__group__course__provider=provider_id, state__in=OPEN_PLACEMENT_STATES
        )
        .order_by()
        .values_list("municipality_id", flat=True)
        .distinct()
    )
