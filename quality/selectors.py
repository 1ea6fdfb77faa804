"""Reading delivery and figures: what pages, API and port need, in constant numbers of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Prefetch, Q

from backend.accounts.actor import Actor
from backend.audit.public import record_access
from backend.common import clock
from backend.organisations.permissions import Permission
from matching.models import ParticipantIdentity, Placement
from providers.models import Provider
from quality.choices import ROSTER_STATES, ValueState, WaveState
from quality.definitions import ATTENDANCE, CODES, FIRST_ATTEMPT, SATISFACTION
from quality.models import (
    Attendance,
    FeedbackInvitation,
    FeedbackResponse,
    FeedbackWave,
    Indicator,
    IndicatorValue,
    Lesson,
)
from quality.querysets import providers_with_figures_for, roster_of
from quality.suppression import Cell, Published, published, suppress

# A difference with the mean of all providers that counts as "as far as it goes". Reasons: monthly
# attendance and pass rates of providers spread about this much, satisfaction about one face.
FULL_DIFFERENCE = {ATTENDANCE: 0.20, FIRST_ATTEMPT: 0.30, SATISFACTION: 1.0}
# Persons at which a figure counts for half: small providers stay near 0, in both directions.
HALF_WEIGHT_N = 30
# Response of a round hangs on no indicator; the default of all of them.
DEFAULT_MIN_N = 10


@dataclass(frozen=True)
class RosterLine:
    """One person on the list of a lesson, with the name where the actor may see it."""

    placement: Placement
    name: str
    reference: str
    attendance: Attendance | None


def lessons_of_day(actor: Actor, day: date) -> Any:
    """Lessons that the actor may record on `day`, in the order of the day; 1 query."""
    return (
        Lesson.objects.visible_to(actor)
        .recordable_by(actor)
        .on(day)
        .select_related("group__course", "group__location")
        .order_by("start_time", "group__course__name", "pk")
    )


def lesson_roster(actor: Actor, lesson: Lesson) -> list[RosterLine]:
    """The list of the lesson in order of name; the look at the names is logged first."""
    placements = list(
        roster_of(lesson)
        .select_related("participant")
        .prefetch_related(
            Prefetch(
                "attendances",
                queryset=Attendance.objects.visible_to(actor).filter(lesson=lesson),
                to_attr="of_lesson",
            )
        )
    )
    identities = ParticipantIdentity.objects.visible_to(actor).filter(
        participant__in=[one.participant_id for one in placements]
    )
    record_access(
        actor=actor,
        subject_type="matching.participant",
        subject_uuid=[one.participant.uuid for one in placements],
        purpose="attendance list",
    )
    names = {one.participant_id: one.full_name for one in identities}
    lines = [
        RosterLine(
            placement=one,
            name=names.get(one.participant_id, ""),
            reference=one.participant.reference,
            attendance=next(iter(one.of_lesson), None),
        )
        for one in placements
    ]
    return sorted(lines, key=lambda line: (line.name.casefold(), line.reference))


def placements_delivered_to(actor: Actor) -> Any:
    """Accepted placements whose attendance, progress and exams the actor may see."""
    mine = actor.with_permission(Permission.VIEW_DELIVERY)
    return Placement.objects.filter(
        Q(provider_organisation__in=mine) | Q(municipality__in=mine), state__in=ROSTER_STATES
    )


@dataclass(frozen=True)
class Figure:
    """One line of a scorecard: the definition, the figure as it may be seen, and the others'."""

    indicator: Indicator
    period_start: date | None
    period_end: date | None
    shown: Published | None
    everybody: Published | None


def providers_of(actor: Actor) -> Any:
    """Providers whose scorecard the actor may open."""
    return providers_with_figures_for(actor).select_related("organisation")


def current_indicators(actor: Actor) -> list[Indicator]:
    """The definitions in force, in the order of the scorecard; 1 query."""
    found = {one.code: one for one in Indicator.objects.visible_to(actor).current_on(clock.today())}
    ordered = [found.pop(code) for code in CODES if code in found]
    return [*ordered, *found.values()]


def newest_figures(
    actor: Actor, providers: Collection[int]
) -> dict[int, dict[str, IndicatorValue]]:
    """Per provider and indicator code the figure of the newest period; 1 query for all of them."""
    rows = (
        IndicatorValue.objects.visible_to(actor)
        .latest()
        .filter(provider__in=providers)
        .select_related("indicator", "wave")
        .order_by("provider_id", "indicator__code", "-period_end", "-indicator__version", "-n")
    )
    figures: dict[int, dict[str, IndicatorValue]] = {}
    for row in rows:
        figures.setdefault(row.provider_id, {}).setdefault(row.indicator.code, row)
    return figures


def scorecard(actor: Actor, provider: Provider) -> list[Figure]:
    """Every indicator in force, with the provider's newest figure and that of all together."""
    own = newest_figures(actor, [provider.pk]).get(provider.pk, {})
    together = {
        (row.indicator_id, row.wave_id, row.period_start, row.period_end): row
        for row in IndicatorValue.objects.visible_to(actor)
        .latest()
        .filter(provider__isnull=True)
        .select_related("indicator")
    }
    figures = []
    for indicator in current_indicators(actor):
        row = own.get(indicator.code)
        if row is None:
            figures.append(Figure(indicator, None, None, None, None))
            continue
        others = together.get((row.indicator_id, row.wave_id, row.period_start, row.period_end))
        figures.append(
            Figure(
                indicator,
                row.period_start,
                row.period_end,
                published(row),
                published(others) if others is not None else None,
            )
        )
    return figures


@dataclass(frozen=True)
class MonthFigure:
    month: date
    shown: Published


def attendance_by_month(actor: Actor, provider: Provider) -> list[MonthFigure]:
    """The provider's attendance of the last twelve computed months, oldest first; 1 query."""
    rows = (
        IndicatorValue.objects.visible_to(actor)
        .latest()
        .filter(provider=provider, indicator__code=ATTENDANCE)
        .select_related("indicator")
        .order_by("-period_start")[:12]
    )
    return [MonthFigure(row.period_start, published(row)) for row in reversed(rows)]


@dataclass(frozen=True)
class WaveLine:
    """How many were asked and answered at one provider; None where the number stays hidden."""

    provider: str
    invited: int
    answered: int | None
    answered_text: str
    response_rate: float | None


def wave_response(wave: FeedbackWave) -> list[WaveLine]:
    """Invited and answered per provider, 3 queries.

    Who was invited is no secret. Who answered is: while the round is open nothing is shown, and
    afterwards small numbers are hidden as everywhere.
    """
    invited = _per_provider(FeedbackInvitation, wave)
    names = dict(
        Provider.objects.filter(pk__in=invited)
        .order_by("organisation__name", "pk")
        .values_list("pk", "organisation__name")
    )
    answered = _per_provider(FeedbackResponse, wave) if wave.state == WaveState.CLOSED else {}
    cells = suppress([Cell(answered.get(key, 0)) for key in names], min_n=DEFAULT_MIN_N)
    lines = []
    for (key, name), cell in zip(names.items(), cells, strict=True):
        shown = wave.state == WaveState.CLOSED and cell.state == ValueState.SHOWN
        lines.append(
            WaveLine(
                provider=name,
                invited=invited[key],
                answered=cell.n if shown else None,
                answered_text=str(cell.n) if shown else f"<{DEFAULT_MIN_N}",
                response_rate=cell.n / invited[key] if shown else None,
            )
        )
    return lines


def _per_provider(model: Any, wave: FeedbackWave) -> dict[int, int]:
    rows = model.objects.filter(wave=wave).order_by().values_list("provider")
    return dict(rows.annotate(number=Count("pk")))


def provider_quality_index(provider_ids: Collection[int] | None = None) -> Mapping[int, float]:
    """Per provider the mean difference with all providers together, -1 to 1; 0 says nothing known.

    Per indicator: (own - all) / FULL_DIFFERENCE, cut to -1..1, times n / (n + HALF_WEIGHT_N).
    Hidden figures count as unknown: a ranking must not tell what a page may not. 2 queries.
    """
    rows = IndicatorValue.objects.latest().filter(indicator__code__in=FULL_DIFFERENCE)
    together = {
        (row.indicator_id, row.wave_id, row.period_start, row.period_end): row
        for row in rows.filter(provider__isnull=True, state=ValueState.SHOWN)
    }
    own = rows.filter(provider__isnull=False).select_related("indicator")
    if provider_ids is not None:
        own = own.filter(provider__in=provider_ids)
    scores: dict[int, dict[str, float]] = {}
    for row in own.order_by("provider_id", "indicator__code", "-period_end", "-n"):
        others = together.get((row.indicator_id, row.wave_id, row.period_start, row.period_end))
        scores.setdefault(row.provider_id, {}).setdefault(
            row.indicator.code, _difference(row, others)
        )
    index = dict.fromkeys(provider_ids or (), 0.0)
    for provider, parts in scores.items():
        known = [part for part in parts.values() if part]
        index[provider] = sum(known) / len(FULL_DIFFERENCE) if known else 0.0
    return index


def _difference(row: IndicatorValue, others: IndicatorValue | None) -> float:
    if others is None or others.value is None or published(row).value is None:
        return 0.0
    assert row.value is not None
    difference = (row.value - others.value) / FULL_DIFFERENCE[row.indicator.code]
    if row.indicator.low_is_good:
        difference = -difference
    return max(-1.0, min(1.0, difference)) * row.n / (row.n + HALF_WEIGHT_N)
