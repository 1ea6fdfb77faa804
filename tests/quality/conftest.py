"""A group with people of two municipalities and one lesson of yesterday."""

from collections.abc import Callable

import pytest

from backend.accounts.actor import Actor
from backend.accounts.roles import Role
from backend.organisations.models import Organisation
from matching.models import Placement
from providers.models import IntakeMoment, Provider
from quality.models import Lesson
from tests.factories.quality import GroupFactory, IntakeFactory, LessonFactory, placed, provider_of


@pytest.fixture(autouse=True)
def _still(frozen_clock: None) -> None:
    """Every test here happens on Wednesday 18 November 2026."""


@pytest.fixture
def intake(provider: Organisation) -> IntakeMoment:
    return IntakeFactory(group=GroupFactory(provider=provider_of(provider)))


@pytest.fixture
def lesson(intake: IntakeMoment) -> Lesson:
    return LessonFactory(group=intake.group)


@pytest.fixture
def amina(intake: IntakeMoment, municipality: Organisation) -> Placement:
    return placed(intake, municipality, name="Amina Aksu")


@pytest.fixture
def bilal(intake: IntakeMoment, other_municipality: Organisation) -> Placement:
    return placed(intake, other_municipality, name="Bilal Berg")


@pytest.fixture
def teacher_actor(make_actor: Callable[..., Actor], provider: Organisation) -> Actor:
    return make_actor(Role.TEACHER, provider)


@pytest.fixture
def planner_actor(make_actor: Callable[..., Actor], provider: Organisation) -> Actor:
    return make_actor(Role.PROVIDER_PLANNER, provider)


@pytest.fixture
def quality_actor(make_actor: Callable[..., Actor], municipality: Organisation) -> Actor:
    return make_actor(Role.QUALITY_OFFICER, municipality)


@pytest.fixture
def school(provider: Organisation) -> Provider:
    return provider_of(provider)
