"""The API as seen by machine clients: no session, no second factor."""

from uuid import uuid4

import pytest

from backend.accounts.roles import Role
from providers.models import Location, Provider
from tests.factories.accounts import client_with


@pytest.fixture
def caseworker_api(api_as, municipality):
    """The system of a municipality, with the rights of a caseworker."""
    return api_as(key=client_with(Role.CASEWORKER, organisation=municipality)[1])


@pytest.fixture
def location(provider):
    school = Provider.objects.create(organisation=provider)
    return Location.objects.create(
        provider=school, code="L1", name="Hal", place="Utrecht", latitude=52, longitude=5
    )


@pytest.fixture
def post(caseworker_api):
    """`post(path, data)` with a fresh Idempotency-Key, or the one given."""

    def send(path, data, key=None, **headers):
        headers = {"Idempotency-Key": key or str(uuid4()), **headers}
        return caseworker_api.post(path, data, format="json", headers=headers)

    return send
