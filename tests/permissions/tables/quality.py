"""Delivery is seen by its provider and the person's municipality; figures by partners; rounds by
their sender. The form for participants is open to everybody."""

from datetime import date

from backend.common import clock
from quality.choices import WaveState
from quality.models import Indicator, IndicatorValue
from quality.services.indicators import definitions_install
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    ProgressScoreFactory,
    WaveFactory,
    attended,
    examined,
    placed,
    provider_of,
)
from tests.permissions.matrix import (
    AT_PROVIDER,
    EVERYBODY,
    LOGGED_IN,
    Audience,
    Case,
    World,
)

AT_PROVIDER_ELSEWHERE = {Audience.PROVIDER_PLANNER_ELSEWHERE, Audience.TEACHER_ELSEWHERE}
RECORDERS = AT_PROVIDER | AT_PROVIDER_ELSEWHERE
SEE_DELIVERY = AT_PROVIDER | {Audience.CASEWORKER, Audience.MACHINE_CLIENT}
SEE_DELIVERY_ELSEWHERE = AT_PROVIDER_ELSEWHERE | {Audience.CASEWORKER_ELSEWHERE}
SEE_FIGURES = {
    Audience.PROCUREMENT_OFFICER,
    Audience.CASEWORKER,
    Audience.QUALITY_OFFICER,
    Audience.REGIONAL_COORDINATOR,
    Audience.PROVIDER_PLANNER,
    Audience.COUNCIL_READER,
    Audience.MACHINE_CLIENT,
}
SEE_FIGURES_ELSEWHERE = {
    Audience.PROCUREMENT_OFFICER_ELSEWHERE,
    Audience.CASEWORKER_ELSEWHERE,
    Audience.QUALITY_OFFICER_ELSEWHERE,
    Audience.REGIONAL_COORDINATOR_ELSEWHERE,
    Audience.PROVIDER_PLANNER_ELSEWHERE,
    Audience.COUNCIL_READER_ELSEWHERE,
}
QUALITY = {Audience.QUALITY_OFFICER, Audience.QUALITY_OFFICER_ELSEWHERE}
# Pages know sessions only.
PAGE = {Audience.MACHINE_CLIENT}


def prepare(world: World) -> None:
    provider = provider_of(world.provider)
    intake = IntakeFactory(
        group=GroupFactory(provider=provider),
        start_date=date(2024, 1, 1),
        end_date=date(2090, 1, 1),
    )
    placement = placed(intake, world.municipality)
    lesson = LessonFactory(group=intake.group, date=date(2026, 1, 6))
    definitions_install()
    indicator = Indicator.objects.get(code="Q1")
    world.objects |= {
        "provider": provider,
        "placement": placement,
        "lesson": lesson,
        # Recorded lessons cannot be cancelled, so the attendance is of another lesson.
        "attendance": attended(
            LessonFactory(group=intake.group, date=date(2026, 1, 8)), placement, 60
        ),
        "score": ProgressScoreFactory(placement=placement),
        "exam": examined(placement, "Geslaagd", exam_date=date(2026, 1, 12))[0],
        "wave": WaveFactory(organisation=world.municipality),
        "open_wave": WaveFactory(
            organisation=world.municipality,
            opens_date=date(2026, 1, 5),
            closes_date=date(2026, 1, 25),
            state=WaveState.OPEN,
            invited_date=date(2026, 1, 5),
        ),
        "indicator": indicator,
        "value": IndicatorValue.objects.create(
            indicator=indicator,
            provider=provider,
            period_start=date(2026, 1, 1),
            period_end=date(2026, 1, 31),
            state="no_data",
            model_version="crude-1",
            computed_at=clock.now(),
        ),
    }


def _address(prefix: str, name: str, rest: str = ""):
    return lambda world: f"{prefix}/{world.objects[name].uuid}{rest}"


def _delivery(resource: str, name: str) -> list[Case]:
    seen, elsewhere = SEE_DELIVERY, SEE_DELIVERY_ELSEWHERE
    root = f"api/v1/{resource}"
    return [
        Case(root, "GET", f"/{root}", {200: seen | elsewhere}, rest=403),
        Case(f"{root}/{{id}}", "GET", _address(f"/{root}", name), {200: seen, 404: elsewhere}, 403),
    ]


def _entries(world: World) -> dict:
    return {"entries": [{"placement": str(world.objects["placement"].uuid), "status": "present"}]}


def _rows(world: World) -> dict:
    entry = _entries(world)["entries"][0]
    return {"items": [{"lesson": str(world.objects["lesson"].uuid), **entry}]}


def _progress(world: World) -> dict:
    return {
        "placement": str(world.objects["placement"].uuid),
        "skill": "LE",
        "level": "A1",
        "assessedDate": "2026-01-20",
    }


def _exam(world: World) -> dict:
    return {
        "placement": str(world.objects["placement"].uuid),
        "part": "LU",
        "level": "B1",
        "examDate": "2026-01-20",
        "outcome": "Geslaagd",
    }


def _list_form(world: World) -> dict:
    key = world.objects["placement"].uuid
    return {"version": 0, f"status_{key}": "present", f"minutes_{key}": ""}


def _form(case_route: str, url, body, *, get: int = 200, post: int = 302) -> list[Case]:
    """A form of recorders: own provider in, colleagues elsewhere 404."""
    return [
        Case(case_route, "GET", url, {get: AT_PROVIDER, 404: AT_PROVIDER_ELSEWHERE}, 403),
        Case(
            case_route,
            "POST",
            url,
            {post: AT_PROVIDER, 404: AT_PROVIDER_ELSEWHERE},
            403,
            body=body,
        ),
    ]


def _round(case_route: str, url, method: str, status: int) -> Case:
    expected = {status: {Audience.QUALITY_OFFICER}, 404: {Audience.QUALITY_OFFICER_ELSEWHERE}}
    body = (lambda world: {}) if method == "POST" else None
    return Case(case_route, method, url, expected, 403, body=body)


CASES = [
    *_delivery("lessons", "lesson"),
    *_delivery("attendances", "attendance"),
    *_delivery("progress-scores", "score"),
    *_delivery("exam-results", "exam"),
    Case(
        "api/v1/lessons/{id}/attendance",
        "POST",
        _address("/api/v1/lessons", "lesson", "/attendance"),
        {200: AT_PROVIDER, 404: AT_PROVIDER_ELSEWHERE},
        403,
        body=_entries,
    ),
    Case(
        "api/v1/lessons/{id}/cancel",
        "POST",
        _address("/api/v1/lessons", "lesson", "/cancel"),
        {200: AT_PROVIDER, 404: AT_PROVIDER_ELSEWHERE},
        403,
        body=lambda world: {"reason": "no_room"},
    ),
    # Rows of others are refused one by one, inside a 200.
    Case(
        "api/v1/attendance-batches",
        "POST",
        "/api/v1/attendance-batches",
        {200: RECORDERS},
        403,
        body=_rows,
    ),
    Case(
        "api/v1/progress-scores",
        "POST",
        "/api/v1/progress-scores",
        {201: AT_PROVIDER, 400: AT_PROVIDER_ELSEWHERE},
        403,
        body=_progress,
    ),
    Case(
        "api/v1/exam-results",
        "POST",
        "/api/v1/exam-results",
        {201: AT_PROVIDER, 400: AT_PROVIDER_ELSEWHERE},
        403,
        body=_exam,
    ),
    Case("api/v1/indicators", "GET", "/api/v1/indicators", {200: LOGGED_IN}),
    Case(
        "api/v1/indicators/{id}",
        "GET",
        _address("/api/v1/indicators", "indicator"),
        {200: LOGGED_IN},
    ),
    Case(
        "api/v1/indicator-values",
        "GET",
        "/api/v1/indicator-values",
        {200: SEE_FIGURES | SEE_FIGURES_ELSEWHERE},
        403,
    ),
    Case(
        "api/v1/indicator-values/{id}",
        "GET",
        _address("/api/v1/indicator-values", "value"),
        {200: SEE_FIGURES, 404: SEE_FIGURES_ELSEWHERE},
        403,
    ),
    Case("api/v1/feedback-rounds", "GET", "/api/v1/feedback-rounds", {200: QUALITY}, 403),
    Case(
        "api/v1/feedback-rounds/{id}",
        "GET",
        _address("/api/v1/feedback-rounds", "wave"),
        {200: {Audience.QUALITY_OFFICER}, 404: {Audience.QUALITY_OFFICER_ELSEWHERE}},
        403,
    ),
    Case("lessons", "GET", "/lessons", {200: RECORDERS}, 403),
    *_form("lessons/{uuid}", _address("/lessons", "lesson"), _list_form),
    *_form(
        "lessons/{uuid}/cancel",
        _address("/lessons", "lesson", "/cancel"),
        lambda world: {"reason": "no_room"},
    ),
    Case(
        "delivery/{uuid}",
        "GET",
        _address("/delivery", "placement"),
        {200: SEE_DELIVERY - PAGE, 404: SEE_DELIVERY_ELSEWHERE},
        403,
    ),
    *_form(
        "delivery/{uuid}/progress",
        _address("/delivery", "placement", "/progress"),
        lambda world: {"assessed_date": "2026-01-20", "level_LE": "A1"},
    ),
    *_form(
        "delivery/{uuid}/exam",
        _address("/delivery", "placement", "/exam"),
        lambda world: {
            "part": "LU",
            "level": "B1",
            "exam_date": "2026-01-20",
            "outcome": "Geslaagd",
        },
    ),
    Case(
        "scorecards", "GET", "/scorecards", {200: SEE_FIGURES - PAGE | SEE_FIGURES_ELSEWHERE}, 403
    ),
    Case(
        "scorecards/{uuid}",
        "GET",
        _address("/scorecards", "provider"),
        {200: SEE_FIGURES - PAGE, 404: SEE_FIGURES_ELSEWHERE},
        403,
    ),
    Case(
        "indicators", "GET", "/indicators", {200: SEE_FIGURES - PAGE | SEE_FIGURES_ELSEWHERE}, 403
    ),
    Case(
        "indicators/{code}",
        "GET",
        "/indicators/Q1",
        {200: SEE_FIGURES - PAGE | SEE_FIGURES_ELSEWHERE},
        403,
    ),
    Case("feedback-rounds", "GET", "/feedback-rounds", {200: QUALITY}, 403),
    Case("feedback-rounds/new", "GET", "/feedback-rounds/new", {200: QUALITY}, 403),
    Case(
        "feedback-rounds/new",
        "POST",
        "/feedback-rounds/new",
        # Another municipality is no choice in the form of the colleague elsewhere.
        {302: {Audience.QUALITY_OFFICER}, 400: {Audience.QUALITY_OFFICER_ELSEWHERE}},
        403,
        body=lambda world: {
            "organisation": world.municipality.pk,
            "name": "Voorjaar",
            "opens_date": "2027-03-01",
            "closes_date": "2027-03-21",
        },
    ),
    _round("feedback-rounds/{uuid}", _address("/feedback-rounds", "wave"), "GET", 200),
    _round(
        "feedback-rounds/{uuid}/invite",
        _address("/feedback-rounds", "wave", "/invite"),
        "GET",
        200,
    ),
    _round(
        "feedback-rounds/{uuid}/invite",
        _address("/feedback-rounds", "wave", "/invite"),
        "POST",
        200,
    ),
    _round(
        "feedback-rounds/{uuid}/close",
        _address("/feedback-rounds", "open_wave", "/close"),
        "GET",
        200,
    ),
    _round(
        "feedback-rounds/{uuid}/close",
        _address("/feedback-rounds", "open_wave", "/close"),
        "POST",
        302,
    ),
    # Participants have no log-in: the link is the key, and without one the page asks for a code.
    Case("feedback", "GET", "/feedback", {200: EVERYBODY}),
    Case("feedback", "POST", "/feedback", {404: EVERYBODY}, body=lambda world: {}),
    Case("feedback/thanks", "GET", "/feedback/thanks", {200: EVERYBODY}),
]
