"""Who is next for a place: the waiting people it fits, in the published order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matching.choices import PlacementState
from matching.models import Need, Placement
from matching.selectors.needs import need_rows
from matching.selectors.pair import PairFacts
from matching.selectors.policy import policy_in_force
from matching.selectors.work_list import with_tier
from matching.services.placement_rules import judge
from procurement.public import COVER_OF_COURSE, Coverage, coverage_of
from providers.models import IntakeMoment
from providers.public import OFFERED_INTAKE

# Whether somebody has lessons elsewhere, or has been asked already, is looked at per person.
NOT_JUDGED_HERE = frozenset({"SEATS"})


@dataclass
class Queue:
    """The people for one start, first come first; `passed_over` grows while it is read.

    `passed_over` counts, by the first rule that failed, whom the place does not fit.
    """

    intake: IntakeMoment
    on: date
    passed_over: Counter[str] = field(default_factory=Counter)
    _cover: dict[int, list[Coverage]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Key and urgency class of each need that fits, in the order of the waiting list.

        Four queries and one per municipality, whatever the number of people; nothing is locked.
        """
        rows = OFFERED_INTAKE(pk=self.intake.pk, as_of=self.on)
        if not rows:
            return
        component = self.intake.group.course.component
        needs = Need.objects.waiting().filter(component=component)
        asked = self.intake.seat_offers.values("need")
        # Who had this place before, and lost or refused it, is not asked for it again.
        had = self.intake.placements.values("need")
        # Nor is who stopped in this group, for a later start of it.
        left = Placement.objects.filter(
            intake_moment__group=self.intake.group_id, state=PlacementState.STOPPED
        ).values("need")
        needs = needs.exclude(pk__in=asked).exclude(pk__in=had).exclude(pk__in=left)
        needs = needs.exclude(seat_offers__state="open")
        towns = set(needs.order_by().values_list("municipality_id", flat=True))
        order = list(
            with_tier(needs, towns)
            .order_by("tier", "waiting_since", "pk")
            .values_list("pk", "tier", "municipality_id")
        )
        facts = {row[0]: row for row in need_rows(needs, on=self.on)}
        for pk, tier, town in order:
            failed = self._failed(facts.get(pk), rows[0], town)
            if failed:
                self.passed_over[failed[0]] += 1
            else:
                yield pk, tier

    def _failed(
        self, need: tuple[Any, ...] | None, intake: tuple[Any, ...], town: int
    ) -> tuple[str, ...]:
        if need is None:
            return ("FUNDING",)
        if town not in self._cover:
            course = self.intake.group.course_id
            found = COVER_OF_COURSE(course=course, municipality=town, on=self.on)
            self._cover[town] = [coverage_of(row, town) for row in found]
        judged = judge(
            PairFacts(
                need=need,
                intake=intake,
                cover=self._cover[town],
                overlaps=False,
                policy=policy_in_force(organisation_id=town, on=self.on),
            ),
            municipality_id=town,
        )
        return tuple(code for code in judged.failed if code not in NOT_JUDGED_HERE)
