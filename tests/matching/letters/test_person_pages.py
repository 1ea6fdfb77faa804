"""What the person meets: the code, the card, the answer; and what the caseworker gets of it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from backend.accounts.roles import Role
from backend.common.logging import remove_personal_data
from backend.outbox.models import OutboxMessage
from matching.choices import PlacementState, WithdrawalReason
from matching.letters import LANGUAGES, texts_in
from matching.models import PlacementResponse
from matching.public import placement_withdraw
from matching.web.person import COOKIE, TRIES
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(frozen_clock):
    return frozen_clock


@pytest.fixture
def issued(issue):
    return issue("ar")


@pytest.fixture
def person():
    return Client(enforce_csrf_checks=False)


def enter(person, issued, code=None, query=""):
    data = {"token": issued.token, "code": code or issued.code}
    return person.post(f"/my-place/open{query}", data)


@pytest.fixture
def inside(person, issued):
    enter(person, issued)
    return person


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_code_page_is_the_same_for_every_token_and_asks_the_database_nothing(
    person, issued, django_assert_num_queries
):
    with django_assert_num_queries(0):
        real = person.get(f"/p/{issued.token}")
        unknown = person.get(f"/p/{'A' * 22}")

    assert real.status_code == unknown.status_code == 200
    pages = [one.content.decode() for one in (real, unknown)]
    assert pages[0].replace(issued.token, "") == pages[1].replace("A" * 22, "")


def test_the_code_page_sends_no_referrer_and_is_not_kept(person, issued):
    response = person.get(f"/p/{issued.token}")

    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies


def test_the_token_leaves_the_address_when_the_code_is_right(person, issued):
    response = enter(person, issued)

    assert response.status_code == 302
    assert response.headers["Location"] == "/my-place?language=ar"
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["path"] == "/my-place"
    assert cookie["max-age"] == 1800
    assert issued.token not in cookie.value


def test_a_browser_without_referrer_and_origin_gets_in(issued):
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(
        "/my-place/open",
        {"token": issued.token, "code": issued.code},
        headers={"Origin": "null"},
    )

    assert response.status_code == 302


def test_an_answer_needs_the_csrf_token(issued):
    strict = Client(enforce_csrf_checks=True)
    enter(strict, issued)

    response = strict.post("/my-place", {"answer": "coming"}, headers={"Origin": "null"})

    assert response.status_code == 403
    assert not PlacementResponse.objects.exists()


def test_used_unknown_and_wrong_get_one_and_the_same_answer(person, issued, issue):
    answers = []
    for token, code in (
        ("A" * 22, issued.code),
        (issued.token, wrong(issued.code)),
        ("", ""),
    ):
        answers.append(person.post("/my-place/open", {"token": token, "code": code}))
    enter(person, issued)
    answers.append(enter(person, issued))

    assert {one.status_code for one in answers} == {400}
    bodies = {
        re.sub(r'(/p/|value=")[A-Za-z0-9_-]+', r"\1", one.content.decode()) for one in answers
    }
    assert len(bodies) == 1
    assert texts_in("nl")["code_failed"] in bodies.pop()


def test_a_code_may_be_typed_with_a_space_or_in_arabic_digits(person, issued):
    eastern = issued.code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert enter(person, issued, f"{eastern[:3]} {eastern[3:]}").status_code == 302


def test_too_many_codes_from_one_address_have_to_wait(person, issued):
    for _number in range(TRIES):
        assert person.post("/my-place/open", {"token": "x", "code": "1"}).status_code == 400

    response = enter(person, issued)

    assert response.status_code == 429
    assert response.headers["Retry-After"] == "600"
    assert texts_in("nl")["too_many"] in response.content.decode()


def test_tokens_stay_out_of_the_log(issued):
    line = remove_personal_data(
        None,
        "info",
        {"event": f"Not Found: /p/{issued.token}", "path": f"/p/{issued.token}", "status": 200},
    )

    assert line == {
        "event": "Not Found: /p/[removed]",
        "path": "/p/[removed]",
        "status": 200,
    }


def test_other_addresses_stay_readable_in_the_log(placement):
    path = f"/placements/{placement.uuid}/letter"
    assert remove_personal_data(None, "info", {"event": "x", "path": path})["path"] == path


def test_the_card_says_what_where_when_and_whom_to_call(inside, placement):
    page = inside.get("/my-place?language=nl").content.decode()

    group = placement.intake_moment.group
    for text in (
        "Nederlandse les (B1-route)",
        group.course.name,
        placement.provider_organisation.name,
        group.location.name,
        texts_in("nl").day(placement.intake_moment.start_date),
        "Team Inburgering",
        "030 123 45 67",
        'href="tel:0301234567"',
    ):
        assert text in page
    assert "Testa" not in page
    assert "Passend" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_card_is_in_the_chosen_language_and_direction(inside, language):
    response = inside.get(f"/my-place?language={language}")

    page = response.content.decode()
    texts = texts_in(language)
    assert f'<html lang="{language}" dir="{texts["dir"]}"' in page
    assert response.headers["Content-Language"] == language
    assert texts["yes"] in page
    assert page.count('aria-current="true"') == 1


def test_without_a_choice_the_card_is_in_the_language_of_the_letter(inside):
    assert '<html lang="ar" dir="rtl"' in inside.get("/my-place").content.decode()
    assert '<html lang="ar" dir="rtl"' in inside.get("/my-place?language=xx").content.decode()


def test_the_card_costs_a_constant_number_of_queries(inside, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        inside.get("/my-place")


def test_without_a_session_there_is_no_card(person):
    response = person.get("/my-place")

    assert response.status_code == 403
    assert texts_in("nl")["session_ended"] in response.content.decode()


def test_the_session_ends(inside, clock):
    clock.shift(timedelta(minutes=31))

    assert inside.get("/my-place").status_code == 403


def test_i_will_come(inside, placement):
    response = inside.post("/my-place?language=nl", {"answer": "coming"})

    assert response.headers["Location"] == "/my-place?language=nl"
    assert texts_in("nl")["thanks_yes"] in inside.get("/my-place?language=nl").content.decode()
    answer = PlacementResponse.objects.get()
    assert (answer.placement, answer.kind, answer.reasons) == (placement, "coming", [])
    assert not OutboxMessage.objects.filter(key__startswith="notification:person-resp").exists()


def test_this_does_not_fit_becomes_a_task_and_no_refusal(inside, placement):
    inside.post("/my-place", {"answer": "not_fitting", "reasons": ["health", "travel"]})

    answer = PlacementResponse.objects.get()
    assert answer.reasons == ["health", "travel"]
    assert PlacementResponse.objects.to_handle().get() == answer
    placement.refresh_from_db()
    assert placement.state == PlacementState.OFFERED
    message = OutboxMessage.objects.get(key=f"notification:person-response:{answer.uuid}")
    assert message.payload["organisation_id"] == placement.municipality_id
    assert message.payload["path"] == f"/placements/{placement.uuid}"
    assert "health" not in str(message.payload)


def test_a_reason_is_asked_for_before_anything_is_kept(inside):
    response = inside.post("/my-place?language=nl", {"answer": "not_fitting"})

    assert response.status_code == 400
    page = response.content.decode()
    assert texts_in("nl")["reasons_missing"] in page
    assert page.count('type="checkbox"') == 5
    assert "textarea" not in page
    assert not PlacementResponse.objects.exists()


def test_an_unknown_answer_changes_nothing(inside):
    assert inside.post("/my-place", {"answer": "refuse"}).status_code == 409
    assert inside.post("/my-place", {"answer": "coming", "reasons": "work"}).status_code == 409
    assert not PlacementResponse.objects.exists()


def test_the_same_answer_twice_is_one_answer(inside):
    for _number in range(2):
        inside.post("/my-place", {"answer": "coming"})
    inside.post("/my-place", {"answer": "not_fitting", "reasons": ["work"]})

    kinds = PlacementResponse.objects.values_list("kind", flat=True)
    assert list(kinds) == ["not_fitting", "coming"]


def test_nobody_can_fill_the_list_with_answers(inside):
    for number in range(12):
        answer = {"answer": "coming"}
        if number % 2:
            answer = {"answer": "not_fitting", "reasons": ["work"]}
        last = inside.post("/my-place", answer)

    assert last.status_code == 409
    assert PlacementResponse.objects.count() == 10


def test_a_place_that_is_gone_shows_whom_to_call_and_takes_no_answer(
    inside, placement, municipality
):
    placement_withdraw(
        actor=make.everything(municipality),
        placement=placement,
        reason=WithdrawalReason.BETTER_PLACE,
    )

    page = inside.get("/my-place?language=nl").content.decode()
    assert texts_in("nl")["gone"] in page
    assert "030 123 45 67" in page
    assert placement.intake_moment.group.location.name not in page
    assert inside.post("/my-place", {"answer": "coming"}).status_code == 409
    assert not PlacementResponse.objects.exists()


def test_the_caseworker_sees_the_task_and_deals_with_it(
    inside, placement, web_as, caseworker, provider
):
    inside.post("/my-place", {"answer": "not_fitting", "reasons": ["childcare"]})
    desk = web_as(caseworker)
    page = desk.get(f"/placements/{placement.uuid}").content.decode()
    assert "Dit past niet" in page
    assert "Kinderopvang" in page
    start = desk.get("/").content.decode()
    assert "De plek past niet" in start
    assert placement.participant.reference in start
    listed = desk.get("/person-responses?answer=not_fitting&handled=no").content.decode()
    assert placement.participant.reference in listed

    response = desk.post(f"/placements/{placement.uuid}/responses/handled")

    assert response.status_code == 302
    answer = PlacementResponse.objects.get()
    assert answer.handled_by_label
    assert "Niemand zei dat een plek niet past." in desk.get("/").content.decode()
    placement.refresh_from_db()
    assert placement.state == PlacementState.OFFERED


def test_the_provider_learns_nothing_of_the_answer(inside, placement, web_as):
    inside.post("/my-place", {"answer": "not_fitting", "reasons": ["health"]})
    planner = user_with(Role.PROVIDER_PLANNER, placement.provider_organisation)

    page = web_as(planner).get(f"/placements/{placement.uuid}").content.decode()

    assert "Dit past niet" not in page
    assert "Gezondheid" not in page
    assert "/letter" not in page


def test_the_list_searches_and_exports(inside, placement, web_as, caseworker):
    inside.post("/my-place", {"answer": "coming"})
    desk = web_as(caseworker)

    assert (
        placement.participant.reference
        in desk.get(f"/person-responses?search={placement.participant.reference}").content.decode()
    )
    assert "Nog geen antwoorden" not in desk.get("/person-responses").content.decode()
    export = desk.get("/person-responses?export=csv").content.decode()
    assert placement.participant.reference in export
    assert "Testa" not in export
