"""What a provider keeps beside its courses: file, teachers, other kinds of courses, stops.

Chosen so that the demo shows every state: an expired document, a teacher who leaves, a start that
was closed too early, one that was cancelled, and stops that are asked, approved and in force.
"""

from collections.abc import Callable, Sequence
from datetime import time, timedelta
from decimal import Decimal

from backend.accounts.public import Actor
from backend.common import clock
from backend.organisations.public import Organisation
from providers.choices import CourseKind, Frequency, IntakeStatus, TeacherQualification
from providers.models import CourseGroup, IntakeMoment, IntakeStop, Provider
from providers.services.catalogue import courses_add, group_add, intake_moment_change_status
from providers.services.drafts import CourseDraft, GroupDraft, SlotDraft
from providers.services.files import contact_save, delivery_party_save, document_add
from providers.services.intake_moments import SeriesDraft, intake_series_publish
from providers.services.provider import provider_update
from providers.services.stops import (
    StopDraft,
    stop_decide,
    stop_impose,
    stop_lift,
    stop_request,
    stop_withdraw,
)
from providers.services.teachers import teacher_assign, teacher_save

# Kinds that are no component of a PIP, with their hours in total.
OTHER_KINDS = (
    (CourseKind.PARTICIPATION, "Participatiecomponent", 800),
    (CourseKind.GUIDANCE, "Maatschappelijke begeleiding", 60),
    (CourseKind.FINANCIAL, "Financiële zelfredzaamheid", 24),
)


def add_supply_extra(
    actor: Actor, region: Organisation, municipality: Organisation, providers: Sequence[Provider]
) -> None:
    """Fills the files of all providers; stops and teachers for the first ones."""
    for number, provider in enumerate(providers):
        _file(actor, provider, number)
        _other_courses(actor, provider, number)
    for number, provider in enumerate(providers[:3]):
        _teachers(actor, provider, leaves=number == 0)
    _changed_starts(actor, providers)
    if providers:
        _series(actor, providers[0])
    _stops(actor, region, municipality, providers)


def _file(actor: Actor, provider: Provider, number: int) -> None:
    provider_update(actor=actor, provider=provider, kvk_number=f"{90000001 + number}")
    contact_save(
        actor=actor,
        provider=provider,
        name="Planning en intake (demo)",
        role="planning",
        email=f"planning{number}@school.example",
    )
    # The extract of every fourth school is older than half a year.
    age = 300 if number % 4 == 0 else 60
    document_add(
        actor=actor,
        provider=provider,
        kind="kvk",
        title="Uittreksel KvK (demo)",
        issue_date=clock.today() - timedelta(days=age),
        reference=f"DEMO-{number:03}",
    )
    course = provider.courses.order_by("pk").first()
    if course is not None and number % 5 == 1:
        delivery_party_save(
            actor=actor,
            course=course,
            name="Samenwerkende docenten (demo)",
            role="teaching",
            valid_from=clock.today() - timedelta(days=90),
            consent_date=clock.today() - timedelta(days=100),
        )


def _other_courses(actor: Actor, provider: Provider, number: int) -> None:
    if number % 3:
        return
    courses_add(
        actor=actor,
        provider=provider,
        drafts=[
            CourseDraft(
                code=f"demo-{kind.value}",
                name=name,
                component="",
                kind=kind,
                level_from="A0",
                level_to="B1",
                target_level="A0",
                literacy=("A", "AA", "NVT"),
                hours_per_week=Decimal(4),
                total_hours=hours,
                special_groups=("youth",) if number % 2 else (),
                support_languages=("ar", "ti"),
            )
            for kind, name, hours in OTHER_KINDS
        ],
    )


def _teachers(actor: Actor, provider: Provider, *, leaves: bool) -> None:
    """A qualified teacher for the first groups; the one who leaves shows as lost seats."""
    today = clock.today()
    groups = CourseGroup.objects.filter(course__provider=provider, course__component__in=["B", "Z"])
    for number, group in enumerate(groups.order_by("pk")[:3]):
        teacher = teacher_save(
            actor=actor,
            provider=provider,
            code=f"NT2-{number + 1}",
            qualification=TeacherQualification.CERTIFIED,
            hours_per_week=Decimal(32),
            valid_from=today - timedelta(days=400),
            valid_to=today + timedelta(days=42) if leaves and number == 0 else None,
        )
        teacher_assign(
            actor=actor,
            teacher=teacher,
            group=group,
            hours_per_week=Decimal(24),
            valid_from=today - timedelta(days=30),
        )


def _changed_starts(actor: Actor, providers: Sequence[Provider]) -> None:
    """One start closed with free seats and one cancelled, neither with anybody on it."""
    free = (
        IntakeMoment.objects.with_seats_free()
        .filter(
            group__course__provider__in=[one.pk for one in providers],
            status=IntakeStatus.PUBLISHED,
            seats_taken=0,
            start_date__gt=clock.today() + timedelta(days=30),
        )
        .order_by("-start_date", "pk")[:2]
    )
    for moment, status in zip(free, (IntakeStatus.CLOSED, IntakeStatus.CANCELLED), strict=False):
        intake_moment_change_status(
            actor=actor,
            intake_moment_id=moment.pk,
            status=status,
            reason="Te weinig docenten (demo)",
        )


def _series(actor: Actor, provider: Provider) -> None:
    """Starts every four weeks, of a course that no PIP waits for: routing stays as it was."""
    course = provider.courses.filter(kind=CourseKind.GUIDANCE).first()
    location = provider.locations.order_by("pk").first()
    if course is None or location is None:
        return
    group = group_add(
        actor=actor,
        provider=provider,
        draft=GroupDraft(
            course=course,
            location=location,
            code="demo-MB",
            max_size=10,
            min_size=4,
            slots=(SlotDraft(weekday=2, start_time=time(9, 30), end_time=time(11, 30)),),
        ),
    )
    first = clock.today() + timedelta(days=14)
    intake_series_publish(
        actor=actor,
        draft=SeriesDraft(
            group=group,
            frequency=Frequency.WEEKS,
            step=4,
            first_date=first,
            last_date=first + timedelta(weeks=24),
            weeks=8,
            seats_total=10,
        ),
    )


def _ended_stops(actor: Actor, municipality: Organisation, providers: Sequence[Provider]) -> None:
    """One refused, one withdrawn and one lifted before its first day."""
    stops = [
        stop_request(
            actor=actor,
            draft=StopDraft(
                provider=provider,
                organisation=municipality,
                kind=CourseKind.GUIDANCE,
                ground="capacity",
                reason="De begeleider is ziek (demo)",
                alternatives="Begeleiding door een andere school",
                starts_on=clock.today() + timedelta(days=21),
                ends_on=clock.today() + timedelta(days=60),
            ),
        )
        for provider in providers
    ]
    endings: tuple[Callable[[IntakeStop], object], ...] = (
        lambda stop: stop_decide(
            actor=actor, stop=stop, approve=False, note="Er is geen andere begeleiding (demo)"
        ),
        lambda stop: stop_withdraw(actor=actor, stop=stop),
        lambda stop: stop_lift(
            actor=actor,
            stop=stop_decide(actor=actor, stop=stop, approve=True),
            note="Er is een vervanger (demo)",
        ),
    )
    for stop, end in zip(stops, endings, strict=False):
        end(stop)


def _stops(
    actor: Actor, region: Organisation, municipality: Organisation, providers: Sequence[Provider]
) -> None:
    """One asked, one approved, and one imposed on a kind of course that hardly anybody needs."""
    today = clock.today()
    asked = [
        StopDraft(
            provider=provider,
            organisation=region,
            kind=CourseKind.EDUCATION_ROUTE,
            ground="staff",
            reason="Twee docenten zijn vertrokken (demo)",
            alternatives="De volgende start, of een andere school in de regio",
            starts_on=today + timedelta(days=21),
            ends_on=today + timedelta(days=90),
        )
        for provider in providers[:2]
    ]
    stops = [stop_request(actor=actor, draft=draft) for draft in asked]
    if len(stops) == 2:
        stop_decide(actor=actor, stop=stops[1], approve=True, note="Akkoord (demo)")
    _ended_stops(actor, municipality, providers[3:6])
    if len(providers) > 2:
        stop_impose(
            actor=actor,
            draft=StopDraft(
                provider=providers[2],
                organisation=municipality,
                kind=CourseKind.EDUCATION_ROUTE,
                ground="quality",
                reason="Signalen over de kwaliteit van de lessen (demo)",
                starts_on=today,
            ),
        )
