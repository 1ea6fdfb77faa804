"""A provider keeps its file and catalogue on screen; a municipality looks and decides."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from backend.common import clock
from backend.organisations.models import Postcode4
from procurement.models import ClauseBreach
from providers.choices import IntakeStatus, StopState
from providers.models import (
    Course,
    CourseGroup,
    DeliveryParty,
    IntakeMoment,
    IntakeStop,
    Location,
    ProviderContact,
    ProviderDocument,
    QualityMark,
    Teacher,
    TeacherHours,
)
from tests.factories.money import money_world
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
    SeatClaimFactory,
)
from tests.support.html import table_rows
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def school(provider):
    Postcode4.objects.create(pc4="3511", place="Utrecht", latitude=52.09, longitude=5.12)
    return ProviderFactory(organisation=provider)


@pytest.fixture
def group(school):
    course = CourseFactory(provider=school)
    return CourseGroupFactory(course=course, location=LocationFactory(provider=school), max_size=12)


def at(name, row):
    return reverse(name, args=[row.uuid])


COURSE = {
    "code": "z1",
    "name": "Z-route avond",
    "kind": "Z",
    "level_from": "A0",
    "level_to": "A1",
    "target_level": "A2",
    "literacy": ["A", "AA"],
    "hours_per_week": "9",
    "total_hours": "800",
    "mode": "onsite",
    "special_groups": ["workers"],
    "is_active": "on",
}


def test_a_planner_enters_course_group_and_start(web_as, provider_planner, school):
    client = web_as(provider_planner)
    location = LocationFactory(provider=school)

    answer = client.post(at("course-new", school), COURSE)
    course = Course.objects.get(code="z1")
    assert answer.headers["Location"] == at("course", course)
    assert (course.component, course.literacy, course.special_groups) == (
        "Z",
        ["A", "AA"],
        ["workers"],
    )
    form = {
        "code": "avond",
        "location": location.pk,
        "min_size": "6",
        "max_size": "12",
        "day_1": "19:00-21:30",
        "day_4": "19.00 - 21.30",
    }
    wrong = client.post(at("course-group-new", course), form | {"day_2": "'s avonds"})
    assert wrong.status_code == 400
    assert "geen lestijd" in wrong.content.decode()
    client.post(at("course-group-new", course), form)
    group = CourseGroup.objects.get(code="avond")
    assert sorted(group.weekly_slots.values_list("slot", flat=True)) == ["MO3", "TH3"]

    start = {"start_date": "2027-01-11", "end_date": "2027-12-01", "status": "published"}
    too_many = client.post(at("intake-moment-new", group), start | {"seats_total": "13"})
    assert too_many.status_code == 400
    assert not IntakeMoment.objects.exists()
    client.post(at("intake-moment-new", group), start | {"seats_total": "12"})
    assert IntakeMoment.objects.get().seats_total == 12


def test_a_series_is_shown_before_it_is_published(web_as, provider_planner, group):
    client = web_as(provider_planner)
    form = {
        "first_date": "2027-01-04",
        "last_date": "2027-06-30",
        "step": "2",
        "frequency": "months",
        "weeks": "40",
        "seats_total": "12",
    }
    page = client.post(at("intake-series-new", group), form)
    assert page.status_code == 200
    assert "Deze 3 instroommomenten publiceren" in page.content.decode()
    assert not IntakeMoment.objects.exists()
    client.post(at("intake-series-new", group), form | {"publish": "1"})
    assert list(IntakeMoment.objects.values_list("start_date", flat=True)) == [
        date(2027, 1, 4),
        date(2027, 3, 4),
        date(2027, 5, 4),
    ]


def test_cancelling_names_the_consequences_first(web_as, provider_planner, group):
    client = web_as(provider_planner)
    start = IntakeMomentFactory(group=group)
    other = IntakeMomentFactory(group=group, start_date=date(2027, 1, 18))
    page = client.get(at("intake-moment-cancel", start)).content.decode()
    assert at("intake-moment", other) in page
    empty = client.post(at("intake-moment-cancel", start), {"reason": ""})
    assert empty.status_code == 400
    client.post(at("intake-moment-cancel", start), {"reason": "Te weinig deelnemers"})
    start.refresh_from_db()
    assert (start.status, start.status_reason) == (
        IntakeStatus.CANCELLED,
        "Te weinig deelnemers",
    )


def test_seats_stay_above_what_is_taken(web_as, provider_planner, group):
    start = IntakeMomentFactory(group=group, seats_total=10)
    SeatClaimFactory.create_batch(4, intake_moment=start)
    answer = web_as(provider_planner).post(at("intake-moment-seats", start), {"seats_total": "3"})
    assert answer.status_code == 409
    assert "Er zijn al 4 plaatsen bezet" in answer.content.decode()
    start.refresh_from_db()
    assert start.seats_total == 10


def test_the_file_contacts_documents_and_parties(web_as, provider_planner, school, group):
    client = web_as(provider_planner)
    client.post(
        at("provider-contact-new", school),
        {"name": "Sam de Wit", "role": "planning", "email": "sam@school.example"},
    )
    client.post(
        at("provider-document-new", school),
        {"kind": "kvk", "title": "Uittreksel", "issue_date": "2026-01-05"},
    )
    page = client.get(at("provider", school)).content.decode()
    assert "Sam de Wit" in page
    assert "Verlopen" in page
    client.post(
        at("delivery-party-new", group.course),
        {"name": "Onderaannemer BV", "role": "teaching", "valid_from": "2026-11-01"},
    )
    party = DeliveryParty.objects.get()
    assert "Onderaannemer BV" in client.get(at("course", group.course)).content.decode()
    client.post(at("delivery-party-remove", party))
    contact, document = ProviderContact.objects.get(), ProviderDocument.objects.get()
    client.post(
        at("provider-contact-edit", contact),
        {"name": "Sam de Wit", "role": "quality", "phone": "030"},
    )
    contact.refresh_from_db()
    assert contact.role == "quality"
    client.post(at("provider-contact-remove", contact))
    client.post(at("provider-document-remove", document))
    assert not ProviderContact.objects.exists()
    assert not ProviderDocument.objects.exists()
    assert not DeliveryParty.objects.exists()


def test_teachers_limit_the_group_and_the_page_says_so(web_as, provider_planner, school, group):
    client = web_as(provider_planner)
    client.post(
        at("teacher-new", school),
        {
            "code": "D1",
            "qualification": "certified",
            "hours_per_week": "20",
            "valid_from": "2026-01-01",
        },
    )
    teacher = Teacher.objects.get()
    client.post(
        at("teacher-hours-new", group),
        {"teacher": teacher.pk, "hours_per_week": "2.4", "valid_from": "2026-11-01"},
    )
    IntakeMomentFactory(group=group, seats_total=12)
    assert "6 plaatsen" in client.get(at("course-group", group)).content.decode()
    capacity = client.get(reverse("capacity")).content.decode()
    assert str(group) in capacity
    client.post(at("teacher-hours-remove", TeacherHours.objects.get()))
    assert not TeacherHours.objects.exists()
    assert teacher.hours_per_week == Decimal("20.0")


def test_a_location_gets_its_place_from_the_postcode(web_as, provider_planner, school):
    client = web_as(provider_planner)
    form = {"code": "l1", "name": "Buurthuis", "place": "Utrecht", "postcode": "3511 ab"}
    wrong = client.post(at("location-new", school), form | {"postcode": "9999 AA"})
    assert wrong.status_code == 400
    client.post(at("location-new", school), form)
    location = Location.objects.get()
    assert (location.postcode, location.latitude) == ("3511AB", 52.09)
    client.post(at("location-edit", location), form | {"childcare": "on"})
    location.refresh_from_db()
    assert location.childcare is True


def test_a_stop_from_request_to_lifting(
    web_as, provider_planner, procurement_officer, school, municipality
):
    ours, theirs = web_as(provider_planner), web_as(procurement_officer)
    form = {
        "organisation": municipality.pk,
        "ground": "staff",
        "reason": "Twee docenten weg",
        "alternatives": "Start in maart",
        "starts_on": "2026-11-20",
    }
    wrong = ours.post(at("intake-stop-new", school), form)
    assert wrong.status_code == 400
    assert "02-12-2026" in wrong.content.decode()
    ours.post(at("intake-stop-new", school), form | {"starts_on": "2026-12-02"})
    stop = IntakeStop.objects.get()
    assert "Goedkeuren" not in ours.get(at("intake-stop", stop)).content.decode()
    assert "Goedkeuren" in theirs.get(at("intake-stop", stop)).content.decode()
    assert ours.post(at("intake-stop-approve", stop), {}).status_code == 403
    theirs.post(at("intake-stop-approve", stop), {})
    ours.post(at("intake-stop-lift", stop), {})
    stop.refresh_from_db()
    assert stop.state == StopState.LIFTED
    theirs.post(
        at("intake-stop-impose", school),
        {"organisation": municipality.pk, "ground": "fraud", "reason": "Uren kloppen niet"},
    )
    assert IntakeStop.objects.filter(state=StopState.ACTIVE, is_imposed=True).count() == 1


def test_recognition_is_recorded_by_the_buyer(
    web_as, provider_planner, procurement_officer, school
):
    form = {
        "kind": "keurmerk",
        "status": "suspended",
        "valid_from": "2026-11-18",
        "valid_to": "2026-11-17",
        "source": "Brief",
    }
    wrong = web_as(procurement_officer).post(at("mark-new", school), form)
    assert wrong.status_code == 400
    assert QualityMark.objects.count() == 1
    assert web_as(provider_planner).get(at("mark-new", school)).status_code == 403
    web_as(procurement_officer).post(at("mark-new", school), form | {"valid_to": ""})
    assert list(QualityMark.objects.order_by("valid_from").values_list("status", flat=True)) == [
        "valid",
        "suspended",
    ]


OWN_PAGES = {
    "provider-edit": "school",
    "provider-contact-new": "school",
    "provider-document-new": "school",
    "course-new": "school",
    "location-new": "school",
    "teacher-new": "school",
    "intake-stop-new": "school",
    "course-edit": "course",
    "course-group-new": "course",
    "delivery-party-new": "course",
    "course-group-edit": "group",
    "intake-moment-new": "group",
    "intake-series-new": "group",
    "teacher-hours-new": "group",
    "intake-moment-seats": "start",
    "intake-moment-move": "start",
    "intake-moment-close": "start",
    "intake-moment-cancel": "start",
    "intake-moment-publish": "start",
}


@pytest.mark.parametrize(("name", "of"), OWN_PAGES.items())
def test_forms_are_for_the_own_school(
    web_as, provider_planner, other_provider_planner, school, group, name, of
):
    start = IntakeMomentFactory(group=group)
    row = {"school": school, "course": group.course, "group": group, "start": start}[of]
    assert web_as(provider_planner).get(at(name, row)).status_code == 200
    refused = web_as(other_provider_planner).get(at(name, row))
    assert refused.status_code == 403
    assert "andere aanbieder" in refused.content.decode()


def test_lists_search_and_export(web_as, caseworker, school, group):
    IntakeMomentFactory(group=group)
    client = web_as(caseworker)
    near = client.get(reverse("catalogue"), {"near": "3511", "within": "5"})
    assert "0 km" in near.content.decode()
    assert client.get(reverse("catalogue"), {"near": "3511", "kind": "MAP"}).status_code == 200
    assert "Apeldoorn" not in near.content.decode()
    exported = client.get(reverse("providers"), {"search": "Eigen", "export": "csv"})
    assert "Eigen Taalschool" in exported.content.decode()
    assert client.get(reverse("providers"), {"mark": "keurmerk"}).status_code == 200


def test_the_list_of_suppliers_begins_where_most_findings_wait(
    web_as, procurement_officer, caseworker, municipality, provider, frozen_clock
):
    ProviderFactory(organisation__name="A zonder bevindingen")
    world = money_world(municipality, provider)
    page = web_as(procurement_officer).get(reverse("providers"))
    assert [row[0] for row in table_rows(page)] == ["Eigen Taalschool", "A zonder bevindingen"]
    waiting = ClauseBreach.objects.exclude(state="resolved").count()
    assert [row[-1] for row in table_rows(page)] == [str(waiting), "–geen gegevens"]
    assert [row[-2] for row in table_rows(page)] == [str(len(world.call_offs)), "–geen gegevens"]
    assert f"state=unsettled&amp;provider={provider.uuid}" in page.content.decode()
    assert f"state=running&amp;provider={provider.uuid}" in page.content.decode()
    # A caseworker sees the same providers by name, and no findings.
    page = web_as(caseworker).get(reverse("providers"))
    assert [row[0] for row in table_rows(page)] == ["A zonder bevindingen", "Eigen Taalschool"]
    assert "Open bevindingen" not in page.content.decode()
    assert web_as(caseworker).get(reverse("providers"), {"sort": "findings"}).status_code == 400


@pytest.mark.parametrize("name", ["providers", "capacity", "intake-stops"])
def test_lists_need_a_constant_number_of_queries(web_as, procurement_officer, school, name):
    client = web_as(procurement_officer)
    client.get(reverse(name))
    with counted() as few:
        client.get(reverse(name))
    for _number in range(5):
        ProviderFactory()
    with counted() as many:
        client.get(reverse(name))
    assert len(few) == len(many)
    assert_query_count(f"web {name}", len(many))
    assert clock.today() == date(2026, 11, 18)
