"""The supply side: everybody in the chain looks, the school itself writes, the buyer decides."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend.common import clock
from providers.choices import StopGround, StopState
from providers.models import (
    DeliveryParty,
    IntakeSeries,
    IntakeStop,
    ProviderContact,
    ProviderDocument,
    Teacher,
    TeacherHours,
)
from tests.factories.providers import (
    CourseFactory,
    CourseGroupFactory,
    IntakeMomentFactory,
    LocationFactory,
    ProviderFactory,
)
from tests.permissions.matrix import LOGGED_IN, Audience, Case, World

A = Audience
COUNCIL = frozenset({A.COUNCIL_READER, A.COUNCIL_READER_ELSEWHERE})
LOOKERS = LOGGED_IN - COUNCIL
PEOPLE = LOOKERS - {A.MACHINE_CLIENT}
REGISTRARS = frozenset(
    {
        A.PROCUREMENT_OFFICER,
        A.PROCUREMENT_OFFICER_ELSEWHERE,
        A.FUNCTIONAL_ADMINISTRATOR,
        A.FUNCTIONAL_ADMINISTRATOR_ELSEWHERE,
    }
)
BUYERS = frozenset({A.PROCUREMENT_OFFICER, A.PROCUREMENT_OFFICER_ELSEWHERE})
PLANNER = frozenset({A.PROVIDER_PLANNER})
OTHER_PLANNER = frozenset({A.PROVIDER_PLANNER_ELSEWHERE})
CONTRACT_READERS = frozenset(
    {
        A.PROCUREMENT_OFFICER,
        A.QUALITY_OFFICER,
        A.REGIONAL_COORDINATOR,
        A.PROCUREMENT_OFFICER_ELSEWHERE,
        A.QUALITY_OFFICER_ELSEWHERE,
        A.REGIONAL_COORDINATOR_ELSEWHERE,
    }
)
REGIONAL = frozenset({A.REGIONAL_COORDINATOR, A.REGIONAL_COORDINATOR_ELSEWHERE})
CASEWORKERS = frozenset({A.CASEWORKER, A.CASEWORKER_ELSEWHERE})
PARTIES = CONTRACT_READERS | CASEWORKERS | PLANNER | OTHER_PLANNER
SEE_STOP = frozenset(
    {
        A.PROCUREMENT_OFFICER,
        A.QUALITY_OFFICER,
        A.REGIONAL_COORDINATOR,
        A.CASEWORKER,
        A.PROVIDER_PLANNER,
    }
)


def prepare(world: World) -> None:
    day = clock.today()
    school = ProviderFactory(organisation=world.provider)
    course = CourseFactory(provider=school)
    location = LocationFactory(provider=school)
    group = CourseGroupFactory(course=course, location=location)
    start = day + timedelta(days=30)
    teacher = Teacher.objects.create(
        provider=school, code="D1", qualification="certified", hours_per_week=20, valid_from=day
    )
    world.objects |= {
        "provider": school,
        "course": course,
        "location": location,
        "group": group,
        "series": IntakeSeries.objects.create(
            group=group, frequency="weeks", first_date=start, last_date=start
        ),
        "start": IntakeMomentFactory(group=group, start_date=start),
        "teacher": teacher,
        "hours": TeacherHours.objects.create(
            teacher=teacher, group=group, hours_per_week=20, valid_from=day
        ),
        "mark": school.quality_marks.get(),
        "contact": ProviderContact.objects.create(
            provider=school, name="Sam", role="planning", phone="030"
        ),
        "document": ProviderDocument.objects.create(
            provider=school, kind="other", title="Brief", issue_date=day
        ),
        "party": DeliveryParty.objects.create(
            course=course, name="Onderaannemer", role="teaching", valid_from=day
        ),
        "stop": IntakeStop.objects.create(
            provider=school,
            organisation=world.municipality,
            state=StopState.REQUESTED,
            ground=StopGround.STAFF,
            reason="Docenten weg",
            starts_on=day + timedelta(days=20),
            requested_at=clock.now(),
        ),
    }


def at(path: str, name: str) -> Callable[[World], str]:
    return lambda world: "/" + path.replace("{}", str(world.objects[name].uuid))


def page(path: str, name: str, expected: Any, *, method: str = "GET", body: Any = None) -> Case:
    """A page below one object; everybody not named is refused."""
    route = path.replace("{}", "{uuid}")
    url = at(path, name) if name else f"/{path}"
    sent = (lambda world: body or {}) if method == "POST" else None
    return Case(route, method, url, expected, rest=403, body=sent)


def form(path: str, name: str, *, elsewhere: int = 403, post: int = 400) -> list[Case]:
    """A form of the own school: others see it is not theirs, or do not see it at all."""
    return [
        page(path, name, _with({200: PLANNER}, elsewhere)),
        page(path, name, _with({post: PLANNER}, elsewhere), method="POST"),
    ]


def _with(expected: dict[int, frozenset[Audience]], elsewhere: int) -> Any:
    return expected if elsewhere == 403 else {**expected, elsewhere: OTHER_PLANNER}


def step(name: str, done: dict[int, frozenset[Audience]]) -> list[Case]:
    """A step with the stop of `municipality` at `provider`."""
    named = frozenset(one for group in done.values() for one in group)
    path = f"intake-stops/{{}}/{name}"
    unseen = {404: PARTIES - SEE_STOP}
    refused = {403: (SEE_STOP - named) | (LOGGED_IN - PARTIES - {A.MACHINE_CLIENT})}
    return [
        page(path, "stop", {200: SEE_STOP, **unseen}),
        Case(
            path.replace("{}", "{uuid}"),
            "POST",
            at(path, "stop"),
            {**done, **unseen, **refused},
            body=lambda world: {},
        ),
    ]


PAGES = [
    *(page(path, "", {200: PEOPLE}) for path in ("catalogue", "providers")),
    *(
        page(path, name, {200: PEOPLE})
        for path, name in (
            ("courses/{}", "course"),
            ("course-groups/{}", "group"),
            ("intake-moments/{}", "start"),
            ("intake-moments/{}/alternatives", "start"),
            ("providers/{}", "provider"),
        )
    ),
    *(
        page(path, "", {200: PLANNER | OTHER_PLANNER})
        for path in ("our-courses", "our-locations", "our-teachers")
    ),
    page(
        "providers/{}/people",
        "provider",
        {200: CASEWORKERS | REGIONAL | PLANNER | OTHER_PLANNER},
    ),
    page("capacity", "", {200: CONTRACT_READERS | PLANNER | OTHER_PLANNER}),
    page("institutions", "", {200: REGISTRARS}),
    # Without an address of DUO the list has to be uploaded.
    page("institutions", "", {409: REGISTRARS}, method="POST"),
    page("providers/{}/edit", "provider", {200: REGISTRARS | PLANNER}),
    page("providers/{}/edit", "provider", {400: REGISTRARS, 302: PLANNER}, method="POST"),
    page("providers/{}/quality-marks/new", "provider", {200: REGISTRARS}),
    page("providers/{}/quality-marks/new", "provider", {400: REGISTRARS}, method="POST"),
    *(
        one
        for kind in ("contacts", "documents", "courses", "locations", "teachers")
        for one in form(f"providers/{{}}/{kind}/new", "provider")
    ),
    *form("providers/{}/intake-stops/new", "provider"),
    page("providers/{}/intake-stops/impose", "provider", {200: BUYERS}),
    page("providers/{}/intake-stops/impose", "provider", {400: BUYERS}, method="POST"),
    *form("provider-contacts/{}/edit", "contact", elsewhere=404),
    *form("provider-contacts/{}/remove", "contact", elsewhere=404, post=302),
    *form("provider-documents/{}/remove", "document", elsewhere=404, post=302),
    *form("courses/{}/edit", "course"),
    *form("courses/{}/groups/new", "course"),
    *form("courses/{}/delivery-parties/new", "course"),
    *form("delivery-parties/{}/remove", "party", post=302),
    *form("course-groups/{}/edit", "group"),
    *form("course-groups/{}/intake-moments/new", "group"),
    *form("course-groups/{}/series/new", "group"),
    *form("course-groups/{}/teacher-hours/new", "group"),
    *form("locations/{}/edit", "location"),
    *form("teachers/{}/edit", "teacher", elsewhere=404),
    *form("teacher-hours/{}/remove", "hours", elsewhere=404, post=302),
    *(
        one
        for name in ("seats", "move", "close", "cancel")
        for one in form(f"intake-moments/{{}}/{name}", "start")
    ),
    # It is published already.
    *form("intake-moments/{}/publish", "start", post=409),
    page("intake-stops", "", {200: PARTIES}),
    page("intake-stops/{}", "stop", {200: SEE_STOP, 404: PARTIES - SEE_STOP}),
    *step("approve", {302: frozenset({A.PROCUREMENT_OFFICER})}),
    *step("refuse", {400: frozenset({A.PROCUREMENT_OFFICER})}),
    *step("withdraw", {302: PLANNER}),
    # A request that was not decided cannot be lifted.
    *step("lift", {409: frozenset({A.PROCUREMENT_OFFICER, A.PROVIDER_PLANNER})}),
]


def api(
    path: str, method: str, expected: Any, name: str = "", body: Any = None, **headers: str
) -> Case:
    return Case(
        f"api/v1/{path.replace('{}', '{id}')}",
        method,
        at(f"api/v1/{path}", name) if name else f"/api/v1/{path}",
        expected,
        rest=403,
        body=None if method == "GET" else (lambda world: body(world) if body else {}),
        headers=lambda world: headers,
    )


def read(path: str, name: str, seen: Any = None, hidden: Any = frozenset()) -> list[Case]:
    """List and single object; a list never tells of what is hidden, it just leaves it out."""
    seen = LOOKERS if seen is None else seen
    single = {200: seen, 404: hidden} if hidden else {200: seen}
    return [
        api(path, "GET", {200: seen | hidden}),
        api(f"{path}/{{}}", "GET", single, name),
    ]


def change(path: str, name: str, expected: Any) -> Case:
    return api(f"{path}/{{}}", "PATCH", expected, name, **{"If-Match": "*"})


CONTACT_READERS = CONTRACT_READERS | CASEWORKERS | {A.MACHINE_CLIENT}
# An empty body is refused after the permission, and before the rules of the school.
EMPTY = {400: PLANNER | OTHER_PLANNER}
API = [
    *read("providers", "provider"),
    change("providers", "provider", {200: PLANNER}),
    *read("locations", "location"),
    api("locations", "POST", EMPTY),
    change("locations", "location", {200: PLANNER}),
    *read("courses", "course"),
    api("courses", "POST", EMPTY),
    change("courses", "course", {200: PLANNER}),
    *read("course-groups", "group"),
    api("course-groups", "POST", EMPTY),
    change("course-groups", "group", {200: PLANNER}),
    *read("intake-moments", "start"),
    api("intake-moments", "POST", EMPTY),
    api(
        "intake-moments/{}",
        "PATCH",
        {200: PLANNER},
        "start",
        lambda world: {"seatsTotal": 5},
        **{"If-Match": "*"},
    ),
    *read("intake-series", "series"),
    api("intake-series", "POST", EMPTY),
    api("intake-series/preview", "POST", EMPTY),
    # The matrix sends JSON: who may upload is told that it must be a form.
    api("institution-lists", "POST", {415: REGISTRARS}),
    api("institution-lists/preview", "POST", {415: REGISTRARS}),
    api("intake-moments/{}/move", "POST", EMPTY, "start"),
    api("intake-moments/{}/close", "POST", EMPTY, "start"),
    api("intake-moments/{}/cancel", "POST", EMPTY, "start"),
    api("intake-moments/{}/publish", "POST", {409: PLANNER}, "start"),
    api("capacity-lines", "GET", {200: CONTRACT_READERS | PLANNER | OTHER_PLANNER}),
    *(
        Case(
            f"api/v1/{name}",
            "GET",
            lambda world, name=name: (
                f"/api/v1/{name}?intakeMoment={world.objects['start'].uuid}"  # type: ignore[misc]
            ),
            {200: LOOKERS},
            rest=403,
        )
        for name in ("affected-places", "alternative-starts")
    ),
    api("teacher-shortages", "GET", {200: PLANNER | OTHER_PLANNER}),
    *read("quality-marks", "mark"),
    api("quality-marks", "POST", {400: REGISTRARS}),
    *read("provider-contacts", "contact", CONTACT_READERS | PLANNER, OTHER_PLANNER),
    api("provider-contacts", "POST", EMPTY),
    change("provider-contacts", "contact", {200: PLANNER, 404: OTHER_PLANNER}),
    *read("provider-documents", "document", CONTRACT_READERS | PLANNER, OTHER_PLANNER),
    api("provider-documents", "POST", EMPTY),
    *read("delivery-parties", "party"),
    api("delivery-parties", "POST", EMPTY),
    *read("teachers", "teacher", PLANNER, OTHER_PLANNER),
    api("teachers", "POST", EMPTY),
    change("teachers", "teacher", {200: PLANNER, 404: OTHER_PLANNER}),
    *read("teacher-hours", "hours", PLANNER, OTHER_PLANNER),
    api("teacher-hours", "POST", EMPTY),
    *read("intake-stops", "stop", SEE_STOP | {A.MACHINE_CLIENT}, PARTIES - SEE_STOP),
    api("intake-stops", "POST", {400: PLANNER | OTHER_PLANNER | BUYERS}),
    api(
        "intake-stops/{}/approve",
        "POST",
        {200: {A.PROCUREMENT_OFFICER}, 404: {A.PROCUREMENT_OFFICER_ELSEWHERE}},
        "stop",
    ),
    api(
        "intake-stops/{}/refuse",
        "POST",
        {400: {A.PROCUREMENT_OFFICER}, 404: {A.PROCUREMENT_OFFICER_ELSEWHERE}},
        "stop",
    ),
    api("intake-stops/{}/withdraw", "POST", {200: PLANNER, 404: OTHER_PLANNER}, "stop"),
    api(
        "intake-stops/{}/lift",
        "POST",
        {
            409: {A.PROCUREMENT_OFFICER, A.PROVIDER_PLANNER},
            404: {A.PROCUREMENT_OFFICER_ELSEWHERE, A.PROVIDER_PLANNER_ELSEWHERE},
        },
        "stop",
    ),
]

CASES = [*PAGES, *API]
