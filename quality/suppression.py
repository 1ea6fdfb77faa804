"""Statistical disclosure control: the one place that decides what of a figure may be seen.

`suppress` decides for a whole set of figures that share a total; `published` masks one stored
figure for whoever asks. API, pages and downloads use both and nothing else (quality.md section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

from quality.choices import NormVerdict, ValueState
from quality.models.indicator import MIN_N_FLOOR


@dataclass(frozen=True)
class Cell:
    """One figure of a set that adds up to a known total: how many persons, and all alike or not."""

    n: int
    uniform: bool = False
    state: ValueState = ValueState.SHOWN


def smallest_group(min_n: int) -> int:
    """The configured number, never below the floor."""
    return max(min_n, MIN_N_FLOOR)


def primary_state(n: int, *, uniform: bool, min_n: int) -> ValueState:
    """What a figure on its own allows: nobody, too few, all the same answer, or shown."""
    if n == 0:
        return ValueState.NO_DATA
    if n < smallest_group(min_n):
        return ValueState.TOO_FEW
    return ValueState.UNIFORM if uniform else ValueState.SHOWN


def suppress(cells: Sequence[Cell], *, min_n: int) -> list[Cell]:
    """The set with its states, so that no hidden figure follows from the total and the others.

    Where the hidden figures are one alone, or together fewer persons than the smallest group, the
    next smallest shown figures are hidden too. The order of `cells` is kept and does not matter,
    except that equal sizes are taken in that order.
    """
    states = [primary_state(cell.n, uniform=cell.uniform, min_n=min_n) for cell in cells]
    hidden = [
        index
        for index, state in enumerate(states)
        if state in (ValueState.TOO_FEW, ValueState.UNIFORM)
    ]
    shown = sorted(
        (index for index, state in enumerate(states) if state == ValueState.SHOWN),
        key=lambda index: cells[index].n,
    )
    while hidden and shown and not _safe(cells, hidden, min_n):
        index = shown.pop(0)
        states[index] = ValueState.SECONDARY
        hidden.append(index)
    return [replace(cell, state=state) for cell, state in zip(cells, states, strict=True)]


def total_may_be_shown(cells: Sequence[Cell], *, min_n: int) -> bool:
    """Whether the total of a suppressed set tells nothing about what is hidden in it."""
    hidden = [
        index
        for index, cell in enumerate(cells)
        if cell.state not in (ValueState.SHOWN, ValueState.NO_DATA)
    ]
    return not hidden or _safe(cells, hidden, min_n)


def _safe(cells: Sequence[Cell], hidden: Sequence[int], min_n: int) -> bool:
    together = sum(cells[index].n for index in hidden)
    return len(hidden) > 1 and together >= smallest_group(min_n)


@dataclass(frozen=True)
class Published:
    """A figure as anybody may see it: where it is hidden, neither value nor n is there."""

    state: ValueState
    value: float | None
    low: float | None
    high: float | None
    n: int | None
    n_text: str
    denominator: float | None
    response_rate: float | None
    verdict: NormVerdict


def published(row: Any) -> Published:
    """The public face of a stored figure; a figure below the smallest group is never let out."""
    indicator = row.indicator
    limit = smallest_group(indicator.min_n)
    state = ValueState(row.state)
    if state == ValueState.SHOWN and row.n < limit:
        state = ValueState.TOO_FEW
    if state != ValueState.SHOWN:
        # "No data" is a fact about the lesson lists, not about a person; its n is not masked.
        empty = state == ValueState.NO_DATA
        n_text = "0" if empty else f"<{limit}" if state == ValueState.TOO_FEW else "–"
        return Published(
            state,
            None,
            None,
            None,
            0 if empty else None,
            n_text,
            None,
            None,
            _no_verdict(indicator),
        )
    return Published(
        state,
        row.value,
        row.low,
        row.high,
        row.n,
        str(row.n),
        row.denominator,
        row.n / row.invited if row.invited else None,
        norm_verdict(row.low, row.high, indicator.norm, low_is_good=bool(indicator.low_is_good)),
    )


def _no_verdict(indicator: Any) -> NormVerdict:
    return NormVerdict.NO_NORM if indicator.norm is None else NormVerdict.UNCERTAIN


def norm_verdict(
    low: float | None, high: float | None, norm: float | None, *, low_is_good: bool
) -> NormVerdict:
    """Meets or fails the norm only when the whole interval does; otherwise uncertain."""
    if norm is None:
        return NormVerdict.NO_NORM
    if low is None or high is None:
        return NormVerdict.UNCERTAIN
    meets, fails = (high <= norm, low > norm) if low_is_good else (low >= norm, high < norm)
    if meets:
        return NormVerdict.MEETS
    return NormVerdict.BELOW if fails else NormVerdict.UNCERTAIN


PUBLIC_COLUMNS = ("value", "low", "high", "denominator", "n")


def masked(queryset: Any) -> Any:
    """The same mask as `published`, as columns `public_<name>`: NULL where a figure is hidden."""
    limit = Greatest(F("indicator__min_n"), Value(MIN_N_FLOOR))
    may_be_seen = Q(state=ValueState.SHOWN, n__gte=limit)
    columns = {
        f"public_{name}": Case(When(may_be_seen, then=F(name)), default=None)
        for name in PUBLIC_COLUMNS
        if name != "n"
    }
    # Nobody at all is no secret; `published` says 0 as well.
    columns["public_n"] = Case(
        When(may_be_seen | Q(state=ValueState.NO_DATA), then=F("n")), default=None
    )
    return queryset.annotate(**columns)
