"""Spreadsheets of the catalogue for planners of the own school; the OEAPI service for everybody."""

from django.core.files.uploadedfile import SimpleUploadedFile

from providers.choices import ImportState
from providers.models import CatalogueImport, Course
from providers.spreadsheets.exporting import catalogue_csv
from providers.spreadsheets.services import UploadedFile as CheckedFile
from providers.spreadsheets.services import catalogue_import_check
from providers.spreadsheets.sheets import COURSES
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    ProviderFactory,
)
from tests.permissions.matrix import EVERYBODY, PLANNERS, Audience, Case, World

OWN = {Audience.PROVIDER_PLANNER}
ELSEWHERE = {Audience.PROVIDER_PLANNER_ELSEWHERE}
PUBLIC = {200: EVERYBODY}
OEAPI = "api/oeapi/v6"


def prepare(world: World) -> None:
    from backend.accounts.actors import actor_for

    school = ProviderFactory(organisation=world.provider)
    ProviderFactory(organisation=world.other_provider)
    course = CourseFactory(provider=school)
    world.objects["offering"] = IntakeMomentFactory(group=CourseGroupFactory(course=course))
    world.objects["catalogue_import"] = catalogue_import_check(
        actor=actor_for(world.user(Audience.PROVIDER_PLANNER)),
        provider=school,
        file=CheckedFile("c.csv", catalogue_csv(school, COURSES)),
    )
    assert world.objects["catalogue_import"].state == ImportState.CHECKED
    assert CatalogueImport.objects.count() == Course.objects.count() == 1


def page(world: World) -> str:
    return f"/catalogue-imports/{world.objects['catalogue_import'].uuid}"


def api(world: World) -> str:
    return f"/api/v1{page(world)}"


def upload(world: World) -> dict[str, object]:
    return {"file": SimpleUploadedFile("c.csv", b"Cursuscode;Naam\n")}


def oeapi(path: str, name: str) -> Case:
    """A row of the public service; every audience reads it."""

    def url(world: World) -> str:
        offering = world.objects["offering"]
        course = offering.group.course
        keys = {"course": course, "offering": offering, "organisation": course.provider}
        return f"/{OEAPI}{path.format(id=keys[name].uuid) if name else path}"

    return Case(f"{OEAPI}{path}", "GET", url, PUBLIC)


CASES = [
    Case("catalogue-imports", "GET", "/catalogue-imports", {200: PLANNERS}, rest=403),
    Case("catalogue-imports/new", "GET", "/catalogue-imports/new", {200: PLANNERS}, rest=403),
    Case(
        "catalogue-imports/new", "POST", "/catalogue-imports/new", {302: PLANNERS}, rest=403,
        body=upload,
    ),
    Case("catalogue-imports/{uuid}", "GET", page, {200: OWN, 404: ELSEWHERE}, rest=403),
    Case("catalogue-imports/{uuid}", "POST", page, {302: OWN, 404: ELSEWHERE}, rest=403),
    Case("catalogue-template", "GET", "/catalogue-template", {200: PLANNERS}, rest=403),
    Case(
        "api/v1/catalogue-imports", "GET", "/api/v1/catalogue-imports", {200: PLANNERS}, rest=403
    ),
    Case(
        # The matrix sends JSON: who may upload is told that it must be a form.
        "api/v1/catalogue-imports", "POST", "/api/v1/catalogue-imports", {415: PLANNERS}, rest=403,
        body=lambda world: {},
    ),
    Case("api/v1/catalogue-imports/{id}", "GET", api, {200: OWN, 404: ELSEWHERE}, rest=403),
    Case(
        "api/v1/catalogue-imports/{id}/commit", "POST", lambda world: f"{api(world)}/commit",
        {200: OWN, 404: ELSEWHERE}, rest=403, body=lambda world: {},
    ),
    oeapi("", ""),
    oeapi("/", ""),
    oeapi("/organisations", ""),
    oeapi("/organisations/{id}", "organisation"),
    oeapi("/organisations/{id}/courses", "organisation"),
    oeapi("/organisations/{id}/course-offerings", "organisation"),
    oeapi("/courses", ""),
    oeapi("/courses/{id}", "course"),
    oeapi("/courses/{id}/course-offerings", "course"),
    oeapi("/course-offerings/{id}", "offering"),
]  # fmt: skip
