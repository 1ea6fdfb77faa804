"""A worker that is killed in the middle of a run: the next one gives the same result, once."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from backend.audit.models import AuditEvent
from backend.outbox.public import consume
from matching.choices import RunState
from matching.models import MatchProposal, MatchRun
from matching.selectors.policy import default_policy
from matching.services.runs import match_run_execute, match_run_request
from tests.factories.matching import contracted_intake, everything, need
from tests.factories.organisations import MunicipalityFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

# Another process on the same database, which kills itself at a moment of the run.
WORKER = """
import os, signal, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from matching.services import runs
moment = sys.argv[3]
def die():
    os.kill(os.getpid(), signal.SIGKILL)
store = runs.store_proposals
def store_and_die(run_id, routed):
    store(run_id, routed)
    die()
if moment == "stored":
    runs.store_proposals = store_and_die
runs.match_run_execute(
    run_id=int(sys.argv[2]), listen=lambda share, stage: die() if stage == moment else None
)
"""


def places(run):
    return sorted(run.proposals.values_list("need", "intake_moment", "score", "cause", "tier"))


@pytest.mark.parametrize("moment", ["assignment", "storing", "stored"])
def test_a_killed_run_is_done_once_by_the_next_worker(moment):
    town = MunicipalityFactory(name="Eigenstad").organisation
    default_policy()
    for _ in range(3):
        contracted_intake(town, seats_total=1)
        need(town)
    actor = everything(town)
    run = match_run_request(actor=actor, organisation=town)
    killed = subprocess.run(
        [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(run.pk), moment],
        env=os.environ,
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    run.refresh_from_db()
    assert (run.state, MatchProposal.objects.count()) == (RunState.RUNNING, 0)

    consume()
    consume()
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert run.proposals.count() == run.summary["needs"] == 12
    assert (
        AuditEvent.objects.filter(action="match_run.finished", subject_uuid=run.uuid).count() == 1
    )
    undisturbed = MatchRun.objects.create(
        organisation=town, requested_by="test", requested_by_label="test",
        as_of=run.as_of, policy=run.policy,
    )  # fmt: skip
    MatchRun.objects.filter(pk=run.pk).update(expires_at=None)
    assert places(match_run_execute(run_id=undisturbed.pk)) == places(run)
