"""What the demo prints: the outcome of the routing in sentences and numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.common.codes import Component
from matching.models import MatchProposal, MatchRun
from providers.models import IntakeMoment

TIERS = (
    gettext_lazy("1, a statutory deadline is at risk"),
    gettext_lazy("2, waiting longer than 90 days"),
    gettext_lazy("3, everybody else"),
)
CAUSES = {
    "no_feasible_offer": gettext_lazy("no start fits on all rules"),
    "all_full": gettext_lazy("every fitting start was full already"),
    "lost_on_priority": gettext_lazy("the fitting seats went to people with more priority"),
}
RULES = {
    "ROUTE": gettext_lazy("other component"),
    "LEVEL": gettext_lazy("level does not fit"),
    "LITERACY": gettext_lazy("literacy does not fit"),
    "REGION_CONTRACT": gettext_lazy("no contract for this municipality, group and start"),
    "MARK": gettext_lazy("no valid quality mark on the start date"),
    "CEILING": gettext_lazy("ceiling of the contract reached"),
    "DISTANCE": gettext_lazy("too far away"),
    "DAYPART": gettext_lazy("lessons when the person cannot come"),
    "START_EARLY": gettext_lazy("starts before the person can start"),
    "START_LATE": gettext_lazy("starts later than the PIP allows"),
    "TERM": gettext_lazy("ends after the integration term"),
    "CHILDCARE": gettext_lazy("no childcare at the location"),
    "ACCESS": gettext_lazy("not accessible by wheelchair"),
    "SEATS": gettext_lazy("full"),
    "OVERLAP": gettext_lazy("overlaps another course"),
    "HOUSEHOLD": gettext_lazy("household cannot start together"),
}


def run_lines(run: MatchRun, seconds: float) -> Iterator[str]:
    """The answer to: how many were placed, in which tier, and why the others were not."""
    summary = run.summary
    needs, placed = summary["needs"], summary["placed"]
    persons = MatchProposal.objects.filter(run=run).values("need__pip").distinct().count()
    yield _("Routed: %(needs)s needs of %(persons)s people in %(seconds).1f seconds.") % {
        "needs": needs,
        "persons": persons,
        "seconds": seconds,
    }
    yield _("A place for %(placed)s of %(needs)s needs (%(share).0f%%).") % {
        "placed": placed,
        "needs": needs,
        "share": 100 * placed / max(1, needs),
    }
    for label, done, total in zip(
        TIERS, summary["placedByTier"], summary["needsByTier"], strict=True
    ):
        yield f"  {label}: {done} / {total}"
    yield _("Of these %(count)s are advice to family and other migrants, without a price.") % {
        "count": summary["referred"]
    }
    yield from _component_lines(run)
    yield ""
    yield _("Why %(count)s needs have no place:") % {"count": needs - placed}
    yield from _counts(summary["unplacedByCause"], CAUSES)
    yield _("What alone stood in the way of a place (people may count more than once):")
    yield from _counts(summary["failedRules"], RULES)
    yield ""
    seats = IntakeMoment.objects.open_on(run.as_of).with_seats_free()
    free = sum(max(0, one) for one in seats.values_list("seats_free", flat=True))
    yield _("Seats: %(used)s of %(free)s free seats used (%(share).0f%%).") % {
        "used": placed,
        "free": free,
        "share": 100 * placed / max(1, free),
    }
    yield _("First come, first served would have placed %(count)s needs.") % {
        "count": summary["placedByFirstCome"]
    }
    yield _("Worse off than under first come, first served: %(count)s.") % {
        "count": summary["worseThanFirstCome"]
    }
    yield _("Solver: %(solver)s, %(optimum)s.") % {
        "solver": summary["solver"],
        "optimum": _optimum(summary),
    }


def _optimum(summary: dict[str, Any]) -> str:
    """How good the result is: lessons that may not overlap make a proof dear on large lists."""
    if summary["isOptimal"]:
        return _("the proven optimum")
    if "placedAtMost" not in summary:
        return _("not proven to be optimal")
    return _("at most %(more)s more could have a place, if lessons were allowed to overlap") % {
        "more": summary["placedAtMost"] - summary["placed"]
    }


def _component_lines(run: MatchRun) -> Iterator[str]:
    rows = MatchProposal.objects.filter(run=run).values_list("need__component", "intake_moment")
    total: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    for component, intake in rows:
        total[component] += 1
        placed[component] += intake is not None
    for component in Component:
        if total[component]:
            yield f"  {component.label}: {placed[component]} / {total[component]}"


def _counts(counts: Mapping[str, int], labels: Mapping[str, Any]) -> Iterator[str]:
    for code, number in sorted(counts.items(), key=lambda item: -item[1]):
        yield f"  {number:>6}  {labels.get(code, code)} ({code})"
