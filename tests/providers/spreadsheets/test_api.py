"""The API of catalogue imports: upload, report, commit; each once per Idempotency-Key."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.parsers import MultiPartParser

from providers.models import CatalogueImport
from tests.factories.providers import ProviderFactory
from tests.providers.spreadsheets.conftest import INTAKES, School, make_school
from tests.support.uploads import fifty_megabytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
URL = "/api/v1/catalogue-imports"


@pytest.fixture
def api(api_as, school: School, provider_planner):
    return api_as(provider_planner)


def upload(api, content: bytes, key: str | None = None, **fields):
    data = {"file": SimpleUploadedFile("seizoen.xlsx", content), **fields}
    return api.post(URL, data, format="multipart", headers={"Idempotency-Key": key or str(uuid4())})


def commit(api, uuid: str, **body):
    return api.post(
        f"{URL}/{uuid}/commit", body, format="json", headers={"Idempotency-Key": str(uuid4())}
    )


def test_upload_report_commit(api, school: School) -> None:
    content = school.workbook().set(INTAKES, 2, "Plekken", 9).save()
    key = str(uuid4())
    answer = upload(api, content, key)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert answer["Location"] == f"{URL}/{body['id']}"
    assert body["state"] == "checked"
    assert body["changes"] == [
        {
            "sheet": "intakeMoments",
            "action": "changed",
            "row": 2,
            "key": ["C1", "G1", "2027-01-11"],
            "id": str(school.start.uuid),
            "mark": f"intake_moments:{school.start.uuid}",
            "taken": 0,
            "cells": [{"column": "seatsTotal", "before": 12, "after": 9}],
        }
    ]
    assert body["counts"][-1] == {
        "sheet": "intakeMoments", "new": 0, "changed": 1, "removed": 0, "unchanged": 0,
    }  # fmt: skip

    again = upload(api, content, key)
    assert again.json() == body
    assert again["Idempotency-Replayed"] == "true"
    assert CatalogueImport.objects.count() == 1
    other = upload(api, school.workbook().save(), key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")

    done = commit(api, body["id"])
    assert done.status_code == 200, done.json()
    assert done.json()["state"] == "published"
    school.start.refresh_from_db()
    assert school.start.seats_total == 9
    assert commit(api, body["id"]).json()["code"] == "import_state"
    assert api.get(f"{URL}/{body['id']}").json() == done.json()
    assert api.get(URL).json()["total"] == 1


def test_rows_can_be_left_out(api, school: School) -> None:
    body = upload(api, school.workbook().set(INTAKES, 2, "Plekken", 9).save()).json()
    commit(api, body["id"], skip=[body["changes"][0]["mark"]], removeMissing=True)
    school.start.refresh_from_db()
    assert school.start.seats_total == 12


def test_faults_are_in_the_report(api, school: School) -> None:
    body = upload(api, school.workbook().set(INTAKES, 2, "Plekken", "veel").save()).json()
    assert body["state"] == "faulty"
    assert body["faults"] == [
        {
            "code": "not_a_number",
            "message": "“veel” is geen getal.",
            "advice": "Gebruik alleen cijfers, met een komma voor de decimalen.",
            "sheet": INTAKES,
            "row": 2,
            "column": "Plekken",
            "cell": "E2",
            "value": "veel",
        }
    ]
    refused = commit(api, body["id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "import_state")


def test_requests_that_are_no_upload(api, school: School) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    assert api.post(URL, {}, format="multipart", headers=headers).status_code == 400
    assert api.post(URL, {"file": "x"}, format="json", headers=headers).status_code == 415
    assert api.post(URL, {"file": "x"}, format="multipart", headers=headers).status_code == 400
    unknown = upload(api, b"x", naam="y")
    assert unknown.json()["errors"][0]["code"] == "unknown_field"
    large = upload(api, b"x" * (21 * 1024 * 1024))
    assert large.status_code == 413


def test_a_body_of_50_mb_is_refused_before_it_is_read(api, school: School, monkeypatch) -> None:
    """On the length that it announces: no parser starts."""

    def refuse(*args: object) -> None:
        raise AssertionError("a body that is too large is read")

    monkeypatch.setattr(MultiPartParser, "parse", refuse)
    headers = {"Idempotency-Key": str(uuid4())}
    answer = api.post(URL, {"file": fifty_megabytes()}, format="multipart", headers=headers)
    assert answer.status_code == 413
    assert "groter dan 20 MB" in answer.json()["detail"]


def test_an_import_of_another_school_does_not_exist(
    api_as, school: School, make_actor, other_provider, other_provider_planner
) -> None:
    other = make_school(make_actor, other_provider, mark="X")
    report = school.check(school.workbook())
    stranger = api_as(other_provider_planner)
    assert stranger.get(f"{URL}/{report.uuid}").status_code == 404
    assert commit(stranger, report.uuid).status_code == 404
    foreign = upload(stranger, school.workbook().save(), provider=str(school.provider.uuid))
    assert foreign.status_code == 403
    assert upload(stranger, other.workbook().save()).status_code == 201
    ProviderFactory()
