"""Open contracting data, judged by the validators of the standard itself."""

import subprocess
import sys
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from types import SimpleNamespace

import orjson
import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from backend.common import clock
from procurement.choices import TenderProcedure, TenderStatus, VersionKind
from procurement.models import (
    Award,
    Contract,
    ContractVersion,
    Lot,
    Tender,
    VersionLot,
)
from procurement.ocds.releases import compiled, record_package, release_package, releases
from procurement.selectors.open_contracting import public_process_count, public_processes
from procurement.services.claim_decisions import claim_assess
from tests.factories.money import money_world
from tests.support.reference_data import reference_file

pytestmark = pytest.mark.django_db
CORE = "ocds/standard-1__1__5-schema.zip"
EU = "ocds/standard-eu-patched.zip"


@pytest.fixture
def processes(municipality, provider, frozen_clock):
    """A tender with award, contract, amendment, payment and milestone; one that is still open."""
    with time_machine.travel(clock.now() - timedelta(days=40), tick=False):
        world = money_world(municipality, provider)
        claim_assess(actor=world.actor, claim=world.claim)
    contract, lot = world.contract, world.contract_lot.lot
    tender = Tender.objects.create(
        buyer=municipality,
        reference="T-1",
        title="Inburgering",
        description="Leerroutes en modules",
        procedure=TenderProcedure.SAS,
        cpv_codes=["80400000", "85300000"],
        publication_date=date(2025, 9, 1),
        closing_date=date(2025, 10, 1),
        award_date=date(2025, 11, 1),
        status=TenderStatus.AWARDED,
    )
    Lot.objects.filter(pk=lot.pk).update(
        tender=tender, volume_max=120, ceiling_amount=900000, contractors=2, areas=["Salland"]
    )
    Award.objects.create(lot=lot, provider=contract.provider, rank=1)
    Contract.objects.filter(pk=contract.pk).update(tender=tender)
    first = contract.versions.get()
    VersionLot.objects.filter(version=first).update(ceiling_amount=Decimal(900000))
    second = ContractVersion.objects.create(
        contract=contract,
        number=2,
        kind=VersionKind.AMENDMENT,
        reason="Hoger plafond",
        title="Contract 1 (gewijzigd)",
        effective_date=date(2026, 12, 1),
        end_date=contract.end_date,
        agreed_at=clock.now(),
    )
    VersionLot.objects.create(
        version=second, contract_lot=world.contract_lot, ceiling_amount=Decimal(1000000)
    )
    Tender.objects.create(
        buyer=municipality,
        reference="T-2",
        title="MAP",
        procedure=TenderProcedure.OPEN_HOUSE,
        publication_date=date(2026, 10, 1),
        status=TenderStatus.PUBLISHED,
    )
    Tender.objects.create(buyer=municipality, reference="T-3", title="Geheim")
    return world


def everything():
    return public_processes(0, public_process_count())


def package(*, eu, records=False):
    build = record_package if records else release_package
    made = build(everything(), uri="https://example.org/ocds", publisher="Eigenstad", eu=eu)
    return orjson.loads(orjson.dumps(made))


@pytest.fixture
def _schemas_at_hand(monkeypatch):
    """What the validator would fetch from the standard's site comes from the reference data."""
    import jsonref

    def answer(address, **_options):
        path = address.removeprefix("https://standard.open-contracting.org/schema/1__1__5/")
        archive = zipfile.ZipFile(reference_file(CORE))
        content = orjson.loads(archive.read(f"standard-1__1__5/schema/{path}"))
        return SimpleNamespace(json=lambda **_kwargs: content, raise_for_status=lambda: None)

    monkeypatch.setattr(jsonref, "requests", SimpleNamespace(get=answer))


def validated(document, standard):
    """What lib-cove-ocds says, without a network: the schemas come from the reference data."""
    from libcoveocds.api import ocds_json_output
    from libcoveocds.config import LibCoveOCDSConfig

    config = LibCoveOCDSConfig()
    config.config["standard_zip"] = f"file://{reference_file(standard)}"
    config.config["context"] = "api"
    # The archive of the profile has been patched with its extensions already.
    document = {name: value for name, value in document.items() if name != "extensions"}
    return ocds_json_output(json_data=document, lib_cove_ocds_config=config)


@pytest.mark.usefixtures("_schemas_at_hand")
@pytest.mark.parametrize("records", [False, True], ids=["releases", "records"])
@pytest.mark.parametrize(("standard", "eu"), [(CORE, False), (EU, True)], ids=["core", "eu"])
def test_the_validator_finds_nothing(processes, standard, eu, records):
    document = package(eu=eu, records=records)
    found = validated(document, standard)

    assert found["validation_errors"] == []
    assert found["additional_fields"] == []
    assert found["additional_closed_codelist_values"] == {}
    assert document["version"] == "1.1"


def test_the_validator_does_find_what_is_wrong(processes):
    document = package(eu=False)
    document["releases"][0]["date"] = "gisteren"
    document["releases"][0]["geheim"] = 1
    found = validated(document, CORE)

    assert found["validation_errors"] != []
    assert found["additional_fields"] != []


def test_all_stages_are_published_and_drafts_are_not(processes):
    document = package(eu=True)
    tags = {tag for one in document["releases"] for tag in one["tag"]}
    assert tags == {"tender", "award", "contract", "contractAmendment", "implementation"}
    text = orjson.dumps(document).decode()
    assert "Geheim" not in text
    assert f'"{processes.draft.uuid}"' not in text
    lots = next(one for one in document["releases"] if one["tag"] == ["award"])["tender"]["lots"]
    assert [one["value"]["amount"] for one in lots] == [900000.0]
    paid = [
        one
        for release in document["releases"]
        for contract in release.get("contracts", [])
        for one in contract.get("implementation", {}).get("transactions", [])
    ]
    assert [one["value"]["amount"] for one in paid] == [232.0]


def test_no_person_can_be_found_in_it(processes):
    text = orjson.dumps(package(eu=True)).decode()
    for one in processes.call_offs:
        assert str(one.reference) not in text
        assert str(one.uuid) not in text


def test_ids_are_unique_and_stay_the_same(processes):
    first = [one["id"] for one in package(eu=True)["releases"]]
    assert len(set(first)) == len(first)
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert [one["id"] for one in package(eu=True)["releases"]] == first


@pytest.mark.parametrize(("standard", "eu"), [(CORE, False), (EU, True)], ids=["core", "eu"])
def test_ocdskit_merges_our_releases_to_our_records(processes, standard, eu, tmp_path):
    archive = zipfile.ZipFile(reference_file(standard))
    name = next(one for one in archive.namelist() if one.endswith("/schema/release-schema.json"))
    schema = tmp_path / "release-schema.json"
    schema.write_bytes(archive.read(name))
    document = package(eu=eu)
    document.pop("extensions", None)
    done = subprocess.run(
        [sys.executable, "-m", "ocdskit", "compile", "--schema", str(schema)],
        input=orjson.dumps(document),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    merged = {one["ocid"]: one for one in map(orjson.loads, done.stdout.splitlines())}
    ours = {
        found[0]["ocid"]: orjson.loads(orjson.dumps(compiled(found)))
        for found in (releases(one, eu=eu) for one in everything())
    }
    assert set(merged) == set(ours)
    for ocid, one in ours.items():
        assert merged[ocid] == one


def test_the_public_pages(client, processes):
    for name in ("ocds-releases", "ocds-records"):
        response = client.get(reverse(name))
        assert response.status_code == 200
        assert response.json()["extensions"]
        assert client.get(reverse(name), {"page": 9}).json().get("links") is None
        for wrong in ({"page": "0"}, {"profile": "us"}, {"bladzijde": "1"}):
            assert client.get(reverse(name), wrong).status_code == 400


def test_a_package_has_pages(client, processes, monkeypatch):
    monkeypatch.setattr("procurement.web.open_contracting.PAGE_SIZE", 1)
    first = client.get(reverse("ocds-records")).json()
    second = client.get(first["links"]["next"]).json()
    assert {one["ocid"] for one in first["records"]} & {
        one["ocid"] for one in second["records"]
    } == set()
    assert "links" not in second


def test_the_command_writes_a_package(processes, tmp_path, monkeypatch):
    out = tmp_path / "ocds.json"
    call_command("export_ocds", "--profile", "core", "--records", "--out", str(out))
    assert len(orjson.loads(out.read_bytes())["records"]) == 2
    stream = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(stream))
    call_command("export_ocds")
    assert len(orjson.loads(stream.getvalue())["releases"]) >= 5
