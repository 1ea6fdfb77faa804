"""A temporary exemption keeps the needs off the list until its end, and then they are back."""

from datetime import date

import pytest

from backend.accounts.roles import Role
from backend.organisations.permissions import Permission
from matching.choices import NeedState, PlacementState
from matching.errors import NothingWaitsError, TemporarilyExemptError
from matching.models import MatchRecord, Need, Placement
from matching.selectors.needs import waiting_needs
from matching.services.bundles import bundle_propose
from matching.services.duo_receive import duo_messages_receive
from matching.services.placements import Choice, seat_hold_for_need
from matching.services.recommendations import recommendation_create
from matching.services.why_not import why_not
from tests.factories.accounts import user_with
from tests.factories.matching import contracted_intake, everything, pip, placement
from tests.support.duo import message
from tests.support.entering import actor_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def deliver(municipality):
    actor = actor_with(Permission.MANAGE_PIPS, at=[municipality])
    code = municipality.municipality.cbs_code

    def run(person, kind, body, sent="2026-11-10T09:00:00Z"):
        sentence = message(kind, code, person.reference, body=body, sentAt=sent)
        (outcome,) = duo_messages_receive(actor=actor, document=[sentence])
        person.refresh_from_db()
        outcome.message.refresh_from_db()
        return outcome.message

    return run


def exempt(verdict="Toekenning", **fields):
    return [{"TijdelijkeVrijstelling": {"oordeel": verdict, "reden": "OPL", **fields}}]


def number_waiting(municipality, day=date(2026, 11, 18)):
    return len(waiting_needs([municipality.pk], on=day))


def test_nobody_looks_for_a_place_until_the_last_day(deliver, municipality, frozen_clock):
    plan = pip(municipality)
    assert number_waiting(municipality) == 4
    kept = deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    assert (plan.participant.exempt_until, kept.task) == (date(2026, 12, 31), "")
    assert number_waiting(municipality) == 0
    # Nothing is closed: the list shows them again by itself.
    assert set(plan.needs.values_list("state", flat=True)) == {NeedState.WAITING}
    frozen_clock.move_to("2026-12-31T10:00:00+00:00")
    assert not Need.objects.waiting().exists()
    frozen_clock.move_to("2027-01-01T10:00:00+00:00")
    assert Need.objects.waiting().count() == 4


def test_the_work_list_and_its_cards_show_nobody_until_then(
    deliver, municipality, frozen_clock, web_as
):
    plan = pip(municipality)
    reference = plan.participant.reference
    caseworker = user_with(Role.CASEWORKER, municipality)
    visitor = web_as(caseworker)
    pages = ("/work-list", "/work-list?state=waiting", "/")
    assert all(reference in visitor.get(one).content.decode() for one in pages)
    deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    assert not any(reference in visitor.get(one).content.decode() for one in pages)
    frozen_clock.move_to("2027-01-01T10:00:00+00:00")
    visitor = web_as(caseworker)
    assert all(reference in visitor.get(one).content.decode() for one in pages)


def test_no_bundle_is_proposed_until_then(deliver, municipality):
    plan = pip(municipality)
    bundle_propose(actor=everything(municipality), pip=plan)
    deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    with pytest.raises(NothingWaitsError):
        bundle_propose(actor=everything(municipality), pip=plan)


def test_searching_is_refused_with_the_reason_on_page_and_api_until_then(
    deliver, municipality, frozen_clock, web_as, api_as
):
    plan = pip(municipality)
    one = plan.needs.get(component="B")
    caseworker = user_with(Role.CASEWORKER, municipality)
    page, search = f"/needs/{one.uuid}", f"/needs/{one.uuid}/recommend"
    api = f"/api/v1/pips/{plan.uuid}/recommendations"
    assert search in web_as(caseworker).get(page).content.decode()
    deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    visitor = web_as(caseworker)
    shown = visitor.get(page).content.decode()
    assert search not in shown
    assert "tijdelijk vrijgesteld tot en met 31-12-2026" in shown
    refused = visitor.post(search)
    assert refused.status_code == 409
    assert "tijdelijk vrijgesteld tot en met 31-12-2026" in refused.content.decode()
    answer = api_as(caseworker).post(api, {}, format="json", headers={"Idempotency-Key": "s-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "temporarily_exempt")
    assert "31-12-2026" in answer.json()["detail"]
    assert not MatchRecord.objects.exists()
    frozen_clock.move_to("2027-01-01T10:00:00+00:00")
    assert web_as(caseworker).post(search).status_code == 302


def test_a_place_that_was_found_before_is_refused_until_then(deliver, municipality, web_as):
    plan, intake = pip(municipality), contracted_intake(municipality)
    one, actor = plan.needs.get(component="B"), everything(municipality)
    found = recommendation_create(actor=actor, need=one)
    choose = f"/match-records/{found.uuid}/choose/{intake.uuid}"
    visitor = web_as(user_with(Role.CASEWORKER, municipality))
    assert choose in visitor.get(f"/match-records/{found.uuid}").content.decode()
    deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    assert choose not in visitor.get(f"/match-records/{found.uuid}").content.decode()
    with pytest.raises(TemporarilyExemptError):
        seat_hold_for_need(
            actor=actor, choice=Choice(need=one, intake_moment=intake, match_record=found)
        )
    with pytest.raises(TemporarilyExemptError):
        why_not(need=one, intake=intake)
    assert not Placement.objects.exists()


def test_a_newer_message_without_the_exemption_ends_it(deliver, municipality):
    plan = pip(municipality)
    deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    deliver(
        plan.participant,
        "Vrijstellingen",
        exempt("Afwijzing"),
        sent="2026-11-12T09:00:00Z",
    )
    assert plan.participant.exempt_until is None
    assert number_waiting(municipality) == 4


@pytest.mark.parametrize("body", [exempt(), exempt("Afwijzing", einddatum="2026-12-31")])
def test_without_a_last_day_or_a_grant_everybody_goes_on_waiting(deliver, municipality, body):
    plan = pip(municipality)
    kept = deliver(plan.participant, "Vrijstellingen", body)
    assert number_waiting(municipality) == 4
    granted = body[0]["TijdelijkeVrijstelling"]["oordeel"] == "Toekenning"
    assert bool(kept.task) is granted


def test_a_place_that_the_person_has_is_for_a_caseworker_to_judge(deliver, municipality):
    plan = pip(municipality)
    placement(
        municipality,
        intake=contracted_intake(municipality),
        of=plan.needs.get(component="B"),
        state=PlacementState.ACCEPTED,
    )
    kept = deliver(plan.participant, "Vrijstellingen", exempt(einddatum="2026-12-31"))
    assert kept.task == "event"
