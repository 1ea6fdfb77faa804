"""Commands happen once; changes are only made to the version that was read."""

import contextlib
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection
from django.test import override_settings

from backend.accounts.roles import Role
from backend.api.idempotency import LIFETIME, remove_expired
from backend.api.models import IdempotencyRecord
from backend.common import clock
from providers.models import Location
from tests.backend.api import workshop
from tests.factories.accounts import client_with
from tests.support.problems import assert_problem, fault

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.api.workshop")]
WORKSHOPS = "/api/v1/workshops"


@pytest.fixture
def order(location):
    return {"provider": str(location.provider.uuid), "name": "Zaal", "houseNumber": "1"}


class TestOnce:
    def test_a_created_object_is_answered_with_its_address_and_tag(
        self, post, order, caseworker_api
    ):
        response = post(WORKSHOPS, order)

        assert response.status_code == 201
        assert set(response.json()) == {"id", "code", "name", "houseNumber"}
        assert response.headers["Location"] == f"{WORKSHOPS}/{response.json()['id']}"
        again = caseworker_api.get(response.headers["Location"])
        assert again.headers["ETag"] == response.headers["ETag"]
        assert again.json() == response.json()

    def test_the_same_key_and_body_give_the_same_answer_and_no_second_row(self, post, order):
        first = post(WORKSHOPS, order, key="k1")
        reordered = dict(reversed(order.items()))
        second = post(WORKSHOPS, reordered, key="k1")

        assert (second.status_code, second.content) == (201, first.content)
        assert second.headers["Location"] == first.headers["Location"]
        assert second.headers["ETag"] == first.headers["ETag"]
        assert "Idempotency-Replayed" not in first.headers
        assert second.headers["Idempotency-Replayed"] == "true"
        assert Location.objects.filter(name="Zaal").count() == 1

    def test_the_same_key_with_another_body_is_refused(self, post, order):
        post(WORKSHOPS, order, key="k1")
        response = post(WORKSHOPS, {**order, "name": "Anders"}, key="k1")

        assert_problem(
            response,
            409,
            "idempotency_key_reused",
            detail="Deze Idempotency-Key is al gebruikt voor een andere aanvraag. "
            "Gebruik een nieuwe.",
            errors=[],
        )
        assert not Location.objects.filter(name="Anders").exists()

    def test_the_same_key_on_another_address_is_refused(self, post, order, location):
        post(WORKSHOPS, order, key="k1")

        assert_problem(
            post(f"{WORKSHOPS}/{location.uuid}/fail", order, key="k1"),
            409,
            "idempotency_key_reused",
        )

    def test_another_principal_may_use_the_same_key(self, post, order, api_as, municipality):
        post(WORKSHOPS, order, key="k1")
        other = api_as(key=client_with(Role.CASEWORKER, organisation=municipality)[1])
        response = other.post(WORKSHOPS, order, format="json", headers={"Idempotency-Key": "k1"})

        assert response.status_code == 201
        assert "Idempotency-Replayed" not in response.headers
        assert Location.objects.filter(name="Zaal").count() == 2

    def test_an_error_is_not_kept(self, post, order):
        assert post(WORKSHOPS, {**order, "name": ""}, key="k1").status_code == 400
        assert not IdempotencyRecord.objects.exists()
        assert post(WORKSHOPS, order, key="k1").status_code == 201

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            (None, "idempotency_key_missing"),
            ("  ", "idempotency_key_missing"),
            ("k" * 256, "idempotency_key_invalid"),
            ("sleutel\u00e9", "idempotency_key_invalid"),
        ],
    )
    def test_a_command_needs_a_usable_key(self, caseworker_api, order, key, code):
        headers = {} if key is None else {"Idempotency-Key": key}
        response = caseworker_api.post(WORKSHOPS, order, format="json", headers=headers)

        body = assert_problem(response, 400, code)
        assert body["errors"] == [fault("Idempotency-Key", code, body["detail"])]
        assert not Location.objects.filter(name="Zaal").exists()

    def test_after_its_lifetime_a_key_is_new_again(self, post, order):
        post(WORKSHOPS, order, key="k1")
        record = IdempotencyRecord.objects.get()
        assert record.expires_at - record.created_at == LIFETIME >= timedelta(hours=24)
        IdempotencyRecord.objects.update(expires_at=clock.now())

        assert "Idempotency-Replayed" not in post(WORKSHOPS, order, key="k1").headers
        assert IdempotencyRecord.objects.count() == 1

    def test_expired_answers_are_removed_and_others_stay(self, post, order):
        post(WORKSHOPS, order, key="k1")
        post(WORKSHOPS, order, key="k2")
        IdempotencyRecord.objects.filter(key="k1").update(expires_at=clock.now())

        assert remove_expired() == 1
        assert [one.key for one in IdempotencyRecord.objects.all()] == ["k2"]

    def test_what_the_actor_may_not_see_afterwards_is_not_made(self, post, order, monkeypatch):
        def invisible(self):
            return Location.objects.none()

        monkeypatch.setattr(workshop.WorkshopViewSet, "visible", invisible)

        assert_problem(post(WORKSHOPS, order, key="k1"), 404, "not_found")
        assert not Location.objects.filter(name="Zaal").exists()
        assert not IdempotencyRecord.objects.exists()

    def test_a_key_in_use_is_refused_with_the_time_to_wait(self, post, order, monkeypatch):
        from backend.api import idempotency
        from backend.common.prepared import Statement

        text = idempotency._CLAIM.text
        claim = Statement(
            text.replace("pg_try_advisory_xact_lock(%s::bigint)", "%s::bigint is null")
        )
        monkeypatch.setattr(idempotency, "_CLAIM", claim)
        response = post(WORKSHOPS, order)

        assert_problem(response, 409, "idempotency_key_in_use")
        assert response.headers["Retry-After"] == "1"
        assert not Location.objects.filter(name="Zaal").exists()


class TestVersions:
    def test_an_unchanged_object_is_not_sent_again(self, caseworker_api, location):
        url = f"{WORKSHOPS}/{location.uuid}"
        tag = caseworker_api.get(url).headers["ETag"]
        response = caseworker_api.get(url, headers={"If-None-Match": f'"x", W/{tag}'})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == tag
        assert response.headers["API-Version"] == "1.0.0"
        location.name = "Nieuw"
        location.save()
        assert caseworker_api.get(url, headers={"If-None-Match": tag}).status_code == 200

    def test_a_change_of_the_current_version(self, caseworker_api, location):
        url = f"{WORKSHOPS}/{location.uuid}"
        tag = caseworker_api.get(url).headers["ETag"]
        response = caseworker_api.patch(
            url, {"name": "Nieuw"}, format="json", headers={"If-Match": tag}
        )

        assert response.status_code == 200, response.content
        assert response.json()["name"] == "Nieuw"
        assert response.headers["ETag"] not in {None, tag}

    @pytest.mark.parametrize("wanted", ['"old"', "W/{tag}"])
    def test_a_stale_or_weak_tag_is_refused(self, caseworker_api, location, wanted):
        url = f"{WORKSHOPS}/{location.uuid}"
        tag = caseworker_api.get(url).headers["ETag"]
        response = caseworker_api.patch(
            url, {"name": "Nieuw"}, format="json", headers={"If-Match": wanted.format(tag=tag)}
        )

        assert_problem(response, 412, "precondition_failed", title="Intussen gewijzigd", errors=[])
        location.refresh_from_db()
        assert location.name == "Hal"

    def test_without_a_tag_nothing_is_changed(self, caseworker_api, location):
        response = caseworker_api.patch(
            f"{WORKSHOPS}/{location.uuid}", {"name": "Nieuw"}, format="json"
        )

        assert_problem(response, 428, "if_match_missing", errors=[])
        location.refresh_from_db()
        assert location.name == "Hal"

    def test_an_invisible_object_does_not_exist(self, caseworker_api):
        response = caseworker_api.patch(
            f"{WORKSHOPS}/{uuid4()}", {"name": "N"}, format="json", headers={"If-Match": "*"}
        )

        assert_problem(response, 404, "not_found")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRaces:
    CLIENTS = 12

    def run(self, work):
        start = threading.Barrier(self.CLIENTS)
        answers = []

        def one():
            try:
                start.wait(10)
                with override_settings(ROOT_URLCONF="tests.backend.api.workshop"):
                    answers.append(work())
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(self.CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        close_old_connections()
        return answers

    def test_many_posts_with_one_key_make_one_row(self, api_as, order, municipality):
        _client, key = client_with(Role.CASEWORKER, organisation=municipality)

        def work():
            response = api_as(key=key).post(
                WORKSHOPS, order, format="json", headers={"Idempotency-Key": "same"}
            )
            return response.status_code, response.content

        answers = self.run(work)

        assert len(answers) == self.CLIENTS
        assert {status for status, _body in answers} <= {201, 409}
        assert len({body for status, body in answers if status == 201}) == 1
        assert Location.objects.filter(name="Zaal").count() == 1

    def test_many_changes_of_one_version_change_it_once(self, api_as, location, municipality):
        _client, key = client_with(Role.CASEWORKER, organisation=municipality)
        url = f"{WORKSHOPS}/{location.uuid}"
        tag = api_as(key=key).get(url).headers["ETag"]

        def work():
            name = uuid4().hex[:10]
            response = api_as(key=key).patch(
                url, {"name": name}, format="json", headers={"If-Match": tag}
            )
            return response.status_code

        assert sorted(self.run(work)) == [200] + [412] * (self.CLIENTS - 1)

    def test_without_the_row_lock_versions_are_overwritten(
        self, api_as, location, municipality, monkeypatch
    ):
        """The control: the same race without the lock lets several clients pass."""
        from django.db.models import QuerySet

        monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **kwargs: self)
        original = workshop.WorkshopViewSet.perform_update
        gate = threading.Barrier(2)

        def slow(self, instance, data):
            with contextlib.suppress(threading.BrokenBarrierError):
                gate.wait(3)
            return original(self, instance, data)

        monkeypatch.setattr(workshop.WorkshopViewSet, "perform_update", slow)
        _client, key = client_with(Role.CASEWORKER, organisation=municipality)
        url = f"{WORKSHOPS}/{location.uuid}"
        tag = api_as(key=key).get(url).headers["ETag"]

        def work():
            response = api_as(key=key).patch(
                url, {"name": uuid4().hex[:10]}, format="json", headers={"If-Match": tag}
            )
            return response.status_code

        assert self.run(work).count(200) > 1
