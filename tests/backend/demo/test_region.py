"""The tiny demo region in the database: everything came in through the doors of real data."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings

from backend.accounts.models import User
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.common import clock
from backend.demo import region as demo
from backend.demo.logins import LOGINS, PASSWORD, api_key_renew, demo_accounts
from backend.demo.open_round import unused_token
from backend.demo.plan import DEFAULT_SEED, RegionPlan, make_plan
from backend.demo.progress import Silent
from backend.demo.report import run_lines
from backend.organisations.models import Organisation
from matching.choices import NeedState, PlacementState
from matching.engine import RULES
from matching.models import Need, Participant, ParticipantIdentity, Pip, Placement
from matching.services.duo_message_import import pip_messages_check
from procurement.choices import ContractStatus
from procurement.models import CallOff, Contract
from providers.models import Course, CourseGroup, IntakeMoment, Location, Provider, QualityMark
from providers.services.institutions import institutions_check
from providers.spreadsheets.exporting import catalogue_workbook
from providers.spreadsheets.services import UploadedFile, catalogue_import_check
from quality.choices import AbsenceOutcome, AbsenceState, FeedbackChannel
from quality.models import (
    AbsenceSignal,
    Attendance,
    ExamResult,
    FeedbackResponse,
    IndicatorValue,
    ProgressScore,
)
from quality.public import feedback_submit, ticket_open
from quality.questionnaire import CORE_QUESTIONS
from tests.factories.accounts import user_with
from tests.support.sessions import log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("region")]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def region(django_db_setup, django_db_blocker, files: Path) -> Iterator[Organisation]:
    """One tiny region for all tests of this module; each test sees it and changes nothing of it."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield demo.create(
            size="tiny", seed=DEFAULT_SEED, as_of=clock.today(), progress=Silent(), files=files
        )
        transaction.set_rollback(True)


@pytest.fixture
def plan() -> RegionPlan:
    return make_plan(size="tiny", as_of=clock.today())


def recorded(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_everything_came_through_a_door(plan: RegionPlan) -> None:
    """Each row has the history that only the service behind the door writes."""
    for model, action in (
        (Provider, "provider.registered"),
        (Location, "location.added"),
        (Course, "course.added"),
        (CourseGroup, "group.added"),
        (IntakeMoment, "intake_moment.published"),
        (Contract, "contract.registered"),
        (CallOff, "call_off.opened"),
        (ProgressScore, "progress.recorded"),
        (ExamResult, "exam.recorded"),
        (User, "user.created"),
    ):
        assert model.objects.count() == recorded(action), model
    moved = recorded("participant.moved_in")
    assert Participant.objects.count() == recorded("participant.registered") + moved
    assert Pip.objects.count() == recorded("pip.registered") + moved
    # Who moved is known at both municipalities, each with its own reference.
    assert moved == 1
    assert QualityMark.objects.filter(source="DUO instellingen").count() > 0
    assert recorded("participant.registered") == len(plan.people) + len(plan.past)
    assert ParticipantIdentity.objects.count() == Participant.objects.count()
    assert Attendance.objects.count() > 0
    assert {one.actor_key for one in AuditEvent.objects.all()} == {
        "system:absence",
        "system:demo",
        "system:post-deliveries",
    }


def test_importing_the_same_files_again_changes_nothing(
    plan: RegionPlan, region: Organisation
) -> None:
    again = pip_messages_check(actor=demo.everywhere(region), document=plan.people)
    assert (again.faults, again.new, again.changed) == ((), (), ())
    assert again.unchanged == len(plan.people)
    schools = institutions_check(
        actor=demo.everywhere(region), document=plan.institutions, on=clock.today()
    )
    assert (schools.faults, schools.new, schools.changed) == ((), (), ())


def test_the_past_lies_in_the_past(plan: RegionPlan) -> None:
    placements = Placement.objects.all()
    assert {one.state for one in placements} == {PlacementState.STARTED}
    for one in placements:
        assert one.offered_at.date() < one.start_date < plan.as_of
        assert one.seat_claim.state == "confirmed"
        assert one.need.state == NeedState.PLACED
    assert 0 < FeedbackResponse.objects.count() <= len(plan.past)
    assert IndicatorValue.objects.count() > 0


def test_contracts_and_marks_stand_in_every_state() -> None:
    states = Counter(Contract.objects.values_list("status", flat=True))
    assert set(states) == {
        ContractStatus.ACTIVE,
        ContractStatus.DRAFT,
        ContractStatus.SUSPENDED,
        ContractStatus.ENDED,
    }
    soon = clock.today() + timedelta(days=90)
    assert Contract.objects.filter(status="active", end_date__lt=soon).count() == 1
    assert QualityMark.objects.filter(valid_to__lt=soon, valid_to__gte=clock.today()).count() == 1


def test_what_a_school_downloads_comes_back_without_faults_or_changes(region: Organisation) -> None:
    actor = demo.everywhere(region)
    for provider in Provider.objects.filter(courses__isnull=False).distinct()[:3]:
        workbook = UploadedFile("aanbod.xlsx", catalogue_workbook(provider))
        report = catalogue_import_check(
            actor=actor, provider=provider, file=workbook, in_background=False
        )
        assert report.faults == []
        assert report.preview == []


def test_routing_places_people_and_says_why_not(region: Organisation) -> None:
    run, seconds = demo.route(region, Silent())
    summary = run.summary
    assert summary["needs"] == Need.objects.waiting().count()
    assert summary["placed"] == sum(summary["placedByTier"]) > summary["needs"] // 3
    assert sum(summary["unplacedByCause"].values()) == summary["needs"] - summary["placed"]
    assert all(summary["needsByTier"])
    # What stands in the way: every rule that can be the only one. Another component never is, and
    # sixty people reach no ceiling; whether lessons or households collide depends on the draw.
    draw = {"OVERLAP", "HOUSEHOLD"}
    assert set(summary["failedRules"]) - draw == set(RULES) - {"ROUTE", "CEILING"} - draw
    text = "\n".join(run_lines(run, seconds))
    assert "Een plaats voor" in text
    assert "Waarom" in text
    assert "(no_feasible_offer)" in text
    offered = demo.offer_some(run, region, 4, Silent())
    assert offered == Placement.objects.filter(state=PlacementState.OFFERED).count() > 0


def test_there_is_a_log_in_for_every_role() -> None:
    assert {one.role for one in LOGINS} == set(Role)
    for login in LOGINS:
        user = User.objects.get(email=login.email)
        assert user.check_password(PASSWORD)
        assert login.email.endswith(".example")
    with override_settings(DEMO=True):
        assert [one.email for one in demo_accounts()] == [one.email for one in LOGINS]


def test_absence_waits_for_a_caseworker_and_some_of_it_was_dealt_with(client: Client) -> None:
    waiting = AbsenceSignal.objects.get(state=AbsenceState.OPEN)
    done = AbsenceSignal.objects.get(state=AbsenceState.CLOSED)
    assert waiting.placement_id != done.placement_id
    assert (done.outcome, done.closed_by_label) == (AbsenceOutcome.TALK, "demo")
    for signal, asked in ((waiting, ""), (done, "?state=closed")):
        desk = user_with(Role.CASEWORKER, signal.municipality)
        log_in(client, desk)
        page = client.get(f"/absence-signals{asked}").content.decode()
        assert signal.placement.participant.reference in page
        page = client.get(f"/absence-signals/{signal.uuid}").content.decode()
        assert ("Sluit dit signaal af" in page) is (signal == waiting)


def test_api_key_is_renewed_each_time(client: Client) -> None:
    old, new = api_key_renew(), api_key_renew()
    statuses = [
        client.get("/api/v1/intake-moments", headers={"authorization": f"Bearer {key}"}).status_code
        for key in (old, new)
    ]
    assert statuses == [401, 200]


def test_region_knows_how_it_was_made(region: Organisation) -> None:
    assert demo.existing_region() == region
    assert demo.is_complete(region)
    assert demo.built_as(region) == {
        "size": "tiny",
        "seed": DEFAULT_SEED,
        "as_of": clock.today().isoformat(),
    }
    assert not demo.holds_real_data()


def test_a_round_is_open_and_its_links_work_once(files: Path) -> None:
    first = unused_token(files)
    assert first is not None

    feedback_submit(
        hmac=ticket_open(token=first).token_hmac,
        language="nl",
        channel=FeedbackChannel.LINK,
        answers=dict.fromkeys(CORE_QUESTIONS, 4),
    )

    assert unused_token(files) not in {first, None}
    assert unused_token(files / "nowhere") is None
