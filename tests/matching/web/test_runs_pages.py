"""Runs on screen: who may ask, what the result says, and deciding per person."""

import pytest

from matching.choices import NeedState, PlacementState
from matching.models import MatchRun, Placement
from matching.public import match_run_execute, match_run_request
from tests.factories import matching as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def intake(municipality):
    return make.contracted_intake(municipality)


@pytest.fixture
def need(municipality, intake):
    return make.need(municipality)


@pytest.fixture
def run(municipality, region, need):
    actor = make.everything(municipality, region)
    return match_run_execute(run_id=match_run_request(actor=actor, organisation=region).pk)


def test_a_coordinator_starts_a_run_and_sees_it_waiting(web_as, regional_coordinator, region):
    client = web_as(regional_coordinator)
    assert "Nog geen toewijzing" in client.get("/match-runs").content.decode()

    response = client.post("/match-runs/new", {"organisation": region.code})

    asked = MatchRun.objects.get()
    assert response.headers["Location"] == f"/match-runs/{asked.uuid}"
    page = client.get(f"/match-runs/{asked.uuid}").content.decode()
    assert "De toewijzing is bezig" in page
    assert 'hx-trigger="every 2s"' in page
    fragment = client.get(f"/match-runs/{asked.uuid}", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()


def test_a_caseworker_cannot_start_one(web_as, caseworker):
    client = web_as(caseworker)

    assert "Start een toewijzing" not in client.get("/match-runs").content.decode()
    assert client.get("/match-runs/new").status_code == 403


def test_the_result_says_who_has_a_place_and_why_others_have_none(
    web_as, regional_coordinator, run
):
    page = web_as(regional_coordinator).get(f"/match-runs/{run.uuid}").content.decode()

    assert "Voor 1 van de 4 behoeften (25%) is er een passende plek." in page
    assert "Waarom anderen geen voorstel hebben" in page
    assert "hx-trigger" not in page


def test_a_caseworker_decides_per_person_in_own_words(web_as, caseworker, run, need):
    client = web_as(caseworker)
    proposal = run.proposals.get(need=need)
    assert proposal.need.pip.participant.reference in (
        client.get(f"/match-runs/{run.uuid}/proposals?outcome=placed").content.decode()
    )
    assert client.post(f"/proposals/{proposal.uuid}", {"motivation": ""}).status_code == 400

    client.post(f"/proposals/{proposal.uuid}", {"motivation": "Past bij werk en reistijd."})

    need.refresh_from_db()
    assert need.state == NeedState.OFFERED
    assert Placement.objects.get().state == PlacementState.OFFERED


def test_proposals_of_others_do_not_exist(web_as, other_caseworker, run, need):
    client = web_as(other_caseworker)

    assert client.get(f"/match-runs/{run.uuid}").status_code == 404
    assert client.get(f"/match-runs/{run.uuid}/proposals").status_code == 404
    assert client.get(f"/proposals/{run.proposals.get(need=need).uuid}").status_code == 404
