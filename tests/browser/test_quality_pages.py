"""The teacher's list, the form for participants in three languages, and the scorecard."""

from datetime import date, timedelta

import pytest

from backend.accounts.roles import Role
from backend.common import clock
from matching.models import Placement
from quality.models import Attendance, FeedbackPending
from quality.services.absence import absence_signals_raise
from quality.services.feedback import wave_invite
from quality.services.indicators import indicators_compute
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, ZOOMED
from tests.factories.quality import (
    GroupFactory,
    IntakeFactory,
    LessonFactory,
    WaveFactory,
    attended_by,
    placed_many,
    provider_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoom"])


@pytest.fixture
def lesson(provider, municipality):
    today = clock.today()
    group = GroupFactory(provider=provider_of(provider))
    intake = IntakeFactory(
        group=group,
        start_date=today - timedelta(days=100),
        end_date=today + timedelta(days=100),
    )
    placed_many(intake, 15, municipality, name="Proef Persoon")
    return LessonFactory(group=group, date=today)


@SIZES
def test_the_teacher_records_fifteen_people(visit, teacher, lesson, size):
    page = visit("/lessons", as_user=teacher, size=size)
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name="B1-route ochtend").click()
    page.wait_for_load_state()
    assert_accessible(page)
    assert_fits(page)

    # One exception out of fifteen: two taps, and the rest already stands on "present".
    first = page.locator(".quality-attendance__person").first
    first.get_by_text("Afwezig, zonder geldige reden").click()
    page.get_by_role("button", name="Aanwezigheid opslaan").click()
    page.wait_for_load_state()
    assert page.get_by_text("De aanwezigheid is opgeslagen.").is_visible()
    assert_accessible(page)
    assert Attendance.objects.filter(status="present", minutes_present=180).count() == 14
    assert Attendance.objects.filter(status="absent_unauthorised").count() == 1


def test_the_list_works_with_the_keyboard_alone(visit, teacher, lesson):
    page = visit(f"/lessons/{lesson.uuid}", as_user=teacher)
    person = Placement.objects.order_by("participant__reference").first()
    page.focus(f"#id_status_{person.uuid}_0")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("90")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons?day=*")
    row = Attendance.objects.get(placement=person)
    assert (row.status, row.minutes_present) == ("late", 90)


def test_a_mistake_is_named_above_and_at_the_person(visit, teacher, lesson):
    page = visit(f"/lessons/{lesson.uuid}", as_user=teacher, size=PHONE)
    page.locator(".quality-attendance__person").nth(4).get_by_text("Te laat").click()
    page.get_by_role("button", name="Aanwezigheid opslaan").click()
    page.wait_for_load_state()
    assert_accessible(page)
    assert page.evaluate("document.activeElement.matches('.shell-summary')")
    page.locator(".shell-summary a").click()
    assert page.evaluate("document.activeElement.id").startswith("id_minutes_")
    assert not Attendance.objects.exists()


def test_progress_exam_and_cancel_forms(visit, teacher, lesson):
    person = Placement.objects.first()
    for path in (
        f"/delivery/{person.uuid}",
        f"/delivery/{person.uuid}/progress",
        f"/delivery/{person.uuid}/exam",
        f"/lessons/{lesson.uuid}/cancel",
    ):
        page = visit(path, as_user=teacher, size=PHONE)
        assert_accessible(page)
        assert_fits(page)


@pytest.fixture
def token(make_actor, municipality, lesson):
    wave = WaveFactory(
        organisation=municipality,
        opens_date=clock.today() - timedelta(days=1),
        closes_date=clock.today() + timedelta(days=20),
    )
    return wave_invite(actor=make_actor(Role.QUALITY_OFFICER, municipality), wave=wave)[0].token


@pytest.mark.parametrize(
    ("code", "send", "thanks", "size"),
    [
        ("nl", "Versturen", "Bedankt!", DESKTOP),
        ("nl", "Versturen", "Bedankt!", PHONE),
        ("ar", "إرسال", "شكرًا لك!", PHONE),
        ("ar", "إرسال", "شكرًا لك!", ZOOMED),
        ("en", "Send", "Thank you!", DESKTOP),
    ],
    ids=["nl desktop", "nl phone", "ar phone", "ar zoom", "en desktop"],
)
def test_a_participant_gives_an_opinion(visit, token, code, send, thanks, size):
    page = visit(f"/feedback?c={token}&lang={code}", size=size)
    assert token not in page.url
    assert_accessible(page)
    assert_fits(page)

    page.get_by_role("button", name=send).click()
    page.wait_for_load_state()
    assert_accessible(page)
    assert page.evaluate("document.activeElement.id") == "errors"
    page.locator("#errors a").first.click()
    assert page.evaluate("document.activeElement.id") == "lessons-1"

    for label in page.locator('label.quality-face[for$="-4"]').all():
        label.click()
    page.get_by_role("button", name=send).click()
    page.wait_for_load_state()
    assert page.get_by_role("heading", name=thanks).is_visible()
    assert_accessible(page)
    row = FeedbackPending.objects.get()
    assert (row.core_sum, row.core_count, row.language) == (32, 8, code)


def test_the_first_face_stands_where_reading_begins(visit, token):
    def places(code):
        page = visit(f"/feedback?c={token}&lang={code}")
        return [page.locator(f"#lessons-{face}").bounding_box()["x"] for face in range(1, 6)]

    assert places("nl") == sorted(places("nl"))
    assert places("ar") == sorted(places("ar"), reverse=True)


def test_the_form_works_with_the_keyboard_alone(visit, token):
    page = visit(f"/feedback?c={token}&lang=nl")
    page.focus("#lessons-1")
    for question in range(8):
        page.keyboard.press("Space")
        for _step in range(question % 4):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/feedback/thanks?lang=nl")
    assert FeedbackPending.objects.get().core_sum == sum(1 + number % 4 for number in range(8))


@pytest.mark.parametrize("path", ["/feedback", "/feedback?c=fout", "/feedback?c=fout&lang=ar"])
def test_pages_without_a_link_that_works(visit, db, path):
    page = visit(path, size=PHONE)
    assert_accessible(page)
    assert_fits(page)


@pytest.fixture
def figures(provider, municipality):
    school = provider_of(provider)
    for number in range(1, 10):
        group = GroupFactory(provider=school)
        month = (clock.today().replace(day=1) - timedelta(days=30 * number)).replace(day=6)
        intake = IntakeFactory(
            group=group,
            start_date=month - timedelta(days=20),
            end_date=month + timedelta(days=20),
        )
        lesson = LessonFactory(group=group, date=month)
        size = 6 if number == 4 else 14
        people = placed_many(intake, size, municipality)
        attended_by(lesson, people, *[180] * (size - 4), 120, 90, 30 * number % 180, 0)
    other = GroupFactory()
    people = placed_many(IntakeFactory(group=other, start_date=date(2026, 1, 1)), 20, municipality)
    indicators_compute()
    return school


@SIZES
def test_the_scorecard(visit, provider_planner, figures, size):
    page = visit(f"/scorecards/{figures.uuid}", as_user=provider_planner, size=size)
    assert_accessible(page)
    assert_fits(page)
    chart = page.locator("svg[role=img]")
    assert chart.get_attribute("aria-labelledby") == "chart-title chart-description"
    # The chart never says more than the table: one point per shown month.
    shown = page.locator("table td", has_text="%").count()
    assert shown > 0


@pytest.mark.parametrize("path", ["/scorecards", "/indicators", "/indicators/Q1"])
def test_lists_and_definitions(visit, council_reader, figures, path):
    page = visit(path, as_user=council_reader, size=PHONE)
    assert_accessible(page)
    assert_fits(page)


def test_feedback_rounds(visit, quality_officer, municipality, token):
    wave = WaveFactory(
        organisation=municipality,
        opens_date=date(2027, 3, 1),
        closes_date=date(2027, 3, 21),
    )
    for path in ("", "/new", f"/{wave.uuid}", f"/{wave.uuid}/invite"):
        page = visit(f"/feedback-rounds{path}", as_user=quality_officer, size=PHONE)
        assert_accessible(page)
        assert_fits(page)


@SIZES
def test_a_signal_of_absence_is_closed_by_the_caseworker(
    visit, caseworker, provider, municipality, size
):
    today = clock.today()
    group = GroupFactory(provider=provider_of(provider))
    intake = IntakeFactory(group=group, start_date=today - timedelta(days=60))
    (placement,) = placed_many(intake, 1, municipality, name="Proef Persoon")
    for back in (3, 2, 1):
        day = today - timedelta(days=back)
        attended_by(LessonFactory(group=group, date=day), [placement], 0)
    absence_signals_raise()
    page = visit("/absence-signals", as_user=caseworker, size=size)
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name=placement.participant.reference).click()
    page.get_by_role("heading", name="Verzuim van").wait_for()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("link", name="Sluit dit signaal af").click()
    page.get_by_label("Gesproken met de inburgeraar").check()
    page.get_by_label("Toelichting").fill("Rooster besproken.")
    assert_accessible(page)
    page.get_by_role("button", name="Sluit dit signaal af").click()
    page.get_by_text("Het signaal is afgesloten.").wait_for()
    assert_accessible(page)
