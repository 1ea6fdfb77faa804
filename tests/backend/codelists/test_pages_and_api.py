"""Code lists on screen and over the API: read by everybody, changed by a region's administrator."""

from datetime import date
from uuid import uuid4

import pytest

from backend.accounts.actors import actor_for
from backend.accounts.roles import Role
from backend.codelists.models import CodeListVersion
from backend.codelists.public import Change, Code, code_list_publish, versions_of
from matching.choices import PlacementState
from matching.code_lists import REFUSALS, WITHDRAWALS
from providers.code_lists import SPECIAL_GROUPS
from tests.factories.accounts import user_with
from tests.factories.matching import placement
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
AHEAD = date(2026, 12, 1)
BODY = {
    "validFrom": "2026-12-01",
    "added": [{"code": "no_childcare", "labelNl": "Geen kinderopvang", "labelEn": "No childcare"}],
    "ended": ["better_place"],
    "renamed": [
        {"code": "participant_declined", "labelNl": "Wil niet", "labelEn": "Does not want"}
    ],
}


def post(client, path, body):
    return client.post(path, body, "json", HTTP_IDEMPOTENCY_KEY=str(uuid4()))


@pytest.fixture
def keeper(region):
    return user_with(Role.FUNCTIONAL_ADMINISTRATOR, region)


@pytest.fixture
def api(api_as, keeper):
    return api_as(keeper)


@pytest.fixture
def web(web_as, keeper):
    return web_as(keeper)


class TestApi:
    def test_the_lists_and_one_list_cost_few_queries(self, api):
        api.get("/api/v1/code-lists")
        with counted() as found:
            answer = api.get("/api/v1/code-lists")
        assert_query_count("GET /api/v1/code-lists", len(found))
        items = {one["key"]: one for one in answer.json()["items"]}
        assert items["literacy"]["isChangeable"] is False
        assert items[WITHDRAWALS]["currentVersion"] == 1
        with counted() as found:
            one = api.get(f"/api/v1/code-lists/{WITHDRAWALS}").json()
        assert_query_count("GET /api/v1/code-lists/{key}", len(found))
        assert [version["version"] for version in one["versions"]] == [1]
        fixed = {code["code"] for code in one["versions"][0]["codes"] if code["isFixed"]}
        assert fixed == {"moved", "other_provider"}
        assert api.get("/api/v1/code-lists/no-list").status_code == 404

    def test_a_change_is_looked_at_published_and_taken_back(self, api, municipality):
        placement(municipality, state=PlacementState.WITHDRAWN)
        address = f"/api/v1/code-lists/{WITHDRAWALS}"
        impact = post(api, f"{address}/preview", BODY).json()
        assert impact["ended"] == [
            {"code": "better_place", "records": [{"where": "Plaatsingen", "records": 1}]}
        ]
        assert not CodeListVersion.objects.exists()

        key = {"HTTP_IDEMPOTENCY_KEY": "nieuwe-lijst"}
        first = api.post(f"{address}/versions", {**BODY, "reason": "Besluit"}, "json", **key)
        again = api.post(f"{address}/versions", {**BODY, "reason": "Besluit"}, "json", **key)
        assert (first.status_code, again.content) == (201, first.content)
        versions = first.json()["versions"]
        assert [one["validTo"] for one in versions] == ["2026-11-30", None]
        assert "better_place" not in {one["code"] for one in versions[1]["codes"]}
        assert first.json()["nextVersionFrom"] == "2026-12-01"

        taken = post(api, f"{address}/versions/2/withdraw", {"reason": "Vergissing"})
        assert len(taken.json()["versions"]) == 1

    def test_all_faults_come_at_once_in_dutch(self, api):
        body = {"validFrom": "2026-11-18", "ended": ["moved", "nothing"], "reason": "x"}
        answer = post(api, f"/api/v1/code-lists/{WITHDRAWALS}/versions", body)
        assert answer.status_code == 400
        assert {one["code"] for one in answer.json()["errors"]} == {
            "date_not_ahead",
            "code_fixed",
            "unknown_code",
        }
        assert "ligt vast" in answer.content.decode()

    def test_a_code_of_another_day_is_refused_where_it_is_used(self, api_as, municipality):
        found = placement(municipality, state=PlacementState.OFFERED)
        planner = user_with(Role.PROVIDER_PLANNER, found.provider_organisation)
        answer = post(
            api_as(planner), f"/api/v1/placements/{found.uuid}/refuse", {"reason": "too_far"}
        )
        assert answer.status_code == 400
        assert [one["field"] for one in answer.json()["errors"]] == ["reason"]

    def test_courses_are_found_by_a_group_of_any_version(self, api, keeper):
        new = Code("mothers", "Moeders", "Mothers")
        code_list_publish(
            actor=actor_for(keeper), key=SPECIAL_GROUPS, change=Change(AHEAD, (new,)), reason="Wens"
        )
        assert api.get("/api/v1/courses?specialGroups=mothers,youth").status_code == 200
        assert api.get("/api/v1/courses?specialGroups=nobody").status_code == 400


class TestPages:
    def form(self, web, key=WITHDRAWALS, **changes):
        page = web.get(f"/code-lists/{key}/new")
        form = page.context["form"]
        values = {name: form[name].value() or "" for name in form.fields}
        values = {name: value for name, value in values.items() if value is not False}
        return {**values, "valid_from": "2026-12-01", **changes}

    def test_a_version_is_published_after_a_look_at_its_effect(self, web, municipality):
        placement(municipality, state=PlacementState.WITHDRAWN)
        old = [code.code for code in versions_of(WITHDRAWALS)[0].codes]
        changeable = [code for code in old if code not in {"moved", "other_provider"}]
        body = self.form(
            web,
            new_0_code="no_childcare",
            new_0_nl="Geen kinderopvang",
            new_0_en="No childcare",
            reason="Besluit",
            **{f"old_{changeable.index('better_place')}_ends": "on"},
        )
        looked = web.post(f"/code-lists/{WITHDRAWALS}/new", body)
        assert looked.status_code == 200
        text = looked.content.decode()
        assert "Versie 2 geldt vanaf 1 december 2026" in text
        assert "Lopende plaatsingen" in text
        assert not CodeListVersion.objects.exists()

        done = web.post(
            f"/code-lists/{WITHDRAWALS}/new", {**body, "seen": looked.context["seen"]}, follow=True
        )
        assert done.status_code == 200
        second = versions_of(WITHDRAWALS)[1]
        assert "better_place" not in second.holds()
        assert second.holds()["no_childcare"].label_nl == "Geen kinderopvang"
        assert "Codes vanaf" in done.content.decode()

    def test_a_finer_ground_needs_its_ground(self, web):
        body = self.form(
            web, REFUSALS, new_0_code="no_teacher", new_0_nl="Geen docent", new_0_en="No teacher"
        )
        refused = web.post(f"/code-lists/{REFUSALS}/new", body)
        assert refused.status_code == 400
        assert "verfijning" in refused.content.decode()
        body["new_0_counts_as"] = "outside_expertise"
        assert web.post(f"/code-lists/{REFUSALS}/new", body).status_code == 200

    def test_half_a_new_code_is_pointed_out(self, web):
        body = self.form(web, new_0_code="half")
        refused = web.post(f"/code-lists/{WITHDRAWALS}/new", body)
        assert set(refused.context["form"].errors) == {"new_0_nl", "new_0_en"}

    def test_the_planned_version_is_taken_back_on_screen(self, web, keeper):
        new = Code("mothers", "Moeders", "Mothers")
        code_list_publish(
            actor=actor_for(keeper), key=SPECIAL_GROUPS, change=Change(AHEAD, (new,)), reason="Wens"
        )
        page = web.get(f"/code-lists/{SPECIAL_GROUPS}").content.decode()
        assert "Geplande versie intrekken" in page
        address = f"/code-lists/{SPECIAL_GROUPS}/versions/2/withdraw"
        assert web.post(address, {"reason": "Vergissing"}).status_code == 302
        assert not CodeListVersion.objects.exists()

    def test_who_keeps_no_list_reads_them_only(self, web_as, functional_administrator):
        town = web_as(functional_administrator)
        assert "Nieuwe versie" not in town.get(f"/code-lists/{WITHDRAWALS}").content.decode()
        assert town.get(f"/code-lists/{WITHDRAWALS}/new").status_code == 404
        assert town.get("/code-lists/no-list").status_code == 404

    def test_pages_cost_a_constant_number_of_queries(self, web):
        for path in ("/code-lists", f"/code-lists/{WITHDRAWALS}"):
            web.get(path)
            with counted() as found:
                assert web.get(path).status_code == 200
            assert_query_count(f"GET {path}", len(found))
