"""What the person sees, in a real browser: from the code to the answer, in both directions."""

from time import perf_counter

import pytest
import time_machine

from backend.common.codes import Weekday
from matching.choices import PlacementState
from matching.letters import LANGUAGES, texts_in
from matching.models import PlacementResponse
from matching.services.letters import Contact, personal_link_create
from providers.models import WeeklySlot
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import PHONE
from tests.conftest import FROZEN_AT
from tests.factories import matching as make

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = {"width": 320, "height": 640}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(FROZEN_AT, tick=True):
        yield


@pytest.fixture
def issued(municipality):
    intake = make.contracted_intake(municipality)
    if not intake.group.weekly_slots.exists():
        WeeklySlot.objects.create(
            group=intake.group, weekday=Weekday.MONDAY, start_time="09:00", end_time="12:00"
        )
    return personal_link_create(
        actor=make.everything(municipality),
        placement=make.placement(municipality, state=PlacementState.OFFERED, intake=intake),
        language="ar",
        contact=Contact("Team Inburgering", "030 123 45 67"),
    )


def check(page):
    assert_fits(page)
    assert_accessible(page)


@pytest.mark.parametrize("language", ["nl", "ar"])
def test_from_the_letter_to_the_answer(visit, issued, language):
    texts = texts_in(language)
    page = visit(f"/p/{issued.token}?language={language}", size=PHONE)
    check(page)

    page.fill("#code", "000000" if issued.code != "000000" else "000001")
    page.click("button")
    assert page.get_by_role("alert").inner_text() == texts["code_failed"]
    check(page)
    page.fill("#code", issued.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/my-place?language=*")
    assert page.evaluate("document.documentElement.dir") == texts["dir"]
    assert page.evaluate("document.referrer").find(issued.token) == -1
    check(page)

    began = perf_counter()
    page.get_by_text(texts["no"], exact=True).click()
    check(page)
    page.get_by_role("button", name=texts["send"]).click()
    assert page.get_by_role("alert").inner_text() == texts["reasons_missing"]
    check(page)
    page.get_by_label(texts["reasons"]["childcare"]).check()
    page.get_by_role("button", name=texts["send"]).click()
    assert page.get_by_role("status").inner_text() == texts["thanks_no"]
    check(page)
    page.get_by_role("button", name=texts["yes"]).click()
    assert page.get_by_role("status").inner_text() == texts["thanks_yes"]
    # J9: 30 seconds an action, and here are two.
    assert perf_counter() - began <= 60

    kinds = PlacementResponse.objects.values_list("kind", flat=True)
    assert list(kinds) == ["coming", "not_fitting"]


def test_every_language_fits_a_small_phone(visit, issued):
    page = visit(f"/p/{issued.token}", size=SMALL)
    page.fill("#code", issued.code)
    page.click("button")

    for language in LANGUAGES:
        for step in ("", "&step=why"):
            page.goto(f"/my-place?language={language}{step}")
            assert page.evaluate("document.documentElement.lang") == language
            check(page)


def test_in_arabic_the_text_begins_at_the_right(visit, issued):
    page = visit(f"/p/{issued.token}?language=ar", size=PHONE)
    page.fill("#code", issued.code)
    page.click("button")

    left, right = page.evaluate(
        """() => {
            const range = document.createRange();
            range.selectNodeContents(document.querySelector(".person-card dt"));
            const text = range.getBoundingClientRect();
            const card = document.querySelector(".person-card").getBoundingClientRect();
            return [text.left - card.left, card.right - text.right];
        }"""
    )
    assert right < left


def test_without_a_session_the_page_says_how_to_go_on(visit):
    page = visit("/my-place?language=fa", size=PHONE)

    assert texts_in("fa")["session_ended"] in page.inner_text("main")
    check(page)


def test_pages_of_the_caseworker(visit, issued, caseworker):
    placement = issued.link.placement
    page = visit("/", as_user=caseworker)

    for path in (
        f"/placements/{placement.uuid}/letter",
        f"/placements/{placement.uuid}/letter/new-code",
        f"/placements/{placement.uuid}/letter/close",
        f"/placements/{placement.uuid}/responses/handled",
        f"/placements/{placement.uuid}",
        f"/match-records/{placement.match_record.uuid}",
        "/person-responses",
    ):
        page.goto(path)
        check(page)
    page.goto(f"/placements/{placement.uuid}/letter/new-code")
    page.click("main button[type=submit]")
    assert page.locator("main code").count() == 1
    check(page)
