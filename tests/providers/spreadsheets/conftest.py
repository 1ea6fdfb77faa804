from dataclasses import dataclass
from datetime import date, time
from typing import Any

import pytest

from backend.accounts.actor import Actor
from backend.accounts.roles import Role
from providers.models import CatalogueImport, Course, CourseGroup, IntakeMoment, Location, Provider
from providers.spreadsheets.exporting import catalogue_workbook
from providers.spreadsheets.services import (
    UploadedFile,
    catalogue_import_check,
    catalogue_import_publish,
)
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
)
from tests.support.workbooks import Edited

LOCATIONS, COURSES, GROUPS, INTAKES = "Locaties", "Cursussen", "Groepen", "Instroommomenten"


@dataclass
class School:
    """A provider with one of each, and its planner."""

    provider: Provider
    actor: Actor
    location: Location
    course: Course
    group: CourseGroup
    start: IntakeMoment

    def workbook(self) -> Edited:
        return Edited(catalogue_workbook(self.provider))

    def check(self, content: bytes | Edited, name: str = "seizoen.xlsx") -> CatalogueImport:
        content = content.save() if isinstance(content, Edited) else content
        return catalogue_import_check(
            actor=self.actor, provider=self.provider, file=UploadedFile(name, content)
        )

    def publish(self, report: CatalogueImport, **choices: Any) -> CatalogueImport:
        return catalogue_import_publish(actor=self.actor, catalogue_import=report, **choices)


def make_school(make_actor: Any, organisation: Any, mark: str = "") -> School:
    provider = ProviderFactory(organisation=organisation)
    location = LocationFactory(provider=provider, code=f"{mark}L1", postcode="3511AA")
    course = CourseFactory(provider=provider, code=f"{mark}C1", name="B1 overdag")
    group = CourseGroupFactory(
        course=course, location=location, code="G1", min_size=1, max_size=15, weekdays=(1, 4)
    )
    start = IntakeMomentFactory(group=group, start_date=date(2027, 1, 11), seats_total=12)
    assert time(9) < time(12)
    return School(
        provider, make_actor(Role.PROVIDER_PLANNER, organisation), location, course, group, start
    )


@pytest.fixture
def school(make_actor: Any, provider: Any) -> School:
    return make_school(make_actor, provider)


def codes(report: CatalogueImport) -> list[tuple[str, int, str]]:
    return [(fault["code"], fault["row"], fault["cell"]) for fault in report.faults]
