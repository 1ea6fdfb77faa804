"""What a place for one member means for the rest of the household: who could start there too."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import F, Q

from backend.common.compiled import CompiledRows
from matching.engine import OfferTable, Policy, Recommendation, recommend, slot_mask
from matching.household_choices import Coupling, Wish
from matching.models import Household, HouseholdMember, Need
from matching.selectors.needs import COLUMNS, need_rows, need_set_of
from matching.selectors.offers import OfferSet
from matching.selectors.people import Home, RunningLessons, running_lessons
from matching.selectors.standing import standing_offers

AT_PERSON = COLUMNS.index("pip__participant_id")
Facts = dict[str, Any]


@dataclass(frozen=True)
class _Member:
    """Another member: places that fit, or the lessons that run already; neither: does not wait."""

    reference: str
    table: OfferTable | None
    rows: np.ndarray
    running: RunningLessons | None


@dataclass(frozen=True)
class Companions:
    """The other members of a household, with the places where they can start."""

    wish: Wish
    members: list[_Member]

    def can_start(self, table: OfferTable, row: int) -> bool:
        """Whether each of them can start beside this place, has such a place, or does not wait."""
        return all(_start(one, self.wish, table, row) for one in self.members)


def companions_of(
    home: Home,
    *,
    participant_id: int,
    component: str,
    municipality_id: int,
    judged_on: dict[bool, OfferSet],
    policy: Policy,
    as_of: date,
) -> Companions:
    """The members besides this one; `judged_on` as for `_members`. Some queries, whoever they are.

    Who has moved away does not start with the others any more.
    """
    others = HouseholdMember.objects.filter(
        household=home.key, participant__municipality=F("household__municipality")
    ).exclude(participant=participant_id)
    references = dict(others.values_list("participant_id", "participant__reference"))
    members = _members(references, component, municipality_id, judged_on, policy, as_of)
    return Companions(Wish(home.wish), members)


def household_of(
    need: Need,
    found: Recommendation,
    offers: OfferSet,
    policy: Policy,
    as_of: date,
    *,
    participant_id: int,
    is_referral: bool,
) -> dict[str, Any]:
    """The household as it is agreed and, per place that fits, how the other members could start.

    Empty without a household. A fixed number of queries, one search in memory per member.
    """
    keys = _HOUSEHOLD(participant=participant_id, municipality=need.municipality_id)
    if not keys:
        return {}
    household = Household.objects.get(pk=keys[0][0])
    companions = companions_of(
        Home(household.pk, household.wish),
        participant_id=participant_id,
        component=need.component,
        municipality_id=need.municipality_id,
        judged_on={is_referral: offers},
        policy=policy,
        as_of=as_of,
    )
    members, wish = companions.members, companions.wish
    places = {
        str(found.table.ids[row]): [_start(one, wish, found.table, row) for one in members]
        for row in found.offers.tolist()
    }
    return {
        "household": {
            "id": str(household.uuid),
            "coupling": household.coupling,
            "wish": household.wish,
            "untilDate": household.until_date.isoformat() if household.until_date else None,
            "inForce": household.coupling == Coupling.TOGETHER
            and (household.until_date is None or household.until_date >= as_of),
            "members": [{"reference": one.reference, "state": _state(one)} for one in members],
            "places": places,
        }
    }


_HOUSEHOLD = CompiledRows(
    lambda participant, municipality: (
        Household.objects.filter(members__participant=participant, municipality=municipality)
        .order_by("pk")
        .values_list("pk")[:1]
    ),
    participant=int,
    municipality=int,
)


def _members(
    references: dict[int, str],
    component: str,
    municipality_id: int,
    judged_on: dict[bool, OfferSet],
    policy: Policy,
    as_of: date,
) -> list[_Member]:
    """`judged_on`: offers by whether a place there is a referral; another law, other offers."""
    rows = need_rows(
        Need.objects.waiting().filter(pip__participant__in=references, component=component),
        on=as_of,
    )
    waiting = {int(row[AT_PERSON]): row for row in rows}
    running = {
        one.participant_id: one
        for one in running_lessons(
            Q(participant__in=references, need__component=component), on=as_of
        )
    }
    members = []
    for key, reference in sorted(references.items(), key=lambda one: one[1]):
        if key not in waiting:
            members.append(_Member(reference, None, np.zeros(0, int), running.get(key)))
            continue
        mine = need_set_of(waiting[key])
        referred = bool(mine.is_referral[0])
        if referred not in judged_on:
            judged_on[referred] = standing_offers(
                municipality_id=municipality_id,
                component=component,
                is_referral=referred,
                as_of=as_of,
            )
        table = judged_on[referred].table
        fits = recommend(mine.table, table, policy, as_of).offers
        members.append(_Member(reference, table, fits, None))
    return members


def _state(one: _Member) -> str:
    if one.running is not None:
        return "placed"
    return "not_waiting" if one.table is None else "waiting"


def _start(member: _Member, wish: Wish, table: OfferTable, row: int) -> Facts | None:
    """Where this member starts beside the place `row` of the first one; None when nowhere."""
    if member.running is not None:
        return _running_start(member.running, wish, table, row)
    if member.table is None:
        return {"fits": True}
    theirs, rows = member.table, member.rows
    if wish == Wish.SAME_PLACE:
        near = (theirs.lat[rows] == table.lat[row]) & (theirs.lon[rows] == table.lon[row])
        # The same start needs a second seat.
        alone = (theirs.ids[rows] == table.ids[row]) & (theirs.seats[rows] < 2)
        rows = rows[near & ~alone]
        order = np.abs(theirs.start[rows].astype(np.int64) - int(table.start[row]))
        rows = rows[np.argsort(order, kind="stable")]
    else:
        overlaps = (theirs.slots[rows] & table.slots[row]) != 0
        in_time = (theirs.start[rows] <= table.end[row]) & (table.start[row] <= theirs.end[rows])
        rows = rows[~(overlaps & in_time)]
    if not len(rows):
        return None
    best = int(rows[0])
    return {
        "fits": True,
        "intakeMomentId": str(theirs.ids[best]),
        "startDate": str(np.datetime64(int(theirs.start[best]), "D")),
    }


def _running_start(
    running: RunningLessons, wish: Wish, table: OfferTable, row: int
) -> Facts | None:
    if wish == Wish.SAME_PLACE:
        fits = running.point == (float(table.lat[row]), float(table.lon[row]))
    else:
        start, end = (np.datetime64(day, "D").astype(int) for day in (running.start, running.end))
        in_time = start <= table.end[row] and table.start[row] <= end
        fits = not (in_time and slot_mask(running.slots) & int(table.slots[row]))
    return {"fits": True, "course": running.course} if fits else None


__all__ = ["Companions", "companions_of", "household_of"]
