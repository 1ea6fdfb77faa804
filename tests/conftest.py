"""What every test may ask for: organisations, people by role, clients of the API, a still clock."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from backend.accounts.actor import Actor
from backend.accounts.actors import actor_for, forget_all
from backend.accounts.models import ApiClient, User
from backend.accounts.roles import PROVIDER_ROLES, Role
from backend.organisations.models import Organisation
from tests.factories.accounts import client_with, user_with
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionMembershipFactory,
)
from tests.support.database import empty_tables, keep_planner_calm
from tests.support.sessions import log_in

# A Wednesday in winter time, outside every Dutch holiday.
FROZEN_AT = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session", autouse=True)
def _committed_rows_are_deleted() -> Iterator[None]:
    """A test with real commits leaves no row behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        keep_planner_calm()


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    """Rights are read anew, and failed log-ins of one test do not lock the next one out."""
    forget_all()
    cache.clear()
    yield
    forget_all()


@pytest.fixture
def frozen_clock() -> Iterator[time_machine.Traveller]:
    """Time stands still on Wednesday 18 November 2026, 11:00 in the Netherlands."""
    with time_machine.travel(FROZEN_AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def municipality(db: None) -> Organisation:
    return MunicipalityFactory(name="Eigenstad").organisation


@pytest.fixture
def other_municipality(db: None) -> Organisation:
    return MunicipalityFactory(name="Anderstad").organisation


@pytest.fixture
def region(municipality: Organisation) -> Organisation:
    """The purchasing region of which `municipality`, and not `other_municipality`, is a member."""
    return RegionMembershipFactory(municipality=municipality).region


@pytest.fixture
def provider(db: None) -> Organisation:
    return OrganisationFactory(name="Eigen Taalschool")


@pytest.fixture
def other_provider(db: None) -> Organisation:
    return OrganisationFactory(name="Andere Taalschool")


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """`make_user(Role.CASEWORKER, organisation)`: a person with that role there."""
    return user_with


@pytest.fixture
def make_actor(db: None) -> Callable[..., Actor]:
    """`make_actor(Role.CASEWORKER, organisation)`: the actor of a new person with that role."""

    def make(role: Role, organisation: Organisation, **fields: Any) -> Actor:
        return actor_for(user_with(role, organisation, **fields))

    return make


def _user_fixture(role: Role) -> Callable[..., User]:
    if role in PROVIDER_ROLES:

        def at_provider(provider: Organisation) -> User:
            return user_with(role, provider)

        return pytest.fixture(name=role.value)(at_provider)
    if role is Role.REGIONAL_COORDINATOR:

        def at_region(region: Organisation) -> User:
            return user_with(role, region)

        return pytest.fixture(name=role.value)(at_region)

    def at_municipality(municipality: Organisation) -> User:
        return user_with(role, municipality)

    return pytest.fixture(name=role.value)(at_municipality)


# One person per role, as fixtures named after the role: `caseworker`, `provider_planner`, ...
procurement_officer = _user_fixture(Role.PROCUREMENT_OFFICER)
caseworker = _user_fixture(Role.CASEWORKER)
quality_officer = _user_fixture(Role.QUALITY_OFFICER)
regional_coordinator = _user_fixture(Role.REGIONAL_COORDINATOR)
provider_planner = _user_fixture(Role.PROVIDER_PLANNER)
teacher = _user_fixture(Role.TEACHER)
council_reader = _user_fixture(Role.COUNCIL_READER)
functional_administrator = _user_fixture(Role.FUNCTIONAL_ADMINISTRATOR)


@pytest.fixture
def other_caseworker(other_municipality: Organisation) -> User:
    return user_with(Role.CASEWORKER, other_municipality)


@pytest.fixture
def other_provider_planner(other_provider: Organisation) -> User:
    return user_with(Role.PROVIDER_PLANNER, other_provider)


@pytest.fixture
def machine_client(municipality: Organisation) -> tuple[ApiClient, str]:
    """A caseworker's system of `municipality`, and its key."""
    return client_with(Role.CASEWORKER, organisation=municipality)


@pytest.fixture
def api_as() -> Callable[..., APIClient]:
    """`api_as(user)` or `api_as(key=raw)` calls the API as that one; `api_as()` as nobody.

    A person's calls carry a session and skip the CSRF check; a machine's carry its key.
    """

    def make(user: User | None = None, *, key: str | None = None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if key is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        return client

    return make


@pytest.fixture
def web_as() -> Callable[..., Client]:
    """`web_as(user)` visits the pages as that person, second factor done; `web_as()` as nobody."""

    def make(user: User | None = None, *, second_factor: bool = True) -> Client:
        client = Client()
        if user is not None:
            log_in(client, user, second_factor=second_factor)
        return client

    return make
