"""The permission matrix: every route and method, and what each audience gets.

How to fill it: one module per app, `tests/permissions/tables/<app>.py`, with

    from tests.permissions.matrix import ELSEWHERE, Audience, Case, World

    def prepare(world: World) -> None:            # optional; once per handful of cases
        world.objects["pip"] = PipFactory(municipality=world.municipality)

    CASES = [
        Case(
            "api/v1/pips/{id}", "GET",            # route as `routes()` writes it: {name} per value
            url=lambda world: f"/api/v1/pips/{world.objects['pip'].uuid}",
            expected={200: {Audience.CASEWORKER}, 404: ELSEWHERE},
            rest=403,                             # everybody not named above
        ),
    ]

Every audience gets exactly one expected status: those named in `expected`, `anonymous` for nobody
logged in (401 on the API, 302 to log-in on pages unless told otherwise), `rest` for all others.
Objects in `prepare` belong to `world.municipality`, `world.region` or `world.provider`; the
audiences ending in `_ELSEWHERE` hold the same role at another organisation of the same kind and
must not reach them. Each call is rolled back, so all audiences meet the same state.

A route that the tables lack, or a table that names a route which is gone, fails
`test_matrix.py::test_every_route_is_in_the_matrix`. Routes of packages that have tests of their own
go into `OUTSIDE = {"prefix": "reason"}` of a table module.
"""

import importlib
import pkgutil
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import ModuleType
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver
from rest_framework.test import APIClient

from backend.accounts.actors import forget_all
from backend.accounts.models import User
from backend.accounts.roles import PROVIDER_ROLES, Role
from backend.organisations.models import Organisation
from tests.factories.accounts import client_with, user_with
from tests.factories.organisations import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionMembershipFactory,
)
from tests.permissions import tables

API_PREFIX = "api/"
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
# HEAD and OPTIONS follow GET and change nothing.
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


class Audience(Enum):
    """Who calls: each role at the organisation of the objects, and the same role elsewhere."""

    PROCUREMENT_OFFICER = "procurement_officer"
    CASEWORKER = "caseworker"
    QUALITY_OFFICER = "quality_officer"
    REGIONAL_COORDINATOR = "regional_coordinator"
    PROVIDER_PLANNER = "provider_planner"
    TEACHER = "teacher"
    COUNCIL_READER = "council_reader"
    FUNCTIONAL_ADMINISTRATOR = "functional_administrator"
    PROCUREMENT_OFFICER_ELSEWHERE = "procurement_officer elsewhere"
    CASEWORKER_ELSEWHERE = "caseworker elsewhere"
    QUALITY_OFFICER_ELSEWHERE = "quality_officer elsewhere"
    REGIONAL_COORDINATOR_ELSEWHERE = "regional_coordinator elsewhere"
    PROVIDER_PLANNER_ELSEWHERE = "provider_planner elsewhere"
    TEACHER_ELSEWHERE = "teacher elsewhere"
    COUNCIL_READER_ELSEWHERE = "council_reader elsewhere"
    FUNCTIONAL_ADMINISTRATOR_ELSEWHERE = "functional_administrator elsewhere"
    # A system of the municipality, with the role of a caseworker.
    MACHINE_CLIENT = "machine client"
    ANONYMOUS = "anonymous"

    @property
    def role(self) -> Role:
        return Role(self.value.removesuffix(" elsewhere"))

    @property
    def is_elsewhere(self) -> bool:
        return self.value.endswith(" elsewhere")


EVERYBODY = frozenset(Audience)
LOGGED_IN = EVERYBODY - {Audience.ANONYMOUS}
ELSEWHERE = frozenset(one for one in Audience if one.is_elsewhere)
AT_PROVIDER = frozenset({Audience.PROVIDER_PLANNER, Audience.TEACHER})
PLANNERS = frozenset({Audience.PROVIDER_PLANNER, Audience.PROVIDER_PLANNER_ELSEWHERE})


@dataclass
class World:
    """The organisations of the matrix and one caller per audience, made when first needed."""

    objects: dict[str, Any] = field(default_factory=dict)
    _users: dict[Audience, User] = field(default_factory=dict)
    _clients: dict[tuple[Audience, bool], Client] = field(default_factory=dict)

    @cached_property
    def municipality(self) -> Organisation:
        return MunicipalityFactory(name="Eigenstad").organisation

    @cached_property
    def region(self) -> Organisation:
        return RegionMembershipFactory(municipality=self.municipality).region

    @cached_property
    def provider(self) -> Organisation:
        return OrganisationFactory(name="Eigen Taalschool")

    @cached_property
    def other_municipality(self) -> Organisation:
        return MunicipalityFactory(name="Anderstad").organisation

    @cached_property
    def other_region(self) -> Organisation:
        return RegionMembershipFactory(municipality=self.other_municipality).region

    @cached_property
    def other_provider(self) -> Organisation:
        return OrganisationFactory(name="Andere Taalschool")

    @cached_property
    def key(self) -> str:
        return client_with(Role.CASEWORKER, organisation=self.municipality)[1]

    def home_of(self, audience: Audience) -> Organisation:
        if audience.role in PROVIDER_ROLES:
            return self.other_provider if audience.is_elsewhere else self.provider
        if audience.role is Role.REGIONAL_COORDINATOR:
            return self.other_region if audience.is_elsewhere else self.region
        return self.other_municipality if audience.is_elsewhere else self.municipality

    def user(self, audience: Audience) -> User:
        if audience not in self._users:
            self._users[audience] = user_with(audience.role, self.home_of(audience))
        return self._users[audience]

    def client(self, audience: Audience, *, api: bool) -> Client:
        """A client that answers like the served site; a 500 is a status, not an exception."""
        if (audience, api) in self._clients:
            return self._clients[audience, api]
        client = (APIClient if api else Client)(raise_request_exception=False)
        if audience is Audience.MACHINE_CLIENT:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.key}"
        elif audience is not Audience.ANONYMOUS:
            client.force_login(self.user(audience), backend=MODEL_BACKEND)
        self._clients[audience, api] = client
        return client


def _no_headers(world: World) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Case:
    """One route and method with the status that each audience gets; see the top of this file."""

    route: str
    method: str
    url: str | Callable[[World], str]
    expected: Mapping[int, Iterable[Audience]]
    rest: int | None = None
    anonymous: int | None = None
    body: Callable[[World], Any] | None = None
    headers: Callable[[World], Mapping[str, str]] = _no_headers

    def __str__(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def is_api(self) -> bool:
        return self.route.startswith(API_PREFIX)

    def expected_table(self) -> dict[Audience, int]:
        """Status per audience. Raises ValueError when an audience is named twice or not at all."""
        table: dict[Audience, int] = {}
        for status, audiences in self.expected.items():
            for audience in audiences:
                if audience in table:
                    raise ValueError(f"{self}: {audience.value} is named twice")
                table[audience] = status
        refusal = 401 if self.is_api else 302
        table.setdefault(Audience.ANONYMOUS, self.anonymous or refusal)
        if not self.is_api:
            # Pages know sessions only: to them a machine client is nobody.
            table.setdefault(Audience.MACHINE_CLIENT, table[Audience.ANONYMOUS])
        for audience in Audience:
            if audience not in table:
                if self.rest is None:
                    raise ValueError(f"{self}: {audience.value} is not named and there is no rest")
                table[audience] = self.rest
        return table

    def actual_table(self, world: World) -> dict[Audience, int]:
        return {audience: self._status_for(world, audience) for audience in Audience}

    def _status_for(self, world: World, audience: Audience) -> int:
        client = world.client(audience, api=self.is_api)
        url = self.url if isinstance(self.url, str) else self.url(world)
        headers = dict(self.headers(world))
        if self.is_api and self.method == "POST":
            headers.setdefault("Idempotency-Key", str(uuid.uuid4()))
        arguments: dict[str, Any] = {"headers": headers}
        if self.body is not None:
            arguments["data"] = self.body(world)
            if self.is_api:
                arguments["format"] = "json"
        with transaction.atomic():
            response = getattr(client, self.method.lower())(url, **arguments)
            # Streamed answers are only decided once they are read.
            if getattr(response, "streaming", False):
                b"".join(response.streaming_content)
            transaction.set_rollback(True)
        if self.method != "GET":
            # What the call did to somebody's rights was rolled back.
            forget_all()
        return int(response.status_code)


def table_modules() -> list[ModuleType]:
    names = sorted(one.name for one in pkgutil.iter_modules(tables.__path__))
    return [importlib.import_module(f"{tables.__name__}.{name}") for name in names]


def cases() -> list[tuple[ModuleType, Case]]:
    return [(module, case) for module in table_modules() for case in getattr(module, "CASES", [])]


def outside() -> dict[str, str]:
    found: dict[str, str] = {}
    for module in table_modules():
        found.update(getattr(module, "OUTSIDE", {}))
    return found


def routes(
    patterns: Iterable[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Every (route, method) of a URL conf; `<uuid:id>` and named groups are written `{id}`."""
    for pattern in patterns:
        path = prefix + _written(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            for method in _methods(pattern.callback):
                yield path, method


def _written(pattern: str) -> str:
    pattern = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern.replace("?P<", "<"))
    # Of a regular expression the named groups count, not how they match.
    pattern = re.sub(r"\(\{(\w+)\}[^)]*\)", r"{\1}", pattern)
    return pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")


def _methods(view: Any) -> set[str]:
    actions = getattr(view, "actions", None)
    if actions:
        return {one.upper() for one in actions} & METHODS
    view_class = getattr(view, "view_class", None) or getattr(view, "cls", None)
    if view_class is None:
        # A plain function says nothing about methods; declare them with `view.methods`.
        return set(getattr(view, "methods", {"GET"}))
    allowed = {one.upper() for one in view_class.http_method_names}
    return {one for one in METHODS & allowed if hasattr(view_class, one.lower())}
