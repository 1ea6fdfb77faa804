"""A serializer that reads many bodies forgets each of them, and speaks every language."""

import pytest
from django.utils import translation
from rest_framework import serializers

from backend.api.bodies import reading
from backend.api.serializers import PassendSerializer


class InnerInput(serializers.Serializer):
    code = serializers.CharField(max_length=2)

    def validate_code(self, value):
        return value + self.context["mark"]


class BodyInput(serializers.Serializer):
    name = serializers.CharField(max_length=3, required=False)
    parts = InnerInput(many=True)


class OwnInput(PassendSerializer):
    name = serializers.CharField()


def faults(data):
    with reading(BodyInput, data, context={"mark": ""}) as serializer:
        assert not serializer.is_valid()
        return serializer.errors


def test_a_body_is_read_as_is_valid_reads_it():
    for data, partial in [
        ({"name": "abc", "parts": [{"code": "1"}]}, False),
        ({"parts": [{"code": "1"}, {"code": "2"}]}, False),
        ({"name": "abc"}, True),
    ]:
        for mark in "xy":
            known = BodyInput(data=data, partial=partial, context={"mark": mark})
            assert known.is_valid()
            with reading(BodyInput, data, partial=partial, context={"mark": mark}) as found:
                assert found.is_valid()
                assert found.validated_data == known.validated_data
            assert not found.context
            assert not hasattr(found, "_validated_data")


@pytest.mark.parametrize("data", [None, [], {}, {"name": "toolong", "parts": [{"code": "123"}]}])
def test_faults_are_those_of_is_valid_in_the_language_of_the_request(data):
    seen = []
    for language in ("nl", "en", "nl"):
        with translation.override(language):
            known = BodyInput(data=data, context={"mark": ""})
            assert not known.is_valid()
            assert str(faults(data)) == str(known.errors)
            seen.append(str(known.errors))
    assert seen[0] == seen[2]
    # REST framework has no translation of "No data provided".
    assert data is None or seen[0] != seen[1]


@pytest.mark.parametrize("data", [[], "text", 3])
def test_another_body_than_an_object_is_told_in_words_of_json(data):
    serializer = OwnInput(data=data)
    assert not serializer.is_valid()
    assert [str(one) for one in serializer.errors["non_field_errors"]] == [
        "Stuur hier een JSON-object."
    ]
