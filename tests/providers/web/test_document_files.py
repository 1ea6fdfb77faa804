"""Files of documents: kept when they are what they say, and read only by who may see them."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from backend.accounts.roles import Role
from backend.common import clock
from backend.common.stored_files import MOST_BYTES
from backend.nightly import forget_orphan_files
from procurement.models import ContractDocument
from tests.factories.accounts import user_with
from tests.providers.conftest import PDF

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock", "empty_storage")]


@pytest.fixture
def planner(web_as, provider_planner):
    return web_as(provider_planner)


@pytest.fixture
def officer(web_as, procurement_officer):
    return web_as(procurement_officer)


def upload(client, document, content=PDF, name="uittreksel.pdf"):
    kind = "contract" if isinstance(document, ContractDocument) else "provider"
    return client.post(
        f"/{kind}-documents/{document.uuid}/upload", {"file": SimpleUploadedFile(name, content)}
    )


def download(client, document):
    kind = "contract" if isinstance(document, ContractDocument) else "provider"
    return client.get(f"/{kind}-documents/{document.uuid}/file")


def test_the_file_comes_back_as_a_download(planner, officer, document, contract, school):
    assert download(planner, document).status_code == 404
    assert upload(planner, document).status_code == 302

    # The municipality has a contract with the school.
    found = download(officer, document)
    assert b"".join(found.streaming_content) == PDF
    assert found["Content-Disposition"].startswith("attachment")
    assert found["Content-Type"] == "application/pdf"
    assert found["Cache-Control"] == "private, no-store"
    assert found["X-Content-Type-Options"] == "nosniff"
    page = officer.get(f"/providers/{school.uuid}").content.decode()
    assert "uittreksel.pdf" in page


def test_a_body_without_a_contract_does_not_read_it(planner, officer, document, school):
    upload(planner, document)
    assert download(officer, document).status_code == 403
    assert "uittreksel.pdf" not in officer.get(f"/providers/{school.uuid}").content.decode()


def test_a_contract_paper_is_read_by_its_parties(
    planner, officer, paper, web_as, other_municipality
):
    assert upload(planner, paper).status_code == 403
    assert upload(officer, paper).status_code == 302
    assert download(planner, paper).status_code == 200
    stranger = web_as(user_with(Role.PROCUREMENT_OFFICER, other_municipality))
    assert download(stranger, paper).status_code == 404


def workbook(**members):
    stream = BytesIO()
    Workbook().save(stream)
    with ZipFile(stream, "a") as package:
        for name, content in members.items():
            package.writestr(f"xl/{name}.bin", content)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("leeg.pdf", b"", "leeg"),
        ("groot.pdf", PDF + bytes(MOST_BYTES), "groter dan 10 MB"),
        ("programma.exe", b"MZ", "Stuur een PDF"),
        ("vermomd.pdf", b"MZ niet", "Stuur een PDF"),
        ("pagina.html", b"<script>", "Stuur een PDF"),
        ("macro.xlsx", workbook(vbaProject=b"x"), "Stuur een PDF"),
        ("geen.docx", workbook(), "Stuur een PDF"),
    ],
)
def test_what_is_no_document_is_refused(planner, document, name, content, sentence):
    response = upload(planner, document, content, name)
    assert response.status_code == 400
    assert sentence in response.content.decode()
    document.refresh_from_db()
    assert not document.has_file


def test_a_workbook_and_a_path_in_its_name(planner, document):
    assert upload(planner, document, workbook(), "..\\..\\cijfers.xlsx").status_code == 302
    document.refresh_from_db()
    assert document.file_name == "cijfers.xlsx"
    assert document.file_key.startswith("documents/")


def test_the_file_before_and_the_file_of_what_is_removed_are_gone(
    planner, document, django_capture_on_commit_callbacks
):
    upload(planner, document)
    document.refresh_from_db()
    first = document.file_key
    with django_capture_on_commit_callbacks(execute=True):
        upload(planner, document, PDF + b" nieuw")
    assert not default_storage.exists(first)
    document.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        planner.post(f"/provider-documents/{document.uuid}/remove")
    assert not default_storage.exists(document.file_key)


def test_a_file_that_no_row_names_goes_after_a_day(planner, document):
    upload(planner, document)
    orphan = default_storage.save("documents/los", ContentFile(b"x"))
    document.refresh_from_db()
    assert forget_orphan_files() == 0
    with clock.replay(clock.now() + timedelta(days=2)):
        assert forget_orphan_files() == 1
    assert not default_storage.exists(orphan)
    assert default_storage.exists(document.file_key)
