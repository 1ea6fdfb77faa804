"""Every route, every method, every audience: the whole table at once."""

from types import ModuleType

import pytest
from django.http import HttpResponse
from django.urls import get_resolver, include, path, re_path
from django.views import View

from tests.permissions.matrix import (
    EVERYBODY,
    Audience,
    Case,
    World,
    cases,
    outside,
    routes,
    table_modules,
)

# Few enough that the parts spread over parallel processes.
PART = 12


def parts() -> list[tuple[ModuleType, list[Case]]]:
    """The cases in handfuls that share their objects: making those costs more than a call."""
    found = []
    for module in table_modules():
        rows = getattr(module, "CASES", [])
        found += [(module, rows[at : at + PART]) for at in range(0, len(rows), PART)]
    return found


def _name(part: tuple[ModuleType, list[Case]]) -> str:
    module, rows = part
    return f"{module.__name__.rpartition('.')[2]}: {rows[0]} .. {rows[-1]}"


@pytest.mark.django_db
@pytest.mark.parametrize("part", parts(), ids=_name)
def test_what_each_audience_gets(part: tuple[ModuleType, list[Case]]) -> None:
    module, rows = part
    world = World()
    prepare = getattr(module, "prepare", None)
    if prepare is not None:
        prepare(world)
    wrong = {}
    for case in rows:
        expected, actual = case.expected_table(), case.actual_table(world)
        for audience, status in actual.items():
            if status != expected[audience]:
                wrong[f"{case} as {audience.value}"] = f"{status}, expected {expected[audience]}"
    assert wrong == {}


def test_every_route_is_in_the_matrix() -> None:
    skipped = tuple(outside())
    served = {
        (route, method)
        for route, method in routes(get_resolver().url_patterns)
        if not route.startswith(skipped)
    }
    listed = [(case.route, case.method) for _, case in cases()]
    missing, gone = sorted(served - set(listed)), sorted(set(listed) - served)
    assert not missing, f"routes without a row in tests/permissions/tables: {missing}"
    assert not gone, f"rows in tests/permissions/tables without a route: {gone}"


class _Page(View):
    def get(self, request: object) -> HttpResponse:
        return HttpResponse()

    def post(self, request: object) -> HttpResponse:
        return HttpResponse()


def test_routes_are_found_below_includes_with_their_methods() -> None:
    patterns = [
        path("pips/<uuid:id>/", include([path("notes", _Page.as_view())])),
        re_path(r"^letters/(?P<key>[-:\w]+)/$", _Page.as_view()),
    ]
    assert sorted(routes(patterns)) == [
        ("letters/{key}/", "GET"),
        ("letters/{key}/", "POST"),
        ("pips/{id}/notes", "GET"),
        ("pips/{id}/notes", "POST"),
    ]


def test_a_row_must_say_what_everybody_gets_and_say_it_once() -> None:
    with pytest.raises(ValueError, match="not named"):
        Case("api/v1/x", "GET", "/api/v1/x", {200: {Audience.CASEWORKER}}).expected_table()
    with pytest.raises(ValueError, match="named twice"):
        Case("api/v1/x", "GET", "/x", {200: EVERYBODY, 403: {Audience.CASEWORKER}}).expected_table()


@pytest.mark.django_db
def test_control_a_wrong_row_does_not_match() -> None:
    """The comparison can fail: an address that does not exist is 404 to all, and never 200."""
    case = Case("nowhere", "GET", "/nowhere", {200: EVERYBODY})
    assert set(case.actual_table(World()).values()) == {404}
