"""Absence above the municipality's policy becomes a task for its caseworkers, closed once."""

from datetime import date, timedelta

import pytest

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from backend.notifications.models import Notification
from backend.outbox.public import consume
from matching.services.policy import PolicyData, policy_publish
from quality.choices import AttendanceStatus
from quality.errors import SignalClosedError, SignalInvalidError
from quality.models import AbsenceSignal, Attendance
from quality.services.absence import absence_signal_close, absence_signals_raise
from tests.factories.matching import everything
from tests.factories.quality import LessonFactory, attended, placed_many
from tests.support.queries import assert_query_count, counted

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 18)
SICK = AttendanceStatus.ABSENT_AUTHORISED


def lessons(placement, *minutes):
    """One lesson a day up to yesterday; 0 is missed, None missed with a valid reason."""
    group = placement.intake_moment.group
    for back, present in zip(range(len(minutes), 0, -1), minutes, strict=True):
        lesson = LessonFactory(group=group, date=TODAY - timedelta(days=back))
        if present is None:
            Attendance.objects.create(lesson=lesson, placement=placement, status=SICK)
        else:
            attended(lesson, placement, present)


def test_lessons_missed_in_a_row_are_signalled_once_with_the_facts(amina, municipality):
    lessons(amina, 60, 0, 0, 0)
    (signal,) = absence_signals_raise()
    assert (signal.reason, signal.in_row, signal.missed, signal.lessons) == ("in_row", 3, 3, 4)
    assert (signal.percent, signal.municipality) == (75, municipality)
    assert (signal.first_date, signal.last_date) == (date(2026, 11, 14), date(2026, 11, 17))
    consume()
    told = Notification.objects.get(kind="absence_signal")
    assert (told.organisation, told.path) == (municipality, f"/absence-signals/{signal.uuid}")
    assert "Amina" not in str(told.params)
    assert absence_signals_raise() == []


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [
        ((60, 0, 0), None),
        ((60,) * 8 + (0, 60, 0, 60), None),
        ((60,) * 6 + (0, 60, 0, 60), "percent"),
        ((60, 0), None),
        # With a valid reason it neither counts nor ends the row.
        ((60,) * 12 + (None, None, None), None),
        ((60,) * 12 + (0, None, 0, None, 0), "in_row"),
        ((60,) * 12 + (0, 0, 60, 0), None),
    ],
    ids=["two of three in 5", "2 of 12", "2 of 10", "one", "sick", "sick between", "came between"],
)
def test_the_thresholds(amina, municipality, minutes, reason):
    lessons(amina, *minutes)
    if minutes == (60, 0, 0):
        policy_publish(
            actor=everything(municipality),
            organisation_id=municipality.pk,
            data=PolicyData(valid_from=TODAY, absence_percent=70),
            reason="Ruimer.",
        )
    assert [one.reason for one in absence_signals_raise()] == ([reason] if reason else [])


def test_each_municipality_counts_by_its_own_policy(amina, bilal, municipality, other_municipality):
    policy_publish(
        actor=everything(other_municipality),
        organisation_id=other_municipality.pk,
        data=PolicyData(valid_from=TODAY, absence_in_row=5, absence_percent=90, absence_weeks=2),
        reason="Ruimer.",
    )
    group = amina.intake_moment.group
    for back in range(4, 0, -1):
        lesson = LessonFactory(group=group, date=TODAY - timedelta(days=back))
        for one in (amina, bilal):
            attended(lesson, one, 60 if back == 4 else 0)
    assert [one.placement for one in absence_signals_raise()] == [amina]


def test_older_lessons_than_the_policy_looks_back_do_not_count(amina):
    group = amina.intake_moment.group
    for weeks in (5, 6, 7):
        attended(LessonFactory(group=group, date=TODAY - timedelta(weeks=weeks)), amina, 0)
    attended(LessonFactory(group=group, date=TODAY - timedelta(days=1)), amina, 0)
    assert absence_signals_raise() == []


def test_who_has_stopped_is_no_task_any_more(amina):
    lessons(amina, 0, 0, 0)
    type(amina).objects.filter(pk=amina.pk).update(state="stopped")
    assert absence_signals_raise() == []


def test_closed_once_with_an_outcome_and_later_lessons_count_anew(
    amina, make_actor, municipality, frozen_clock
):
    lessons(amina, 0, 0, 0)
    (signal,) = absence_signals_raise()
    caseworker = make_actor(Role.CASEWORKER, municipality)
    with pytest.raises(SignalInvalidError) as refused:
        absence_signal_close(actor=caseworker, signal=signal, outcome="nonsense", note=" ")
    assert [one.field for one in refused.value.violations] == ["outcome", "note"]
    closed = absence_signal_close(
        actor=caseworker, signal=signal, outcome="talk", note="Afspraak over het rooster."
    )
    assert (closed.state, closed.closed_by_label) == ("closed", caseworker.label)
    event = AuditEvent.objects.get(action="absence_signal.closed")
    assert "rooster" not in str(event.after)
    with pytest.raises(SignalClosedError):
        absence_signal_close(actor=caseworker, signal=signal, outcome="talk", note="Nog eens.")
    assert absence_signals_raise() == []
    group = amina.intake_moment.group
    for day in (19, 20, 23):
        attended(LessonFactory(group=group, date=date(2026, 11, day)), amina, 0)
    frozen_clock.move_to("2026-11-24T10:00:00+00:00")
    (again,) = absence_signals_raise()
    assert (again.lessons, again.missed) == (3, 3)


def test_a_school_neither_sees_nor_closes_it(amina, make_actor, provider, municipality):
    lessons(amina, 0, 0, 0)
    (signal,) = absence_signals_raise()
    planner = make_actor(Role.PROVIDER_PLANNER, provider)
    assert not AbsenceSignal.objects.visible_to(planner).exists()
    with pytest.raises(NotAllowedError):
        absence_signal_close(actor=planner, signal=signal, outcome="talk", note="Wij spraken.")


def test_more_signals_ask_no_more_queries(amina, intake, web_as, caseworker, municipality):
    client = web_as(caseworker)

    def queries():
        with counted() as found:
            page = client.get("/absence-signals")
        assert page.status_code == 200
        return len(found)

    lessons(amina, 0, 0, 0)
    absence_signals_raise()
    queries()  # What is read once per process is read now.
    with_one = queries()
    assert_query_count("absence signals: list", with_one)
    for one in placed_many(intake, 4, municipality):
        for lesson in intake.group.lessons.all():
            attended(lesson, one, 0)
    assert len(absence_signals_raise()) == 4
    assert queries() == with_one


def test_the_note_goes_when_the_person_is_forgotten(amina, make_actor, municipality):
    lessons(amina, 0, 0, 0)
    (signal,) = absence_signals_raise()
    absence_signal_close(
        actor=make_actor(Role.CASEWORKER, municipality), signal=signal, outcome="talk", note="Ja."
    )
    type(amina.participant).objects.update(forgotten_at="2026-11-18T00:00Z")
    absence_signals_raise()
    signal.refresh_from_db()
    assert (signal.note, signal.outcome) == ("", "talk")


def test_a_note_about_health_is_asked_about_before_it_is_saved(amina, caseworker, api_as, web_as):
    lessons(amina, 0, 0, 0)
    (signal,) = absence_signals_raise()
    body = {"outcome": "valid_reason", "note": "Ligt in het hospital met een depressie."}
    answer = api_as(caseworker).post(
        f"/api/v1/absence-signals/{signal.uuid}/close",
        body,
        format="json",
        HTTP_IDEMPOTENCY_KEY="a-1",
    )
    assert answer.status_code == 400
    assert {one["code"] for one in answer.json()["errors"]} == {"personal_text_health"}
    client = web_as(caseworker)
    page = client.post(f"/absence-signals/{signal.uuid}/close", body)
    assert page.status_code == 400
    signal.refresh_from_db()
    assert signal.state == "open"
    body["note"] = "Rooster aangepast."
    assert client.post(f"/absence-signals/{signal.uuid}/close", body).status_code == 302
    listed = client.get("/absence-signals?state=closed").content.decode()
    assert amina.participant.reference in listed
    assert amina.participant.reference not in client.get("/absence-signals").content.decode()
