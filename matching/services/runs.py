"""Routing everybody who waits at once: a run that can be watched, resumed and repeated.

Asked for in a transaction, done by a worker. It proposes; a caseworker decides, person by person.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from time import monotonic

from django.db import connection, transaction

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record
from backend.common import clock
from backend.common.business_days import add_business_days
from backend.common.events import publish
from backend.common.locks import lock_row
from backend.organisations.public import Organisation, OrganisationKind, member_ids_on
from backend.outbox.public import enqueue
from matching import policies
from matching.choices import RUN_TRANSITIONS, RunState
from matching.events import MatchRunFinished
from matching.models import MatchRun
from matching.selectors.needs import waiting_needs
from matching.selectors.policy import engine_policy, policy_in_force
from matching.selectors.settled import left_alone
from matching.services.batch import Routed, route, summary_of
from matching.services.feed import match_run_emit
from matching.services.proposal_store import store_proposals
from matching.services.run_seats import with_seats_left

RUN_TOPIC = "matching.run"
# Progress need not wait for the disk: what a crash forgets is told again by the next worker.
PROGRESS = """
update "matching_matchrun" set "progress" = %s, "stage" = %s
where "id" = %s and set_config('synchronous_commit', 'off', true) = 'off'
"""
PROGRESS_SECONDS = 0.1
Listener = Callable[[int, str], None]


@transaction.atomic
def match_run_request(*, actor: Actor, organisation: Organisation) -> MatchRun:
    """A run over the waiting list of a municipality or region, queued for the worker.

    Raises NotAllowedError.
    """
    policies.require_run_batch(actor, organisation.pk)
    today = clock.today()
    run = MatchRun.objects.create(
        organisation=organisation,
        requested_by=actor.key,
        requested_by_label=actor.label,
        as_of=today,
        policy=policy_in_force(organisation_id=organisation.pk, on=today),
    )
    record(
        actor=actor,
        action="match_run.requested",
        subject=run,
        after={"as_of": run.as_of.isoformat(), "policy": str(run.policy.uuid)},
        organisation_ids=[organisation.pk],
    )
    enqueue(RUN_TOPIC, {"run": run.pk}, key=f"{RUN_TOPIC}:{run.pk}")
    return run


def match_run_execute(*, run_id: int, listen: Listener | None = None) -> MatchRun:
    """The run with its proposals stored, whoever executes it and however often.

    Progress is committed as it goes; proposals and the end state appear together or not at all. A
    run that was broken off starts again from the beginning and gives the same result on the same
    data; one that is done stays as it is. `listen` hears percentage and stage.
    """
    run = MatchRun.objects.select_related("organisation", "policy").get(pk=run_id)
    if RunState.RUNNING not in RUN_TRANSITIONS[RunState(run.state)]:
        return run
    tell = _teller(run_id, listen)
    MatchRun.objects.filter(pk=run_id).update(state=RunState.RUNNING, started_at=clock.now())
    tell(1, "reading")
    municipality_ids = municipalities_of(run.organisation, run.as_of)
    needs = waiting_needs(municipality_ids, on=run.as_of)
    settled = left_alone(needs, municipality_ids, on=run.as_of, freeze_days=run.policy.freeze_days)
    routed = route(
        needs=needs,
        municipality_ids=municipality_ids,
        policy=engine_policy(run.policy),
        as_of=run.as_of,
        tell=tell,
        left_alone=settled,
        sold_out=False,
    )
    tell(85, "storing")
    return _finish(run_id, routed, settled.reserved)


def match_run_fail(*, run_id: int, error_reference: str) -> None:
    """The run has failed for good; what was stored before stays."""
    MatchRun.objects.filter(pk=run_id).exclude(state=RunState.DONE).update(
        state=RunState.FAILED, error_reference=error_reference, finished_at=clock.now()
    )


def municipalities_of(organisation: Organisation, day: date) -> frozenset[int]:
    """The municipalities whose people are routed: itself, or the members of the region."""
    if organisation.kind == OrganisationKind.REGION:
        return member_ids_on(organisation, day)
    return frozenset({organisation.pk})


@transaction.atomic
def _finish(run_id: int, routed: Routed, reserved: Mapping[int, int]) -> MatchRun:
    """Stores the outcome once, also when two workers have computed it; never above the seats."""
    run = lock_row(MatchRun.objects.all(), run_id)
    if RunState.DONE not in RUN_TRANSITIONS[RunState(run.state)]:
        return run
    run.proposals.all().delete()
    routed = with_seats_left(routed, reserved)
    store_proposals(run_id, routed)
    run.state, run.stage, run.progress = RunState.DONE, "done", 100
    run.summary = summary_of(routed, run.as_of)
    run.finished_at = clock.now()
    run.expires_at = _reserved_until(run.finished_at, run.policy.proposal_business_days)
    # The earlier runs of this area have had their time: this one speaks of everybody they did.
    MatchRun.objects.filter(
        organisation=run.organisation_id, expires_at__gt=run.finished_at
    ).update(expires_at=run.finished_at)
    run.save(update_fields=["state", "stage", "progress", "summary", "finished_at", "expires_at"])
    record(
        actor=system_actor("match-run", {}),
        action="match_run.finished",
        subject=run,
        after={key: run.summary[key] for key in ("needs", "placed", "placedByTier")},
        organisation_ids=[run.organisation_id],
    )
    match_run_emit(run, municipalities_of(run.organisation, run.as_of))
    publish(MatchRunFinished(run.pk, run.uuid, run.organisation_id))
    return run


def _reserved_until(moment: datetime, business_days: int) -> datetime:
    """The end of the last working day on which proposals of this moment keep their seats."""
    last_day = add_business_days(clock.local_day(moment), business_days)
    return datetime.combine(last_day, time(23, 59, 59), tzinfo=clock.NETHERLANDS)


def _teller(run_id: int, listen: Listener | None) -> Listener:
    """Commits progress often enough to watch, never back; `listen` hears every step."""
    last, told_at = 0, 0.0

    def tell(percentage: int, stage: str) -> None:
        nonlocal last, told_at
        if percentage <= last:
            return
        last, moment = percentage, monotonic()
        if listen is not None:
            listen(percentage, stage)
        if moment - told_at < PROGRESS_SECONDS:
            return
        told_at = moment
        with connection.cursor() as cursor:
            cursor.execute(PROGRESS, [percentage, stage, run_id])

    return tell
