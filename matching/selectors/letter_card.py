"""What a person must know of a place, in one language: the same on the page and in the letter."""

from dataclasses import dataclass

from matching.letters import Texts
from matching.models import Placement
from providers.choices import DeliveryMode
from providers.models import Location


@dataclass(frozen=True)
class PlaceCard:
    what: str
    course: str
    where: tuple[str, ...]
    first_day: str
    lessons: tuple[str, ...]


def place_card(placement: Placement, texts: Texts) -> PlaceCard:
    """The card as the place is now: a start that was moved shows the new day."""
    intake = placement.intake_moment
    group = intake.group
    lessons = group.weekly_slots.order_by("weekday", "start_time")
    where = [placement.provider_organisation.name, *_address(group.location)]
    if group.course.mode == DeliveryMode.ONLINE:
        where = [placement.provider_organisation.name, texts["online"]]
    return PlaceCard(
        what=texts["components"][placement.need.component],
        course=group.course.name,
        where=tuple(texts.isolated(one) if one != texts["online"] else one for one in where),
        first_day=texts.day(placement.start_date or intake.start_date),
        lessons=tuple(texts.lesson(one.weekday, one.start_time, one.end_time) for one in lessons),
    )


def _address(location: Location) -> list[str]:
    street = f"{location.street} {location.house_number}".strip()
    if not location.street:
        # A number without its street leads nowhere.
        street = ""
    place = f"{location.postcode} {location.place}".strip()
    return [one for one in (location.name, street, place) if one]
