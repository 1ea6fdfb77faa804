"""Files of documents through the API: the same rights and the same checks as on the page."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.accounts.roles import Role
from backend.common.stored_files import MOST_BYTES
from procurement.models import ContractDocument
from tests.factories.accounts import user_with
from tests.providers.conftest import PDF
from tests.support.problems import assert_problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock", "empty_storage")]


@pytest.fixture
def planner(api_as, provider_planner):
    return api_as(provider_planner)


@pytest.fixture
def officer(api_as, procurement_officer):
    return api_as(procurement_officer)


def address(document):
    kind = "contract" if isinstance(document, ContractDocument) else "provider"
    return f"/api/v1/{kind}-documents/{document.uuid}"


def upload(client, document, content=PDF, name="uittreksel.pdf", key=None):
    return client.post(
        f"{address(document)}/file",
        {"file": SimpleUploadedFile(name, content)},
        format="multipart",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def download(client, document):
    return client.get(f"{address(document)}/file")


def test_the_file_of_a_provider_goes_in_and_comes_out(planner, officer, document, paper):
    assert download(planner, document).status_code == 404
    answer = upload(planner, document)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["fileName"], answer.json()["fileSize"]) == ("uittreksel.pdf", len(PDF))
    listed = officer.get("/api/v1/provider-documents").json()["items"]
    assert [one["fileName"] for one in listed] == ["uittreksel.pdf"]
    # The municipality has a contract with the school.
    found = download(officer, document)
    assert b"".join(found.streaming_content) == PDF
    assert found["Content-Type"] == "application/pdf"
    assert found["Content-Disposition"].startswith("attachment")
    assert "no-store" in found["Cache-Control"]


def test_a_body_without_a_contract_does_not_read_it(planner, officer, document):
    upload(planner, document)
    assert_problem(download(officer, document), 403, "not_allowed", errors=[])


def test_the_buyer_keeps_the_file_of_a_contract_and_its_parties_read_it(
    planner, officer, paper, api_as, other_municipality
):
    assert upload(planner, paper).status_code == 403
    assert upload(officer, paper, name="getekend.pdf").status_code == 200
    assert download(planner, paper).status_code == 200
    stranger = api_as(user_with(Role.PROCUREMENT_OFFICER, other_municipality))
    assert download(stranger, paper).status_code == 404
    assert upload(stranger, paper).status_code == 404


def test_the_same_key_puts_it_there_once(planner, document):
    upload(planner, document, key="een-keer")
    document.refresh_from_db()
    first = document.file_key
    assert upload(planner, document, key="een-keer").headers["Idempotency-Replayed"] == "true"
    assert upload(planner, document, PDF + b"2", key="een-keer").status_code == 409
    document.refresh_from_db()
    assert document.file_key == first


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("groot.pdf", PDF + bytes(MOST_BYTES), "file_too_large"),
        ("programma.exe", b"MZ", "file_type"),
        ("vermomd.pdf", b"MZ niet", "file_type"),
    ],
)
def test_what_is_no_document_is_refused(planner, document, name, content, code):
    answer = upload(planner, document, content, name)
    assert answer.status_code == 400
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [("file", code)]
    document.refresh_from_db()
    assert not document.has_file


def test_an_empty_file_no_file_and_far_too_much(planner, document):
    assert upload(planner, document, b"").status_code == 400
    none = planner.post(
        f"{address(document)}/file", {}, format="multipart", headers={"Idempotency-Key": "geen"}
    )
    assert [one["field"] for one in none.json()["errors"]] == ["file"]
    assert upload(planner, document, bytes(2 * MOST_BYTES)).status_code == 413
