"""The API of delivery and figures: commands, bulk, what is masked, and what stays the same."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quality.choices import ValueState
from quality.models import Attendance, ExamResult, IndicatorValue, ProgressScore
from quality.services.indicators import indicators_compute
from quality.suppression import masked, published
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    attended_by,
    placed_many,
    provider_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def teacher_api(api_as, teacher):
    return api_as(teacher)


def post(client, path, body, key=None):
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def test_a_list_in_one_call(teacher_api, lesson, amina, bilal):
    body = {
        "entries": [
            {"placement": str(amina.uuid), "status": "present"},
            {"placement": str(bilal.uuid), "status": "late", "elearningMinutes": 60},
        ],
        "expectedVersion": 0,
    }
    answer = post(teacher_api, f"lessons/{lesson.uuid}/attendance", body)
    assert answer.status_code == 200
    assert answer.json()["attendanceVersion"] == 1
    assert answer.json()["lessonDate"] == "2026-11-17"
    listed = teacher_api.get("/api/v1/attendances", {"lesson": str(lesson.uuid)}).json()
    assert sorted((one["status"], one["minutesPresent"]) for one in listed["items"]) == [
        ("late", 60),
        ("present", 180),
    ]


def test_every_fault_with_its_path_in_wire_names(teacher_api, lesson, amina):
    body = {
        "entries": [
            {"placement": str(amina.uuid), "status": "late"},
            {"placement": str(uuid.uuid4()), "status": "present"},
        ]
    }
    answer = post(teacher_api, f"lessons/{lesson.uuid}/attendance", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "attendance_invalid"
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("entries.0.minutes", "minutes_missing"),
        ("entries.1.placement", "not_on_roster"),
    ]
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"entries": []}, "entries"),
        ({"entries": [{"placement": "x", "status": "here"}]}, "entries.0.placement"),
        ({"entrys": []}, "entrys"),
    ],
)
def test_malformed_lists_are_refused_before_any_rule(teacher_api, lesson, body, field):
    answer = post(teacher_api, f"lessons/{lesson.uuid}/attendance", body)
    assert answer.status_code == 400
    assert field in {one["field"] for one in answer.json()["errors"]}


def test_a_stale_list_and_a_cancelled_lesson(teacher_api, intake, lesson, amina):
    entry = {"placement": str(amina.uuid), "status": "present"}
    stale = post(
        teacher_api,
        f"lessons/{lesson.uuid}/attendance",
        {"entries": [entry], "expectedVersion": 3},
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "attendance_changed")
    cancelled = LessonFactory(group=intake.group, date=date(2026, 11, 12), cancelled=True)
    refused = post(teacher_api, f"lessons/{cancelled.uuid}/attendance", {"entries": [entry]})
    assert (refused.status_code, refused.json()["code"]) == (409, "lesson_cancelled")


def test_bulk_answers_row_by_row_and_a_replay_writes_nothing(teacher_api, lesson, amina, bilal):
    body = {
        "items": [
            {"lesson": str(lesson.uuid), "placement": str(amina.uuid), "status": "present"},
            {"lesson": str(uuid.uuid4()), "placement": str(amina.uuid), "status": "present"},
            {"lesson": str(lesson.uuid), "placement": str(bilal.uuid), "status": "late"},
        ]
    }
    key = str(uuid.uuid4())
    first = post(teacher_api, "attendance-batches", body, key)
    assert first.status_code == 200
    assert [(one["position"], one["result"], one["code"]) for one in first.json()["items"]] == [
        (0, "created", ""),
        (1, "error", "unknown_lesson"),
        (2, "error", "minutes_missing"),
    ]
    assert first.json()["items"][2]["detail"].startswith("Vul in hoeveel minuten")
    assert post(teacher_api, "attendance-batches", body, key).json() == first.json()
    again = post(teacher_api, "attendance-batches", body)
    assert again.json()["items"][0]["result"] == "unchanged"
    assert Attendance.objects.count() == 1


def test_bulk_of_more_than_five_thousand_rows_is_refused(teacher_api, lesson, amina):
    row = {"lesson": str(lesson.uuid), "placement": str(amina.uuid), "status": "present"}
    answer = post(teacher_api, "attendance-batches", {"items": [row] * 5001})
    assert answer.status_code == 400
    assert not Attendance.objects.exists()


def test_bulk_costs_the_same_for_two_and_for_ten_people_of_a_lesson(
    teacher_api, intake, lesson, municipality
):
    def queries(people):
        body = {
            "items": [
                {"lesson": str(lesson.uuid), "placement": str(one.uuid), "status": "present"}
                for one in people
            ]
        }
        with CaptureQueriesContext(connection) as captured:
            assert post(teacher_api, "attendance-batches", body).status_code == 200
        return len(captured)

    queries(placed_many(intake, 1, municipality))
    few = queries(placed_many(intake, 2, municipality))
    assert queries(placed_many(intake, 10, municipality)) == few


def test_progress_and_exam_results(teacher_api, amina):
    progress = post(
        teacher_api,
        "progress-scores",
        {
            "placement": str(amina.uuid),
            "skill": "SP",
            "level": "A2",
            "assessedDate": "2026-11-17",
            "advice": "exam_ready",
        },
    )
    assert progress.status_code == 201
    assert progress.json()["placement"]["participant"]["reference"] == amina.participant.reference
    exam = post(
        teacher_api,
        "exam-results",
        {
            "placement": str(amina.uuid),
            "part": "KNM",
            "level": "NVT",
            "examDate": "2026-11-10",
            "outcome": "Geen",
            "noResultReason": "Afgemeld",
        },
    )
    assert exam.status_code == 201
    assert exam.json()["attemptNumber"] == 1
    assert (ProgressScore.objects.count(), ExamResult.objects.count()) == (1, 1)


def test_no_answer_holds_a_name(teacher_api, api_as, caseworker, lesson, amina):
    post(
        teacher_api,
        f"lessons/{lesson.uuid}/attendance",
        {"entries": [{"placement": str(amina.uuid), "status": "present"}]},
    )
    for client in (teacher_api, api_as(caseworker)):
        for path in ("lessons", "attendances", "progress-scores", "exam-results"):
            assert b"Amina" not in client.get(f"/api/v1/{path}").content


@pytest.fixture
def figures(provider, municipality):
    for organisation, size in ((provider, 12), (None, 5), (None, 6)):
        group = GroupFactory(provider=provider_of(organisation))
        lesson = LessonFactory(group=group, date=date(2026, 10, 6))
        people = placed_many(IntakeFactory(group=group), size, municipality)
        attended_by(lesson, people, *[180] * (size - 1), 90)
    indicators_compute()


def test_hidden_figures_have_a_state_and_no_numbers(api_as, quality_officer, figures):
    items = (
        api_as(quality_officer)
        .get("/api/v1/indicator-values", {"code": "Q1", "periodFrom": "2026-10-01"})
        .json()["items"]
    )
    seen = {one["state"]: one for one in items if one["provider"]}
    assert seen["shown"]["n"] == 12
    for name in ("value", "low", "high", "denominator", "n"):
        assert seen["too_few"][name] is None
    assert "observed" not in seen["shown"]
    assert "expected" not in seen["shown"]


def test_api_and_pages_mask_the_same(figures):
    rows = masked(Figures.all_rows())
    assert rows
    for row in rows:
        shown = published(row)
        for name in ("value", "low", "high", "denominator", "n"):
            assert getattr(row, f"public_{name}") == getattr(shown, name), (row.state, name)


class Figures:
    """Every stored figure, and one that says "shown" although a later rule would hide it."""

    @staticmethod
    def all_rows():
        row = IndicatorValue.objects.filter(state=ValueState.SHOWN).first()
        IndicatorValue.objects.create(
            indicator=row.indicator,
            provider=row.provider,
            period_start=date(2020, 1, 1),
            period_end=date(2020, 1, 31),
            n=7,
            value=0.5,
            low=0.4,
            high=0.6,
            state=ValueState.SHOWN,
            model_version="older rules",
        )
        return IndicatorValue.objects.select_related("indicator")
