"""J12: an organisation is opened by its number, with its log-in, on screen and over the API."""

from uuid import uuid4

import orjson
import pytest
from allauth.socialaccount.models import SocialApp
from django.urls import reverse

from backend.accounts.actors import actor_for
from backend.accounts.adapters import SocialAccountAdapter
from backend.accounts.models import Membership, User
from backend.accounts.public import SignOnData, organisation_lookup, single_sign_on_set
from backend.accounts.roles import Role
from backend.accounts.single_sign_on import PURPOSE
from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.common.sealing import BrokenSealError, seal, unseal
from backend.organisations.models import Organisation
from backend.organisations.public import privacy_texts_of
from backend.outbox.models import OutboxMessage
from providers.models import Provider
from tests.backend.accounts.identity_provider import identity_provider
from tests.factories.accounts import UserFactory, membership_for, user_with
from tests.factories.organisations import MunicipalityFactory
from tests.factories.providers import ProviderFactory
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.backend.accounts.urls")]
GROUPS = {"sg-klantmanager": "caseworker", "sg-raad": "council_reader"}


@pytest.fixture
def opener(region):
    return user_with(Role.FUNCTIONAL_ADMINISTRATOR, region)


@pytest.fixture
def idp(settings):
    settings.LOOPBACK_TARGETS = True
    with identity_provider() as provider:
        yield provider


def sign_on_data(idp, **changes):
    values = {
        "issuer": idp.url,
        "client_id": "passend",
        "secret": "zeer-geheim",
        "roles_by_group": GROUPS,
    }
    return SignOnData(**values | changes)


def post(client, path, body):
    return client.post(path, body, "json", HTTP_IDEMPOTENCY_KEY=str(uuid4()))


def body(region, **changes):
    return {
        "region": str(region.uuid),
        "kind": "municipality",
        "number": "0200",
        "fullName": "B. Heer",
        "email": "beheer@apeldoorn.example",
        **changes,
    }


class TestLookup:
    def test_a_municipality_is_known_by_its_cbs_code(self, opener):
        actor = actor_for(opener)
        found = organisation_lookup(actor=actor, kind="municipality", number="0200")
        assert (found.name, found.organisation, found.is_open) == ("Apeldoorn", None, False)
        with pytest.raises(InvalidError):
            organisation_lookup(actor=actor, kind="municipality", number="9999")

    def test_a_provider_is_known_by_any_of_its_numbers(self, opener):
        school = ProviderFactory(kvk_number="12345678", bow_number="B42")
        for number in ("12345678", "b42"):
            found = organisation_lookup(actor=actor_for(opener), kind="provider", number=number)
            assert found.organisation == school.organisation
        unknown = organisation_lookup(actor=actor_for(opener), kind="provider", number="87654321")
        assert (unknown.name, unknown.organisation) == ("", None)

    def test_who_opens_nothing_looks_up_nothing(self, municipality):
        town = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        with pytest.raises(NotAllowedError):
            organisation_lookup(actor=town, kind="municipality", number="0200")


class TestApi:
    def test_an_organisation_is_opened_in_one_request(self, api_as, opener, region, idp):
        api = api_as(opener)
        whole = body(
            region,
            roles=["caseworker"],
            memberFrom="2026-01-01",
            privacyText="Wij bewaren zo weinig mogelijk.",
            singleSignOn={
                "issuer": idp.url,
                "clientId": "passend",
                "secret": "zeer-geheim",
                "groupRoles": [{"group": "sg-klantmanager", "role": "caseworker"}],
            },
        )
        key = {"HTTP_IDEMPOTENCY_KEY": "open-0200"}
        first = api.post("/api/v1/organisations", whole, "json", **key)
        again = api.post("/api/v1/organisations", whole, "json", **key)
        assert (first.status_code, again.content) == (201, first.content)
        town = Organisation.objects.get(uuid=first.json()["id"])
        assert (town.name, town.municipality.cbs_code) == ("Apeldoorn", "0200")
        assert first.json()["redirectUrl"].endswith("/municipality-0200/login/callback/")
        assert Membership.objects.filter(organisation=town).count() == 2
        assert OutboxMessage.objects.filter(key__contains="invitation:").count() == 1
        assert privacy_texts_of([town.pk]) == [("Apeldoorn", "Wij bewaren zo weinig mogelijk.")]
        assert post(api, "/api/v1/organisations", whole).status_code == 409

        own = api_as(User.objects.get(email="beheer@apeldoorn.example"))
        shown = own.get(f"/api/v1/organisations/{town.uuid}/single-sign-on")
        assert shown.json()["groupRoles"] == [{"group": "sg-klantmanager", "role": "caseworker"}]
        assert "geheim" not in shown.content.decode()
        # From now on the accounts are the organisation's own.
        assert api.get(f"/api/v1/organisations/{town.uuid}/single-sign-on").status_code == 404
        found = api.get("/api/v1/organisations/municipality/0200").json()
        assert found["isOpen"] is True

    def test_a_provider_that_nobody_knows_needs_a_name(self, api_as, opener, region):
        api = api_as(opener)
        school = body(region, kind="provider", number="87654321")
        refused = post(api, "/api/v1/organisations", school)
        assert [one["field"] for one in refused.json()["errors"]] == ["name"]
        assert post(api, "/api/v1/organisations", {**school, "name": "Taal BV"}).status_code == 201
        assert Provider.objects.get(kvk_number="87654321").organisation.name == "Taal BV"

    def test_nothing_is_opened_when_the_identity_provider_is_silent(
        self, api_as, opener, region, settings
    ):
        settings.LOOPBACK_TARGETS = True
        silent = {"issuer": "http://127.0.0.1:9", "clientId": "passend", "secret": "s"}
        answer = post(api_as(opener), "/api/v1/organisations", body(region, singleSignOn=silent))
        assert answer.status_code == 400
        assert "antwoordt niet" in answer.content.decode()
        assert not User.objects.filter(email="beheer@apeldoorn.example").exists()

    def test_the_own_privacy_text_is_changed_and_read(self, api_as, municipality):
        own = api_as(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        path = f"/api/v1/organisations/{municipality.uuid}/privacy-text"
        assert (
            post(own, path, {"privacyText": "Onze tekst."}).json()["privacyText"] == "Onze tekst."
        )
        assert own.get(path).json() == {"privacyText": "Onze tekst."}
        assert "Onze tekst." in own.get("/privacy").content.decode()
        assert AuditEvent.objects.filter(action="privacy_text.set").count() == 1

    def test_reading_costs_few_queries(self, api_as, municipality, opener):
        own = api_as(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        address = "/api/v1/organisations"
        for client, path, name in (
            (own, f"{address}/{municipality.uuid}/privacy-text", "{id}/privacy-text"),
            (own, f"{address}/{municipality.uuid}/single-sign-on", "{id}/single-sign-on"),
            (api_as(opener), f"{address}/municipality/0200", "{kind}/{number}"),
        ):
            client.get(path)
            with counted() as found:
                client.get(path)
            assert_query_count(f"GET /api/v1/organisations/{name}", len(found))


class TestIssuer:
    def refused(self, municipality, **changes):
        data = SignOnData(**{"issuer": "", "client_id": "passend", "secret": "s"} | changes)
        actor = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        with pytest.raises(InvalidError) as error:
            single_sign_on_set(actor=actor, organisation=municipality, data=data)
        assert not SocialApp.objects.exists()
        return [(one.field, one.code) for one in error.value.violations]

    @pytest.mark.parametrize(
        ("issuer", "code"),
        [
            ("http://login.example", "https_required"),
            ("https://127.0.0.1:1", "issuer_local"),
            ("https://[::1]", "issuer_local"),
            ("https://[::ffff:127.0.0.1]", "issuer_local"),
            ("https://169.254.169.254", "issuer_local"),
            ("https://u:p@login.example", "issuer_invalid"),
            ("nergens", "issuer_invalid"),
            ("https://bestaat-niet.invalid", "issuer_unreachable"),
        ],
    )
    def test_an_address_that_cannot_be_one_is_refused(self, municipality, issuer, code):
        assert self.refused(municipality, issuer=issuer) == [("issuer", code)]

    def test_what_answers_must_be_that_identity_provider(self, municipality, idp, monkeypatch):
        assert self.refused(municipality, issuer=f"{idp.url}/other") == [
            ("issuer", "discovery_missing")
        ]
        monkeypatch.setattr(idp, "answer", lambda path: {"issuer": "https://ander.example"})
        assert self.refused(municipality, issuer=idp.url) == [("issuer", "issuer_differs")]
        monkeypatch.setattr(idp, "answer", lambda path: {"issuer": idp.url})
        assert self.refused(municipality, issuer=idp.url) == [("issuer", "discovery_incomplete")]
        monkeypatch.setattr(idp, "answer", lambda path: ["geen document"])
        assert self.refused(municipality, issuer=idp.url) == [("issuer", "discovery_unreadable")]

    def test_what_is_missing_is_named_at_once(self, municipality):
        found = self.refused(municipality, client_id="", secret="", roles_by_group={"g": "teacher"})
        assert sorted(found) == [
            ("client_id", "required"),
            ("issuer", "required"),
            ("roles_by_group", "role_not_fitting"),
            ("secret", "required"),
        ]

    def test_a_secret_is_sealed_and_kept_when_none_is_given(self, municipality, idp):
        actor = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        for changes in ({}, {"secret": "", "client_id": "ander"}):
            single_sign_on_set(
                actor=actor, organisation=municipality, data=sign_on_data(idp, **changes)
            )
        app = SocialApp.objects.get()
        stored = orjson.dumps([app.secret, app.settings]).decode()
        assert "zeer-geheim" not in stored
        assert unseal(app.settings["sealed_secret"], purpose=PURPOSE) == "zeer-geheim"
        assert app.client_id == "ander"
        history = str(list(AuditEvent.objects.values_list("before", "after")))
        assert app.settings["sealed_secret"] not in history

    def test_browsers_may_follow_the_log_in_form_to_where_people_log_in(
        self, client, municipality, idp, monkeypatch
    ):
        def allowed():
            policy = client.get(reverse("account_login"))["Content-Security-Policy"]
            (found,) = [one for one in policy.split("; ") if one.startswith("form-action ")]
            return found.split()[1:]

        assert allowed() == ["'self'"]
        actor = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        single_sign_on_set(actor=actor, organisation=municipality, data=sign_on_data(idp))
        assert allowed() == ["'self'", idp.url]

        described = idp.answer("/.well-known/openid-configuration")
        described["authorization_endpoint"] = "https://elders.example:8443/inloggen"
        monkeypatch.setattr(idp, "answer", lambda path: described)
        single_sign_on_set(actor=actor, organisation=municipality, data=sign_on_data(idp))
        assert allowed() == ["'self'", "https://elders.example:8443"]

    def test_another_key_opens_no_secret_and_keeps_nobody_else_out(
        self, settings, municipality, idp
    ):
        actor = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        single_sign_on_set(actor=actor, organisation=municipality, data=sign_on_data(idp))
        settings.SECRET_KEY = "another-key-of-this-installation"

        assert [one.secret for one in SocialAccountAdapter().list_apps(None)] == [""]

    def test_an_earlier_key_still_opens_what_it_sealed(self, settings):
        sealed = seal("zeer-geheim", purpose=PURPOSE)
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "another-key-of-this-installation"

        assert unseal(sealed, purpose=PURPOSE) == "zeer-geheim"

    def test_what_was_sealed_for_one_purpose_serves_no_other(self):
        with pytest.raises(BrokenSealError):
            unseal(seal("zeer-geheim", purpose=PURPOSE), purpose="webhooks")


class TestGroups:
    """Roles follow groups at every log-in, and only of people of this organisation."""

    @pytest.fixture
    def stad(self, municipality, idp):
        actor = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        single_sign_on_set(actor=actor, organisation=municipality, data=sign_on_data(idp))
        return idp

    def sign_on(self, client, stad, municipality, email, groups, sub="1"):
        stad.claims = {
            "sub": sub,
            "email": email,
            "email_verified": True,
            "name": "Nieuwe Collega",
            "groups": groups,
        }
        where = {"provider_id": f"municipality-{municipality.code}"}
        start = client.post(reverse("openid_connect_login", kwargs=where))
        state = start.url.partition("state=")[2].partition("&")[0]
        back = reverse("openid_connect_callback", kwargs=where)
        return client.get(back, {"code": "c", "state": state})

    def roles(self, email):
        from backend.common import clock

        held = Membership.objects.on(clock.today()).filter(user__email=email)
        return set(held.values_list("role", flat=True))

    def test_somebody_in_a_group_gets_in_without_invitation(self, client, stad, municipality):
        email = "nieuw@stad.example"
        answer = self.sign_on(client, stad, municipality, email, ["sg-raad", "anders"])
        assert answer.status_code == 302
        assert client.get("/inside").content == b"Nieuwe Collega"
        assert self.roles(email) == {"council_reader"}
        client.logout()
        self.sign_on(client, stad, municipality, email, ["sg-klantmanager"])
        assert self.roles(email) == {"caseworker"}
        client.logout()
        assert self.sign_on(client, stad, municipality, email, []).status_code == 403
        assert self.roles(email) == set()

    def test_without_a_group_or_with_a_strange_one_nobody_gets_in(self, client, stad, municipality):
        for groups in ([], ["anders"], "sg-anders"):
            answer = self.sign_on(client, stad, municipality, "x@stad.example", groups)
            assert answer.status_code == 403
        assert not User.objects.filter(email="x@stad.example").exists()

    def test_roles_given_by_hand_stay(self, client, stad, municipality):
        user = user_with(Role.QUALITY_OFFICER, municipality)
        self.sign_on(client, stad, municipality, user.email, ["sg-raad"])
        assert self.roles(user.email) == {"quality_officer", "council_reader"}
        client.logout()
        self.sign_on(client, stad, municipality, user.email, [])
        assert self.roles(user.email) == {"quality_officer"}

    def test_groups_open_nothing_for_people_of_another_organisation(
        self, client, stad, municipality, other_municipality
    ):
        elsewhere = user_with(Role.CASEWORKER, other_municipality)
        both = UserFactory()
        membership_for(both, Role.CASEWORKER, municipality)
        membership_for(both, Role.CASEWORKER, other_municipality)
        for user in (elsewhere, both):
            answer = self.sign_on(client, stad, municipality, user.email, ["sg-raad"])
            assert answer.status_code == 403
            assert "council_reader" not in self.roles(user.email)


class TestPages:
    def test_a_number_leads_to_a_form_that_is_filled_in(self, web_as, opener):
        web = web_as(opener)
        step = web.post("/organisations/open", {"kind": "municipality", "number": "0200"})
        assert step.url == "/organisations/open/municipality/0200"
        page = web.get(step.url)
        assert page.context["form"]["name"].value() == "Apeldoorn"
        assert "/municipality-0200/login/callback/" in page.content.decode()
        wrong = web.post("/organisations/open", {"kind": "municipality", "number": "9999"})
        assert wrong.status_code == 400
        assert web.get("/organisations/open/municipality/9999").status_code == 404

    def test_an_open_organisation_is_not_opened_again(self, web_as, opener):
        town = MunicipalityFactory().organisation
        user_with(Role.FUNCTIONAL_ADMINISTRATOR, town)
        answer = web_as(opener).post(
            "/organisations/open", {"kind": "municipality", "number": town.code}
        )
        assert answer.status_code == 409

    def test_single_sign_on_and_privacy_are_kept_on_screen(self, web_as, municipality, idp):
        web = web_as(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        own = f"/our-organisations/{municipality.uuid}"
        assert municipality.name in web.get("/our-organisations").content.decode()
        given = {
            "issuer": idp.url,
            "client_id": "passend",
            "secret": "zeer-geheim",
            "group_claim": "groups",
            "groups_caseworker": "sg-klantmanager",
        }
        saved = web.post(f"{own}/single-sign-on", given)
        assert saved.status_code == 302, saved.context["form"].errors
        page = web.get(own).content.decode()
        assert "sg-klantmanager: Klantmanager" in page
        form = web.get(f"{own}/single-sign-on").content.decode()
        assert "zeer-geheim" not in page + form
        unreachable = web.post(f"{own}/single-sign-on", {**given, "issuer": "http://127.0.0.1:9"})
        assert "antwoordt niet" in unreachable.content.decode()
        assert web.post(f"{own}/single-sign-on/end", {"reason": "Stopt"}).status_code == 302
        assert not SocialApp.objects.exists()
        assert web.post(f"{own}/privacy-text", {"privacy_text": "Tekst"}).status_code == 302
        assert privacy_texts_of([municipality.pk]) == [(municipality.name, "Tekst")]
