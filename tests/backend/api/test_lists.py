"""Filters, order and pages, for every resource where it can be general."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django import forms

from backend.accounts.roles import Role
from backend.organisations.models import Organisation
from providers.api.filtersets import IntakeMomentFilterSet
from providers.models import IntakeMoment
from tests.factories.accounts import client_with
from tests.support.problems import assert_problem, fault
from tests.support.queries import assert_query_count, counted
from tests.support.resources import all_resources
from tests.support.supply import make_supply

pytestmark = pytest.mark.django_db
LISTS = [one for one in all_resources() if one.is_list]
FILTERED = [one for one in LISTS if one.viewset.filterset_class]
# Personal data is counted where its own app tests it.
SUPPLY = [
    one
    for one in LISTS
    if one.viewset.model._meta.app_label in {"providers", "procurement"}
    # Only the school itself reads these: tests/providers.
    and str(one) not in {"/teachers", "/teacher-hours", "/catalogue-imports"}
]
# `make_supply` makes one row of these per provider; of the others none or several.
MONEY = {
    f"/{name}"
    for name in (
        "clauses",
        "clause-breaches",
        "milestones",
        "budgets",
        "expenses",
        "ledger-entries",
        "claims",
        "call-offs",
    )
}
# Sheets are uploads: tests/procurement/api.
ONE_EACH = [one for one in SUPPLY if str(one) not in {"/quality-marks", "/contract-sheets", *MONEY}]


@pytest.fixture
def officer_api(api_as, municipality):
    roles = (Role.PROCUREMENT_OFFICER, Role.CASEWORKER, Role.QUALITY_OFFICER)
    return api_as(key=client_with(*roles, organisation=municipality)[1])


@pytest.mark.parametrize("resource", FILTERED, ids=str)
def test_every_model_field_has_a_filter_or_a_reason(resource):
    filterset = resource.viewset.filterset_class
    model = resource.viewset.model
    assert filterset._meta.model is model
    filtered = {
        path.split("__")[0]
        for one in filterset.ready_filters().values()
        for path in (getattr(one, "paths", ()) or (one.field_name,))
    }
    fields = {one.name for one in model._meta.get_fields() if not one.auto_created or one.concrete}
    missing = fields - filtered - set(filterset.unfiltered)
    assert not missing, f"{filterset.__name__}: add a filter or a reason for {sorted(missing)}"
    stale = set(filterset.unfiltered) - fields
    assert not stale, f"{filterset.__name__}.unfiltered names no field: {sorted(stale)}"


@pytest.mark.parametrize("resource", LISTS, ids=str)
def test_every_key_is_camel_case_and_sorts_and_filters_run(resource):
    filters = resource.viewset.filterset_class.ready_filters() if resource in FILTERED else {}
    for key in [*filters, *resource.viewset.sortable]:
        assert re.fullmatch(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*", key), key


VALUES = {"integer": "3", "boolean": "true"}
FORMATS = {
    "date": "2027-01-04",
    "uuid": str(uuid4()),
    "decimal": "7.50",
    "date-time": "2027-01-04T10:00:00Z",
}


def example(schema):
    if schema["type"] == "array":
        return example(schema["items"])
    if "enum" in schema:
        return schema["enum"][0]
    if "example" in schema:
        return schema["example"]
    return FORMATS.get(schema.get("format")) or VALUES.get(schema["type"], "a")


def accepted(one):
    """A value that the filter takes; a list that may grow says itself which codes it knows."""
    codes = one.extra.get("inner")
    is_growing = callable(codes) and not isinstance(codes, forms.Field)
    return next(iter(codes()))[0] if is_growing else example(one.schema)


@pytest.mark.parametrize("resource", SUPPLY, ids=str)
def test_every_filter_and_order_works_in_the_database(resource, officer_api, municipality):
    make_supply(2, municipality)
    filters = resource.viewset.filterset_class.ready_filters()
    for key, one in filters.items():
        response = officer_api.get(resource.path, {key: accepted(one)})
        assert response.status_code == 200, (key, response.content)
    for key in resource.viewset.sortable:
        response = officer_api.get(resource.path, {"sort": f"-{key}"})
        assert response.status_code == 200, (key, response.content)


BAD = {"integer": ["x", "1.5", "9" * 12], "boolean": ["yes", "1"], "string": ["a" * 201, "a\x00b"]}
BAD_FORMATS = {
    "date": ["04-01-2027", "2027-02-30", "x"],
    "uuid": ["12", f"{uuid4()},"],
    "decimal": ["x", "1.234", "9" * 13, "NaN"],
    "date-time": ["x"],
}


def bad_examples(schema):
    if schema["type"] == "array":
        return bad_examples(schema["items"])
    if "enum" in schema:
        return ["zzz", f"{schema['enum'][0]},zzz"]
    return BAD_FORMATS.get(schema.get("format")) or BAD[schema["type"]]


@pytest.mark.parametrize("resource", SUPPLY, ids=str)
def test_every_filter_refuses_bad_values(resource, officer_api):
    for key, one in resource.viewset.filterset_class.ready_filters().items():
        for value in [*bad_examples(one.schema), "", " "]:
            response = officer_api.get(resource.path, {key: value})
            assert response.status_code == 400, (key, value, response.content)
            assert [fault["field"] for fault in response.json()["errors"]] == [key]


def test_all_faults_of_a_list_request_at_once(officer_api):
    query = (
        "levl=A2&levelTo=Z9&page=0&pageSize=501&sort=name,size&isActive=&mode=online&mode=onsite"
    )
    body = assert_problem(officer_api.get(f"/api/v1/courses?{query}"), 400, "invalid")

    assert [(one["field"], one["code"]) for one in body["errors"]] == [
        ("levl", "unknown_parameter"),
        ("isActive", "blank"),
        ("mode", "repeated_parameter"),
        ("pageSize", "out_of_range"),
        ("page", "out_of_range"),
        ("sort", "unknown_sort"),
        ("levelTo", "invalid_choice"),
    ]


def test_a_misspelt_filter_never_returns_everything(officer_api, municipality):
    make_supply(3, municipality)

    assert_problem(
        officer_api.get("/api/v1/intake-moments?startFrom=2027-01-05"),
        400,
        "unknown_parameter",
        errors=[
            fault(
                "startFrom",
                "unknown_parameter",
                "Deze parameter bestaat niet. Bedoelt u startsFrom?",
            )
        ],
    )


def test_the_quick_road_filters_as_django_filter_does(municipality):
    """Reading filters without a form gives what the form gives, for every filter it knows."""
    make_supply(6, municipality)
    texts = {
        "place": "utrecht",
        "startsFrom": "2027-01-05",
        "startsUntil": "2027-01-08",
        "seatsTotalMin": "15",
    }
    queryset = IntakeMoment.objects.order_by("pk")
    quick = IntakeMomentFilterSet.narrow(queryset, IntakeMomentFilterSet.read(texts, []))
    stock = IntakeMomentFilterSet(data=texts, queryset=queryset)

    assert stock.is_valid()
    assert list(quick) == list(stock.qs)
    assert 0 < len(quick) < 6


def test_several_values_are_any_of_them(officer_api, municipality):
    supply = make_supply(4, municipality)
    ids = [str(one.uuid) for one in supply.providers[1:3]]
    response = officer_api.get("/api/v1/courses", {"provider": ",".join(ids)})

    assert {one["provider"]["id"] for one in response.json()["items"]} == set(ids)
    either = officer_api.get("/api/v1/courses", {"component": "B,Z"}).json()
    assert either["total"] == 4


def test_seats_free_counts_taken_and_held_seats_only(officer_api, municipality):
    make_supply(4, municipality)
    response = officer_api.get("/api/v1/intake-moments", {"sort": "-seatsFree"})

    # By number: none; one confirmed; confirmed and held; confirmed, held and an expired hold.
    assert [one["seatsFree"] for one in response.json()["items"]] == [15, 14, 13, 13]
    fewer = officer_api.get("/api/v1/intake-moments", {"seatsFreeMin": "14"}).json()
    assert fewer["total"] == 2


def test_a_hold_that_expires_frees_its_seat_in_the_next_list(
    officer_api, municipality, frozen_clock
):
    make_supply(4, municipality)
    asked = {"sort": "-seatsFree"}
    before = officer_api.get("/api/v1/intake-moments", asked).json()["items"]
    frozen_clock.shift(timedelta(days=4))  # the holds last three days
    after = officer_api.get("/api/v1/intake-moments", asked).json()["items"]

    assert [one["seatsFree"] for one in before] == [15, 14, 13, 13]
    assert [one["seatsFree"] for one in after] == [15, 14, 14, 14]


class TestPages:
    def test_pages_have_links_and_totals(self, officer_api, municipality):
        make_supply(7, municipality)
        response = officer_api.get(
            "/api/v1/courses", {"page": 2, "pageSize": 3, "component": "B,Z"}
        )

        body = response.json()
        assert (body["page"], body["pageSize"], body["total"], len(body["items"])) == (2, 3, 7, 3)
        assert response.headers["Total-Count"] == "7"
        url = "/api/v1/courses?pageSize=3&component=B%2CZ&page="
        assert response.headers["Link"] == (
            f'<{url}1>; rel="first", <{url}3>; rel="last", '
            f'<{url}1>; rel="prev", <{url}3>; rel="next"'
        )

    def test_an_empty_list_is_one_page(self, officer_api):
        response = officer_api.get("/api/v1/courses")

        assert response.json() == {"items": [], "page": 1, "pageSize": 50, "total": 0}
        url = "/api/v1/courses?page=1"
        assert response.headers["Link"] == f'<{url}>; rel="first", <{url}>; rel="last"'

    def test_a_page_past_the_end_is_empty_and_knows_the_total(self, officer_api, municipality):
        make_supply(2, municipality)
        body = officer_api.get("/api/v1/courses", {"page": 9}).json()

        assert (body["items"], body["total"]) == ([], 2)

    def test_pages_together_show_every_row_once_whatever_the_order(self, officer_api, municipality):
        make_supply(9, municipality)
        seen = []
        for page in range(1, 6):
            query = {"page": page, "pageSize": 2, "sort": "component"}
            seen += [one["id"] for one in officer_api.get("/api/v1/courses", query).json()["items"]]

        assert len(seen) == len(set(seen)) == 9

    def test_a_person_gets_at_most_100_rows(self, api_as, caseworker, settings):
        settings.MFA_REQUIRED_FOR_IDENTITY = False
        assert_problem(
            api_as(caseworker).get("/api/v1/courses", {"pageSize": "101"}),
            400,
            "invalid",
            errors=[
                fault("pageSize", "out_of_range", "Gebruik een heel getal van 1 tot en met 100.")
            ],
        )

    @pytest.mark.parametrize("page", ["0", "-1", "x", "1e3", "99999999999999999999", "\u0663"])
    def test_page_numbers_that_are_none(self, officer_api, page):
        assert_problem(officer_api.get("/api/v1/courses", {"page": page}), 400, "invalid")


@pytest.mark.parametrize("resource", ONE_EACH, ids=str)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    resource, officer_api, municipality, request
):
    found = {}
    for more, total in ((1, 1), (9, 10), (90, 100)):
        make_supply(more, municipality, prefix=f"s{total}")
        officer_api.get(resource.path, {"pageSize": "1"})
        for size in (total, 500):
            with counted() as queries:
                response = officer_api.get(resource.path, {"pageSize": str(size)})
            assert len(response.json()["items"]) == total
            found[total, size] = len(queries)
    # A full page needs the count as well; that is the only difference there may be.
    full = {found[total, total] for total in (1, 10, 100)}
    open_ended = {found[total, 500] for total in (1, 10, 100)}
    assert len(full) == len(open_ended) == 1, found
    assert max(full) <= 4
    assert_query_count(f"GET {resource}", full.pop())
    assert_query_count(f"GET {resource} (not full)", open_ended.pop())


@pytest.mark.parametrize("resource", ONE_EACH, ids=str)
def test_a_single_object_costs_as_many_queries_as_its_relations(
    resource, officer_api, municipality
):
    make_supply(2, municipality)
    identity = officer_api.get(resource.path).json()["items"][0]["id"]
    with counted() as queries:
        response = officer_api.get(f"{resource.path}/{identity}")

    assert response.status_code == 200
    assert_query_count(f"GET {resource}/{{id}}", len(queries))


def test_lists_show_what_single_objects_show(officer_api, municipality):
    make_supply(3, municipality)
    for resource in SUPPLY:
        for item in officer_api.get(resource.path).json()["items"]:
            assert officer_api.get(f"{resource.path}/{item['id']}").json() == item


def test_organisations_are_not_counted_twice(officer_api, municipality):
    """Rows that an actor may see for two reasons come once."""
    make_supply(3, municipality)
    assert Organisation.objects.count() == 4
    assert officer_api.get("/api/v1/contracts").json()["total"] == 3
    assert officer_api.get("/api/v1/lots").json()["total"] == 3
