"""MAP, PVT and the Z route are recorded by the rules by which DUO takes them."""

from datetime import date
from uuid import uuid4

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from matching.errors import ParticipantMovedError
from matching.models import Completion, Participant
from matching.services.completions import (
    CompletionData,
    completion_for_duo,
    completion_record,
)
from tests.factories.matching import everything, participant, pip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)
BEGUN = date(2024, 1, 10)


def person_of(municipality, *, end=date(2028, 1, 10), **fields):
    found = pip(municipality, **fields).participant
    Participant.objects.filter(pk=found.pk).update(term_start_date=BEGUN, term_end_date=end)
    found.refresh_from_db()
    return found


def done(person, kind, day=None, culpable=""):
    return completion_record(
        actor=everything(person.municipality),
        participant=person,
        data=CompletionData(kind, day, culpable),
    )


def faults(person, kind, day=None, culpable=""):
    with pytest.raises(InvalidError) as error:
        done(person, kind, day, culpable)
    return [(one.field, one.code) for one in error.value.violations]


def test_each_part_is_what_duo_takes_and_a_correction_replaces_it(municipality):
    person = person_of(municipality, route="Z", level="A1")
    done(person, "MAP", date(2026, 5, 1))
    done(person, "MAP", date(2026, 6, 1))
    done(person, "PVT", TODAY)
    done(person, "Z", TODAY)
    assert [completion_for_duo(one) for one in person.completions.order_by("kind")] == [
        {"datumEindgesprekMap": "2026-06-01"},
        {"datumOndertekeningPvt": "2026-11-18"},
        {"datumAfrondingZroute": "2026-11-18"},
    ]
    history = AuditEvent.objects.filter(action="completion.recorded").order_by("pk")
    assert history[1].before["completed_on"] == "2026-05-01"
    assert history.count() == 4


def test_the_day_lies_in_the_term_and_not_ahead(municipality):
    person = person_of(municipality)
    assert faults(person, "PVT", date(2026, 11, 19)) == [("completed_on", "date_in_future")]
    assert faults(person, "PVT", date(2024, 1, 9)) == [("completed_on", "before_term")]
    assert faults(person, "PVT") == [("completed_on", "required")]
    assert not Completion.objects.exists()


def test_only_what_belongs_to_the_route(municipality):
    assert faults(person_of(municipality), "Z", TODAY) == [("kind", "other_route")]
    school = person_of(municipality, route="O", level="B2")
    assert faults(school, "MAP", TODAY) == [("kind", "other_route")]
    without = participant(municipality)
    assert faults(without, "PVT", TODAY) == [("kind", "no_pip")]


def test_the_z_route_ends_last(municipality):
    person = person_of(municipality, route="Z", level="A1")
    done(person, "PVT", date(2026, 10, 2))
    assert faults(person, "Z", date(2026, 10, 1)) == [("completed_on", "before_other_parts")]
    done(person, "Z", date(2026, 10, 2))
    assert faults(person, "MAP", date(2026, 10, 3)) == [("completed_on", "after_z_route")]


# (end of the term, day, own fault) and what DUO would say of it; without a code it takes it.
@pytest.mark.parametrize(
    ("end", "day", "culpable", "code"),
    [
        (date(2028, 1, 10), TODAY, "Nee", "done_in_time"),
        (date(2026, 11, 18), TODAY, "", "required"),
        (date(2026, 11, 18), TODAY, "Ja", None),
        (date(2026, 11, 18), TODAY, "Nee", None),
        # The last day of the term still counts: DUO's end is exclusive.
        (date(2026, 11, 19), TODAY, "", None),
        (date(2026, 11, 19), None, "Ja", "term_not_over"),
        (date(2026, 11, 18), None, "Ja", None),
        (date(2027, 1, 18), None, "Nee", None),
        (date(2027, 1, 19), None, "Nee", "too_early"),
        (None, None, "Ja", "term_not_over"),
        (None, None, "Nee", "too_early"),
    ],
)
def test_whose_fault_it_is_is_asked_once_the_term_passes(municipality, end, day, culpable, code):
    person = person_of(municipality, end=end)
    if code is not None:
        assert faults(person, "MAP", day, culpable) == [("culpable", code)]
        return
    body = completion_for_duo(done(person, "MAP", day, culpable))
    assert body.get("verwijtbaar", "") == culpable


def test_the_z_route_has_a_day_and_nothing_else(municipality):
    person = person_of(municipality, route="Z", level="A1", end=date(2026, 11, 1))
    assert faults(person, "Z", TODAY, "Ja") == [("culpable", "not_for_z_route")]
    assert ("completed_on", "required") in faults(person, "Z", None, "Ja")


def test_only_the_municipality_that_has_the_plan_records(municipality, other_municipality):
    person = person_of(municipality)
    with pytest.raises(NotAllowedError):
        completion_record(
            actor=everything(other_municipality),
            participant=person,
            data=CompletionData("PVT", TODAY),
        )
    Participant.objects.filter(pk=person.pk).update(moved_out_date=TODAY)
    with pytest.raises(ParticipantMovedError):
        done(person, "PVT", TODAY)


def test_on_screen_and_by_api(municipality, web_as, api_as, caseworker):
    person = person_of(municipality)
    plan = f"/pips/{person.pips.get().uuid}"
    url = f"/participants/{person.uuid}/completions/new"
    visitor, api = web_as(caseworker), api_as(caseworker)
    assert url in visitor.get(plan).content.decode()
    wrong = visitor.post(url, {"kind": "MAP", "completed_on": "2026-11-19", "culpable": ""})
    assert wrong.status_code == 400
    sent = visitor.post(url, {"kind": "MAP", "completed_on": "2026-11-17", "culpable": ""})
    assert sent.status_code == 302
    page = visitor.get(plan).content.decode()
    assert "Eindgesprek MAP" in page
    assert "17 nov 2026" in page

    path = f"/api/v1/participants/{person.uuid}/completions"
    answer = api.post(
        path,
        {"kind": "PVT", "completedDate": "2026-11-18"},
        format="json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"{path}/PVT"
    assert api.get(f"{path}/PVT").json()["completedDate"] == "2026-11-18"
    assert api.get(f"{path}/MAP/duo-body").json() == {
        "reference": person.reference,
        "body": {"datumEindgesprekMap": "2026-11-17"},
    }
    assert api.get(f"{path}/Z").status_code == 404
