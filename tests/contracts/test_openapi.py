"""The committed openapi.json is what the code says, and promises what every answer keeps."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS

from backend.api.document import DOCUMENT_PATH, generate, served
from backend.api.version import API_BASE_PATH, API_VERSION
from tests.support.openapi import committed_document, operations
from tests.support.resources import all_resources

OPERATIONS = list(operations())
PROBLEMS = {400, 401, 403, 404, 406, 429, 500, 503}


def test_the_committed_document_is_the_generated_one():
    GENERATOR_STATS.reset()
    generated = generate()

    assert not GENERATOR_STATS, "python -m backend.manage build_openapi shows the warnings"
    assert generated == DOCUMENT_PATH.read_bytes(), "python -m backend.manage build_openapi"


def test_it_is_served_as_it_is_and_is_public(client):
    response = client.get(f"{API_BASE_PATH}/openapi.json")

    assert response.status_code == 200
    assert response.json() == committed_document()
    assert response.json()["info"]["version"] == API_VERSION


def test_an_https_installation_names_its_own_address(settings):
    settings.PUBLIC_URL = "https://passend.gemeente.example"
    served.cache_clear()
    try:
        assert b'"servers":[{"url":"https://passend.gemeente.example/api/v1"}]' in served()
    finally:
        served.cache_clear()


def test_every_resource_is_described():
    described = {one.path for one in OPERATIONS}

    assert {str(one) for one in all_resources()} <= described


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
class TestOperation:
    def test_problems_are_described_with_their_shape(self, operation):
        wanted = set(PROBLEMS)
        if operation.method in {"post", "put", "patch"}:
            wanted |= {409, 413, 415}
        if operation.method in {"put", "patch", "delete"}:
            wanted |= {412, 428}
        found = {int(status) for status in operation.content["responses"]}
        assert wanted <= found
        for status in wanted:
            response = operation.response(status)
            assert list(response["content"]) == ["application/problem+json"]
            assert "API-Version" in response["headers"]

    def test_successes_have_a_version_and_their_own_headers(self, operation):
        for status in operation.content["responses"]:
            if status.startswith(("2", "3")):
                headers = operation.response(int(status))["headers"]
                assert "API-Version" in headers
                # What is removed has no version any more.
                assert status == "204" or "Link" in headers or "ETag" in headers

    def test_commands_and_changes_name_their_headers(self, operation):
        headers = operation.parameters("header")
        assert headers.get("Idempotency-Key", {}).get("required", False) is (
            operation.method == "post"
        )
        assert headers.get("If-Match", {}).get("required", False) is (
            operation.method in {"put", "patch", "delete"}
        )

    def test_it_has_a_description_a_tag_and_security(self, operation):
        assert operation.content["description"]
        assert len(operation.content["tags"]) == 1
        assert {name for one in operation.content["security"] for name in one} == {
            "apiKey",
            "session",
        }


@pytest.mark.parametrize("resource", [one for one in all_resources() if one.is_list], ids=str)
def test_the_described_query_keys_are_those_that_are_accepted(resource):
    [operation] = [one for one in OPERATIONS if str(one) == f"GET {resource}"]
    described = set(operation.parameters("query"))
    accepted = resource.view(None).known_keys()
    if not resource.viewset.sortable:
        accepted -= {"sort"}

    assert described == accepted


def test_every_field_of_every_answer_is_promised():
    """A client may rely on every key: what is absent is null, never left out."""
    document = committed_document()
    for resource in all_resources():
        [operation] = [one for one in OPERATIONS if str(one) == f"GET {resource}"] or [None]
        if operation is None:
            continue
        answer = operation.resolve(operation.response(200)["content"]["application/json"]["schema"])
        if resource.is_list:
            answer = operation.resolve(answer["properties"]["items"]["items"])
        for name in _object_schemas(answer, document):
            schema = document["components"]["schemas"][name]
            assert set(schema.get("required", [])) == set(schema["properties"]), name


def _object_schemas(schema, document, seen=None):
    """Names of all object schemas below `schema`."""
    seen = set() if seen is None else seen
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if reference:
            name = reference.rpartition("/")[2]
            target = document["components"]["schemas"][name]
            if name not in seen:
                if "properties" in target:
                    seen.add(name)
                _object_schemas(target, document, seen)
        for value in schema.values():
            _object_schemas(value, document, seen)
    elif isinstance(schema, list):
        for value in schema:
            _object_schemas(value, document, seen)
    return seen
