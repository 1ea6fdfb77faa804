"""The demo region as a whole: is it there, make it, clear it, route it."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils.translation import gettext as _

from backend.accounts.public import Actor, system_actor
from backend.audit.public import AuditEvent, record
from backend.common import clock
from backend.common.errors import DomainError
from backend.common.imports import read_json
from backend.demo import logins
from backend.demo.absence import absence_build
from backend.demo.administration import administration_build
from backend.demo.build import build_season, build_supply, import_people
from backend.demo.feed import webhook_build
from backend.demo.households import households_build
from backend.demo.open_round import open_round_build
from backend.demo.past import deliver, replay_past
from backend.demo.persons import persons_build
from backend.demo.places import REGION_CODE
from backend.demo.plan import RegionPlan, make_plan
from backend.demo.progress import Progress
from backend.organisations.public import (
    Organisation,
    OrganisationKind,
    Permission,
    member_ids_on,
    organisation_by_code,
)
from backend.outbox.public import consume
from matching.models import MatchProposal, MatchRun, Participant
from matching.public import match_run_execute, match_run_request, proposal_accept
from providers.models import Provider

COMPLETE = "demo.completed"
ROLES_SINCE_DAYS = 700


def demo_allowed() -> bool:
    """Only where settings say that this is a demo; production settings refuse to say so."""
    return bool(settings.DEMO)


def existing_region() -> Organisation | None:
    return organisation_by_code(OrganisationKind.REGION, REGION_CODE)


def is_complete(region: Organisation) -> bool:
    """The last step of making the region was done."""
    return AuditEvent.objects.about(region).filter(action=COMPLETE).exists()


def built_as(region: Organisation) -> dict[str, object]:
    """Size, seed and day of the region that is there."""
    event = AuditEvent.objects.about(region).filter(action=COMPLETE).first()
    return dict(event.after or {}) if event is not None else {}


def holds_real_data() -> bool:
    """There are participants but no demo region: somebody's own data, not ours to clear."""
    return existing_region() is None and Participant.objects.exists()


def clear() -> None:
    """Empties the database and makes its tables anew; history cannot be deleted row by row."""
    with connection.cursor() as cursor:
        cursor.execute("drop schema public cascade")
        cursor.execute("create schema public")
    call_command("migrate", verbosity=0)


def create(
    *, size: str, seed: int, as_of: date, progress: Progress, files: Path | None = None
) -> Organisation:
    """The whole region, from its plan to the log-ins; minutes at most."""
    plan = make_plan(size=size, as_of=as_of, seed=seed)
    document: object = plan.people
    if files is not None:
        document = _written(plan, files)
    built = build_supply(plan, progress)
    logins.logins_create(
        logins.places_of(built.region, built.providers[0]), since_days=ROLES_SINCE_DAYS
    )
    placements = replay_past(built, progress)
    deliver(built, placements, progress)
    absence_build(built)
    build_season(built, progress)
    import_people(built, document, progress)
    households_build(built.actor(), built.municipalities[logins.MUNICIPALITY])
    persons_build(built)
    administration_build(built.actor(), built.municipalities[logins.MUNICIPALITY])
    webhook_build(built.actor(), built.municipalities[logins.MUNICIPALITY])
    open_round_build(built, files)
    with transaction.atomic():
        record(
            actor=built.actor(),
            action=COMPLETE,
            subject=built.region,
            after={"size": size, "seed": seed, "as_of": as_of.isoformat()},
            organisation_ids=[built.region.pk],
        )
    return built.region


def everywhere(region: Organisation) -> Actor:
    """The demo itself, with every right in the region."""
    keys = {region.pk, *member_ids_on(region, clock.today())}
    keys |= set(Provider.objects.values_list("organisation_id", flat=True))
    return system_actor("demo", dict.fromkeys(Permission, frozenset(keys)))


def route(region: Organisation, progress: Progress) -> tuple[MatchRun, float]:
    """The main job: everybody who waits, at once. The run and its seconds."""
    run = match_run_request(actor=everywhere(region), organisation=region)
    began = time.perf_counter()
    for _step in progress.each(_("Routing everybody who waits"), [run]):
        run = match_run_execute(run_id=run.pk)
    return run, time.perf_counter() - began


def offer_some(run: MatchRun, region: Organisation, number: int, progress: Progress) -> int:
    """Takes over some proposals, so that inboxes are not empty; the log-in school comes first."""
    first = Provider.objects.filter(organisation__user_memberships__user__email=_planner()).first()
    proposals = MatchProposal.objects.filter(run=run, intake_moment__isnull=False)
    school = "intake_moment__group__course__provider"
    ours = list(proposals.filter(**{school: first}).order_by("tier", "pk")[: number // 2])
    others = list(proposals.exclude(**{school: first}).order_by("tier", "pk")[: number - len(ours)])
    actor = everywhere(region)
    offered = 0
    for proposal in progress.each(_("Places offered"), [*ours, *others]):
        try:
            proposal_accept(
                actor=actor, proposal=proposal, motivation=_("Best place in the run (demo).")
            )
        except DomainError:
            # An earlier offer of the same person can overlap in lessons: a caseworker would choose.
            continue
        offered += 1
    return offered


def settle(progress: Progress) -> None:
    """Does the background work that building asked for, such as notifications."""
    for _batch in progress.each(_("Notifications"), _batches()):
        pass


def _batches() -> Iterator[int]:
    while done := consume(200):
        yield done


def _planner() -> str:
    return next(one.email for one in logins.LOGINS if one.place == logins.SCHOOL)


def _written(plan: RegionPlan, files: Path) -> object:
    """The input as files to look at, and the people as read back from theirs."""
    files.mkdir(parents=True, exist_ok=True)
    pretty = orjson.OPT_INDENT_2
    (files / "instellingen.json").write_bytes(orjson.dumps(plan.institutions, option=pretty))
    people = files / "pip-berichten.json"
    people.write_bytes(orjson.dumps(plan.people, option=pretty))
    return read_json(people.read_bytes())
