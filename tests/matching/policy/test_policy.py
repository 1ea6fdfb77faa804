"""A new version of the policy: its effect first, then a reason, then published for good."""

import re
from datetime import date

import pytest

from backend.accounts.roles import Role
from backend.audit.public import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from matching.choices import PriorityMode
from matching.engine import DEFAULT_WEIGHTS, FACTORS
from matching.models import MatchingPolicy, MatchProposal, MatchRun, Placement
from matching.selectors.policy import default_policy, policy_in_force
from matching.services.policy import PolicyData, policy_publish
from matching.services.policy_preview import policy_preview
from matching.services.runs import match_run_execute, match_run_request
from tests.factories import matching as make
from tests.factories.accounts import user_with
from tests.support.queries import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
TODAY = date(2026, 11, 18)
REASON = "De raad wil kortere reistijden."


def data(**changes):
    return PolicyData(**{"valid_from": TODAY} | changes)


def preview(municipality, **changes):
    return policy_preview(
        actor=make.everything(municipality), organisation=municipality, data=data(**changes)
    )


def publish(municipality, *, reason=REASON, **changes):
    return policy_publish(
        actor=make.everything(municipality),
        organisation_id=municipality.pk,
        data=data(**changes),
        reason=reason,
    )


def form(**changes):
    weights = {f"weight_{name}": str(DEFAULT_WEIGHTS[name]) for name in FACTORS}
    rest = {
        "valid_from": "2026-11-18",
        "max_travel_km": "25",
        "urgent_within_days": "28",
        "long_wait_days": "90",
        "priority": "tiers",
        "seed": "20260302",
        "hold_hours": "48",
        "answer_business_days": "5",
        "proposal_business_days": "5",
        "freeze_days": "14",
        "talk_interval_weeks": "13",
        "absence_percent": "20",
        "absence_weeks": "4",
        "absence_in_row": "3",
        "retention_months": "60",
        "reason": "",
    }
    return weights | rest | changes


def seen_in(response):
    return re.search(r'name="seen" value="(\w+)"', response.content.decode()).group(1)


@pytest.fixture
def intake(municipality):
    return make.contracted_intake(municipality)


@pytest.fixture
def far(municipality, intake):
    """A need 30 to 40 km from the only course: too far today, near enough under a wider limit."""
    where = intake.group.location
    return make.need(
        municipality, latitude=where.latitude + 0.3, longitude=where.longitude, max_travel_km=None
    )


@pytest.fixture
def administrator(functional_administrator, web_as):
    return web_as(functional_administrator)


class TestPublishing:
    def test_reason_author_and_difference_are_history(self, municipality):
        publish(municipality)
        second = publish(municipality, max_travel_km=20)

        event = AuditEvent.objects.get(subject_uuid=second.uuid)
        assert event.reason == REASON
        assert (event.before["max_travel_km"], event.after["max_travel_km"]) == (25, 20)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"reason": "  "}, "reason"),
            ({"valid_from": date(2026, 11, 17)}, "valid_from"),
            ({"weights": dict.fromkeys(FACTORS, 0)}, "weights"),
            ({"weights": {"start": 1}}, "weights"),
            ({"hold_hours": 0}, "hold_hours"),
            ({"priority": "dobbelsteen"}, "priority"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, municipality, changes, field):
        with pytest.raises(InvalidError) as caught:
            publish(municipality, **changes)

        assert [one.field for one in caught.value.violations] == [field]
        assert not MatchingPolicy.objects.filter(organisation=municipality).exists()

    def test_it_takes_effect_from_its_date(self, municipality):
        publish(municipality, valid_from=date(2027, 1, 1), max_travel_km=10)

        today = policy_in_force(organisation_id=municipality.pk, on=TODAY)
        later = policy_in_force(organisation_id=municipality.pk, on=date(2027, 1, 1))
        assert (today.pk, later.max_travel_km) == (default_policy().pk, 10)

    def test_only_who_sets_the_policy_here(self, municipality, make_actor):
        actor = make_actor(Role.CASEWORKER, municipality)

        with pytest.raises(NotAllowedError):
            policy_publish(actor=actor, organisation_id=municipality.pk, data=data(), reason=REASON)
        with pytest.raises(NotAllowedError):
            policy_preview(actor=actor, organisation=municipality, data=data())


class TestPreview:
    def test_a_wider_limit_gains_a_place(self, municipality, far):
        found = preview(municipality, max_travel_km=60)

        assert (found.before.placed, found.after.placed) == (0, 1)
        assert (found.gained, found.lost, found.moved) == (1, 0, 0)
        assert found.gained_names == (f"{far.pip.participant.reference} (B)",)
        assert found.after.mean_km == pytest.approx(33.4, abs=0.2)

    def test_a_narrower_limit_loses_it(self, municipality, far):
        publish(municipality, max_travel_km=60)

        found = preview(municipality, max_travel_km=25)

        assert (found.gained, found.lost) == (0, 1)
        assert found.lost_names == (f"{far.pip.participant.reference} (B)",)

    def test_the_same_policy_changes_nothing(self, municipality, far):
        found = preview(municipality)

        assert found.before == found.after
        assert (found.gained, found.lost, found.moved) == (0, 0, 0)

    def test_the_policy_decides_who_is_urgent(self, municipality, far):
        assert preview(municipality).before.by_tier[0][0] == 0

        found = preview(municipality, urgent_within_days=365)

        assert found.after.by_tier[0][0] == 1

    def test_groups_add_up_to_everybody(self, municipality, far):
        found = preview(municipality, max_travel_km=60)

        for groups in (found.by_component, found.by_municipality):
            assert sum(one.people for one in groups) == found.people == 4
            assert sum(one.after for one in groups) == found.after.placed
        assert [one.key for one in found.by_municipality] == ["Eigenstad"]

    def test_nothing_is_written(self, municipality, far):
        default_policy()
        with counted() as captured:
            preview(municipality, max_travel_km=60)

        statements = [
            (one["sql"] or "select").lstrip().split()[0].upper()
            for one in captured.captured_queries
        ]
        assert set(statements) <= {"SELECT", "SAVEPOINT", "RELEASE"}
        assert not MatchRun.objects.exists()
        assert not MatchProposal.objects.exists()
        assert not Placement.objects.exists()

    def test_it_promises_what_a_run_then_does(self, municipality, far):
        promised = preview(municipality, max_travel_km=60)
        publish(municipality, max_travel_km=60)
        actor = make.everything(municipality)

        run = match_run_execute(run_id=match_run_request(actor=actor, organisation=municipality).pk)

        assert run.summary["placed"] == promised.after.placed

    def test_who_may_not_see_people_gets_numbers_only(self, municipality, far, make_actor):
        actor = make_actor(Role.FUNCTIONAL_ADMINISTRATOR, municipality)

        found = policy_preview(actor=actor, organisation=municipality, data=data(max_travel_km=60))

        assert (found.gained, found.gained_names) == (1, ())


class TestPages:
    def test_the_effect_comes_before_publishing(self, administrator, municipality, far):
        address = f"/policies/new/{municipality.uuid}"
        assert "Bekijk het effect" in administrator.get(address).content.decode()

        looked = administrator.post(address, form(max_travel_km="60"))

        page = looked.content.decode()
        assert looked.status_code == 200
        assert "1 van 4 mensen zouden een plek krijgen; nu is dat 0." in page
        assert "Deze versie publiceren" in page
        assert not MatchingPolicy.objects.filter(organisation=municipality).exists()

    def test_publishing_needs_the_reason_and_no_second_look(self, administrator, municipality):
        address = f"/policies/new/{municipality.uuid}"
        values = form(max_travel_km="60")
        seen = seen_in(administrator.post(address, values))

        without = administrator.post(address, values | {"seen": seen})
        assert without.status_code == 400
        assert 'href="#id_reason"' in without.content.decode()
        assert seen_in(without) == seen

        done = administrator.post(address, values | {"seen": seen, "reason": REASON})
        policy = MatchingPolicy.objects.get(organisation=municipality)
        assert done.headers["Location"] == f"/policies/{policy.uuid}"
        assert policy.max_travel_km == 60

    def test_other_values_than_looked_at_are_not_published(self, administrator, municipality):
        address = f"/policies/new/{municipality.uuid}"
        seen = seen_in(administrator.post(address, form()))

        again = administrator.post(address, form(max_travel_km="30", seen=seen, reason=REASON))

        assert again.status_code == 200
        assert "Kijk opnieuw" in again.content.decode()
        assert not MatchingPolicy.objects.filter(organisation=municipality).exists()

    def test_the_sum_of_the_weights_is_shown(self, administrator, municipality):
        address = f"/policies/new/{municipality.uuid}"
        assert ">1000</output>" in administrator.get(address).content.decode()

        page = administrator.post(address, form(weight_price="150")).content.decode()

        assert ">1100</output>" in page

    def test_the_list_says_what_each_version_changed(self, administrator, municipality):
        publish(municipality, max_travel_km=30)
        publish(municipality, max_travel_km=30, priority=PriorityMode.STRICT)

        page = administrator.get("/policies").content.decode()

        assert "Reisgrens in km: 25 → 30" in page
        assert "Volgorde van mensen: " in page
        assert page.count("geldt nu") == 1
        assert "vervangen" in page

    def test_a_version_says_who_and_why(self, web_as, caseworker, municipality):
        policy = publish(municipality)

        page = web_as(caseworker).get(f"/policies/{policy.uuid}").content.decode()

        assert REASON in page
        assert f"/algorithm-register/municipality/{municipality.code}" in page

    def test_the_list_takes_as_many_queries_for_more_versions(self, administrator, municipality):
        publish(municipality)
        administrator.get("/policies")  # the session and the rights are read once
        with counted() as few:
            administrator.get("/policies")
        for km in (11, 12, 13, 14):
            publish(municipality, max_travel_km=km)
        with counted() as more:
            administrator.get("/policies")

        assert len(more) == len(few)

    def test_a_coordinator_sets_the_policy_of_the_region_only(
        self, web_as, regional_coordinator, region, municipality
    ):
        client = web_as(regional_coordinator)

        assert client.get(f"/policies/new/{region.uuid}").status_code == 200
        assert client.get(f"/policies/new/{municipality.uuid}").status_code == 404

    def test_another_municipality_is_not_seen(self, web_as, other_caseworker, municipality):
        policy = publish(municipality)
        client = web_as(other_caseworker)

        assert client.get(f"/policies/{policy.uuid}").status_code == 404
        assert str(policy.uuid) not in client.get("/policies").content.decode()

    def test_an_administrator_of_a_provider_sets_no_policy(self, web_as, provider):
        client = web_as(user_with(Role.FUNCTIONAL_ADMINISTRATOR, provider))

        assert client.get(f"/policies/new/{provider.uuid}").status_code == 404
