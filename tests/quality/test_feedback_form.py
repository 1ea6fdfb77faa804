"""The form of participants: exchange of the link, languages, answers, and what leaks nowhere."""

import logging

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from quality.models import FeedbackPending, FeedbackTicket
from quality.questionnaire import CORE_QUESTIONS, languages
from quality.services.feedback import wave_invite
from quality.web.feedback import COOKIE, TRIES
from tests.factories.quality import WaveFactory, placed

pytestmark = pytest.mark.django_db
ADDRESS = "/feedback"
ALL_GOOD = dict.fromkeys(CORE_QUESTIONS, "4")


@pytest.fixture(autouse=True)
def _no_tries_yet():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def token(quality_actor, municipality, intake):
    placed(intake, municipality)
    return wave_invite(actor=quality_actor, wave=WaveFactory(organisation=municipality))[0].token


@pytest.fixture
def person():
    return Client()


@pytest.fixture
def invited(person, token):
    person.get(ADDRESS, {"c": token, "lang": "ar"})
    return person


def test_the_link_disappears_from_the_address_and_is_not_used_up(person, token):
    answer = person.get(ADDRESS, {"c": token})
    assert (answer.status_code, answer.url) == (302, "/feedback?lang=nl")
    assert token not in str(answer.headers) + answer.content.decode() + answer.url
    assert token not in person.cookies[COOKIE].value
    assert FeedbackTicket.objects.count() == 1
    # A second opening, by a link scanner or by the person, is no harm.
    assert Client().get(ADDRESS, {"c": token}).status_code == 302


def test_no_answer_hands_on_the_token_or_stays_in_a_cache(person, token):
    for answer, policy in (
        (person.get(ADDRESS, {"c": token}), "no-referrer"),
        (person.get(ADDRESS, {"c": "fout"}), "no-referrer"),
        # No token in these addresses; "no-referrer" would make browsers send "Origin: null".
        (person.get(ADDRESS), "same-origin"),
        (person.get(f"{ADDRESS}/thanks"), "same-origin"),
    ):
        assert answer["Referrer-Policy"] == policy
        assert "no-store" in answer["Cache-Control"]


def test_the_token_is_in_no_log_line(person, token, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    person.get(ADDRESS, {"c": token})
    person.post(ADDRESS, ALL_GOOD)
    captured = capsys.readouterr()
    assert "/feedback" in caplog.text + captured.err + captured.out
    assert token not in caplog.text + captured.err + captured.out


def test_no_session_is_made(invited):
    invited.post(ADDRESS, ALL_GOOD)
    assert "sessionid" not in invited.cookies
    from django.contrib.sessions.models import Session

    assert not Session.objects.exists()


def test_the_cookie_goes_to_this_form_only_and_not_to_scripts(invited):
    cookie = invited.cookies[COOKIE]
    assert cookie["path"] == "/feedback"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


@pytest.mark.parametrize("code", ["nl", "ar", "en"])
def test_every_language_has_the_same_texts_and_its_direction(invited, code):
    page = invited.get(ADDRESS, {"lang": code}).content.decode()
    language = languages()[code]
    assert f'<html lang="{code}" dir="{language.direction}"' in page
    for question in CORE_QUESTIONS:
        assert language.texts["questions"][question] in page
    dutch = languages()["nl"].texts
    assert set(language.texts) == set(dutch)
    for part in ("questions", "answers"):
        assert set(language.texts[part]) == set(dutch[part])
    for part in ("intro", "thanks", "unusable"):
        assert len(language.texts[part]) == len(dutch[part])


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("ar-SY,ar;q=0.9,nl;q=0.5", "ar"),
        ("ti,en-GB;q=0.8,nl;q=0.5", "en"),
        ("fr", "nl"),
        ("", "nl"),
    ],
)
def test_the_form_opens_in_the_language_of_the_phone(invited, accepted, code):
    opened = invited.get(ADDRESS, headers={"Accept-Language": accepted}).content.decode()
    assert f'<html lang="{code}"' in opened
    chosen = invited.get(ADDRESS, {"lang": "nl"}, headers={"Accept-Language": accepted})
    assert '<html lang="nl"' in chosen.content.decode()


def test_faces_carry_codes_and_not_positions(invited):
    """The first face is "very bad" with code 1 in both directions; the browser turns the row."""
    for code, worst, best in (("nl", "heel slecht", "heel goed"), ("ar", "سيئ جدًا", "جيد جدًا")):
        page = invited.get(ADDRESS, {"lang": code}).content.decode()
        first = page[page.index('id="lessons-1"') :]
        assert 'value="1"' in first[:80]
        assert first.index(worst) < first.index('id="lessons-2"')
        last = page[page.index('id="lessons-5"') :]
        assert 'value="5"' in last[:80]
        assert last.index(best) < last.index('id="lessons-none"')


def test_the_same_answers_in_arabic_and_dutch_are_the_same_row(quality_actor, municipality, intake):
    for _person in range(2):
        placed(intake, municipality)
    links = wave_invite(actor=quality_actor, wave=WaveFactory(organisation=municipality))
    for link, code in zip(links, ("nl", "ar"), strict=True):
        client = Client()
        client.get(ADDRESS, {"c": link.token})
        client.post(f"{ADDRESS}?lang={code}", {**ALL_GOOD, "safety": "1", "exam": "none"})
    rows = FeedbackPending.objects.order_by("language").values_list(
        "language", "answers", "core_sum", "core_count"
    )
    assert [row[0] for row in rows] == ["ar", "nl"]
    assert rows[0][1:] == rows[1][1:]
    assert rows[0][2:] == (4 * 6 + 1, 7)


def test_sending_thanks_in_the_language_and_ends_the_link(invited, token):
    answer = invited.post(f"{ADDRESS}?lang=ar", {**ALL_GOOD, "remark": "شكرا"})
    assert answer.url == "/feedback/thanks?lang=ar"
    assert languages()["ar"].texts["thanks_title"] in invited.get(answer.url).content.decode()
    assert FeedbackPending.objects.get().remark == "شكرا"
    assert Client().get(ADDRESS, {"c": token}, follow=True).status_code == 404
    assert invited.post(ADDRESS, ALL_GOOD).status_code == 404
    assert FeedbackPending.objects.count() == 1


def test_missing_answers_are_named_and_given_ones_are_kept(invited):
    answers = {**ALL_GOOD, "remark": "Bewaard"}
    del answers["help"]
    answers["exam"] = "7"
    answer = invited.post(f"{ADDRESS}?lang=nl", answers)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "<title>Nog niet verstuurd" in page
    assert 'href="#help-1"' in page
    assert 'href="#exam-1"' in page
    assert page.count('aria-describedby="') == 3
    assert page.count(" checked") == 6
    assert "Bewaard" in page
    assert not FeedbackPending.objects.exists()


def test_wrong_used_and_expired_links_look_the_same(person, token, frozen_clock):
    wrong = Client().get(ADDRESS, {"c": "abc"}, follow=True)
    used = Client()
    used.get(ADDRESS, {"c": token})
    frozen_clock.move_to("2026-12-01T10:00:00Z")
    expired = Client().get(ADDRESS, {"c": token}, follow=True)
    frozen_clock.move_to("2026-11-18T11:00:00Z")
    used.post(ADDRESS, ALL_GOOD)
    gone = Client().get(ADDRESS, {"c": token}, follow=True)
    pages = [_without_csrf(answer) for answer in (wrong, expired, gone)]
    assert pages[0] == pages[1] == pages[2]
    assert {answer.status_code for answer in (wrong, expired, gone)} == {404}
    assert wrong.redirect_chain == expired.redirect_chain == gone.redirect_chain


def _without_csrf(answer):
    text = answer.content.decode()
    start = text.index("csrfmiddlewaretoken")
    return text[:start] + text[text.index(">", start) :]


def test_a_code_from_the_letter_can_be_typed(person, token):
    answer = person.post(ADDRESS, {"code": f"  {token} "})
    assert answer.status_code == 302
    assert person.get(answer.url).status_code == 200
    person.post(ADDRESS, ALL_GOOD)
    assert FeedbackPending.objects.get().channel == "code"


def test_without_a_link_the_page_asks_for_the_code(person):
    answer = person.get(ADDRESS)
    assert answer.status_code == 200
    assert "De code staat in uw brief." in answer.content.decode()


def test_guessing_stops_after_twenty_wrong_codes_and_opens_again(person, token, frozen_clock):
    for _try in range(TRIES):
        assert person.get(ADDRESS, {"c": "geraden"}).status_code == 302
    assert person.get(ADDRESS, {"c": "geraden"}).status_code == 429
    assert person.post(ADDRESS, {"code": token}).status_code == 429
    # Another address is not held up.
    assert Client(REMOTE_ADDR="10.0.0.9").get(ADDRESS, {"c": token}).status_code == 302


def test_a_forged_cookie_opens_nothing(person, token):
    person.cookies[COOKIE] = "WyJhYmMiLCJsaW5rIl0:1x:abc"
    assert person.get(ADDRESS).status_code == 404
    assert person.post(ADDRESS, ALL_GOOD).status_code == 404


def test_answers_need_the_csrf_token(token):
    strict = Client(enforce_csrf_checks=True)
    strict.get(ADDRESS, {"c": token})
    assert strict.post(ADDRESS, ALL_GOOD).status_code == 403
    assert not FeedbackPending.objects.exists()


def test_an_unknown_language_is_dutch(invited):
    assert '<html lang="nl" dir="ltr"' in invited.get(ADDRESS, {"lang": "xx"}).content.decode()


def test_the_form_knows_no_log_in(invited):
    page = invited.get(ADDRESS).content.decode()
    assert reverse("account_login") not in page
