"""Delivery and quality for tests: groups with lessons, placed people, rounds and figures.

Rows are made directly, with everything above and below them; traits per state of the life cycle.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

import factory

from backend.common import clock
from backend.organisations.models import Organisation
from matching.choices import MatchKind, NeedState, PlacementState
from matching.models import (
    MatchingPolicy,
    MatchRecord,
    Need,
    Participant,
    ParticipantIdentity,
    Pip,
    Placement,
)
from providers.choices import SeatState
from providers.models import (
    Course,
    CourseGroup,
    IntakeMoment,
    Location,
    Provider,
    SeatClaim,
    WeeklySlot,
)
from quality.choices import (
    AttendanceStatus,
    CancellationReason,
    ExamLevel,
    ExamOutcome,
    FeedbackChannel,
    WaveState,
)
from quality.models import (
    Attendance,
    ExamResult,
    FeedbackInvitation,
    FeedbackResponse,
    FeedbackWave,
    Lesson,
    ProgressScore,
)
from quality.questionnaire import CORE_QUESTIONS
from tests.factories.organisations import MunicipalityFactory, OrganisationFactory

_number = count(1)


def provider_of(organisation: Organisation | None = None) -> Provider:
    """The provider of an organisation, made when it is not there yet."""
    organisation = organisation or OrganisationFactory()
    return Provider.objects.get_or_create(organisation=organisation)[0]


class GroupFactory(factory.django.DjangoModelFactory):
    """A group of a B1 course with lessons on Tuesday and Thursday morning."""

    class Meta:
        model = CourseGroup
        skip_postgeneration_save = True

    class Params:
        provider = factory.LazyFunction(provider_of)

    course = factory.LazyAttribute(lambda o: _course(o.provider))
    location = factory.LazyAttribute(lambda o: _location(o.provider))
    code = factory.Sequence(lambda n: f"groep-{n}")
    max_size = 20

    @factory.post_generation
    def weekdays(self: CourseGroup, create: bool, extracted: Any, **kwargs: Any) -> None:
        for weekday in extracted or (2, 4):
            WeeklySlot.objects.create(
                group=self, weekday=weekday, start_time=time(9), end_time=time(12)
            )


def _course(provider: Provider) -> Course:
    return Course.objects.create(
        provider=provider,
        code=f"cursus-{next(_number)}",
        name="B1-route ochtend",
        kind="B",
        component="B",
        level_from="A0",
        level_to="A2",
        target_level="B1",
        literacy=["NVT"],
        hours_per_week=6,
        total_hours=300,
        mode="onsite",
    )


def _location(provider: Provider) -> Location:
    return Location.objects.create(
        provider=provider,
        code=f"plek-{next(_number)}",
        name="Buurthuis",
        place="Utrecht",
        latitude=52.09,
        longitude=5.12,
    )


class IntakeFactory(factory.django.DjangoModelFactory):
    """A start of a group, from 2 June 2026 to the end of May 2027."""

    class Meta:
        model = IntakeMoment

    group = factory.SubFactory(GroupFactory)
    start_date = date(2026, 6, 2)
    end_date = date(2027, 5, 31)
    seats_total = 20


def placed(
    intake: IntakeMoment,
    municipality: Organisation | None = None,
    *,
    name: str = "",
    state: PlacementState = PlacementState.STARTED,
    **fields: Any,
) -> Placement:
    """A person placed in `intake`, with PIP, need, seat and match record."""
    return placed_many(intake, 1, municipality, name=name, state=state, **fields)[0]


def placed_many(
    intake: IntakeMoment,
    size: int,
    municipality: Organisation | None = None,
    *,
    name: str = "",
    state: PlacementState = PlacementState.STARTED,
    **fields: Any,
) -> list[Placement]:
    """`size` people placed in `intake`, in a handful of statements."""
    municipality = municipality or MunicipalityFactory().organisation
    day = date(2026, 1, 5)
    participants = Participant.objects.bulk_create(
        Participant(
            municipality=municipality,
            reference=f"K-{next(_number):05}",
            obligation_start_date=day,
            settlement_date=day,
            notified_at_date=day,
        )
        for _person in range(size)
    )
    identities = []
    for one in participants:
        given, _space, family = (name or f"Proef Persoon{one.reference}").partition(" ")
        identities.append(
            ParticipantIdentity(participant=one, given_name=given, family_name=family)
        )
    ParticipantIdentity.objects.bulk_create(identities)
    pips = Pip.objects.bulk_create(_pip(one) for one in participants)
    needs = Need.objects.bulk_create(
        Need(
            pip=pip,
            municipality=municipality,
            component="B",
            state=NeedState.PLACED,
            waiting_since=date(2026, 3, 2),
        )
        for pip in pips
    )
    policy = _policy()
    records = MatchRecord.objects.bulk_create(
        MatchRecord(
            need=need,
            kind=MatchKind.RECOMMENDATION,
            actor_key="system:tests",
            actor_label="tests",
            as_of=date(2026, 3, 2),
            policy=policy,
            need_facts={},
            result={},
        )
        for need in needs
    )
    seats = SeatClaim.objects.bulk_create(
        SeatClaim(intake_moment=intake, organisation=municipality, state=SeatState.CONFIRMED)
        for _person in range(size)
    )
    return Placement.objects.bulk_create(
        Placement(
            need=need,
            participant=participant,
            municipality=municipality,
            provider_organisation=intake.group.course.provider.organisation,
            intake_moment=intake,
            seat_claim=seat,
            match_record=record,
            state=state,
            offered_at=None if state == PlacementState.DRAFT else clock.now(),
            **fields,
        )
        for need, participant, seat, record in zip(needs, participants, seats, records, strict=True)
    )


def _pip(participant: Participant) -> Pip:
    return Pip(
        participant=participant,
        decision_date=date(2026, 3, 2),
        route="B",
        level="B1",
        literacy="NVT",
        entry_level="A1",
        hours_per_week=6,
        availability=["TU1", "TH1"],
        latitude=52.09,
        longitude=5.12,
        earliest_start_date=date(2026, 3, 2),
        latest_start_date=date(2026, 12, 31),
    )


def _policy() -> MatchingPolicy:
    found = MatchingPolicy.objects.order_by("pk").first()
    return found or MatchingPolicy.objects.create(
        version=1,
        valid_from=date(2022, 1, 1),
        weights={},
        max_travel_km=25,
        urgent_within_days=28,
        long_wait_days=90,
        priority="tiers",
        seed=1,
    )


class LessonFactory(factory.django.DjangoModelFactory):
    """A lesson of three hours on Tuesday 17 November 2026; `cancelled` was not given."""

    class Meta:
        model = Lesson

    class Params:
        cancelled = factory.Trait(
            is_cancelled=True, cancellation_reason=CancellationReason.TEACHER_ABSENT
        )

    group = factory.SubFactory(GroupFactory)
    provider_organisation = factory.LazyAttribute(lambda o: o.group.course.provider.organisation)
    date = date(2026, 11, 17)
    start_time = time(9)
    end_time = time(12)
    minutes_scheduled = factory.LazyAttribute(
        lambda o: int(
            (
                datetime.combine(o.date, o.end_time) - datetime.combine(o.date, o.start_time)
            ).total_seconds()
            // 60
        )
    )


def attended(lesson: Lesson, placement: Placement, minutes: int) -> Attendance:
    """Present for `minutes` in the classroom, or absent when 0."""
    status = AttendanceStatus.PRESENT if minutes else AttendanceStatus.ABSENT_UNAUTHORISED
    return Attendance.objects.create(
        lesson=lesson, placement=placement, status=status, classroom_minutes=minutes
    )


def attended_by(lesson: Lesson, placements: Sequence[Placement], *minutes: int) -> None:
    """As `attended`, for several people in one statement."""
    Attendance.objects.bulk_create(
        Attendance(
            lesson=lesson,
            placement=placement,
            status=AttendanceStatus.PRESENT if present else AttendanceStatus.ABSENT_UNAUTHORISED,
            classroom_minutes=present,
        )
        for placement, present in zip(placements, minutes, strict=False)
    )


def examined(placement: Placement, *outcomes: ExamOutcome, **fields: Any) -> list[ExamResult]:
    """Attempts at reading on B1, one a month from 1 September 2026."""
    base = {"part": "LE", "level": ExamLevel.B1}
    return [
        ExamResult.objects.create(
            **{
                "placement": placement,
                "participant": placement.participant,
                "attempt_number": number,
                "exam_date": date(2026, 9, 1) + timedelta(days=14 * (number - 1)),
                "outcome": outcome,
                "no_result_reason": "Absent" if outcome == ExamOutcome.NONE else "",
            }
            | base
            | fields
        )
        for number, outcome in enumerate(outcomes, start=1)
    ]


class ProgressScoreFactory(factory.django.DjangoModelFactory):
    """Reading at A2 in October 2026."""

    class Meta:
        model = ProgressScore

    skill = "LE"
    level = "A2"
    assessed_date = date(2026, 10, 13)
    advice = "on_track"


class WaveFactory(factory.django.DjangoModelFactory):
    """A planned round of November 2026; `open` and `closed` are later states."""

    class Meta:
        model = FeedbackWave

    class Params:
        open = factory.Trait(state=WaveState.OPEN, invited_date=date(2026, 11, 9))
        closed = factory.Trait(
            state=WaveState.CLOSED,
            invited_date=date(2026, 9, 9),
            opens_date=date(2026, 9, 9),
            closes_date=date(2026, 9, 30),
        )

    organisation = factory.LazyFunction(lambda: MunicipalityFactory().organisation)
    name = "Najaar 2026"
    opens_date = date(2026, 11, 9)
    closes_date = date(2026, 11, 30)


def answered(
    wave: FeedbackWave, provider: Provider, *scores: int, invited: int = 0
) -> list[FeedbackResponse]:
    """One response per score, with that score for all eight questions, and their invitations."""
    intake = IntakeFactory(group=GroupFactory(provider=provider))
    people = placed_many(intake, max(invited, len(scores)), wave.organisation)
    FeedbackInvitation.objects.bulk_create(
        FeedbackInvitation(wave=wave, provider=provider, participant=one.participant)
        for one in people
    )
    return FeedbackResponse.objects.bulk_create(
        FeedbackResponse(
            wave=wave,
            provider=provider,
            stratum="all",
            language="nl",
            channel=FeedbackChannel.LINK,
            answers=dict.fromkeys(CORE_QUESTIONS, score),
            core_sum=8 * score,
            core_count=8,
        )
        for score in scores
    )
