"""A list, a single object and the serializer itself give the same, for every resource."""

import orjson
import pytest
from rest_framework import serializers

from backend.accounts.actor import Actor
from backend.api.renderers import to_json
from backend.api.serializers import PassendModelSerializer, PassendSerializer
from backend.api.shapes import ShapeError, compile_shape
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from providers.models import Course
from tests.support.resources import all_resources
from tests.support.supply import make_supply

pytestmark = pytest.mark.django_db
READABLE = [one for one in all_resources() if one.is_list or one.is_readable]


@pytest.fixture
def everything(municipality):
    """An actor who sees all organisations there are after the supply was made."""
    make_supply(5, municipality)
    everywhere = frozenset(Organisation.objects.values_list("pk", flat=True))
    return Actor("user", "user:all", "All", dict.fromkeys(Permission, everywhere))


def plain(value):
    return orjson.loads(to_json(value))


@pytest.mark.parametrize("resource", READABLE, ids=str)
def test_the_compiled_shape_gives_what_the_serializer_gives(resource, everything):
    view = resource.view(everything)
    serializer_classes = {view.serializer_class, *view.audiences.values()}
    queryset = view.get_queryset().order_by("pk")
    instances = list(queryset)
    if resource.path.startswith(SEEDED_APPS):
        assert len(instances) >= 5
    for serializer_class in serializer_classes:
        shape = compile_shape(serializer_class, view.model)
        expected = [serializer_class(one).data for one in instances]
        assert plain(shape.rows(queryset)) == plain(expected)


SEEDED_APPS = tuple(
    f"/api/v1/{name}"
    for name in (
        "providers",
        "locations",
        "courses",
        "course-groups",
        "intake-moments",
        "contracts",
        "lots",
        "tariffs",
    )
)


def test_every_supply_resource_is_covered():
    assert set(SEEDED_APPS) <= {resource.path for resource in all_resources()}


def test_a_nested_object_that_is_absent_is_null(everything):
    from providers.api.serializers import LocationSerializer
    from providers.models import Location

    rows = compile_shape(LocationSerializer, Location).rows(Location.objects.order_by("pk"))

    assert [row["municipality"] is None for row in rows] == [True, False, True, False, True]


def test_a_field_that_is_computed_per_object_is_refused_at_once():
    class Computed(PassendModelSerializer):
        extra = serializers.SerializerMethodField()

        class Meta:
            model = Course
            fields = ("id", "extra")

    with pytest.raises(ShapeError, match="annotate the queryset"):
        compile_shape(Computed, Course)


def test_a_field_with_its_own_representation_keeps_it(everything):
    class Shouting(serializers.CharField):
        def to_representation(self, value):
            return value.upper()

    class Loud(PassendModelSerializer):
        name = Shouting()

        class Meta:
            model = Course
            fields = ("id", "name")

    rows = compile_shape(Loud, Course).rows(Course.objects.order_by("pk"))

    assert rows[0]["name"] == "CURSUS 0"


def test_names_on_the_wire_are_camel_case_and_the_rest_stays():
    class Sub(PassendSerializer):
        some_long_name = serializers.CharField()
        plain = serializers.CharField()

    assert list(Sub().fields) == ["someLongName", "plain"]
    assert Sub().fields["someLongName"].source == "some_long_name"
