import pytest

from backend.accounts.roles import Role
from backend.common.codes import Weekday
from matching.choices import PlacementState
from matching.services.letters import Contact, personal_link_create
from providers.models import WeeklySlot
from tests.factories import matching as make

CONTACT = Contact("Team Inburgering", "030 123 45 67")


@pytest.fixture
def intake(municipality):
    intake = make.contracted_intake(municipality)
    if not intake.group.weekly_slots.exists():
        WeeklySlot.objects.create(
            group=intake.group, weekday=Weekday.MONDAY, start_time="09:00", end_time="12:00"
        )
    return intake


@pytest.fixture
def placement(municipality, intake):
    return make.placement(municipality, state=PlacementState.OFFERED, intake=intake)


@pytest.fixture
def placer(make_actor, municipality):
    return make_actor(Role.CASEWORKER, municipality)


@pytest.fixture
def issue(placement, placer):
    def make_link(language="ar", **fields):
        return personal_link_create(
            actor=placer, placement=placement, language=language, contact=CONTACT, **fields
        )

    return make_link
