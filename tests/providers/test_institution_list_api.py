"""DUO's list through the API: looked at first, imported whole, refused with every fault."""

from uuid import uuid4

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.accounts.roles import Role
from providers.models import Provider, QualityMark
from providers.services.institution_list import MAX_BYTES
from tests.factories.accounts import client_with
from tests.support.duo import institution

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
URL = "/api/v1/institution-lists"
PREVIEW = f"{URL}/preview"


@pytest.fixture
def buyer(api_as, municipality):
    return api_as(key=client_with(Role.PROCUREMENT_OFFICER, organisation=municipality)[1])


def send(client, rows, path=URL, key=None):
    content = rows if isinstance(rows, bytes) else orjson.dumps(rows)
    return client.post(
        path,
        {"file": SimpleUploadedFile("instellingen.json", content)},
        format="multipart",
        headers={"Idempotency-Key": key or str(uuid4())},
    )


def test_preview_import_and_a_mark_that_falls_away(buyer):
    rows = [institution(), institution("0000000002", naam="School Zuid")]
    seen = send(buyer, rows, PREVIEW)
    assert seen.status_code == 200, seen.content
    assert [one["duoNumber"] for one in seen.json()["new"]] == ["0000000001", "0000000002"]
    assert not Provider.objects.exists()

    done = send(buyer, rows, key="one")
    assert done.json() == seen.json()
    assert send(buyer, rows, key="one").content == done.content
    assert Provider.objects.count() == 2
    assert send(buyer, rows, PREVIEW).json()["unchanged"] == 2

    less = [institution(naam="Taalschool Oost", indicatieBowKeurmerk=False)]
    found = send(buyer, less, PREVIEW).json()
    assert found["missing"] == ["0000000002"]
    (changed,) = found["changed"]
    assert changed["changes"] == ["naam", "indicatieBowKeurmerk"]
    assert changed["lostMarks"] == ["keurmerk"]
    assert QualityMark.objects.count() == 2
    assert send(buyer, less).status_code == 200
    assert QualityMark.objects.filter(status="withdrawn").count() == 1
    assert Provider.objects.count() == 2


def test_every_fault_at_once_and_nothing_imported(buyer):
    rows = [institution(postcode="1"), institution(), institution()]
    for path in (PREVIEW, URL):
        answer = send(buyer, rows, path)
        assert (answer.status_code, answer.json()["code"]) == (400, "import_faults")
        found = {one["field"] for one in answer.json()["errors"]}
        assert {"$[0].postcode", "$[2].instellingsnummer"} <= found
    assert send(buyer, b"[", PREVIEW).json()["code"] == "import_faults"
    assert not Provider.objects.exists()


def test_a_file_that_is_too_large(buyer):
    answer = send(buyer, b" " * (MAX_BYTES + 1), PREVIEW)
    assert [one["code"] for one in answer.json()["errors"]] == ["too_large"]
    assert send(buyer, b" " * (2 * MAX_BYTES), PREVIEW).status_code == 413


def test_a_school_does_not_judge_its_own_recognition(api_as, provider):
    roles = (Role.FUNCTIONAL_ADMINISTRATOR, Role.PROVIDER_PLANNER)
    own = api_as(key=client_with(*roles, organisation=provider)[1])
    assert send(own, [institution()]).status_code == 403
