"""A person moves: who sees what before and after, what stays and what the new municipality gets."""

from datetime import date
from uuid import uuid4

import pytest

from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.notifications.models import Notification
from backend.outbox.public import consume
from matching.choices import NeedState, PlacementState, StopReason
from matching.errors import ParticipantMovedError
from matching.models import Need, Participant, ParticipantMove, Pip, Placement
from matching.public import pip_register, placement_stop
from matching.services.moves import (
    participant_move,
    participant_take_over,
    running_elsewhere,
)
from tests.factories.accounts import user_with
from tests.factories.matching import PIP, everything, pip, placement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
MOVED_ON = date(2026, 11, 16)


@pytest.fixture
def move(municipality, other_municipality, make_actor):
    actor = make_actor(Role.CASEWORKER, municipality)

    def run(person):
        return participant_move(
            actor=actor, participant=person, municipality=other_municipality, moved_on=MOVED_ON
        )

    return run


def waiting(plan):
    return set(plan.needs.filter(state=NeedState.WAITING).values_list("component", flat=True))


def test_the_new_municipality_gets_the_pip_and_what_waits(move, municipality):
    old = pip(municipality)
    old.participant.refresh_from_db()

    moved = move(old.participant)

    new = Pip.objects.get(participant=moved.target)
    assert (new.route, new.decision_date, new.version) == (old.route, old.decision_date, 1)
    assert waiting(new) == {"B", "KNM", "MAP", "PVT"}
    assert waiting(old) == set()
    since = set(Need.objects.filter(pip=new).values_list("waiting_since", flat=True))
    assert since == {date(2026, 9, 1)}
    target = moved.target
    assert (target.settlement_date, target.term_end_date) == (
        MOVED_ON,
        old.participant.term_end_date,
    )
    assert target.identity.full_name == old.participant.identity.full_name
    assert list(target.target_group_periods.values_list("target_group", flat=True)) == ["asylum"]


def test_each_sees_its_own_record_only(
    move, municipality, other_municipality, api_as, caseworker, other_caseworker
):
    old = pip(municipality)
    before = api_as(other_caseworker).get("/api/v1/participants").json()
    assert before["total"] == 0

    moved = move(old.participant)

    here = api_as(caseworker).get("/api/v1/participants").json()["items"]
    there = api_as(other_caseworker).get("/api/v1/participants").json()["items"]
    assert [one["id"] for one in here] == [str(old.participant.uuid)]
    assert [one["id"] for one in there] == [str(moved.target.uuid)]
    for user, person in ((caseworker, moved.target), (other_caseworker, old.participant)):
        assert api_as(user).get(f"/api/v1/participants/{person.uuid}").status_code == 404
        assert api_as(user).get(f"/api/v1/participants/{person.uuid}/identity").status_code == 404


def test_a_running_place_stays_where_it_was_bought(
    move, municipality, other_municipality, web_as, other_caseworker
):
    running = placement(municipality, state=PlacementState.STARTED)

    moved = move(running.participant)

    running.refresh_from_db()
    assert (running.state, running.municipality_id) == (PlacementState.STARTED, municipality.pk)
    new = Pip.objects.get(participant=moved.target)
    assert waiting(new) == {"KNM", "MAP", "PVT"}
    (place,) = running_elsewhere(moved.target)
    assert place.provider == running.provider_organisation.name
    page = web_as(other_caseworker).get(f"/pips/{new.uuid}")
    assert page.status_code == 200
    assert place.course in page.content.decode()
    # What the old municipality decided and why stays there.
    assert web_as(other_caseworker).get(f"/placements/{running.uuid}").status_code == 404
    assert not Placement.objects.filter(participant=moved.target).exists()


def test_a_new_version_there_asks_for_no_second_place(move, municipality, other_municipality):
    running = placement(municipality, state=PlacementState.STARTED)
    moved = move(running.participant)
    fields = PIP.__dict__ | {
        "decision_date": date(2026, 11, 17),
        "earliest_start_date": date(2026, 12, 1),
    }
    new = pip_register(
        actor=everything(other_municipality),
        participant=moved.target,
        data=PIP.__class__(**fields),
    )
    assert waiting(new) == {"KNM", "MAP", "PVT"}


def test_when_it_stops_early_the_new_municipality_goes_on(
    move, municipality, django_capture_on_commit_callbacks
):
    running = placement(municipality, state=PlacementState.STARTED)
    moved = move(running.participant)
    with django_capture_on_commit_callbacks(execute=True):
        placement_stop(
            actor=everything(running.provider_organisation),
            placement=running,
            end_date=date(2026, 11, 17),
            reason=StopReason.EXTERNAL,
        )
    running.need.refresh_from_db()
    assert running.need.state == NeedState.CLOSED
    new = Pip.objects.get(participant=moved.target)
    assert "B" in waiting(new)
    consume()
    assert Notification.objects.filter(kind="moved_place_stopped").exists()


@pytest.mark.parametrize("state", [PlacementState.DRAFT, PlacementState.OFFERED])
def test_a_place_that_was_only_asked_for_is_withdrawn(move, municipality, state):
    asked = placement(municipality, state=state)
    moved = move(asked.participant)
    asked.refresh_from_db()
    assert asked.state == PlacementState.WITHDRAWN
    assert "B" in waiting(Pip.objects.get(participant=moved.target))
    assert Need.objects.filter(pip__participant=asked.participant, state="waiting").count() == 0


def test_the_old_municipality_plans_no_more(move, municipality):
    old = pip(municipality)
    move(old.participant)
    with pytest.raises(ParticipantMovedError):
        move(old.participant)
    with pytest.raises(ParticipantMovedError):
        pip_register(actor=everything(municipality), participant=old.participant, data=PIP)


def test_the_new_one_gives_its_own_reference(move, municipality, other_municipality):
    moved = move(pip(municipality).participant)
    actor = everything(other_municipality)
    taken = participant_take_over(actor=actor, participant=moved.target, reference="Z-77")
    assert taken.reference == "Z-77"
    with pytest.raises(InvalidError):
        participant_take_over(actor=actor, participant=moved.target, reference="123456782")


def test_both_have_it_in_their_history_and_the_new_one_is_told(
    move, municipality, other_municipality
):
    moved = move(pip(municipality).participant)
    consume()
    (out,) = AuditEvent.objects.filter(action="participant.moved_out")
    (came,) = AuditEvent.objects.filter(action="participant.moved_in")
    assert out.organisation_ids == [municipality.pk]
    assert came.organisation_ids == [other_municipality.pk]
    notice = Notification.objects.get(kind="participant_moved_in")
    assert notice.organisation_id == other_municipality.pk
    assert moved.target.reference in str(notice.params)


def test_mistakes_are_told_at_once(municipality, make_actor):
    actor = make_actor(Role.CASEWORKER, municipality)
    person = pip(municipality).participant
    with pytest.raises(InvalidError) as caught:
        participant_move(
            actor=actor, participant=person, municipality=municipality, moved_on=date(2027, 1, 1)
        )
    assert {one.field for one in caught.value.violations} == {"municipality", "moved_on"}


def test_only_the_own_municipality_hands_over(municipality, other_municipality, make_actor):
    stranger = make_actor(Role.CASEWORKER, other_municipality)
    with pytest.raises(NotAllowedError):
        participant_move(
            actor=stranger,
            participant=pip(municipality).participant,
            municipality=other_municipality,
            moved_on=MOVED_ON,
        )


def test_by_page_and_by_api(
    web_as, api_as, caseworker, municipality, other_municipality, other_caseworker
):
    first, second = pip(municipality).participant, pip(municipality).participant
    page = web_as(caseworker).post(
        f"/participants/{first.uuid}/move",
        {"municipality": other_municipality.code, "moved_on": "2026-11-16"},
    )
    assert page.status_code == 302
    answer = api_as(caseworker).post(
        f"/api/v1/participants/{second.uuid}/move",
        {
            "municipality": other_municipality.municipality.cbs_code,
            "movedDate": "2026-11-16",
        },
        format="json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["movedOutDate"] == "2026-11-16"
    assert ParticipantMove.objects.count() == 2
    target = Participant.objects.get(moved_from__source=first)
    given = web_as(other_caseworker).post(
        f"/participants/{target.uuid}/reference", {"reference": "Z-1"}
    )
    assert given.status_code == 302


def test_a_reader_of_the_region_hands_nobody_over(web_as, municipality, region):
    person = pip(municipality).participant
    reader = user_with(Role.REGIONAL_COORDINATOR, region)
    assert web_as(reader).get(f"/participants/{person.uuid}/move").status_code == 403
