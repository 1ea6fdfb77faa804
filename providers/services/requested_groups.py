"""A group that a buyer asked for and a provider bid: from bid to a published start."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from backend.accounts.actor import Actor
from providers.models import Course, IntakeMoment, Location, Provider
from providers.services.catalogue import groups_add, intake_moment_publish
from providers.services.drafts import GroupDraft, IntakeDraft, SlotDraft


@dataclass(frozen=True)
class RequestedGroup:
    """What the provider promised in its bid."""

    code: str
    course: Course
    location: Location
    slots: tuple[SlotDraft, ...]
    seats: int
    min_size: int
    start_date: date
    end_date: date


@transaction.atomic
def requested_group_publish(
    *, actor: Actor, provider: Provider, draft: RequestedGroup
) -> IntakeMoment:
    """The group with its lessons and one published start, through the rules of the catalogue.

    Raises NotAllowedError, InvalidError with all faults.
    """
    (group,) = groups_add(
        actor=actor,
        provider=provider,
        drafts=[
            GroupDraft(
                course=draft.course,
                location=draft.location,
                code=draft.code,
                max_size=draft.seats,
                slots=draft.slots,
                min_size=draft.min_size,
            )
        ],
    )
    return intake_moment_publish(
        actor=actor,
        provider=provider,
        draft=IntakeDraft(group, draft.start_date, draft.end_date, draft.seats),
    )
