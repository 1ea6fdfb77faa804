"""Bundles, households and the comparison of places on screen."""

import re

import pytest
from django.urls import reverse

from backend.accounts.public import ROLE_PERMISSIONS, Role
from backend.organisations.permissions import Permission
from matching.household_choices import Coupling
from matching.models import Household, MatchBundle, MatchRecord
from matching.services.bundles import bundle_propose
from matching.services.households import HouseholdData, household_register
from matching.services.recommendations import recommendation_create
from tests.factories.matching import contracted_intake, everything, pip, placement
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def desk(client, caseworker):
    client.force_login(caseworker)
    return client


def words(response):
    text = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def test_a_bundle_from_the_pip_to_the_choice_per_component(desk, municipality):
    plan = pip(municipality)
    route = contracted_intake(municipality, group__weekdays=(1, 3))
    contracted_intake(municipality, group__course__component="KNM", group__weekdays=(1,))
    pvt = contracted_intake(municipality, group__course__component="PVT", group__weekdays=(2,))
    assert (
        reverse("bundle-new", args=[plan.uuid]) in desk.get(f"/pips/{plan.uuid}").content.decode()
    )
    answer = desk.post(reverse("bundle-new", args=[plan.uuid]), follow=True)
    bundle = MatchBundle.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("bundle", args=[bundle.uuid])
    shown = words(answer)
    assert "Voorstel 1" in shown
    assert "2 van 4" in shown
    # The week names the component in its day-part, the term draws it, and what is open says why.
    assert '<svg role="img"' in answer.content.decode()
    assert "tegelijk met" in shown
    for intake in (route, pvt):
        record = MatchRecord.objects.get(
            need__pip=plan, need__component=intake.group.course.component
        )
        assert reverse("choose-place", args=[record.uuid, intake.uuid]) in answer.content.decode()


def test_a_place_that_runs_stands_in_the_week_and_is_not_chosen_again(desk, municipality):
    plan = pip(municipality)
    route = contracted_intake(municipality)
    placement(municipality, intake=route, of=plan.needs.get(component="B"))
    contracted_intake(municipality, group__course__component="PVT", group__weekdays=(2,))
    answer = desk.post(reverse("bundle-new", args=[plan.uuid]), follow=True)
    assert "heeft een plaats" in words(answer)
    assert str(route.uuid) not in answer.content.decode()


def test_without_anything_to_combine_the_page_says_so(desk, municipality):
    plan = pip(municipality)
    plan.needs.update(state="closed")
    answer = desk.post(reverse("bundle-new", args=[plan.uuid]))
    assert answer.status_code == 409
    assert "wacht" in words(answer)


def household_form(**fields):
    return {"coupling": "together", "wish": "same_place", "until_date": "2027-03-01"} | fields


def test_a_household_is_entered_shown_and_ended(desk, municipality):
    first, second = pip(municipality), pip(municipality)
    url = reverse("household", args=[first.participant.uuid])
    saved = desk.post(url, household_form(others=second.participant.reference), follow=True)
    household = Household.objects.get()
    shown = words(saved)
    assert f"Huishouden met {second.participant.reference}" in shown
    assert "1 maart 2027" in shown
    again = desk.get(url)
    assert f'value="{second.participant.reference}"' in again.content.decode()
    desk.post(
        url, household_form(others=second.participant.reference, coupling="split", until_date="")
    )
    household.refresh_from_db()
    assert household.coupling == Coupling.SPLIT
    desk.post(reverse("household-dissolve", args=[household.uuid]))
    assert not Household.objects.exists()


def test_a_reference_that_does_not_exist_is_named(desk, municipality):
    plan = pip(municipality)
    url = reverse("household", args=[plan.participant.uuid])
    answer = desk.post(url, household_form(others="bestaat-niet"))
    assert answer.status_code == 400
    assert "bestaat-niet" in words(answer)
    assert not Household.objects.exists()


def searched(municipality, plan):
    return recommendation_create(actor=everything(municipality), need=plan.needs.get(component="B"))


def test_places_are_compared_on_a_map_in_a_week_and_fact_by_fact(desk, municipality):
    plan = pip(municipality)
    near = contracted_intake(municipality)
    far = contracted_intake(municipality, group__location__latitude=52.15, group__weekdays=(2, 4))
    record = searched(municipality, plan)
    page = desk.get(reverse("match-record", args=[record.uuid])).content.decode()
    assert f'name="start" value="{far.uuid}"' in page
    url = reverse("compare-places", args=[record.uuid])
    both = desk.get(url, {"start": [str(near.uuid), str(far.uuid)]})
    html = both.content.decode()
    assert '<svg role="img"' in html
    assert "Verwachte wachttijd" in html
    for intake in (near, far):
        assert reverse("choose-place", args=[record.uuid, intake.uuid]) in html
    assert html.count('match-week__lesson">A<') == 2
    assert html.count('match-week__lesson">B<') == 2
    one = desk.get(url, {"start": str(far.uuid)}).content.decode()
    assert str(near.uuid) not in one


def test_the_map_never_holds_the_point_of_the_person(desk, municipality):
    plan = pip(municipality, latitude=52.123456, longitude=5.098765)
    contracted_intake(municipality)
    record = searched(municipality, plan)
    html = desk.get(reverse("compare-places", args=[record.uuid])).content.decode()
    assert "52.123456" not in html
    assert "5.098765" not in html
    assert "52.123456" not in str(record.result)
    assert "midden van de gemeente" in html


def test_prices_are_for_who_may_see_contracts(client, desk, municipality, regional_coordinator):
    contracted_intake(municipality)
    record = searched(municipality, pip(municipality))
    url = reverse("compare-places", args=[record.uuid])
    shown = {"caseworker": words(desk.get(url))}
    client.force_login(regional_coordinator)
    shown["coordinator"] = words(client.get(url))
    for role, name in ((Role.CASEWORKER, "caseworker"), (Role.REGIONAL_COORDINATOR, "coordinator")):
        may = Permission.VIEW_CONTRACTS in ROLE_PERMISSIONS[role]
        assert ("Prijs per uur" in shown[name]) == may


def test_the_household_stands_beside_every_place(desk, municipality):
    first, second = pip(municipality), pip(municipality)
    contracted_intake(municipality, seats_total=1)
    household_register(
        actor=everything(municipality),
        data=HouseholdData(participants=[first.participant, second.participant]),
    )
    record = searched(municipality, first)
    for name in ("match-record", "compare-places"):
        shown = words(desk.get(reverse(name, args=[record.uuid])))
        assert f"{second.participant.reference} kan niet beginnen naast deze plaats" in shown


def test_the_suggested_sentence_alone_is_no_motivation(desk, municipality):
    intake = contracted_intake(municipality)
    record = searched(municipality, pip(municipality))
    url = reverse("choose-place", args=[record.uuid, intake.uuid])
    page = desk.get(url)
    suggestion = page.context["form"].initial["motivation"]
    assert suggestion
    refused = desk.post(url, {"motivation": suggestion, "offer": "no"})
    assert refused.status_code == 400
    assert "eigen woorden" in words(refused)
    own = desk.post(
        url, {"motivation": f"{suggestion} De school ligt naast de opvang.", "offer": "no"}
    )
    assert own.status_code == 302


def test_pages_ask_the_database_a_fixed_number_of_times(desk, municipality):
    """More places, members and components cost no more questions."""
    plans = [pip(municipality) for _ in range(3)]
    for weekdays in ((1, 3), (2, 4), (1, 5)):
        contracted_intake(municipality, group__weekdays=weekdays)
    household = household_register(
        actor=everything(municipality),
        data=HouseholdData(participants=[one.participant for one in plans]),
    )
    bundle = bundle_propose(actor=everything(municipality), pip=plans[0])
    record = searched(municipality, plans[0])
    for name, url in (
        ("GET a bundle", reverse("bundle", args=[bundle.uuid])),
        ("GET places compared", reverse("compare-places", args=[record.uuid])),
        ("GET a household", reverse("household", args=[plans[0].participant.uuid])),
        ("GET a household to end", reverse("household-dissolve", args=[household.uuid])),
    ):
        desk.get(url)
        with counted() as asked:
            assert desk.get(url).status_code == 200
        assert_query_count(name, len(asked))
