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


def test_only_who_decides_gets_the_way_to_a_proposal(
    web_as, caseworker, regional_coordinator, run, need
):
    place = f"/proposals/{run.proposals.get(need=need).uuid}"

    def listed(user):
        return web_as(user).get(f"/match-runs/{run.uuid}/proposals").content.decode()

    assert f'href="{place}"' in listed(caseworker)
    page = listed(regional_coordinator)
    assert f'href="{place}"' not in page
    # The choices of the filters are in the language of the page.
    assert "Wacht al lang" in page
    assert "Waiting for a long time" not in page
    assert "All fitting offers are full" not in page


def test_proposals_of_others_do_not_exist(web_as, other_caseworker, run, need):
    client = web_as(other_caseworker)

    assert client.get(f"/match-runs/{run.uuid}").status_code == 404
    assert client.get(f"/match-runs/{run.uuid}/proposals").status_code == 404
    assert client.get(f"/proposals/{run.proposals.get(need=need).uuid}").status_code == 404


def test_before_a_run_one_sees_what_it_works_on(web_as, regional_coordinator, region, need):
    page = web_as(regional_coordinator).get("/match-runs/new").content.decode()
    for text in ("Wie wacht", "Wat openstaat", "Wat de toewijzing met rust laat"):
        assert text in page
    assert "4 behoeften wachten" in page


def test_the_result_says_waiting_time_seat_use_and_what_changed(
    web_as, regional_coordinator, municipality, region, run
):
    actor = make.everything(municipality, region)
    again = match_run_execute(run_id=match_run_request(actor=actor, organisation=region).pk)
    page = web_as(regional_coordinator).get(f"/match-runs/{again.uuid}").content.decode()
    for text in ("Gewacht in dagen", "Gebruik van plaatsen", "Veranderd sinds de vorige"):
        assert text in page
    first = web_as(regional_coordinator).get(f"/match-runs/{run.uuid}").content.decode()
    assert "Veranderd sinds de vorige" not in first


def test_the_effect_on_others_stands_beside_the_choice(web_as, caseworker, run, need):
    client = web_as(caseworker)
    proposal = run.proposals.get(need=need)
    page = client.get(f"/proposals/{proposal.uuid}").content.decode()
    assert f'hx-get="/proposals/{proposal.uuid}/effects"' in page
    address = f"/proposals/{proposal.uuid}/effects"
    assert "beste plan" in client.get(address).content.decode()
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "beste plan" in part
    assert "<html" not in part


def test_a_caseworker_chooses_another_start_and_only_holds_the_seat(
    web_as, caseworker, municipality, region, intake, need
):
    other = make.contracted_intake(municipality)
    actor = make.everything(municipality, region)
    run = match_run_execute(run_id=match_run_request(actor=actor, organisation=region).pk)
    proposal = run.proposals.get(need=need)
    instead = other if proposal.intake_moment == intake else intake
    body = {"motivation": "Dichter bij het werk.", "place": str(instead.uuid), "offer": "no"}
    assert web_as(caseworker).post(f"/proposals/{proposal.uuid}", body).status_code == 302
    placement = Placement.objects.get()
    assert (placement.intake_moment, placement.state) == (instead, PlacementState.DRAFT)
    assert proposal.decision.kind == "other"


def test_declining_keeps_the_person_on_the_list_with_a_reason(web_as, caseworker, run, need):
    client = web_as(caseworker)
    proposal = run.proposals.get(need=need)
    address = f"/proposals/{proposal.uuid}/decline"
    assert client.post(address, {}).status_code == 400
    assert client.post(address, {"reason": "not_fitting"}).status_code == 302
    need.refresh_from_db()
    assert need.state == NeedState.WAITING
    listed = client.get(f"/match-runs/{run.uuid}/proposals?decision=declined").content.decode()
    assert "Niet overgenomen" in listed
    assert (
        "al beslist"
        in client.post(
            f"/proposals/{proposal.uuid}", {"motivation": "Toch wel een goede plaats."}
        ).content.decode()
    )


def test_who_has_no_proposal_has_a_page_that_says_why(web_as, caseworker, run, need):
    without = run.proposals.filter(intake_moment=None).first()
    page = web_as(caseworker).get(f"/proposals/{without.uuid}/why").content.decode()
    assert "Wat in de weg stond" in page
    placed = run.proposals.get(need=need)
    assert web_as(caseworker).get(f"/proposals/{placed.uuid}/why").status_code == 404
