"""The suite for integrators passes against this installation, and notices one that is broken."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from django.conf import settings as django_settings

from backend.accounts.roles import Role
from backend.api.idempotency import _record_of
from backend.outbox.public import WorkerThread
from matching.choices import OPEN_PLACEMENT_STATES
from matching.models import Placement
from procurement.models import CallOff
from providers.models import IntakeMoment
from tests.factories.accounts import client_with
from tests.factories.matching import contracted_intake

SUITE = Path(django_settings.BASE_DIR) / "docs" / "api" / "conformance"

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def keys(municipality, provider) -> tuple[str, str]:
    """Of a municipality, and of a provider from which it may call off a B1 course."""
    contracted_intake(municipality, provider=provider)
    return (
        client_with(Role.CASEWORKER, organisation=municipality)[1],
        client_with(Role.PROVIDER_PLANNER, organisation=provider)[1],
    )


@pytest.fixture
def worker(settings) -> Iterator[None]:
    settings.LOOPBACK_TARGETS = True
    thread = WorkerThread().start()
    yield
    thread.stop()


def run(url: str, keys: tuple[str, str], folder: Path, *more: str) -> dict:
    """The result of the suite, as an integrator runs it."""
    command = [
        sys.executable,
        str(SUITE),
        f"--url={url}",
        f"--key={keys[0]}",
        f"--provider-key={keys[1]}",
        f"--out={folder}",
        *more,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (folder / "conformance.json").exists(), done.stdout + done.stderr
    return orjson.loads((folder / "conformance.json").read_bytes()) | {"status": done.returncode}


def test_every_scenario_passes(live_server, keys, worker, tmp_path):
    result = run(live_server.url, keys, tmp_path)
    assert [one for one in result["scenarios"] if one["outcome"] != "ok"] == []
    assert result["summary"]["total"] >= 30
    assert result["status"] == 0
    assert f"{result['summary']['total']} of {result['summary']['total']}" in (
        (tmp_path / "conformance.svg").read_text()
    )
    # It can run again: what it used has been given back.
    assert not Placement.objects.filter(state__in=OPEN_PLACEMENT_STATES).exists()
    assert not CallOff.objects.filter(state="committed").exists()
    assert not IntakeMoment.objects.filter(
        group__code__startswith="conf-", status="published"
    ).exists()


def forgetful(monkeypatch):
    """Every repeat of a command is a new command."""
    monkeypatch.setattr("backend.api.idempotency._claim", lambda *args: None)
    monkeypatch.setattr(
        "backend.api.idempotency._record_of",
        lambda scope, key, *more: _record_of(scope, uuid4().hex, *more),
    )


def careless(monkeypatch):
    """A change of any version passes."""
    monkeypatch.setattr("backend.api.viewsets.check_if_match", lambda *args: None)


def unsigned(monkeypatch):
    """Webhooks are signed with a secret that nobody knows."""
    monkeypatch.setattr(
        "backend.feed.services.deliveries.unsealed", lambda stored: "whsec_bmllbWFuZA=="
    )


@pytest.mark.parametrize(
    ("broken", "names"),
    [
        (forgetful, {"replay", "key-reused"}),
        (careless, {"stale-version"}),
        (unsigned, {"webhook-signature"}),
    ],
)
def test_a_broken_installation_is_noticed(
    live_server, keys, worker, tmp_path, monkeypatch, broken, names
):
    broken(monkeypatch)
    result = run(live_server.url, keys, tmp_path, f"--only={','.join(sorted(names))}")
    faults = {one["scenario"]: one for one in result["scenarios"] if one["outcome"] == "fault"}
    assert set(faults) == names
    assert all(one["detail"] and one["advice"] for one in faults.values())
    assert result["status"] == 1
