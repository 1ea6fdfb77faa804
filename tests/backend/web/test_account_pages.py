"""The functional administrator manages people, roles and systems; all of it in the history."""

import re

import pytest
from django.core import mail
from rest_framework.test import APIClient

from backend.accounts.models import ApiClient, Membership, User
from backend.accounts.public import actor_for
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.organisations.permissions import Permission
from backend.outbox.public import consume
from tests.factories.accounts import membership_for, user_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def admin(web_as, functional_administrator):
    return web_as(functional_administrator)


class TestPeople:
    def test_somebody_is_invited_with_a_first_role(self, admin, municipality):
        body = {
            "email": "nieuw@gemeente.example",
            "full_name": "Nieuwe Collega",
            "language": "nl",
            "organisation": str(municipality.uuid),
            "role": "caseworker",
        }
        assert admin.post("/users/invite", body).status_code == 302

        user = User.objects.get(email="nieuw@gemeente.example")
        assert municipality.pk in actor_for(user).with_permission(Permission.PLACE)
        consume()
        assert [one.to for one in mail.outbox] == [["nieuw@gemeente.example"]]
        again = admin.post("/users/invite", body)
        assert again.status_code == 409

    def test_only_the_own_organisations_can_be_chosen(self, admin, other_municipality):
        body = {
            "email": "x@y.example",
            "full_name": "X",
            "language": "nl",
            "organisation": str(other_municipality.uuid),
            "role": "caseworker",
        }
        assert admin.post("/users/invite", body).status_code == 400
        assert not User.objects.filter(email="x@y.example").exists()

    def test_a_role_is_given_and_ended(self, admin, municipality, caseworker):
        body = {"organisation": str(municipality.uuid), "role": "quality_officer"}
        assert admin.post(f"/users/{caseworker.uuid}/roles/new", body).status_code == 302
        role = Membership.objects.get(user=caseworker, role="quality_officer")
        shown = admin.get(f"/users/{caseworker.uuid}").content.decode()
        assert f"/roles/{role.uuid}/end" in shown

        done = admin.post(f"/roles/{role.uuid}/end", {"reason": "Andere functie"})
        assert done.status_code == 302
        actions = set(AuditEvent.objects.values_list("action", flat=True))
        assert {"membership.granted", "membership.revoked"} <= actions
        mine = actor_for(User.objects.get(pk=caseworker.pk))
        assert municipality.pk not in mine.with_permission(Permission.MANAGE_QUALITY)

    def test_an_account_is_closed_and_opened_again(self, admin, caseworker):
        url = f"/users/{caseworker.uuid}"
        assert admin.post(f"{url}/deactivate", {"reason": ""}).status_code == 400
        assert admin.post(f"{url}/deactivate", {"reason": "Uit dienst"}).status_code == 302
        caseworker.refresh_from_db()
        assert not caseworker.is_active
        assert admin.post(f"{url}/reactivate", {"reason": "Toch niet"}).status_code == 302
        caseworker.refresh_from_db()
        assert caseworker.is_active
        events = AuditEvent.objects.filter(action__in=["user.deactivated", "user.reactivated"])
        assert {one.reason for one in events} == {"Uit dienst", "Toch niet"}

    def test_nobody_changes_the_own_rights(self, admin, functional_administrator, municipality):
        url = f"/users/{functional_administrator.uuid}"
        body = {"organisation": str(municipality.uuid), "role": "caseworker"}
        assert admin.post(f"{url}/roles/new", body).status_code == 403
        assert admin.post(f"{url}/deactivate", {"reason": "Per ongeluk"}).status_code == 403

    def test_who_works_elsewhere_too_is_not_closed_here(
        self, admin, municipality, other_municipality, caseworker
    ):
        membership_for(caseworker, Role.CASEWORKER, other_municipality)
        answer = admin.post(f"/users/{caseworker.uuid}/deactivate", {"reason": "Uit dienst"})
        assert answer.status_code == 403
        # Nor is the role elsewhere shown.
        assert "Anderstad" not in admin.get(f"/users/{caseworker.uuid}").content.decode()

    def test_the_right_to_overrule_is_given_by_name(self, admin, caseworker, municipality):
        url, body = f"/users/{caseworker.uuid}/overrule", {"organisation": str(municipality.uuid)}
        given = admin.post(url, body | {"step": "give", "reason": "Vervangt de teamleider"})
        assert given.status_code == 302
        mine = actor_for(User.objects.get(pk=caseworker.pk))
        assert municipality.pk in mine.with_permission(Permission.OVERRULE)
        admin.post(url, body | {"step": "take", "reason": "Voorbij"})
        mine = actor_for(User.objects.get(pk=caseworker.pk))
        assert municipality.pk not in mine.with_permission(Permission.OVERRULE)

    def test_the_list_is_searched_filtered_and_downloaded(self, admin, municipality, caseworker):
        stranger = user_with(
            Role.TEACHER,
            municipality.__class__.objects.create(kind="provider", code="elders", name="Elders"),
        )
        page = admin.get("/users?role=caseworker&state=active").content.decode()
        assert caseworker.full_name in page
        assert stranger.email not in page
        rows = admin.get("/users?export=csv")
        assert rows.status_code == 200
        assert admin.get("/users?rol=x").status_code == 400


class TestSystems:
    def make(self, admin, municipality, **changes):
        body = {
            "name": "Zaaksysteem",
            "organisation": str(municipality.uuid),
            "roles": ["caseworker"],
        } | changes
        return admin.post("/api-clients/new", body)

    def key_in(self, answer):
        return re.search(r"psd_[0-9a-f]{12}_[\w-]+", answer.content.decode())[0]

    def test_the_key_is_shown_once_and_works(self, admin, municipality):
        answer = self.make(admin, municipality)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
        key = self.key_in(answer)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        assert client.get("/api/v1/participants").status_code == 200

        one = ApiClient.objects.get()
        for path in ("/api-clients", f"/api-clients/{one.uuid}"):
            text = admin.get(path).content.decode()
            assert key not in text
            assert one.key_prefix in text

    def test_a_new_key_ends_the_old_one(self, admin, municipality):
        old = self.key_in(self.make(admin, municipality))
        one = ApiClient.objects.get()
        new = self.key_in(admin.post(f"/api-clients/{one.uuid}/renew"))
        client = APIClient()
        for key, status in ((old, 401), (new, 200)):
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
            assert client.get("/api/v1/participants").status_code == status
        assert admin.post(f"/api-clients/{one.uuid}/renew").status_code == 409

    def test_a_key_is_revoked_with_a_reason(self, admin, municipality):
        self.make(admin, municipality)
        one = ApiClient.objects.get()
        done = admin.post(f"/api-clients/{one.uuid}/revoke", {"reason": "Gelekt"})
        assert done.status_code == 302
        assert AuditEvent.objects.get(action="api_client.revoked").reason == "Gelekt"

    def test_mistakes_come_back_at_their_fields(self, admin, municipality):
        assert self.make(admin, municipality, roles=[]).status_code == 400
        assert self.make(admin, municipality, roles=["teacher"]).status_code == 400
        assert not ApiClient.objects.exists()
        self.make(admin, municipality)
        assert self.make(admin, municipality).status_code == 409
