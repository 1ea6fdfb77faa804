"""Journey J3 and J6 on screen: from the waiting list to a place, and the provider's answer."""

import pytest

from backend.accounts.public import accounts_actor, grant_permission
from backend.accounts.roles import Role
from backend.audit.models import AccessEvent
from backend.organisations.permissions import Permission
from matching.choices import NeedState, PlacementState
from matching.models import MatchRecord, Placement
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
MOTIVATION = "Dichtbij huis en de lessen zijn in de ochtend."


@pytest.fixture
def intake(municipality):
    return make.contracted_intake(municipality)


@pytest.fixture
def need(municipality, intake):
    return make.need(municipality)


@pytest.fixture
def visitor(web_as, caseworker):
    return web_as(caseworker)


@pytest.fixture
def planner(web_as, intake):
    return web_as(user_with(Role.PROVIDER_PLANNER, intake.group.course.provider.organisation))


def search(visitor, need):
    visitor.post(f"/needs/{need.uuid}/recommend")
    return MatchRecord.objects.get(need=need)


def choose(visitor, record, intake, **fields):
    data = {"motivation": MOTIVATION, "offer": "yes"} | fields
    return visitor.post(f"/match-records/{record.uuid}/choose/{intake.uuid}", data)


def test_the_waiting_list_shows_who_waits_and_logs_the_look(visitor, need, caseworker):
    response = visitor.get("/work-list")

    page = response.content.decode()
    assert need.pip.participant.reference in page
    assert "Testa Voorbeeld" in page
    seen = AccessEvent.objects.filter(subject_uuid=need.pip.participant.uuid)
    assert seen.count() == 1


def test_a_coordinator_sees_the_list_without_names(web_as, regional_coordinator, need):
    page = web_as(regional_coordinator).get("/work-list").content.decode()

    assert need.pip.participant.reference in page
    assert "Testa" not in page
    assert not AccessEvent.objects.exists()


def test_the_export_holds_no_names(visitor, need):
    content = visitor.get("/work-list?export=csv").content.decode()

    assert need.pip.participant.reference in content
    assert "Testa" not in content


def test_from_waiting_to_offered_in_four_steps(visitor, need, intake):
    assert visitor.get(f"/needs/{need.uuid}").status_code == 200
    record = search(visitor, need)
    shown = visitor.get(f"/match-records/{record.uuid}").content.decode()
    assert intake.group.course.name in shown
    assert shown.index("Waarom andere startmomenten niet passen") < shown.index(
        "Plekken die passen"
    )

    response = choose(visitor, record, intake)

    placement = Placement.objects.get(need=need)
    assert response.headers["Location"] == f"/placements/{placement.uuid}"
    assert placement.state == PlacementState.OFFERED
    assert placement.motivation == MOTIVATION
    assert placement.match_record == record


def test_only_holding_leaves_the_offer_for_later(visitor, need, intake):
    choose(visitor, search(visitor, need), intake, offer="no")
    placement = Placement.objects.get(need=need)
    assert placement.state == PlacementState.DRAFT

    visitor.post(f"/placements/{placement.uuid}/offer")

    placement.refresh_from_db()
    assert placement.state == PlacementState.OFFERED


def test_no_choice_without_own_words(visitor, need, intake):
    response = choose(visitor, search(visitor, need), intake, motivation="ok")

    assert response.status_code == 400
    assert 'href="#id_motivation"' in response.content.decode()
    assert not Placement.objects.exists()


def test_a_seat_that_went_in_the_meantime_is_said_on_the_form(visitor, need, intake):
    record = search(visitor, need)
    intake.seats_total = 0
    intake.save()

    response = choose(visitor, record, intake)

    assert response.status_code == 409
    assert "vol" in response.content.decode()
    assert not Placement.objects.exists()


def test_who_may_chooses_what_nearly_fits_naming_each_rule(
    visitor, need, intake, caseworker, municipality
):
    intake.group.location.wheelchair_accessible = False
    intake.group.location.save()
    need.pip.needs_wheelchair_access = True
    need.pip.save()
    record = search(visitor, need)
    url = f"/match-records/{record.uuid}/choose/{intake.uuid}"
    assert url not in visitor.get(f"/match-records/{record.uuid}").content.decode()
    reason = {"overrule_reason": "De school helpt met de trap."}
    assert choose(visitor, record, intake, **reason).status_code == 409

    grant_permission(
        actor=accounts_actor("test", municipality),
        user=caseworker,
        organisation=municipality,
        permission=Permission.OVERRULE,
        reason="Teamleider.",
    )
    assert url in visitor.get(f"/match-records/{record.uuid}").content.decode()
    for named in ([], ["SEATS"]):
        unnamed = choose(visitor, record, intake, **reason, overruled_rules=named)
        assert unnamed.status_code == 400
        assert "rolstoel" in unnamed.content.decode()
    assert not Placement.objects.exists()
    choose(visitor, record, intake, **reason, overruled_rules=["ACCESS"])
    assert Placement.objects.get().overruled_rules == ["ACCESS"]


def test_the_provider_accepts_from_its_inbox_and_then_sees_the_name(visitor, planner, need, intake):
    choose(visitor, search(visitor, need), intake)
    placement = Placement.objects.get(need=need)
    inbox = planner.get("/inbox").content.decode()
    assert need.pip.participant.reference in inbox
    assert "Testa" not in inbox

    planner.post(f"/placements/{placement.uuid}/accept")

    placement.refresh_from_db()
    need.refresh_from_db()
    assert placement.state == PlacementState.ACCEPTED
    assert need.state == NeedState.PLACED
    assert "Testa Voorbeeld" in planner.get(f"/placements/{placement.uuid}").content.decode()


def test_the_provider_refuses_with_a_coded_reason(visitor, planner, need, intake):
    choose(visitor, search(visitor, need), intake)
    placement = Placement.objects.get(need=need)
    address = f"/placements/{placement.uuid}/refuse"
    assert planner.post(address, {}).status_code == 400

    planner.post(address, {"reason": "outside_expertise"})

    need.refresh_from_db()
    assert need.state == NeedState.WAITING
    shown = visitor.get(f"/placements/{placement.uuid}").content.decode()
    assert "Buiten" in shown


def test_withdrawing_puts_the_person_back_on_the_list(visitor, need, intake):
    choose(visitor, search(visitor, need), intake)
    placement = Placement.objects.get(need=need)

    visitor.post(f"/placements/{placement.uuid}/withdraw", {"reason": "better_place"})

    need.refresh_from_db()
    assert need.state == NeedState.WAITING


def test_start_and_end_are_reported_by_the_provider(municipality, web_as, intake):
    placement = make.placement(municipality, intake=intake, state=PlacementState.ACCEPTED)
    delivering = intake.group.course.provider.organisation
    planner = web_as(user_with(Role.PROVIDER_PLANNER, delivering))

    ahead = planner.post(f"/placements/{placement.uuid}/start", {"start_date": "2027-01-01"})
    planner.post(f"/placements/{placement.uuid}/start", {"start_date": "2026-11-16"})
    planner.post(f"/placements/{placement.uuid}/stop", {"end_date": "2026-11-17", "reason": "31"})

    placement.refresh_from_db()
    assert ahead.status_code == 400
    assert placement.state == PlacementState.STOPPED


def test_a_draft_is_not_the_providers_business(municipality, web_as, intake):
    placement = make.placement(municipality, intake=intake, state=PlacementState.DRAFT)
    planner = web_as(user_with(Role.PROVIDER_PLANNER, intake.group.course.provider.organisation))

    assert planner.get(f"/placements/{placement.uuid}").status_code == 404


def test_the_place_is_hidden_from_others(municipality, web_as, other_caseworker):
    placement = make.placement(municipality, state=PlacementState.OFFERED)

    client = web_as(other_caseworker)

    assert client.get(f"/placements/{placement.uuid}").status_code == 404
    assert client.get(f"/needs/{placement.need.uuid}").status_code == 404
    assert client.get(f"/match-records/{placement.match_record.uuid}").status_code == 404
