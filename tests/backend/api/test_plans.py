"""A list whose SQL was made before asks what Django would ask now, for whoever asks whatever."""

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.actor import Actor
from backend.accounts.cached_principals import forget_all
from backend.accounts.models import ApiClient
from backend.accounts.roles import Role
from backend.api.filters import CodeFilter
from backend.api.pagination import PageRequest
from backend.api.plans import plan_for
from backend.api.viewsets import Declaration
from backend.common import clock
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from procurement.models import Lot
from tests.factories.accounts import client_with
from tests.support.resources import all_resources
from tests.support.supply import make_supply

pytestmark = pytest.mark.django_db
LISTS = [one for one in all_resources() if one.is_list]
# Django makes the SQL of these lists each time.
WITHOUT_PLAN = {
    "/intake-stops": "the region on the day itself",
    "/needs": "tiers of the actor's own organisations",
    "/suppliers": "counts of what the actor sees",
    "/webhook-deliveries": "a system sees those of its subscriptions",
    "/webhook-subscriptions": "a system sees its own subscriptions",
}
WHOLE = PageRequest(1, 100)
# Two lots of values per type, as they come from the form field: signs of a pattern and of SQL, a
# value named twice, numbers that are too large for a small column.
VALUES = {
    forms.CharField: ("a", "50%_\\'; --"),
    forms.DecimalField: (Decimal("7.50"), Decimal("-3")),
    forms.IntegerField: (3, 40_000),
    forms.UUIDField: ([uuid4()], [UUID(int=1), uuid4(), UUID(int=1)]),
}
DAYS = (date(2026, 1, 4), date(2027, 1, 5))


@pytest.fixture
def everything(municipality):
    make_supply(3, municipality)
    everywhere = frozenset(Organisation.objects.values_list("pk", flat=True))
    return Actor("user", "user:all", "All", dict.fromkeys(Permission, everywhere))


def values_of(one):
    """Two values that the filter may be given; none where it takes something of its own."""
    if isinstance(one, CodeFilter):
        inner = one.extra["inner"]
        codes = list(inner()) if not isinstance(inner, forms.Field) else inner.choices
        codes = [str(code) for code, _label in codes]
        return ([codes[0]], [codes[-1], codes[0], codes[-1]])
    if one.schema.get("format") == "date":
        return DAYS
    if one.schema["type"] == "boolean":
        return (True, False)
    field = one.field.inner if hasattr(one.field, "inner") else one.field
    return VALUES.get(type(field), ())


def asked(run):
    with CaptureQueriesContext(connection) as captured:
        page = run()
    return page, [one["sql"] for one in captured.captured_queries]


def assert_same(view, ordering, values):
    """The plan gives what Django gives, by the same questions; False where there is no plan."""
    planned, sql = asked(lambda: view.page_by_plan(WHOLE, ordering, values))
    if planned is None:
        return False
    fresh, expected = asked(lambda: view.page(WHOLE, ordering, values))
    assert sql == expected
    assert planned == fresh
    return True


@pytest.mark.parametrize("resource", LISTS, ids=str)
def test_a_plan_asks_what_django_asks(resource, everything, frozen_clock):
    view = resource.view(everything)
    ordering = [*view.default_order, "pk"]
    assert assert_same(view, ordering, {}) is (str(resource) not in WITHOUT_PLAN)
    for path in view.sortable.values():
        assert_same(view, [f"-{path}", "pk"], {})
    filters = view.filterset_class.ready_filters() if view.filterset_class else {}
    together = ({}, {})
    for key, one in filters.items():
        for value, others in zip(values_of(one), together, strict=False):
            assert_same(view, ordering, {key: value})
            others[key] = value
    for values in (*together, *reversed(together)):
        assert_same(view, ordering, values)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/contracts", {"status": ["active"], "search": "x", "startsFrom": DAYS[0]}),
        ("/providers", {"search": "School", "kvkNumber": "12345678"}),
        ("/intake-moments", {"level": ["A2"], "dayPart": ["2", "3"], "seatsFreeMin": 2}),
        ("/courses", {"specialGroups": ["women"], "hoursPerWeekMin": Decimal(2)}),
        ("/tariffs", {"lot": [UUID(int=3), UUID(int=4)], "amountMax": Decimal("12.50")}),
    ],
)
def test_the_filters_of_a_search_have_a_plan(path, values, everything, frozen_clock):
    (resource,) = [one for one in LISTS if str(one) == path]
    assert assert_same(resource.view(everything), ["pk"], values)


def test_who_holds_other_rights_gets_its_own_rows(api_as, municipality, other_municipality):
    first, *_rest = make_supply(3, municipality).contracts
    Lot.objects.create(
        code="L9",
        title="Perceel",
        components=["B"],
        target_groups=["asylum"],
        buyer=other_municipality,
    )
    found = []
    for holder in (municipality, other_municipality, municipality):
        api = api_as(key=client_with(Role.PROCUREMENT_OFFICER, organisation=holder)[1])
        answers = [api.get(f"/api/v1/{name}").json() for name in ("contracts", "lots")]
        found.append([{row["title"] for row in answer["items"]} for answer in answers])

    assert found[1] == [set(), {"Perceel"}]
    assert found[0] == found[2] != found[1]
    assert first.title in found[0][0]


def test_a_right_that_ends_takes_its_rows_along(api_as, municipality, other_municipality):
    make_supply(3, municipality)
    client, key = client_with(Role.PROCUREMENT_OFFICER, organisation=municipality)
    api = api_as(key=key)
    assert api.get("/api/v1/contracts").json()["total"] == 3

    ApiClient.objects.filter(pk=client.pk).update(organisation=other_municipality)
    forget_all()
    assert api.get("/api/v1/contracts").json()["total"] == 0


def test_values_of_one_request_never_reach_the_next(api_as, municipality):
    supply = make_supply(4, municipality)
    api = api_as(key=client_with(Role.PROCUREMENT_OFFICER, organisation=municipality)[1])
    for contract in (*supply.contracts, *reversed(supply.contracts)):
        answer = api.get("/api/v1/contracts", {"search": contract.number}).json()
        assert [one["number"] for one in answer["items"]] == [contract.number]
        assert answer["total"] == 1
    assert api.get("/api/v1/contracts", {"search": "%"}).json()["total"] == 0
    assert api.get("/api/v1/contracts", {"pageSize": 2, "page": 2}).json()["total"] == 4


class Question:
    """A resource whose rows are those of `visible`."""

    def __init__(self, visible):
        self.view, self.visible = None, visible

    def questions(self, actor, values):
        rows = self.visible(Organisation.objects.all(), actor)
        return rows.values_list("name"), rows


@pytest.mark.parametrize(
    ("visible", "planned"),
    [
        (lambda rows, actor: rows.filter(pk__in=actor.with_permission(Permission.PLACE)), True),
        (lambda rows, actor: rows.filter(created_at__lt=clock.now()), False),
        (lambda rows, actor: rows.filter(created_at__date=clock.today()), False),
        (lambda rows, actor: rows if actor.kind == "user" else rows.none(), False),
        (lambda rows, actor: rows if Organisation.objects.exists() else rows.none(), False),
    ],
    ids=["rights", "moment", "day", "kind of actor", "database"],
)
def test_only_rows_that_follow_from_the_rights_have_a_plan(visible, planned, municipality):
    rights = ((Permission.PLACE, frozenset({municipality.pk})),)
    plan, _values = plan_for(Question(visible), rights, ["pk"], {})
    assert (plan is not None) is planned


def test_resources_are_told_apart_by_what_they_show():
    """Two representations of one list have other columns."""
    (placements,) = [one for one in LISTS if str(one) == "/placements"]
    shown = [Declaration(placements.viewset, one) for one in placements.viewset.audiences.values()]
    assert len(set(shown)) == 2
