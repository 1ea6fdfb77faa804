"""What a run changed against the run before it in the same area, need by need."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from matching.choices import RunState
from matching.models import MatchRun

SAME: Final = "same_place"
OTHER: Final = "other_place"
GAINED: Final = "now_a_place"
LOST: Final = "no_longer_a_place"
STILL_NONE: Final = "still_no_place"
JOINED: Final = "new_on_the_list"
LEFT: Final = "off_the_list"
KINDS: Final = (SAME, OTHER, GAINED, LOST, STILL_NONE, JOINED, LEFT)


@dataclass(frozen=True)
class RunChanges:
    """Numbers of needs per kind of change, and the run that was compared with."""

    previous: MatchRun
    counts: dict[str, int]


def run_changes(run: MatchRun) -> RunChanges | None:
    """The comparison with the run before; None for the first one. Three queries."""
    previous = (
        MatchRun.objects.filter(
            organisation=run.organisation_id, state=RunState.DONE, pk__lt=run.pk
        )
        .order_by("-pk")
        .first()
    )
    if previous is None or run.state != RunState.DONE:
        return None
    before, now = _places(previous), _places(run)
    counts = Counter(_kind(need, before, now) for need in before.keys() | now.keys())
    return RunChanges(previous, {kind: counts[kind] for kind in KINDS})


def _places(run: MatchRun) -> dict[int, int | None]:
    return dict(run.proposals.order_by().values_list("need_id", "intake_moment_id"))


def _kind(need: int, before: dict[int, int | None], now: dict[int, int | None]) -> str:
    if need not in before:
        return JOINED
    if need not in now:
        return LEFT
    was, is_now = before[need], now[need]
    if was == is_now:
        return SAME if was else STILL_NONE
    if was is None:
        return GAINED
    return LOST if is_now is None else OTHER
