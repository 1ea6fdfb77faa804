"""The personal link: secrets that are not stored, one use, few tries, an end, and no hints."""

from datetime import timedelta

import pytest
from django.core import signing

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.demo.letters import letters_build
from matching.choices import PlacementState
from matching.errors import TransitionError
from matching.letter_choices import ResponseKind
from matching.models import PersonalLink
from matching.models.letters import MAX_WRONG_CODES
from matching.services import letters as service
from matching.services.letters import Contact, link_of_session, personal_link_open, session_of
from tests.factories import matching as make
from tests.matching.letters.conftest import CONTACT

pytestmark = pytest.mark.django_db
WRONG = "000000"


@pytest.fixture(autouse=True)
def clock(frozen_clock):
    return frozen_clock


@pytest.fixture
def issued(issue, monkeypatch):
    monkeypatch.setattr(service, "_new_code", lambda: "123456")
    return issue()


def opened(issued, code="123456", token=None):
    return personal_link_open(token=token or issued.token, code=code)


def test_a_token_has_128_bits_and_a_code_six_digits(issue):
    issued = issue()

    assert len(issued.token) == 22
    assert len(issued.code) == 6
    assert issued.code.isdigit()


def test_neither_secret_is_stored_anywhere(issue):
    issued = issue()

    row = str(PersonalLink.objects.values().get())
    history = str(list(AuditEvent.objects.values()))
    assert issued.token not in row + history
    assert issued.code not in row
    assert len(issued.link.token_hmac) == len(issued.link.code_hmac) == 64


def test_the_same_code_looks_different_in_every_link(issued, issue):
    other = issue()

    assert other.code == issued.code
    assert other.link.code_hmac != issued.link.code_hmac


def test_token_and_code_open_the_link_once(issued):
    assert opened(issued) == issued.link
    assert opened(issued) is None


@pytest.mark.parametrize("case", ["token", "code", "empty code", "expired", "revoked", "used"])
def test_whatever_is_wrong_the_answer_is_nothing(case, issued, placement, placer, clock):
    token, code = issued.token, "123456"
    if case == "token":
        token = "A" * 22
    elif case == "code":
        code = WRONG
    elif case == "empty code":
        code = ""
    elif case == "expired":
        clock.shift(timedelta(days=60))
    elif case == "revoked":
        service.personal_links_revoke(actor=placer, placement=placement)
    else:
        opened(issued)

    assert opened(issued, code, token) is None


def test_five_wrong_codes_close_the_link_for_the_right_one(issued):
    for _number in range(MAX_WRONG_CODES):
        assert opened(issued, WRONG) is None

    assert opened(issued) is None
    issued.link.refresh_from_db()
    assert issued.link.wrong_codes == MAX_WRONG_CODES
    assert issued.link.code_used_at is None


def test_after_four_wrong_codes_the_right_one_still_works(issued):
    for _number in range(MAX_WRONG_CODES - 1):
        opened(issued, WRONG)

    assert opened(issued) == issued.link


def test_a_new_code_opens_again_and_ends_the_old_session(issued, placement, placer, monkeypatch):
    session = session_of(opened(issued))
    assert link_of_session(session) == issued.link
    monkeypatch.setattr(service, "_new_code", lambda: "654321")

    code = service.personal_link_renew_code(actor=placer, placement=placement)

    assert link_of_session(session) is None
    assert opened(issued) is None
    assert opened(issued, code) == issued.link


def test_the_link_works_until_a_week_after_the_first_lesson(issued, placement):
    last = placement.intake_moment.start_date + timedelta(days=7)
    assert issued.link.expires_at.date() == last


def test_a_new_letter_ends_the_old_one(issued, issue):
    newer = issue("ti")

    assert opened(issued) is None
    assert opened(newer) == newer.link
    assert PersonalLink.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_session_ends_after_half_an_hour(issued, clock):
    session = session_of(opened(issued))
    clock.shift(timedelta(minutes=29))
    assert link_of_session(session) == issued.link

    clock.shift(timedelta(minutes=2))
    assert link_of_session(session) is None


def test_a_session_ends_with_its_link(issued, placement, placer):
    session = session_of(opened(issued))
    service.personal_links_revoke(actor=placer, placement=placement)

    assert link_of_session(session) is None


def test_a_made_up_session_opens_nothing(issued):
    right = session_of(opened(issued))
    elsewhere = signing.dumps([str(issued.link.uuid), 1, 2_000_000_000], salt="other")

    for value in ("", "x", "a:b:c", elsewhere, right[:-1], f"{right}x"):
        assert link_of_session(value) is None


def test_another_municipality_makes_no_link(placement, make_actor, other_municipality):
    stranger = make.everything(other_municipality)

    with pytest.raises(NotAllowedError):
        service.personal_link_create(
            actor=stranger, placement=placement, language="ar", contact=CONTACT
        )
    with pytest.raises(NotAllowedError):
        service.personal_link_renew_code(actor=stranger, placement=placement)
    with pytest.raises(NotAllowedError):
        service.personal_links_revoke(actor=stranger, placement=placement)
    assert not PersonalLink.objects.exists()


def test_all_faults_of_a_letter_at_once(placement, placer):
    with pytest.raises(InvalidError) as caught:
        service.personal_link_create(
            actor=placer, placement=placement, language="xx", contact=Contact(" ", "")
        )

    assert [one.field for one in caught.value.violations] == [
        "language",
        "contact_name",
        "contact_phone",
    ]


@pytest.mark.parametrize("state", [PlacementState.DRAFT, PlacementState.REFUSED])
def test_no_letter_about_a_place_that_is_not_offered(state, municipality, placer):
    found = make.placement(municipality, state=state)

    with pytest.raises(TransitionError):
        service.personal_link_create(actor=placer, placement=found, language="ar", contact=CONTACT)


def test_no_new_code_without_a_live_link(placement, placer):
    with pytest.raises(TransitionError):
        service.personal_link_renew_code(actor=placer, placement=placement)


def test_history_knows_every_step(issued, placement, placer):
    opened(issued)
    service.personal_link_renew_code(actor=placer, placement=placement)
    service.personal_links_revoke(actor=placer, placement=placement)

    actions = AuditEvent.objects.filter(action__startswith="personal_link").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "personal_link.created",
        "personal_link.opened",
        "personal_link.code_renewed",
        "personal_link.revoked",
    ]


def test_an_answer_of_another_kind_is_refused(issued):
    for kind, reasons in (
        ("maybe", []),
        (ResponseKind.COMING, ["work"]),
        (ResponseKind.NOT_FITTING, []),
        (ResponseKind.NOT_FITTING, ["diabetes"]),
    ):
        with pytest.raises(InvalidError):
            service.response_give(link=issued.link, kind=kind, reasons=reasons)


def test_the_demo_prints_a_link_that_opens(placement, municipality):
    shown = letters_build(make.everything(municipality))

    token = shown.url.split("/p/")[1].split("?")[0]
    assert personal_link_open(token=token, code=shown.code).placement == placement


def test_a_demo_without_places_prints_nothing(municipality):
    assert letters_build(make.everything(municipality)) is None
