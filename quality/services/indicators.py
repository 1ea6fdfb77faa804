"""Computing figures: sums from the database, interval from SciPy, what may be seen, one new row.

A figure is written only when it differs from the newest one, so a nightly run of unchanged data
writes nothing, and what was once shown can always be found again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from django.db import transaction

from backend.common import clock
from quality import aggregates
from quality.choices import IndicatorUnit, ValueState, WaveState
from quality.definitions import (
    ATTENDANCE,
    DEFINITIONS,
    FIRST_ATTEMPT,
    MODEL_VERSION,
    SATISFACTION,
)
from quality.errors import WriteRefusedError
from quality.models import FeedbackWave, Indicator, IndicatorValue
from quality.statistics import (
    Interval,
    RatioSums,
    binomial_interval,
    mean_interval,
    ratio_interval,
)
from quality.suppression import Cell, suppress, total_may_be_shown

log = structlog.get_logger(__name__)
MONTHS_SHOWN = 12
SCALE = (1.0, 5.0)
# From a total of two, each provider could compute the figure of the other.
MIN_PROVIDERS = 3
SUMS = ("observed", "denominator", "expected", "variance", "n", "invited")
COMPARED = (*SUMS, "value", "low", "high", "state", "model_version")


@dataclass(frozen=True)
class Sums:
    """What one figure is made of, before anybody decides whether it may be seen."""

    n: int
    observed: float
    denominator: float
    variance: float
    interval: Interval | None
    # All answers of a survey alike: then the mean is everybody's own answer.
    uniform: bool = False
    invited: int | None = None


@dataclass(frozen=True)
class Frame:
    """Which figure it is: indicator, period and, for feedback, the round."""

    indicator: Indicator
    period_start: date
    period_end: date
    wave: FeedbackWave | None = None


def definitions_install() -> list[Indicator]:
    """Every definition of `quality.definitions` stands in the database, exactly as it is there.

    A definition that differs from an installed row of the same version is refused: figures refer to
    it. Make a new version instead.
    """
    installed = []
    for definition in DEFINITIONS:
        fields = asdict(definition)
        key = {name: fields.pop(name) for name in ("code", "version")}
        row, created = Indicator.objects.get_or_create(**key, defaults=fields)
        changed = [name for name, value in fields.items() if getattr(row, name) != value]
        if changed and not created:
            raise WriteRefusedError
        installed.append(row)
    return installed


def indicators_compute(*, day: date | None = None) -> int:
    """Computes all figures that are complete on `day` (today): returns the number of new rows.

    Attendance: the 12 last full months. First attempts: the 12 months before this one.
    Satisfaction: every closed round that ended in the last two years.
    """
    day = day or clock.today()
    definitions_install()
    current = {row.code: row for row in Indicator.objects.current_on(day)}
    computed_at = clock.now()
    written = 0
    with transaction.atomic():
        newest = _newest()
        for frame, sums in [
            *_attendance(current[ATTENDANCE], day),
            _first_attempts(current[FIRST_ATTEMPT], day),
            *_satisfaction(current[SATISFACTION], day),
        ]:
            rows = _rows(frame, sums, computed_at)
            fresh = [row for row in rows if _differs(row, newest.get(_key(row)))]
            IndicatorValue.objects.bulk_create(fresh)
            written += len(fresh)
    log.info("indicators.computed", day=day.isoformat(), written=written)
    return written


def _attendance(indicator: Indicator, day: date) -> Iterable[tuple[Frame, dict[int, Sums]]]:
    months = _full_months(day, MONTHS_SHOWN)
    found = aggregates.attendance_sums(months[0], _month_end(months[-1]))
    for month in months:
        sums = {
            provider: _attendance_sums(ratio)
            for (provider, start), ratio in found.items()
            if start == month
        }
        yield Frame(indicator, month, _month_end(month)), sums


def _attendance_sums(ratio: RatioSums) -> Sums:
    return Sums(ratio.n, ratio.a, ratio.s, ratio.variance(), ratio_interval(ratio))


def _first_attempts(indicator: Indicator, day: date) -> tuple[Frame, dict[int, Sums]]:
    months = _full_months(day, MONTHS_SHOWN)
    frame = Frame(indicator, months[0], _month_end(months[-1]))
    sums = {}
    found = aggregates.first_attempt_sums(frame.period_start, frame.period_end)
    for provider, one in found.items():
        share = one.successes / one.trials
        sums[provider] = Sums(
            n=one.persons,
            observed=one.successes,
            denominator=one.trials,
            variance=one.trials * share * (1 - share),
            interval=binomial_interval(one.successes, one.trials),
        )
    return frame, sums


def _satisfaction(indicator: Indicator, day: date) -> Iterable[tuple[Frame, dict[int, Sums]]]:
    waves = FeedbackWave.objects.filter(
        state=WaveState.CLOSED, closes_date__gte=day - timedelta(days=730)
    ).order_by("closes_date", "pk")
    for wave in waves:
        sums = {
            provider: Sums(
                n=one.n,
                observed=one.n * one.mean,
                denominator=one.n,
                variance=one.n * one.deviation**2,
                interval=mean_interval(one.mean, one.deviation, one.n, low=SCALE[0], high=SCALE[1]),
                uniform=one.uniform and one.n > 0,
                invited=one.invited,
            )
            for provider, one in aggregates.satisfaction_sums(wave).items()
        }
        yield Frame(indicator, wave.opens_date, wave.closes_date, wave), sums


def _rows(frame: Frame, sums: Mapping[int, Sums], computed_at: Any) -> list[IndicatorValue]:
    """One row per provider and one for all together, with what may be seen of each."""
    providers = sorted(sums)
    min_n = frame.indicator.min_n
    cells = suppress(
        [Cell(sums[provider].n, sums[provider].uniform) for provider in providers], min_n=min_n
    )
    together = _together(frame.indicator, [sums[provider] for provider in providers])
    rate = together.observed / together.denominator if together.denominator else 0.0
    rows = [
        _row(frame, provider, sums[provider], cell.state, rate, computed_at)
        for provider, cell in zip(providers, cells, strict=True)
    ]
    state = suppress([Cell(together.n, together.uniform)], min_n=min_n)[0].state
    contributors = sum(one.n > 0 for one in sums.values())
    safe = contributors >= MIN_PROVIDERS and total_may_be_shown(cells, min_n=min_n)
    if state == ValueState.SHOWN and not safe:
        state = ValueState.SECONDARY
    return [*rows, _row(frame, None, together, state, rate, computed_at)]


def _together(indicator: Indicator, parts: Sequence[Sums]) -> Sums:
    """All providers as one: sums add up, and the interval follows from the added sums."""
    n = sum(part.n for part in parts)
    observed = sum(part.observed for part in parts)
    denominator = sum(part.denominator for part in parts)
    variance = sum(part.variance for part in parts)
    invited = [part.invited for part in parts if part.invited is not None]
    interval = None
    if denominator and n > 1:
        scale = SCALE if indicator.unit == IndicatorUnit.SCORE else (0.0, 1.0)
        deviation = variance**0.5 / denominator * n**0.5
        interval = mean_interval(observed / denominator, deviation, n, low=scale[0], high=scale[1])
    return Sums(n, observed, denominator, variance, interval, False, sum(invited) or None)


def _row(
    frame: Frame,
    provider: int | None,
    sums: Sums,
    state: ValueState,
    rate: float,
    computed_at: Any,
) -> IndicatorValue:
    return IndicatorValue(
        indicator=frame.indicator,
        provider_id=provider,
        wave=frame.wave,
        period_start=frame.period_start,
        period_end=frame.period_end,
        observed=sums.observed,
        denominator=sums.denominator,
        expected=sums.denominator * rate,
        variance=sums.variance,
        n=sums.n,
        invited=sums.invited,
        value=sums.interval.value if sums.interval else None,
        low=sums.interval.low if sums.interval else None,
        high=sums.interval.high if sums.interval else None,
        state=state,
        model_version=MODEL_VERSION,
        computed_at=computed_at,
    )


def _newest() -> dict[tuple[Any, ...], IndicatorValue]:
    return {_key(row): row for row in IndicatorValue.objects.latest()}


def _key(row: IndicatorValue) -> tuple[Any, ...]:
    return (row.indicator_id, row.provider_id, row.wave_id, row.period_start, row.period_end)


def _differs(row: IndicatorValue, old: IndicatorValue | None) -> bool:
    return old is None or any(getattr(row, name) != getattr(old, name) for name in COMPARED)


def _full_months(day: date, count: int) -> list[date]:
    """First days of the last `count` months that ended before `day`, oldest first."""
    months = []
    month = day.replace(day=1)
    for _number in range(count):
        month = (month - timedelta(days=1)).replace(day=1)
        months.append(month)
    return months[::-1]


def _month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
