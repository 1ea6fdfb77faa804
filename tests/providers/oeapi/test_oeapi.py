"""The OEAPI service: every answer validates against the specification, and shows nothing else."""

from datetime import date
from functools import cache
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from providers.choices import DeliveryMode, IntakeStatus
from providers.models import Course
from providers.oeapi.shapes import PATHS
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    ProviderFactory,
    SeatClaimFactory,
)
from tests.support.queries import counted
from tests.support.reference_data import reference_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
BASE = "/api/oeapi/v6"
SPECIFICATION = "oeapi/oeapi-6.0-main-0cfd2d9.json"


@cache
def specification() -> dict[str, Any]:
    return orjson.loads(reference_file(SPECIFICATION).read_bytes())


def faults_of(path: str, answer: Any) -> list[str]:
    """What in the answer breaks the schema of this operation; extra members count as well."""
    document = specification()
    operation = document["paths"][path]["get"]
    kind = "application/json" if answer.status_code == 200 else "application/problem+json"
    response = operation["responses"][str(answer.status_code)]
    pointer = f"#/paths/{path.replace('~', '~0').replace('/', '~1')}/get/responses/200"
    if "$ref" in response:
        pointer = response["$ref"]
        assert answer.status_code != 200
    media = f"{pointer}/content/{kind.replace('/', '~1')}/schema"
    media = media.replace("{", "%7B").replace("}", "%7D")
    registry = Registry().with_resource(
        "urn:oeapi", Resource.from_contents(document, default_specification=DRAFT202012)
    )
    validator = Draft202012Validator(
        {"$ref": f"urn:oeapi{media}"}, registry=registry, format_checker=FormatChecker()
    )
    return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(answer.json())]


@pytest.fixture
def start():
    provider = ProviderFactory(
        kvk_number="12345678",
        brin="12AB",
        website="https://school.example",
        duo_number="0000012345",
    )
    course = CourseFactory(
        provider=provider, name="B1 avond", description="Drie avonden.", special_groups=["workers"],
        support_languages=["ar"], mode=DeliveryMode.HYBRID,
    )  # fmt: skip
    group = CourseGroupFactory(course=course, code="G1")
    return IntakeMomentFactory(group=group, start_date=date(2027, 1, 11))


@pytest.fixture
def get(client, start):
    """`get("/courses/{courseId}", q="x")`: the answer, validated against the specification."""
    values = {
        "courseId": start.group.course.uuid,
        "courseOfferingId": start.uuid,
        "organisationId": start.group.course.provider.uuid,
    }

    def ask(path: str, /, status: int = 200, ids: dict[str, Any] | None = None, **query: Any):
        answer = client.get(BASE + path.format(**(ids or values)), query)
        assert answer.status_code == status, answer.content
        assert faults_of(path, answer) == []
        return answer.json()

    return ask


@pytest.mark.parametrize("path", PATHS)
def test_every_operation_validates(get, path: str) -> None:
    assert get(path)


@pytest.mark.parametrize("path", [path for path in PATHS if "{" in path])
def test_what_does_not_exist_is_a_problem(get, path: str) -> None:
    ids = dict.fromkeys(("courseId", "courseOfferingId", "organisationId"), uuid4())
    assert get(path, 404, ids)


def test_the_service_says_what_it_supports(get) -> None:
    body = get("/")
    assert {unquote(one["path"]) for one in body["supportedOperations"]} == set(PATHS)
    assert set(PATHS) <= set(specification()["paths"])


def test_a_course_in_full(get, start) -> None:
    body = get("/courses/{courseId}", expand="organisation")
    assert body["name"] == [{"language": "nl-NL", "value": "B1 avond"}]
    assert (body["level"], body["modesOfDelivery"]) == ("nt2_1", ["blended"])
    assert body["ext"]["supportLanguages"] == ["ar"]
    assert body["organisation"]["otherCodes"] == [
        {"codeType": "kvk_organisation_id", "code": "12345678"},
        {"codeType": "institution_code", "code": "12AB"},
        {"codeType": "x-duo", "code": "0000012345"},
    ]


def test_an_offering_in_full(get, start) -> None:
    SeatClaimFactory(intake_moment=start)
    body = get("/course-offerings/{courseOfferingId}", expand="course")
    assert body["startDateTime"] == "2027-01-11T00:00:00+01:00"
    assert body["state"] == "active"
    assert body["maxNumberStudents"] == 10
    assert body["course"]["courseId"] == str(start.group.course.uuid)
    assert [lesson["weekday"] for lesson in body["ext"]["lessons"]] == [1, 3]
    assert "enrolledNumberStudents" not in body


def test_fields_are_chosen_and_required_ones_stay(get) -> None:
    body = get("/courses/{courseId}", fields="(level,ext(kind,onbekend),onbekend)")
    assert set(body) == {"courseId", "primaryCode", "name", "level", "ext"}
    assert body["ext"] == {"kind": "B"}
    listed = get("/courses", fields="level")
    assert set(listed["items"][0]) == {"courseId", "primaryCode", "name", "level"}


def test_pages(get, start) -> None:
    for number in range(11):
        CourseFactory(provider=start.group.course.provider, name=f"Cursus {number:02}")
    first = get("/courses")
    last = get("/courses", pageNumber=2)
    assert (first["hasPreviousPage"], first["hasNextPage"], first["totalPages"]) == (False, True, 2)
    assert (last["hasPreviousPage"], last["hasNextPage"]) == (True, False)
    assert (len(first["items"]), len(last["items"])) == (10, 2)
    assert len(get("/courses", pageSize=20)["items"]) == 12


def test_filters(get, start) -> None:
    other = CourseFactory(name="KNM", component="KNM", kind="KNM", mode=DeliveryMode.ONLINE)

    def names(**query: Any) -> list[str]:
        return [one["name"][0]["value"] for one in get("/courses", **query)["items"]]

    assert names(q="avond") == ["B1 avond"]
    assert names(level="nt2_1") == ["B1 avond"]
    assert names(level="undefined") == ["KNM"]
    assert names(level="bachelor") == []
    assert names(modeOfDelivery="online") == ["KNM"]
    assert names(teachingLanguage="en") == []
    assert names(primaryCode=other.code) == ["KNM"]
    path = "/courses/{courseId}/course-offerings"
    assert len(get(path, since="2027-01-01T00:00:00Z")["items"]) == 1
    assert get(path, until="2027-01-01T00:00:00Z")["items"] == []
    assert get(path, state="cancelled")["items"] == []
    code = get(path)["items"][0]["primaryCode"]["code"]
    assert len(get(path, primaryCode=code)["items"]) == 1
    assert get(path, primaryCode="x")["items"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"pageSize": "7"}, {"pageSize": "-1"}, {"pageNumber": "0"}, {"pageNumber": "9" * 30},
        {"level": "hoog"}, {"modeOfDelivery": "post"}, {"onbekend": "1"}, {"q": ""},
        {"filter_query[name][is]": "x"}, {"fields": "a(b(c(d(e(f(g(h(i(j"},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_queries_are_problems(get, query: dict[str, str]) -> None:
    assert get("/courses", 400, **query)["errors"]


@pytest.mark.parametrize("key", ["since", "until", "resultExpected", "state"])
def test_wrong_values_of_offering_filters(get, key: str) -> None:
    assert get("/courses/{courseId}/course-offerings", 400, **{key: "gisteren"})["errors"]


def test_drafts_and_what_is_over_stay_away(get, start) -> None:
    group = start.group
    IntakeMomentFactory(group=group, start_date=date(2027, 2, 1), status=IntakeStatus.DRAFT)
    IntakeMomentFactory(group=group, start_date=date(2027, 3, 1), status=IntakeStatus.CANCELLED)
    IntakeMomentFactory(group=group, start_date=date(2025, 3, 1), end_date=date(2025, 9, 1))
    states = [
        one["state"] for one in get("/organisations/{organisationId}/course-offerings")["items"]
    ]
    assert states == ["active", "cancelled"]
    Course.objects.update(is_active=False)
    get("/courses/{courseId}", 404)
    get("/course-offerings/{courseOfferingId}", 404)
    get("/organisations/{organisationId}", 404)
    assert get("/courses")["items"] == []


def test_only_reading(client, start) -> None:
    assert client.post(f"{BASE}/courses", {}).status_code == 405
    assert client.get(f"{BASE}/persons").status_code == 404
    assert client.get(f"{BASE}/courses/geen-id").status_code == 404


def test_the_number_of_queries_does_not_grow(client, start) -> None:
    def count() -> int:
        path = f"{BASE}/courses/{start.group.course.uuid}/course-offerings?pageSize=50"
        with counted() as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    one = count()
    for month in range(2, 12):
        IntakeMomentFactory(group=start.group, start_date=date(2027, month, 1))
    assert count() == one
