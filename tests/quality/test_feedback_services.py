"""Feedback rounds: who is invited, what a link opens, and no road from answers to persons."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection, models

from backend.audit.models import AccessEvent, AuditEvent
from backend.common.errors import NotAllowedError
from matching.models import Participant
from quality.choices import FeedbackChannel, WaveState
from quality.errors import (
    AnswersInvalidError,
    TicketUnusableError,
    WaveInvalidError,
    WaveInvitedError,
    WaveStateError,
)
from quality.models import (
    FeedbackInvitation,
    FeedbackPending,
    FeedbackRemark,
    FeedbackResponse,
    FeedbackTicket,
    FeedbackWave,
)
from quality.questionnaire import CORE_QUESTIONS
from quality.services.feedback import (
    BATCH_SIZE,
    feedback_submit,
    ticket_open,
    token_hmac,
    wave_close,
    wave_create,
    wave_invite,
)
from tests.factories.quality import IntakeFactory, WaveFactory, placed

pytestmark = pytest.mark.django_db
GOOD = dict.fromkeys(CORE_QUESTIONS, 4)


def submit(token, answers=GOOD, **fields):
    feedback_submit(
        hmac=token_hmac(token),
        language="nl",
        channel=FeedbackChannel.LINK,
        answers=answers,
        **fields,
    )


@pytest.fixture
def wave(municipality) -> FeedbackWave:
    return WaveFactory(organisation=municipality)


@pytest.fixture
def people(intake, municipality):
    return [placed(intake, municipality) for _number in range(12)]


@pytest.fixture
def links(quality_actor, wave, people):
    return wave_invite(actor=quality_actor, wave=wave)


def test_rounds_of_one_sender_do_not_overlap(quality_actor, municipality, wave):
    with pytest.raises(WaveInvalidError) as caught:
        wave_create(
            actor=quality_actor,
            organisation=municipality,
            name="Nog een",
            opens_date=wave.closes_date,
            closes_date=wave.closes_date + timedelta(days=21),
        )
    assert [one.code for one in caught.value.violations] == ["overlap"]
    wave_create(
        actor=quality_actor,
        organisation=municipality,
        name="Voorjaar",
        opens_date=wave.closes_date + timedelta(days=1),
        closes_date=wave.closes_date + timedelta(days=22),
    )


def test_a_round_ends_on_or_after_its_first_day(quality_actor, municipality):
    with pytest.raises(WaveInvalidError) as caught:
        wave_create(
            actor=quality_actor,
            organisation=municipality,
            name="Andersom",
            opens_date=date(2026, 12, 2),
            closes_date=date(2026, 12, 1),
        )
    assert [one.code for one in caught.value.violations] == ["dates_order"]


def test_a_provider_or_caseworker_asks_nobody(planner_actor, make_actor, municipality, wave):
    from backend.accounts.roles import Role

    for actor in (planner_actor, make_actor(Role.CASEWORKER, municipality)):
        with pytest.raises(NotAllowedError):
            wave_invite(actor=actor, wave=wave)
    assert not FeedbackTicket.objects.exists()


def test_everybody_gets_one_link_that_is_shown_once(quality_actor, wave, people, links):
    assert sorted(link.reference for link in links) == sorted(
        one.participant.reference for one in people
    )
    assert len({link.token for link in links}) == 12
    # 16 random bytes.
    assert {len(link.token) for link in links} == {22}
    wave.refresh_from_db()
    assert wave.state == WaveState.OPEN
    with pytest.raises(WaveInvitedError):
        wave_invite(actor=quality_actor, wave=wave)


def test_the_token_itself_is_nowhere_in_the_database(links):
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'select t::text from "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall())
            assert not [link.token for link in links if link.token in text], table


@pytest.mark.parametrize(
    ("start", "end", "invited"),
    [
        # Eight weeks before 9 November 2026 is 14 September.
        (date(2026, 9, 14), date(2027, 5, 1), True),
        (date(2026, 9, 15), date(2027, 5, 1), False),
        # 183 days before is 10 May.
        (date(2026, 1, 5), date(2026, 5, 10), True),
        (date(2026, 1, 5), date(2026, 5, 9), False),
    ],
)
def test_who_started_too_recently_or_left_long_ago_is_not_asked(
    quality_actor, municipality, intake, wave, start, end, invited
):
    placed(intake, municipality, start_date=start, end_date=end)
    assert len(wave_invite(actor=quality_actor, wave=wave)) == int(invited)


def test_people_of_other_municipalities_are_not_asked(
    quality_actor, other_municipality, intake, wave
):
    placed(intake, other_municipality)
    assert wave_invite(actor=quality_actor, wave=wave) == []


def test_a_region_asks_the_people_of_its_members(
    make_actor, region, municipality, other_municipality, intake
):
    from backend.accounts.roles import Role

    mine = placed(intake, municipality)
    placed(intake, other_municipality)
    links = wave_invite(
        actor=make_actor(Role.QUALITY_OFFICER, region), wave=WaveFactory(organisation=region)
    )
    assert [link.reference for link in links] == [mine.participant.reference]


def test_nobody_is_asked_more_than_twice_a_year(quality_actor, municipality, intake, wave):
    placement = placed(intake, municipality)
    for opens in (date(2025, 11, 10), date(2026, 4, 1)):
        earlier = WaveFactory(
            organisation=municipality, opens_date=opens, closes_date=opens + timedelta(days=20)
        )
        FeedbackInvitation.objects.create(
            wave=earlier,
            participant=placement.participant,
            provider=intake.group.course.provider,
        )
    assert wave_invite(actor=quality_actor, wave=wave) == []


def test_a_link_opens_the_round_and_works_once(links, provider):
    token = links[0].token
    assert ticket_open(token=token).provider_name == provider.name
    assert ticket_open(token=f" {token} ").token_hmac == token_hmac(token)
    submit(token)
    with pytest.raises(TicketUnusableError):
        ticket_open(token=token)
    with pytest.raises(TicketUnusableError):
        submit(token)
    assert FeedbackPending.objects.count() == 1


@pytest.mark.parametrize("day", [date(2026, 11, 8), date(2026, 12, 1)])
def test_a_link_works_only_in_the_days_of_the_round(links, frozen_clock, day):
    frozen_clock.move_to(f"{day}T12:00:00Z")
    with pytest.raises(TicketUnusableError):
        submit(links[0].token)


def test_a_link_works_on_the_last_day(links, frozen_clock):
    frozen_clock.move_to("2026-11-30T22:59:00Z")
    submit(links[0].token)
    assert FeedbackPending.objects.count() == 1


def test_closing_ends_links_and_gathers_what_was_waiting(quality_actor, wave, links):
    for link in links[:3]:
        submit(link.token, remark="Meer spreken.")
    assert not FeedbackResponse.objects.exists()
    wave_close(actor=quality_actor, wave=wave)
    assert FeedbackResponse.objects.count() == 3
    assert FeedbackRemark.objects.count() == 3
    assert not FeedbackPending.objects.exists()
    with pytest.raises(TicketUnusableError):
        submit(links[3].token)
    with pytest.raises(WaveStateError):
        wave_close(actor=quality_actor, wave=wave)


def test_every_missing_and_wrong_answer_is_named_and_the_link_still_works(links):
    answers = {**GOOD, "safety": 6, "age": 4}
    del answers["exam"]
    with pytest.raises(AnswersInvalidError) as caught:
        submit(links[0].token, answers)
    assert {(one.field, one.code) for one in caught.value.violations} == {
        ("exam", "required"),
        ("age", "unknown_question"),
        ("safety", "unknown_answer"),
    }
    submit(links[0].token)


def test_no_opinion_counts_in_no_mean(quality_actor, wave, links):
    submit(links[0].token, {**GOOD, "exam": None, "safety": 1})
    row = FeedbackPending.objects.get()
    assert (row.core_sum, row.core_count) == (6 * 4 + 1, 7)
    assert "exam" not in row.answers


# Anonymity: each test is about one way in which a row could be traced to a person.


def related(start: type[models.Model], *, without: set[type[models.Model]]) -> set[type]:
    """Every model that can be reached from `start` over foreign keys, in both directions."""
    seen, queue = {start}, [start]
    while queue:
        for field in queue.pop()._meta.get_fields(include_hidden=True):
            other = field.related_model
            if isinstance(other, type) and other not in seen and other not in without:
                seen.add(other)
                queue.append(other)
    return seen


@pytest.mark.parametrize(
    "model", [FeedbackResponse, FeedbackRemark, FeedbackPending, FeedbackTicket]
)
def test_answers_lead_only_to_the_round_and_the_provider(model):
    links = {
        field.name: field.related_model for field in model._meta.get_fields() if field.is_relation
    }
    assert set(links) == {"wave", "provider"}
    # Nothing points at an answer either.
    assert not [one for one in model._meta.get_fields(include_hidden=True) if one.auto_created]


def test_answers_carry_no_moment_and_no_counter():
    allowed = {
        FeedbackResponse: {
            "id",
            "wave",
            "provider",
            "stratum",
            "language",
            "channel",
            "answers",
            "core_sum",
            "core_count",
        },
        FeedbackRemark: {"id", "wave", "provider", "language", "text"},
    }
    for model, names in allowed.items():
        assert {field.name for field in model._meta.get_fields()} == names
        assert isinstance(model._meta.pk, models.UUIDField)


def test_an_invitation_does_not_know_its_link_nor_whether_it_was_used(links, wave):
    assert {field.name for field in FeedbackInvitation._meta.get_fields()} == {
        "id",
        "wave",
        "participant",
        "provider",
    }
    before = list(FeedbackInvitation.objects.order_by("pk").values())
    for link in links:
        submit(link.token)
    assert list(FeedbackInvitation.objects.order_by("pk").values()) == before


def test_no_value_of_an_answer_stands_in_any_row_about_a_person(quality_actor, wave, links):
    for link in links:
        submit(link.token, remark="Meer spreken in de les.")
    wave_close(actor=quality_actor, wave=wave)
    shared = {"quality_feedbackresponse", "quality_feedbackremark"}
    identities = {str(key) for key in FeedbackResponse.objects.values_list("pk", flat=True)}
    identities |= {str(key) for key in FeedbackRemark.objects.values_list("pk", flat=True)}
    identities |= {token_hmac(link.token) for link in links}
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names()) - shared:
            cursor.execute(f'select t::text from "{table}" t')
            text = "\n".join(row[0] for row in cursor.fetchall())
            assert not [one for one in identities if one in text], table
            assert "Meer spreken in de les" not in text, table


def test_a_response_is_written_in_no_transaction_with_a_row_about_a_person(
    quality_actor, wave, links
):
    """PostgreSQL keeps the writing transaction of a row (xmin): a shared one would be a key."""
    people = {row.pk for row in FeedbackInvitation.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute("select xmin::text, id from quality_feedbackinvitation")
        written = dict(cursor.fetchall())
    for link in links:
        submit(link.token)
    with connection.cursor() as cursor:
        cursor.execute("select xmin::text, id from quality_feedbackinvitation")
        # One transaction made all invitations, and none was touched again.
        assert dict(cursor.fetchall()) == written
    assert len(people) == 12


def test_answers_wait_for_company_and_move_together(links):
    for link in links[: BATCH_SIZE - 1]:
        submit(link.token)
    assert FeedbackResponse.objects.count() == 0
    submit(links[BATCH_SIZE - 1].token)
    assert FeedbackResponse.objects.count() == BATCH_SIZE
    assert FeedbackPending.objects.count() == 0


def test_the_order_of_responses_is_not_the_order_of_arrival(links, monkeypatch):
    """All moved rows go through one shuffle; with it turned off the order would show."""
    seen = []
    monkeypatch.setattr("quality.services.feedback._shuffle", lambda rows: seen.append(len(rows)))
    for link in links[:BATCH_SIZE]:
        submit(link.token)
    assert seen == [BATCH_SIZE, 0]


def test_taking_answers_leaves_no_trace_in_audit_or_access_log(links):
    audit, access = AuditEvent.objects.count(), AccessEvent.objects.count()
    submit(links[0].token)
    assert (AuditEvent.objects.count(), AccessEvent.objects.count()) == (audit, access)


def test_links_tickets_and_invitations_are_made_in_three_unrelated_orders(
    quality_actor, wave, people, monkeypatch
):
    lists = []
    monkeypatch.setattr("quality.services.feedback._shuffle", lambda rows: lists.append(rows))
    wave_invite(actor=quality_actor, wave=wave)
    assert [type(rows[0]).__name__ for rows in lists] == [
        "PersonalLink",
        "FeedbackTicket",
        "FeedbackInvitation",
    ]


def test_only_rounds_and_providers_stand_between_answers_and_people():
    """Without the round and the provider (both shared by many) no road leads to a participant."""
    round_and_provider = {FeedbackWave, apps.get_model("providers", "Provider")}
    for model in (FeedbackResponse, FeedbackRemark, FeedbackPending, FeedbackTicket):
        assert Participant not in related(model, without=round_and_provider)
    # Control: the same search does find the person from an invitation.
    assert Participant in related(FeedbackInvitation, without=round_and_provider)


def test_strata_are_coarse_while_few_are_invited(links):
    assert set(FeedbackTicket.objects.values_list("stratum", flat=True)) == {"B.NVT.short"}


def test_a_small_provider_has_one_stratum(quality_actor, municipality, intake, wave):
    for _number in range(5):
        placed(intake, municipality)
    other = placed(IntakeFactory(), municipality)
    other.need.pip.route = "Z"
    wave_invite(actor=quality_actor, wave=wave)
    assert set(FeedbackTicket.objects.values_list("stratum", flat=True)) == {"all"}
