"""The demo command refuses where it has no business, and the clock is only turned back by it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from backend.common import clock
from backend.demo import serve
from matching.models import Participant
from tests.factories.organisations import MunicipalityFactory

ROOT = Path(__file__).parents[3]


@pytest.mark.django_db
@override_settings(DEMO=False)
def test_refuses_where_this_is_no_demo() -> None:
    with pytest.raises(CommandError, match="geen demo-installatie"):
        call_command("demo", "--no-serve")
    assert Participant.objects.count() == 0


@pytest.mark.django_db
@override_settings(DEMO=True)
def test_refuses_a_database_with_participants_of_its_own() -> None:
    today = clock.today()
    Participant.objects.create(
        municipality=MunicipalityFactory().organisation,
        reference="echt",
        obligation_start_date=today,
        settlement_date=today,
        notified_at_date=today,
    )
    for arguments in ([], ["--reset"]):
        with pytest.raises(CommandError, match="eigen inburgeraars"):
            call_command("demo", "--no-serve", *arguments, verbosity=0)
    assert Participant.objects.count() == 1


def test_a_port_in_use_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not serve.is_free(port)
        assert serve.free_port(port) not in {port, None}


def test_production_settings_refuse_to_be_a_demo() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend.manage", "demo", "--no-serve"],
        cwd=ROOT,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "backend.settings.production", "PASSEND_DEMO": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "PASSEND_DEMO: must be off" in done.stderr + done.stdout


def test_only_the_demo_turns_the_clock_back() -> None:
    found = subprocess.run(
        ["grep", "-rlE", r"clock\.replay|import replay", "--include=*.py",
         "backend", "providers", "procurement", "matching", "quality"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    assert found
    assert all(one.startswith("backend/demo/") for one in found), found
