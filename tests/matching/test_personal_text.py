"""A text about a person that holds too much is read again before it is saved, everywhere."""

import importlib
import inspect
import pkgutil
from uuid import uuid4

import pytest
from django import forms
from rest_framework import serializers

import matching.api
import matching.web
import quality.api
import quality.web
from backend.api.personal_text import PersonalTextField, PersonalTextInput
from backend.web import personal_text
from matching.choices import PlacementState
from tests.factories.matching import contracted_intake, need, placement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
LONG = 300
# Words of the municipality to everybody: a policy is about nobody in particular.
NOT_ABOUT_PEOPLE = frozenset({"matching.web.policy"})
SICK = "Was ziek en kent 123456782 uit het hoofd."


def modules_of(package):
    return [
        importlib.import_module(f"{package.__name__}.{one.name}")
        for one in pkgutil.iter_modules(package.__path__)
    ]


def classes_of(module, base):
    return [
        one
        for _name, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, base) and one.__module__ == module.__name__
    ]


def post(client, path, body):
    return client.post(
        f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )


class TestApi:
    def test_a_text_with_too_much_is_refused_with_a_code_for_each_reason(
        self, api_as, municipality, caseworker
    ):
        client = api_as(caseworker)
        body = {
            "need": str(need(municipality).uuid),
            "intakeMoment": str(contracted_intake(municipality).uuid),
            "motivation": SICK,
        }

        refused = post(client, "placements", body)

        assert refused.status_code == 400
        assert {(one["field"], one["code"]) for one in refused.json()["errors"]} == {
            ("motivation", "personal_text_bsn"),
            ("motivation", "personal_text_health"),
        }
        saved = post(client, "placements", body | {"confirmPersonalText": True})
        assert saved.status_code == 201, saved.content
        assert saved.json()["motivation"] == SICK

    def test_saying_no_is_not_saying_yes(self, api_as, municipality, caseworker):
        held = placement(municipality)
        body = {"reason": "moved", "note": SICK, "confirmPersonalText": False}

        refused = post(api_as(caseworker), f"placements/{held.uuid}/withdraw", body)

        assert refused.status_code == 400
        held.refresh_from_db()
        assert held.state == PlacementState.DRAFT

    def test_every_free_text_of_a_person_is_such_a_field(self):
        """The control: a new input with a plain long text fails here."""
        found = [
            (kind, name, field)
            for module in [*modules_of(matching.api), *modules_of(quality.api)]
            for kind in classes_of(module, serializers.Serializer)
            for name, field in kind._declared_fields.items()
            if isinstance(field, serializers.CharField)
            and not isinstance(field, serializers.EmailField)
            and (field.max_length or 0) >= LONG
            and not field.read_only
        ]
        assert len(found) >= 10
        for kind, name, field in found:
            assert isinstance(field, PersonalTextField), (kind, name)
            assert issubclass(kind, PersonalTextInput), kind


class TestPages:
    def test_the_warning_comes_back_with_a_box_to_tick(self, web_as, municipality, caseworker):
        held = placement(municipality, state=PlacementState.OFFERED)
        client = web_as(caseworker)
        url = f"/placements/{held.uuid}/withdraw"

        asked = client.post(url, {"reason": "moved", "note": SICK})

        page = asked.content.decode()
        assert asked.status_code == 400
        assert "BSN" in page
        assert 'name="confirm_personal_text"' in page
        held.refresh_from_db()
        assert held.state == PlacementState.OFFERED

        saved = client.post(url, {"reason": "moved", "note": SICK, "confirm_personal_text": "on"})
        assert saved.status_code == 302
        held.refresh_from_db()
        assert held.state == PlacementState.WITHDRAWN

    def test_an_ordinary_text_is_saved_at_once(self, web_as, municipality, caseworker):
        held = placement(municipality)
        answer = web_as(caseworker).post(
            f"/placements/{held.uuid}/withdraw", {"reason": "moved", "note": "Naar Zwolle."}
        )
        assert answer.status_code == 302

    def test_every_free_text_on_a_form_is_such_a_field(self):
        found = [
            (kind, name, field)
            for module in [*modules_of(matching.web), *modules_of(quality.web)]
            for kind in classes_of(module, forms.Form)
            for name, field in kind.base_fields.items()
            if isinstance(field.widget, forms.Textarea) and module.__name__ not in NOT_ABOUT_PEOPLE
        ]
        assert len(found) >= 6
        for kind, name, field in found:
            assert isinstance(field, personal_text.PersonalTextField), (kind, name)
