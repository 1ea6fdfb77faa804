"""What a caller hands over to enter supply; the services turn it into rows."""

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal

from backend.organisations.models import Organisation
from providers.models import Course, CourseGroup, Location


@dataclass(frozen=True)
class ProviderDraft:
    name: str
    code: str
    kvk_number: str = ""
    duo_number: str = ""
    bow_number: str = ""
    brin: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True)
class LocationDraft:
    code: str
    name: str
    place: str
    latitude: float
    longitude: float
    street: str = ""
    house_number: str = ""
    postcode: str = ""
    municipality: Organisation | None = None
    wheelchair_accessible: bool = False
    childcare: bool = False


@dataclass(frozen=True)
class CourseDraft:
    """Without `kind` the course is what its component says."""

    code: str
    name: str
    component: str
    level_from: str
    level_to: str
    target_level: str
    literacy: tuple[str, ...]
    hours_per_week: Decimal
    total_hours: int
    mode: str = "onsite"
    description: str = ""
    kind: str = ""
    age_from: int | None = None
    age_to: int | None = None
    special_groups: tuple[str, ...] = ()
    support_languages: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True)
class SlotDraft:
    """A weekly lesson; `weekday` counts from 1 (Monday)."""

    weekday: int
    start_time: time
    end_time: time


@dataclass(frozen=True)
class GroupDraft:
    course: Course
    location: Location
    code: str
    max_size: int
    slots: tuple[SlotDraft, ...]
    min_size: int = 1
    room_seats: int | None = None


@dataclass(frozen=True)
class IntakeDraft:
    group: CourseGroup
    start_date: date
    end_date: date
    seats_total: int
    # Published at once unless the planner still works on it.
    status: str = field(default="published")
