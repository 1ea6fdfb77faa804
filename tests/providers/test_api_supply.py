"""Systems of providers and buyers write the supply side by the rules of the pages."""

from uuid import uuid4

import pytest

from backend.accounts.roles import Role
from providers.choices import IntakeStatus, StopState
from providers.models import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    IntakeStop,
    ProviderContact,
    ProviderDocument,
    QualityMark,
    Teacher,
    TeacherHours,
)
from tests.factories.accounts import client_with
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
    SeatClaimFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def school(provider):
    return ProviderFactory(organisation=provider)


@pytest.fixture
def group(school):
    course = CourseFactory(provider=school)
    return CourseGroupFactory(course=course, location=LocationFactory(provider=school), max_size=12)


@pytest.fixture
def ours(api_as, provider):
    return api_as(key=client_with(Role.PROVIDER_PLANNER, organisation=provider)[1])


@pytest.fixture
def buyer(api_as, municipality):
    return api_as(key=client_with(Role.PROCUREMENT_OFFICER, organisation=municipality)[1])


@pytest.fixture
def stranger(api_as, other_provider):
    return api_as(key=client_with(Role.PROVIDER_PLANNER, organisation=other_provider)[1])


def post(client, path, body, key=None):
    headers = {"Idempotency-Key": key or str(uuid4())}
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def patch(client, path, body):
    etag = client.get(f"/api/v1/{path}").headers["ETag"]
    return client.patch(f"/api/v1/{path}", body, format="json", headers={"If-Match": etag})


def course_body(school, **changes):
    return {
        "provider": str(school.uuid),
        "code": "z1",
        "name": "Z-route",
        "kind": "Z",
        "levelFrom": "A0",
        "levelTo": "A1",
        "targetLevel": "A2",
        "literacy": ["A"],
        "hoursPerWeek": "9.0",
        "totalHours": 800,
        "mode": "onsite",
    } | changes


def test_course_group_and_start(ours, stranger, school):
    made = post(ours, "courses", course_body(school), key="one")
    assert made.status_code == 201, made.content
    assert post(ours, "courses", course_body(school), key="one").content == made.content
    assert post(stranger, "courses", course_body(school, code="x")).status_code == 403
    course = Course.objects.get()
    assert (course.kind, course.component) == ("Z", "Z")
    changed = patch(ours, f"courses/{course.uuid}", {"kind": "guidance", "ageFrom": 18})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["component"], changed.json()["ageFrom"]) == ("", 18)

    location = LocationFactory(provider=school)
    body = {
        "course": str(course.uuid),
        "location": str(location.uuid),
        "code": "g1",
        "maxSize": 12,
        "weeklySlots": [{"weekday": 1, "startTime": "09:00:00", "endTime": "12:00:00"}],
    }
    assert post(ours, "course-groups", body).status_code == 201
    group = CourseGroup.objects.get()
    smaller = patch(ours, f"course-groups/{group.uuid}", {"roomSeats": 10, "weeklySlots": []})
    assert smaller.json()["roomSeats"] == 10
    start = {"group": str(group.uuid), "startDate": "2027-01-11", "endDate": "2027-12-01"}
    refused = post(ours, "intake-moments", start | {"seatsTotal": 11})
    assert refused.status_code == 400
    assert [one["code"] for one in refused.json()["errors"]] == ["above_room"]
    assert post(ours, "intake-moments", start | {"seatsTotal": 10}).status_code == 201
    assert IntakeMoment.objects.get().seats_total == 10


def test_a_course_without_component_names_one_mistake(ours, school):
    answer = post(ours, "courses", course_body(school, kind="financial", component="B"))
    assert [one["field"] for one in answer.json()["errors"]] == ["component"]
    assert not Course.objects.exists()


def test_steps_of_a_start(ours, stranger, group):
    start = IntakeMomentFactory(group=group)
    SeatClaimFactory.create_batch(2, intake_moment=start)
    path = f"intake-moments/{start.uuid}"
    refused = patch(ours, path, {"seatsTotal": 1}).json()
    assert refused["code"] == "capacity_below_taken"
    assert "al 2 plaatsen bezet" in refused["detail"]
    assert patch(ours, path, {"seatsTotal": 5}).json()["seatsFree"] == 3
    moved = post(ours, f"{path}/move", {"startDate": "2027-01-11", "reason": "Docent ziek"})
    assert moved.json()["startDate"] == "2027-01-11"
    assert post(stranger, f"{path}/cancel", {"reason": "x"}).status_code == 403
    assert post(ours, f"{path}/close", {"reason": "Vol"}).json()["status"] == "closed"
    assert post(ours, f"{path}/publish", {}).json()["status"] == "published"
    assert post(ours, f"{path}/cancel", {"reason": "Vervalt"}).json()["status"] == "cancelled"
    again = post(ours, f"{path}/publish", {})
    assert (again.status_code, again.json()["code"]) == (409, "intake_state")
    start.refresh_from_db()
    assert start.status == IntakeStatus.CANCELLED


def test_the_file(ours, buyer, stranger, school, group):
    provider = str(school.uuid)
    contact = {"provider": provider, "name": "Sam", "role": "planning", "phone": "030"}
    assert post(ours, "provider-contacts", contact).status_code == 201
    row = ProviderContact.objects.get()
    assert patch(ours, f"provider-contacts/{row.uuid}", {"role": "quality"}).status_code == 200
    document = {"provider": provider, "kind": "gva", "title": "GVA", "issueDate": "2026-01-01"}
    assert post(ours, "provider-documents", document).json()["validUntil"] == "2028-01-01"
    party = {
        "course": str(group.course.uuid),
        "name": "Onderaannemer",
        "role": "teaching",
        "validFrom": "2026-01-01",
    }
    assert post(ours, "delivery-parties", party).status_code == 201
    mark = {"provider": provider, "kind": "tst", "status": "valid", "validFrom": "2026-01-01"}
    assert post(ours, "quality-marks", mark).status_code == 403
    wrong = post(buyer, "quality-marks", mark | {"validTo": "2025-01-01"})
    assert wrong.status_code == 400
    (fault,) = wrong.json()["errors"]
    assert (fault["field"], fault["code"]) == ("validTo", "ends_before_start")
    assert fault["detail"] == "De laatste dag ligt voor de eerste dag. Pas een van de twee aan."
    assert not QualityMark.objects.filter(kind="tst").exists()
    assert post(buyer, "quality-marks", mark).status_code == 201
    assert stranger.get("/api/v1/provider-contacts").json()["total"] == 0
    assert buyer.get("/api/v1/provider-contacts").json()["total"] == 1
    assert stranger.get("/api/v1/provider-documents").json()["total"] == 0
    assert (
        ProviderDocument.objects.count(),
        DeliveryParty.objects.count(),
        QualityMark.objects.count(),
    ) == (1, 1, 2)


def test_teachers_are_the_schools_own(ours, buyer, stranger, school, group):
    body = {
        "provider": str(school.uuid),
        "code": "D1",
        "qualification": "certified",
        "hoursPerWeek": "12.0",
        "validFrom": "2026-01-01",
    }
    assert post(ours, "teachers", body).status_code == 201
    teacher = Teacher.objects.get()
    hours = {
        "teacher": str(teacher.uuid),
        "group": str(group.uuid),
        "hoursPerWeek": "13.0",
        "validFrom": "2026-01-01",
    }
    assert post(ours, "teacher-hours", hours).json()["errors"][0]["code"] == "above_hours"
    assert post(ours, "teacher-hours", hours | {"hoursPerWeek": "6.0"}).status_code == 201
    assert patch(ours, f"teachers/{teacher.uuid}", {"validTo": "2026-12-31"}).status_code == 200
    assert buyer.get("/api/v1/teachers").status_code == 403
    assert stranger.get("/api/v1/teachers").json()["total"] == 0
    assert TeacherHours.objects.count() == 1


def test_intake_stops(ours, buyer, stranger, school, municipality):
    body = {
        "provider": str(school.uuid),
        "organisation": str(municipality.uuid),
        "ground": "staff",
        "reason": "Docenten weg",
        "alternatives": "Maart",
        "startsOn": "2026-12-10",
    }
    assert post(stranger, "intake-stops", body).status_code == 403
    assert post(ours, "intake-stops", body).status_code == 201
    stop = IntakeStop.objects.get()
    path = f"intake-stops/{stop.uuid}"
    assert stranger.get(f"/api/v1/{path}").status_code == 404
    assert post(ours, f"{path}/approve", {}).status_code == 403
    assert post(buyer, f"{path}/refuse", {}).json()["errors"][0]["field"] == "note"
    assert post(buyer, f"{path}/approve", {"note": "Akkoord"}).json()["state"] == "approved"
    assert post(ours, f"{path}/withdraw", {}).status_code == 409
    assert post(ours, f"{path}/lift", {}).json()["state"] == "lifted"
    imposed = post(buyer, "intake-stops", body | {"ground": "safety"})
    assert imposed.json()["state"] == StopState.ACTIVE


def test_search_by_level_day_part_and_distance(ours, group):
    from backend.organisations.models import Postcode4

    Postcode4.objects.create(pc4="3511", place="Utrecht", latitude=52.09, longitude=5.12)
    Postcode4.objects.create(pc4="6511", place="Nijmegen", latitude=51.85, longitude=5.86)
    IntakeMomentFactory(group=group)
    base = "/api/v1/intake-moments?level=A1&dayPart=1&kind=B&seatsFreeMin=1"
    assert ours.get(f"{base}&near=3511,10").json()["total"] == 1
    assert ours.get(f"{base}&near=6511,10").json()["total"] == 0
    assert ours.get(f"{base}&near=6511,100").json()["total"] == 1
    assert ours.get("/api/v1/intake-moments?dayPart=3").json()["total"] == 0
    unknown = ours.get("/api/v1/intake-moments?near=9999,10")
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (400, "unknown_postcode")
