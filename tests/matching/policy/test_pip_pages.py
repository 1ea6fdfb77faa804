"""Entering a PIP on screen: prefilled, all faults at their fields, consequences first."""

import re
from datetime import date

import pytest

from backend.accounts.roles import Role
from backend.organisations.models import Postcode4
from matching.choices import NeedState, PlacementState
from matching.models import Participant, ParticipantIdentity, Pip
from matching.services.pip_changes import Effect, pip_consequences
from matching.services.pips import pip_register
from tests.factories import matching as make
from tests.factories.accounts import user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
PLAN = {
    "route": "B",
    "level": "B1",
    "entry_level": "A0",
    "literacy": "NVT",
    "hours_per_week": "12",
    "availability": ["MO1", "TU1", "SU3"],
    "postcode4": "",
    "earliest_start_date": "2026-11-25",
    "latest_start_date": "2027-02-17",
    "decision_date": "2026-11-18",
}


@pytest.fixture
def visitor(web_as, caseworker):
    return web_as(caseworker)


@pytest.fixture
def person(municipality):
    return {
        "municipality": municipality.code,
        "reference": "zaak-77",
        "given_name": "Testa",
        "family_name": "Voorbeeld",
        "target_group": "asylum",
        "obligation_start_date": "2026-08-01",
        "settlement_date": "2026-09-01",
        "notified_at_date": "2026-09-10",
    }


def text_of(response):
    return response.content.decode()


def seen_in(response):
    return re.search(r'name="seen" value="(\w+)"', text_of(response)).group(1)


def new_version(visitor, pip, **changes):
    """Posts the version twice, as a caseworker does: look, then save."""
    address = f"/participants/{pip.participant.uuid}/pips/new"
    looked = visitor.post(address, PLAN | changes)
    if looked.status_code != 200:
        return looked
    return visitor.post(address, PLAN | changes | {"seen": seen_in(looked)})


def test_the_new_pip_is_prefilled_and_folds_away_the_rest(visitor):
    page = text_of(visitor.get("/pips/new"))

    assert 'value="2026-11-18"' in page
    assert 'value="MO1"' in page
    assert re.search(r'value="MO1"[^>]*checked', page)
    assert not re.search(r'value="SA1"[^>]*checked', page)
    assert page.count('<details class="pip-more">') == 2


def test_person_and_plan_are_saved_in_one_go_and_lead_to_the_need(visitor, person):
    response = visitor.post("/pips/new", person | PLAN)

    pip = Pip.objects.get(participant__reference="zaak-77")
    assert response.headers["Location"] == f"/needs/{pip.needs.get(component='B').uuid}"
    assert pip.availability == ["MO1", "TU1", "SU3"]
    assert ParticipantIdentity.objects.get().full_name == "Testa Voorbeeld"
    assert pip.participant.term_end_date == date(2029, 11, 19)


def test_a_name_is_not_needed(visitor, person):
    visitor.post("/pips/new", person | PLAN | {"given_name": "", "family_name": ""})

    assert Pip.objects.count() == 1
    assert not ParticipantIdentity.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("level", "A2", "A2 kan niet in het eerste PIP"),
        ("decision_date", "2026-08-15", "voor de inschrijving in deze gemeente"),
        ("latest_start_date", "2026-11-20", "De laatste start"),
    ],
)
def test_each_fault_stands_at_its_field(visitor, person, field, value, sentence):
    response = visitor.post("/pips/new", person | PLAN | {field: value})

    page = text_of(response)
    assert response.status_code == 400
    assert f'href="#id_{field}"' in page
    assert f'id="id_{field}_error"' in page
    assert sentence in page
    assert not Participant.objects.exists()


def test_a_fault_in_a_folded_field_opens_the_fold(visitor, person):
    page = text_of(visitor.post("/pips/new", person | PLAN | {"decision_date": "2026-08-15"}))

    assert '<details class="pip-more" open>' in page


def test_all_faults_come_at_once(visitor, person):
    page = text_of(
        visitor.post(
            "/pips/new", person | PLAN | {"level": "A1", "hours_per_week": "99", "availability": []}
        )
    )

    for field in ("level", "hours_per_week", "availability"):
        assert f'href="#id_{field}"' in page


def test_a_reference_is_used_once(visitor, person, municipality):
    make.participant(municipality, reference="zaak-77")

    response = visitor.post("/pips/new", person | PLAN)

    assert response.status_code == 409
    assert Participant.objects.count() == 1


def test_the_place_of_a_postcode_is_shown(visitor):
    Postcode4.objects.update_or_create(
        pc4="7311", defaults={"place": "Apeldoorn", "latitude": 52.2, "longitude": 5.9}
    )

    assert text_of(visitor.get("/postcodes/place?postcode4=7311")) == "Apeldoorn"
    assert "niet bekend" in text_of(visitor.get("/postcodes/place?postcode4=0001"))


def test_a_new_version_is_prefilled_with_the_current_one(visitor, municipality):
    pip = make.pip(municipality, hours_per_week=17)

    page = text_of(visitor.get(f"/participants/{pip.participant.uuid}/pips/new"))

    assert 'value="17"' in page
    assert 'value="2027-06-30"' in page


def test_consequences_are_shown_before_saving(visitor, municipality):
    pip = make.pip(municipality)

    response = visitor.post(f"/participants/{pip.participant.uuid}/pips/new", PLAN)

    assert response.status_code == 200
    assert "zelfde wachttijd" in text_of(response)
    assert Pip.objects.count() == 1


def test_saving_needs_a_look_at_the_same_values(visitor, municipality):
    pip = make.pip(municipality)
    address = f"/participants/{pip.participant.uuid}/pips/new"
    seen = seen_in(visitor.post(address, PLAN))

    changed = visitor.post(address, PLAN | {"hours_per_week": "20", "seen": seen})
    assert changed.status_code == 200
    assert Pip.objects.count() == 1

    saved = visitor.post(address, PLAN | {"seen": seen})
    assert saved.status_code == 302
    assert Pip.objects.get(is_current=True).version == 2


def test_a_version_that_breaks_a_rule_is_refused_at_the_look(visitor, municipality):
    pip = make.pip(municipality)

    response = new_version(visitor, pip, decision_date="2026-08-01")

    assert response.status_code == 400
    assert "voor die van een eerder PIP" in text_of(response)


def test_an_open_offer_for_what_disappears_blocks_with_a_sentence(visitor, municipality):
    need = make.need(municipality)
    make.placement(municipality, of=need, state=PlacementState.OFFERED)

    response = new_version(visitor, need.pip, route="Z", level="A1")

    assert response.status_code == 409
    assert "Trek" in text_of(response)


def test_the_point_of_the_plan_before_is_kept_while_the_postcode_is(visitor, municipality):
    pip = make.pip(municipality, latitude=52.345, longitude=5.678)

    new_version(visitor, pip)

    current = Pip.objects.get(is_current=True)
    assert (current.latitude, current.longitude) == (52.345, 5.678)


@pytest.mark.parametrize("route", ["B", "O", "Z"])
@pytest.mark.parametrize("before", ["B", "Z"])
def test_what_is_promised_is_what_happens(municipality, before, route):
    levels = {"B": "B1", "O": "B1", "Z": "A1"}
    pip = make.pip(municipality, route=before, level=levels[before])
    promised = {one.component: one.effect for one in pip_consequences(pip, route)}

    new = pip_register(
        actor=make.everything(municipality),
        participant=pip.participant,
        data=make.replace(make.PIP, route=route, level=levels[route]),
    )

    open_after = set(new.needs.exclude(state=NeedState.CLOSED).values_list("component", flat=True))
    kept = {Effect.KEEPS_QUEUE, Effect.GOES_ALONG, Effect.IS_NEW}
    assert open_after == {code for code, effect in promised.items() if effect in kept}


def test_who_has_no_pip_yet_stands_in_the_list_with_the_clock(visitor, municipality):
    make.pip(municipality, person={"reference": "heeft-al"})
    waiting = make.participant(municipality, reference="nog-niet")

    page = text_of(visitor.get("/pips/due"))

    assert f"/participants/{waiting.uuid}/pips/new" in page
    assert "heeft-al" not in page
    # Notified on 15 July: the 70 days ended on 23 September, 56 days ago.
    assert "56 dagen te laat" in page


def test_the_first_pip_of_somebody_duo_announced(visitor, municipality):
    person = make.participant(municipality)
    address = f"/participants/{person.uuid}/pips/new"
    looked = visitor.post(address, PLAN)
    assert "drie jaar" in text_of(looked)

    visitor.post(address, PLAN | {"seen": seen_in(looked)})

    assert Pip.objects.get().participant == person


def test_only_who_may_enter_pips_sees_the_button(visitor, web_as, regional_coordinator, region):
    assert 'href="/pips/new"' in text_of(visitor.get("/work-list"))
    assert 'href="/pips/new"' not in text_of(web_as(regional_coordinator).get("/work-list"))


def test_a_person_of_another_municipality_does_not_exist(web_as, municipality, other_caseworker):
    pip = make.pip(municipality)
    client = web_as(other_caseworker)
    address = f"/participants/{pip.participant.uuid}/pips/new"

    assert client.get(address).status_code == 404
    assert client.post(address, PLAN).status_code == 404
    assert Pip.objects.count() == 1


def test_looking_without_entering_is_not_enough(web_as, municipality, other_municipality):
    """Somebody who enters PIPs elsewhere and may look here gets the reason, not the form."""
    pip = make.pip(municipality)
    person = user_with(Role.CASEWORKER, other_municipality)

    assert web_as(person).get(f"/participants/{pip.participant.uuid}/pips/new").status_code == 404
