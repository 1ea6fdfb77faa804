"""Faults of form and faults against the rules are told together, in the API and on the form."""

from uuid import uuid4

import pytest

from tests.factories.matching import participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
PLAN = {
    "decisionDate": "2026-09-01",
    "route": "B",
    "literacy": "NVT",
    "entryLevel": "A0",
    "hoursPerWeek": 12,
    "availability": ["MO1"],
    "earliestStartDate": "2026-09-14",
    "latestStartDate": "2027-06-30",
}


def faults(client, path, body):
    answer = client.post(
        f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )
    assert answer.status_code == 400, answer.content
    return {(one["field"], one["code"]) for one in answer.json()["errors"]}


def test_rules_are_judged_beside_faults_of_form(api_as, caseworker, municipality):
    body = PLAN | {
        "participant": str(participant(municipality).uuid),
        "hoursPerWeek": "veel",
        "route": "O",
        "level": "A2",
        "decisionDate": "2027-09-01",
        "latestStartDate": "2026-01-01",
    }
    assert faults(api_as(caseworker), "pips", body) >= {
        ("hoursPerWeek", "invalid"),
        ("level", "level_not_for_education_route"),
        ("decisionDate", "date_in_future"),
        ("latestStartDate", "start_dates_out_of_order"),
    }


def test_a_rule_that_needs_the_faulty_field_says_nothing_yet(api_as, caseworker, municipality):
    body = PLAN | {
        "participant": str(participant(municipality).uuid),
        "decisionDate": "gisteren",
        "level": "A2",
    }
    assert faults(api_as(caseworker), "pips", body) == {("decisionDate", "invalid")}


def test_without_the_person_only_what_needs_no_person_is_judged(api_as, caseworker):
    body = PLAN | {"participant": str(uuid4()), "availability": []}
    assert faults(api_as(caseworker), "pips", body) == {
        ("participant", "unknown_reference"),
        ("availability", "no_day_part"),
    }


def test_a_person_is_judged_the_same_way(api_as, caseworker, municipality):
    body = {
        "municipality": municipality.municipality.cbs_code,
        "reference": "123456782",
        "obligationStartDate": "morgen",
        "settlementDate": "2027-07-01",
        "notifiedAtDate": "2026-07-15",
        "targetGroup": "asylum",
        "termStartDate": "2026-09-02",
    }
    assert faults(api_as(caseworker), "participants", body) == {
        ("reference", "bsn_not_allowed"),
        ("obligationStartDate", "invalid"),
        ("settlementDate", "date_in_future"),
        ("termEndDate", "term_dates_out_of_order"),
    }


def test_the_form_does_so_too(web_as, caseworker, municipality):
    page = web_as(caseworker).post(
        "/pips/new",
        {
            "municipality": municipality.code,
            "reference": "123456782",
            "route": "O",
            "level": "A2",
            "hours_per_week": "veel",
            "decision_date": "2027-09-01",
        },
    )
    text = page.content.decode()
    assert page.status_code == 400
    assert "De onderwijsroute leidt op tot B1 of B2" in text
    assert "ligt in de toekomst" in text
    assert "Passend bewaart geen BSN" in text
