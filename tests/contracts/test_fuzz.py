"""The API under generated requests: no server error, and nothing that is not documented.

Bounded in number and seeded, so that the suite takes the same time and finds the same every run.
`PASSEND_FUZZ_EXAMPLES=100 pytest tests/contracts/test_fuzz.py` looks further. The requests go to
the WSGI application in this process, with real commits: a socket and a thread with its own database
connection for each of them would cost more than the answer, and promise nothing more.
"""

import os
from uuid import uuid4

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi_checks
from werkzeug.test import Client

from backend.accounts.roles import Role
from tests.factories.accounts import client_with
from tests.factories.organisations import MunicipalityFactory, OrganisationFactory
from tests.support.openapi import committed_document
from tests.support.supply import make_supply

EXAMPLES = int(os.environ.get("PASSEND_FUZZ_EXAMPLES", "5"))
ROWS = 3
PROVIDER_ROLES = (Role.PROVIDER_PLANNER,)
MUNICIPAL_ROLES = (Role.CASEWORKER, Role.PROCUREMENT_OFFICER, Role.COUNCIL_READER)
CHECKS = (
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
)


def _collection(name):
    """The part of an address before an object: where its ids are found."""
    return name.split(" ")[1].split("/{id}")[0]


# Deleting comes last, so that the other operations of a collection still find its objects.
METHODS = ("get", "post", "put", "patch", "delete")
NAMES = sorted(
    (
        f"{method.upper()} {path}"
        for path, item in committed_document()["paths"].items()
        for method in METHODS
        if method in item
    ),
    key=lambda name: (_collection(name), METHODS.index(name.split(" ")[0].lower()), name),
)
# So many operations share one database: making its rows costs more than asking a few questions.
PART = 50
PARTS = [NAMES[at : at + PART] for at in range(0, len(NAMES), PART)]


@pytest.fixture
def keys(transactional_db):
    """Who asks: every kind of role, somebody with a wrong key, and nobody."""
    municipality = MunicipalityFactory().organisation
    supply = make_supply(ROWS, municipality)
    found = {
        role.value: client_with(role, organisation=municipality)[1] for role in MUNICIPAL_ROLES
    }
    provider = supply.providers[0].organisation
    found |= {role.value: client_with(role, organisation=provider)[1] for role in PROVIDER_ROLES}
    found["stranger"] = client_with(Role.PROVIDER_PLANNER, organisation=OrganisationFactory())[1]
    return {**found, "wrong key": "psd_000000_wrong", "nobody": None}


@pytest.fixture
def api():
    return WSGIHandler()


def _schema(document, api):
    schema = schemathesis.openapi.from_dict(document)
    schema.app = api
    schema.config.update(base_url="http://localhost/api/v1")
    return schema


def _ids_in(collection, api, keys):
    """Ids that exist, so that not every generated object is an unknown one."""
    found = set()
    for key in keys.values():
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        response = Client(api).get(f"/api/v1{collection}", headers=headers)
        if response.status_code == 200:
            found.update(one["id"] for one in response.json.get("items", []))
    return sorted(found)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=str)
@pytest.mark.parametrize("names", PARTS, ids=lambda names: f"{names[0]} .. {names[-1]}")
def test_every_operation_keeps_what_it_promises(names, mode, api, keys):
    schema = _schema(committed_document(), api)
    ids, failures = {}, {}
    for name in names:
        method, path = name.split(" ")
        collection = _collection(name)
        if "{id}" in path and mode is GenerationMode.POSITIVE and collection not in ids:
            ids[collection] = _ids_in(collection, api, keys)
        try:
            _ask(schema[path][method], mode, keys, ids.get(collection, []))
        except Exception as error:
            failures[name] = str(error)

    assert not failures, "\n\n".join(f"{name}: {text}" for name, text in failures.items())


def test_an_undocumented_answer_would_be_found(api, keys):
    """The control: without 401 and without one field in the document, the same check fails."""
    document = committed_document()
    del document["paths"]["/courses"]["get"]["responses"]["401"]
    schema = _schema(document, api)
    with pytest.raises(FailureGroup, match="401"):
        _ask(schema["/courses"]["GET"], GenerationMode.POSITIVE, {"nobody": None}, [])

    document = committed_document()
    document["components"]["schemas"]["Course"]["properties"]["name"]["type"] = "integer"
    schema = _schema(document, api)
    caseworker = {"caseworker": keys["caseworker"]}
    with pytest.raises(FailureGroup, match="name"):
        _ask(schema["/courses"]["GET"], GenerationMode.POSITIVE, caseworker, [])


def _ask(operation, mode, keys, existing):
    """Sends the generated requests of one operation and checks every answer."""

    @seed(20270104)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        who=st.sampled_from(sorted(keys)),
        known=st.sampled_from([None, *existing]),
    )
    def ask(case, who, known):
        if known and "id" in case.path_parameters:
            case.path_parameters["id"] = known
        case.headers.pop("Authorization", None)
        if keys[who]:
            case.headers["Authorization"] = f"Bearer {keys[who]}"
        if case.method == "POST" and mode is GenerationMode.POSITIVE:
            case.headers["Idempotency-Key"] = str(uuid4())
        case.validate_response(case.call(), checks=list(CHECKS))

    ask()
