"""Pages of the teacher, of a person's delivery, of scorecards and of feedback rounds."""

from datetime import date
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from backend.accounts.roles import Role
from backend.audit.models import AccessEvent
from quality.models import Attendance, ExamResult, FeedbackInvitation, FeedbackWave, ProgressScore
from quality.services.indicators import indicators_compute
from tests.factories.accounts import user_with
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    WaveFactory,
    attended_by,
    placed_many,
    provider_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(web_as, teacher):
    client = web_as(teacher)
    return lambda name, *args, **data: client.get(reverse(name, args=args), data)


def post_list(client, lesson, people, **changes):
    data = {"version": lesson.attendance_version}
    for person in people:
        data[f"status_{person.uuid}"] = "present"
        data[f"minutes_{person.uuid}"] = ""
    return client.post(reverse("lesson-attendance", args=[lesson.uuid]), data | changes)


# The teacher's day and list.


def test_today_shows_the_lessons_of_today_of_the_own_provider(visit, intake, other_provider):
    LessonFactory(group=intake.group, date=date(2026, 11, 18))
    LessonFactory(group=intake.group, date=date(2026, 11, 19))
    elsewhere = GroupFactory(provider=provider_of(other_provider), code="elders")
    LessonFactory(group=elsewhere, date=date(2026, 11, 18))
    page = visit("lessons").content.decode()
    assert "Woensdag 18 november: lessen van vandaag" in page
    assert page.count("09:00–12:00") == 1
    assert "elders" not in page


@pytest.mark.parametrize("day", ["2026-13-01", "gisteren", "1999-12-31", "2026-11-18T00:00"])
def test_a_day_that_is_none_does_not_exist(visit, day):
    assert visit("lessons", day=day).status_code == 404


def test_the_list_has_names_and_the_look_is_logged(visit, lesson, amina, bilal):
    page = visit("lesson-attendance", lesson.uuid)
    names = page.content.decode()
    assert names.index("Amina Aksu") < names.index("Bilal Berg")
    looks = AccessEvent.objects.filter(subject_type="matching.participant")
    assert {one.subject_uuid for one in looks} == {amina.participant.uuid, bilal.participant.uuid}
    assert page.content.count(b'value="present"') == page.content.count(b"checked") == 2


def test_saving_the_untouched_list_makes_everybody_present(web_as, teacher, lesson, amina, bilal):
    answer = post_list(web_as(teacher), lesson, [amina, bilal])
    assert (answer.status_code, answer.url) == (302, "/lessons?day=2026-11-17")
    assert list(Attendance.objects.values_list("status", "minutes_present")) == [
        ("present", 180),
        ("present", 180),
    ]


def test_a_fault_stands_at_the_person_and_above_and_nothing_is_saved(
    web_as, teacher, lesson, amina, bilal
):
    answer = post_list(web_as(teacher), lesson, [amina, bilal], **{f"status_{bilal.uuid}": "late"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert f'href="#id_minutes_{bilal.uuid}"' in page
    assert page.count("Vul in hoeveel minuten deze persoon aanwezig was.") == 2
    assert not Attendance.objects.exists()


def test_a_list_that_a_colleague_saved_meanwhile_is_shown_again(web_as, teacher, lesson, amina):
    client = web_as(teacher)
    post_list(client, lesson, [amina])
    answer = post_list(client, lesson, [amina], **{f"status_{amina.uuid}": "absent_unauthorised"})
    assert answer.status_code == 409
    assert "Iemand anders heeft intussen" in answer.content.decode()
    assert Attendance.objects.get().status == "present"


def test_a_colleague_elsewhere_and_a_caseworker_do_not_reach_the_list(
    web_as, caseworker, other_provider, lesson, amina
):
    address = reverse("lesson-attendance", args=[lesson.uuid])
    stranger = web_as(user_with(Role.TEACHER, other_provider))
    assert stranger.get(address).status_code == 404
    assert post_list(stranger, lesson, [amina]).status_code == 404
    assert web_as(caseworker).get(address).status_code == 403
    assert not Attendance.objects.exists()
    assert not AccessEvent.objects.exists()


def test_a_future_lesson_shows_its_list_without_a_button(visit, intake, amina):
    lesson = LessonFactory(group=intake.group, date=date(2026, 11, 19))
    page = visit("lesson-attendance", lesson.uuid).content.decode()
    assert "Deze les is op een latere dag." in page
    assert "Aanwezigheid opslaan" not in page


def test_cancelling_asks_first_and_needs_a_reason(web_as, teacher, lesson):
    client, address = web_as(teacher), reverse("lesson-cancel", args=[lesson.uuid])
    assert "niemand wordt als afwezig gemeld" in client.get(address).content.decode()
    assert client.post(address, {"reason": "zin"}).status_code == 400
    assert client.post(address, {"reason": "no_room"}).status_code == 302
    lesson.refresh_from_db()
    assert lesson.is_cancelled


def test_the_list_costs_the_same_for_two_and_for_fifteen_people(
    web_as, teacher, intake, lesson, municipality
):
    client, address = web_as(teacher), reverse("lesson-attendance", args=[lesson.uuid])

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    placed_many(intake, 2, municipality)
    queries()
    few = queries()
    placed_many(intake, 13, municipality)
    assert queries() == few


# One person.


def test_progress_of_two_skills_at_once(web_as, teacher, amina):
    client = web_as(teacher)
    answer = client.post(
        reverse("delivery-progress", args=[amina.uuid]),
        {
            "assessed_date": "2026-11-17",
            "advice": "on_track",
            "level_LE": "A2",
            "level_LU": "A1",
        },
    )
    assert answer.status_code == 302
    scores = ProgressScore.objects.order_by("skill").values_list("skill", "level", "advice")
    assert list(scores) == [("LE", "A2", "on_track"), ("LU", "A1", "on_track")]
    page = client.get(answer.url).content.decode()
    assert "Op schema" in page
    assert "Amina Aksu" in page


def test_progress_without_a_skill_or_in_the_future_is_refused(web_as, teacher, amina):
    address = reverse("delivery-progress", args=[amina.uuid])
    answer = web_as(teacher).post(address, {"assessed_date": "2026-11-19", "advice": ""})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Deze dag ligt in de toekomst." in page
    assert "Vul minstens één vaardigheid in." in page
    assert not ProgressScore.objects.exists()


def test_exam_faults_all_at_once(web_as, teacher, amina):
    answer = web_as(teacher).post(
        reverse("delivery-exam", args=[amina.uuid]),
        {"part": "KNM", "level": "B1", "exam_date": "2026-11-19", "outcome": "Geen"},
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    for text in ("KNM heeft geen niveau", "Geef de reden", "Deze dag ligt in de toekomst"):
        assert text in page
    assert not ExamResult.objects.exists()


def test_an_exam_result_gets_the_next_number(web_as, teacher, amina):
    client, address = web_as(teacher), reverse("delivery-exam", args=[amina.uuid])
    base = {"part": "LE", "level": "B1", "outcome": "Gezakt"}
    client.post(address, base | {"exam_date": "2026-09-01"})
    client.post(address, base | {"exam_date": "2026-10-01", "outcome": "Geslaagd"})
    assert list(
        ExamResult.objects.order_by("exam_date").values_list("attempt_number", "outcome")
    ) == [(1, "Gezakt"), (2, "Geslaagd")]
    wrong = client.post(
        address, base | {"exam_date": "2026-08-01", "attempt_number": 3, "part": "LE"}
    )
    assert wrong.status_code == 400
    assert "Een latere poging kan niet op een eerdere dag zijn" in wrong.content.decode()


def test_a_caseworker_sees_its_own_client_without_forms(
    web_as, caseworker, other_caseworker, amina
):
    address = reverse("delivery", args=[amina.uuid])
    page = web_as(caseworker).get(address)
    assert page.status_code == 200
    assert "Amina Aksu" in page.content.decode()
    assert reverse("delivery-progress", args=[amina.uuid]) not in page.content.decode()
    assert web_as(other_caseworker).get(address).status_code == 404


# Figures.


@pytest.fixture
def figures(provider, municipality):
    """One shown and one hidden provider; a third keeps the second from hiding the first."""
    for organisation, size in ((provider, 12), (None, 5), (None, 6)):
        school = provider_of(organisation)
        group = GroupFactory(provider=school)
        intake = IntakeFactory(group=group)
        lesson = LessonFactory(group=group, date=date(2026, 10, 6))
        people = placed_many(intake, size, municipality)
        attended_by(lesson, people, *[180] * (size - 3), 90, 90, 0)
    indicators_compute()


def test_the_scorecard_shows_value_interval_n_norm_and_definition(
    web_as, provider_planner, figures, provider
):
    address = reverse("scorecard", args=[provider.provider.uuid])
    page = web_as(provider_planner).get(address).content.decode()
    assert "83,3%" in page
    assert "Norm: 80,0%" in page
    assert "↑ hoger is beter" in page
    assert "Personen (n): 12" in page
    assert "geen gegevens" in page
    assert reverse("indicator", args=["Q1"]) in page
    assert page.count("<svg") == 1
    assert '<title id="chart-title">Aanwezigheid per maand bij Eigen Taalschool</title>' in page
    assert "oktober 2026" in page
    assert "style=" not in page


def test_hidden_figures_are_on_no_page_and_in_no_download(web_as, quality_officer, figures):
    client = web_as(quality_officer)
    page = client.get(reverse("scorecards")).content.decode()
    assert page.count("te weinig gegevens (&lt;10)") == 2
    assert "(n = 12)" in page
    sheet = load_workbook(
        BytesIO(client.get(reverse("scorecards"), {"export": "xlsx"}).content)
    ).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    heading = rows[0].index("Aanwezigheid")
    values = sorted(str(row[heading]) for row in rows[1:])
    assert values == ["0.8333333333333334", "None", "None"]
    counts = sorted(str(row[heading + 3]) for row in rows[1:])
    assert counts == ["12", "<10", "<10"]


def test_there_is_no_ranking_and_no_total(web_as, quality_officer, figures):
    client = web_as(quality_officer)
    assert client.get(reverse("scorecards"), {"sort": "-Q1"}).status_code == 400


def test_another_providers_scorecard_does_not_exist(
    web_as, provider_planner, other_provider, figures
):
    address = reverse("scorecard", args=[provider_of(other_provider).uuid])
    assert web_as(provider_planner).get(address).status_code == 404


def test_the_scorecard_list_costs_the_same_for_two_and_for_eight(
    web_as, quality_officer, municipality, frozen_clock
):
    client = web_as(quality_officer)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("scorecards")).status_code == 200
        return len(captured)

    for _one in range(2):
        placed_many(IntakeFactory(group=GroupFactory()), 1, municipality)
    queries()
    few = queries()
    for _one in range(6):
        placed_many(IntakeFactory(group=GroupFactory()), 1, municipality)
    assert queries() == few


def test_the_indicator_book_explains_every_indicator(web_as, council_reader, figures):
    client = web_as(council_reader)
    page = client.get(reverse("indicators")).content.decode()
    for title in ("Aanwezigheid", "Geslaagd bij de eerste poging", "Tevredenheid van deelnemers"):
        assert title in page
    definition = client.get(reverse("indicator", args=["Q1"])).content.decode()
    assert "Een les zonder ingevulde lijst telt als niet gevolgd." in definition
    assert client.get(reverse("indicator", args=["Q99"])).status_code == 404


# Feedback rounds.


def test_a_round_is_planned_invited_once_and_closed(web_as, quality_officer, municipality, intake):
    people = placed_many(intake, 3, municipality)
    client = web_as(quality_officer)
    answer = client.post(
        reverse("feedback-round-new"),
        {
            "organisation": municipality.pk,
            "name": "Najaar",
            "opens_date": "2026-11-16",
            "closes_date": "2026-12-06",
        },
    )
    wave = FeedbackWave.objects.get()
    assert answer.url == reverse("feedback-round", args=[wave.uuid])
    invite = reverse("feedback-round-invite", args=[wave.uuid])
    assert "maar één keer" in client.get(invite).content.decode()
    letters = client.post(invite)
    assert letters["Cache-Control"] == "no-store"
    rows = list(load_workbook(BytesIO(letters.content)).active.values)
    assert {row[0] for row in rows[1:]} == {one.participant.reference for one in people}
    assert rows[1][1].endswith(f"/feedback?c={rows[1][2]}")
    assert client.post(invite).status_code == 409
    page = client.get(answer.url).content.decode()
    assert "&lt;10" in page
    assert client.post(reverse("feedback-round-close", args=[wave.uuid])).status_code == 302
    wave.refresh_from_db()
    assert wave.state == "closed"


def test_rounds_of_another_municipality_do_not_exist(web_as, quality_officer):
    wave = WaveFactory()
    client = web_as(quality_officer)
    for name in ("feedback-round", "feedback-round-invite", "feedback-round-close"):
        assert client.get(reverse(name, args=[wave.uuid])).status_code == 404
    assert not FeedbackInvitation.objects.exists()


def test_a_sender_that_is_not_ones_own_is_no_choice(web_as, quality_officer, other_municipality):
    answer = web_as(quality_officer).post(
        reverse("feedback-round-new"),
        {
            "organisation": other_municipality.pk,
            "name": "Vreemd",
            "opens_date": "2026-11-16",
            "closes_date": "2026-12-06",
        },
    )
    assert answer.status_code == 400
    assert not FeedbackWave.objects.exists()


def test_the_start_page_of_a_teacher_has_the_lessons_of_today(web_as, teacher, intake):
    lesson = LessonFactory(group=intake.group, date=date(2026, 11, 18))
    page = web_as(teacher).get(reverse("start")).content.decode()
    assert "Lessen van vandaag" in page
    assert reverse("lesson-attendance", args=[lesson.uuid]) in page
