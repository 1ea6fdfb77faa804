"""Agreements beside the route, and talks about progress by the municipality's own interval."""

from datetime import date
from uuid import uuid4

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError
from matching.models import Participant, PipAgreements, ProgressTalk
from matching.public import PolicyData
from matching.selectors.talks import talk_plan, with_talk_due
from matching.services.agreements import AgreementsData, agreements_set, talk_record
from tests.factories.matching import everything, make_policy, participant, pip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def test_agreements_are_kept_with_their_history(municipality):
    person = pip(municipality).participant
    actor = everything(municipality)
    agreements_set(actor=actor, participant=person, data=AgreementsData(map_hours=40))
    data = AgreementsData(map_hours=60, dual_activities=("volunteering", "paid_work"))
    found = agreements_set(actor=actor, participant=person, data=data)

    assert PipAgreements.objects.count() == 1
    assert found.dual_activities == ["paid_work", "volunteering"]
    event = AuditEvent.objects.filter(action="agreements.set").order_by("pk").last()
    assert (event.before["map_hours"], event.after["map_hours"]) == (40, 60)
    assert "intake_summary" not in event.after


def test_all_mistakes_at_once(municipality):
    person = pip(municipality).participant
    data = AgreementsData(
        intake_date=date(2027, 1, 1),
        map_hours=0,
        talk_interval_weeks=60,
        unburdening_until=date(2020, 1, 1),
        dual_activities=("slapen",),
    )
    with pytest.raises(InvalidError) as caught:
        agreements_set(actor=everything(municipality), participant=person, data=data)
    assert {one.field for one in caught.value.violations} == {
        "intake_date",
        "map_hours",
        "talk_interval_weeks",
        "unburdening_until",
        "dual_activities",
    }


def test_a_health_detail_in_the_summary_is_asked_about(web_as, caseworker, municipality):
    person = pip(municipality).participant
    client, url = web_as(caseworker), f"/participants/{person.uuid}/agreements"
    body = {"intake_summary": "Is chronisch ziek."}
    assert client.post(url, body).status_code == 400
    assert not PipAgreements.objects.exists()
    assert client.post(url, body | {"confirm_personal_text": "on"}).status_code == 302
    assert client.get(f"/pips/{person.pips.get().uuid}").status_code == 200


def test_the_interval_is_the_own_one_or_the_policys(municipality):
    person = pip(municipality).participant
    person.refresh_from_db()
    assert talk_plan(person).due == date(2026, 12, 1)  # 13 weeks after 1 September

    make_policy(
        organisation_id=municipality.pk,
        data=PolicyData(valid_from=date(2026, 1, 1), talk_interval_weeks=10),
    )
    assert talk_plan(person).due == date(2026, 11, 10)

    actor = everything(municipality)
    agreements_set(actor=actor, participant=person, data=AgreementsData(talk_interval_weeks=4))
    talk_record(actor=actor, participant=person, held_on=date(2026, 11, 3), form="school")
    person = Participant.objects.select_related("agreements").get(pk=person.pk)
    plan = talk_plan(person)
    assert (plan.weeks, plan.is_own_interval, plan.due) == (4, True, date(2026, 12, 1))


def test_the_list_says_the_same_as_the_page(municipality, web_as, caseworker):
    people = [pip(municipality).participant for _ in range(3)]
    participant(municipality)  # without a PIP there is nothing to talk about yet
    actor = everything(municipality)
    agreements_set(actor=actor, participant=people[0], data=AgreementsData(talk_interval_weeks=2))
    talk_record(actor=actor, participant=people[1], held_on=date(2026, 11, 3), form="visit")

    rows = with_talk_due(Participant.objects.all(), frozenset({municipality.pk}))

    found = {one.pk: one.talk_due for one in rows}
    assert len(found) == 3
    for one in Participant.objects.filter(pk__in=found).select_related("agreements"):
        assert found[one.pk] == talk_plan(one).due
    text = web_as(caseworker).get("/progress-talks").content.decode()
    assert all(one.reference in text for one in people)


def test_a_talk_is_recorded_once_a_day(municipality, web_as, caseworker):
    person = pip(municipality).participant
    url = f"/participants/{person.uuid}/talks/new"
    for _ in range(2):
        answer = web_as(caseworker).post(url, {"held_on": "2026-11-17", "form": "visit"})
        assert answer.status_code == 302
    assert ProgressTalk.objects.count() == 1
    late = web_as(caseworker).post(url, {"held_on": "2026-11-19", "form": "visit"})
    assert late.status_code == 400


def test_by_api(api_as, caseworker, other_caseworker, municipality):
    person = pip(municipality).participant

    def post(user, path, body):
        return api_as(user).post(
            f"/api/v1/participants/{person.uuid}/{path}",
            body,
            format="json",
            headers={"Idempotency-Key": str(uuid4())},
        )

    body = {"mapHours": 40, "dualActivities": ["internship"], "talkIntervalWeeks": 6}
    answer = post(caseworker, "agreements", body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["mapHours"] == 40
    seen = api_as(caseworker).get(f"/api/v1/participants/{person.uuid}/agreements")
    assert seen.json()["dualActivities"] == ["internship"]
    assert post(other_caseworker, "agreements", body).status_code == 404
    talk = post(caseworker, "progress-talks", {"heldDate": "2026-11-17", "form": "visit"})
    assert talk.status_code == 201, talk.content
    refused = post(caseworker, "agreements", {"intakeSummary": "Zwanger."})
    assert refused.json()["errors"][0]["code"] == "personal_text_health"
