"""The whole demo region as plain data: the same seed and day give the same plan, byte for byte.

The plan knows no database. `backend.demo.build` enters it through the doors that real data uses.
"""

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from itertools import zip_longest
from random import Random
from typing import Any

import orjson

from backend.demo.agreements import (
    ContractPlan,
    LotPlan,
    contract_start,
    make_contracts,
    make_lots,
)
from backend.demo.people import make_people, past_person
from backend.demo.places import geonames_lines
from backend.demo.schools import (
    INTAKE_SHARE,
    GroupPlan,
    IntakePlan,
    SchoolPlan,
    add_groups,
    add_intakes,
    make_schools,
    weeks_of,
)
from backend.demo.sizes import SIZES, Size

DEFAULT_SEED = 20260302
# Seats against needs per component: as many as needs overall, scarce where practice is scarce.
SEAT_FACTOR = {"B": 1.0, "Z": 0.9, "O": 0.7, "KNM": 1.0, "MAP": 1.05, "PVT": 1.1}
# Groups per start: each group takes people in a few times in half a year.
STARTS_PER_GROUP = 4
PAST_COMPONENTS = ("B", "Z")


@dataclass(frozen=True)
class PastPerson:
    """Somebody who is in a course already: the message, and how it went."""

    message: dict[str, Any]
    school: int
    intake: IntakePlan
    attendance: float
    passes: float


@dataclass(frozen=True)
class MarkPlan:
    """What happened to a school's recognition after DUO's list (R-KEU-1)."""

    school: int
    status: str
    valid_from: date
    valid_to: date | None
    source: str = "Blik op Werk (demo)"


@dataclass
class RegionPlan:
    seed: int
    as_of: date
    size: Size
    schools: list[SchoolPlan] = field(default_factory=list)
    lots: list[LotPlan] = field(default_factory=list)
    contracts: list[ContractPlan] = field(default_factory=list)
    marks: list[MarkPlan] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    past: list[PastPerson] = field(default_factory=list)

    @property
    def institutions(self) -> list[dict[str, Any]]:
        """The body of DUO's `GET /instellingen`."""
        return [one.institution for one in self.schools if one.institution is not None]

    @property
    def intake_count(self) -> int:
        return sum(len(one.intakes) for one in self.schools)

    def checksum(self) -> str:
        """SHA-256 of everything in the plan."""
        content = orjson.dumps(
            {
                "schools": [asdict(one) for one in self.schools],
                "lots": [asdict(one) for one in self.lots],
                "contracts": [asdict(one) for one in self.contracts],
                "marks": [asdict(one) for one in self.marks],
                "people": self.people,
                "past": [asdict(one) for one in self.past],
                "postcodes": list(geonames_lines()),
            },
            option=orjson.OPT_SORT_KEYS,
            default=str,
        )
        return hashlib.sha256(content).hexdigest()


def make_plan(*, size: str = "default", as_of: date, seed: int = DEFAULT_SEED) -> RegionPlan:
    """The region of this size as it stands on `as_of`; all dates are relative to that day."""
    volumes = SIZES[size]
    plan = RegionPlan(seed, as_of, volumes)
    plan.people = make_people(_random(seed, "people"), volumes.pips, as_of)
    schools = _random(seed, "schools")
    plan.schools = make_schools(schools, volumes, as_of)
    groups = {
        component: round(share * volumes.intakes / STARTS_PER_GROUP)
        for component, share in INTAKE_SHARE.items()
    }
    add_groups(schools, plan.schools, groups)
    add_intakes(schools, plan.schools, as_of, volumes.intakes, _seats(plan.people))
    plan.lots = make_lots()
    plan.contracts = make_contracts(_random(seed, "contracts"), plan.schools, volumes, as_of)
    plan.marks = _marks(plan)
    plan.past = _past(_random(seed, "past"), plan)
    return plan


def _random(seed: int, topic: str) -> Random:
    """A stream of its own per topic: a change in one leaves the others as they were."""
    return Random(f"{seed}:{topic}")  # noqa: S311 - data for a demo, not a secret


def _seats(people: list[dict[str, Any]]) -> dict[str, int]:
    routes = Counter(one["pip"]["pip"]["leerroute"] for one in people)
    others = len(people) - routes["O"]
    needs = {
        "B": routes["B"],
        "Z": routes["Z"],
        "O": routes["O"],
        "KNM": others,
        "MAP": others,
        "PVT": len(people),
    }
    return {component: round(needs[component] * SEAT_FACTOR[component]) for component in needs}


def _marks(plan: RegionPlan) -> list[MarkPlan]:
    """One school is suspended, the mark of another runs out in two months."""
    languages = [n for n, school in enumerate(plan.schools) if school.kind == "taalschool"]
    start = contract_start(plan.as_of)
    ends = plan.as_of + timedelta(days=60)
    suspended = plan.as_of - timedelta(days=20)
    marks = [MarkPlan(languages[-4], "valid", start, ends)]
    if len(languages) > 5:
        marks.append(MarkPlan(languages[-5], "suspended", suspended, None))
    return marks


def _past(random: Random, plan: RegionPlan) -> list[PastPerson]:
    """Learners who started before, at the schools whose contracts run."""
    people: list[PastPerson] = []
    running = [one.school for one in plan.contracts if one.state in {"active", "suspended"}]
    chosen = [n for n in running if plan.schools[n].kind == "taalschool"]
    for index in chosen[: plan.size.schools_with_history]:
        school = plan.schools[index]
        # Schools differ, so that their figures do.
        quality = random.uniform(0.76, 0.93)
        for number, group in enumerate(_past_groups(school, plan.size.history_groups)):
            intake = _past_intake(plan, school, group, number)
            school.past_intakes.append(intake)
            course = school.course_of(group)
            location = next(one for one in school.locations if one.code == group.location)
            for _learner in range(min(plan.size.learners, group.max_size)):
                message = past_person(
                    random,
                    len(people) + 1,
                    intake.start_date,
                    location.place,
                    course.component,
                    course.literacy[-1],
                    course.level_from,
                )
                attendance = min(0.99, max(0.3, random.gauss(quality, 0.08)))
                people.append(PastPerson(message, index, intake, attendance, quality - 0.15))
    return people


def _past_groups(school: SchoolPlan, number: int) -> list[GroupPlan]:
    """The first groups of the B1 and of the Z route in turn, so that both have a past."""
    fitting = [one for one in school.groups if _fits_past(school, one)]
    routes = {
        route: [one for one in fitting if school.course_of(one).component == route]
        for route in PAST_COMPONENTS
    }
    taken = [one for pair in zip_longest(*routes.values()) for one in pair if one is not None]
    return taken[:number]


def _fits_past(school: SchoolPlan, group: GroupPlan) -> bool:
    course = school.course_of(group)
    return (
        course.component in PAST_COMPONENTS
        and course.target_level != "B2"
        and course.mode == "onsite"
    )


def _past_intake(plan: RegionPlan, school: SchoolPlan, group: GroupPlan, number: int) -> IntakePlan:
    """A start between ten months and three months ago."""
    back = 300 - number * 90
    start = plan.as_of - timedelta(days=back)
    start += timedelta(days=(group.slots[0][0] - start.isoweekday()) % 7)
    weeks = weeks_of(school.course_of(group), group)
    return IntakePlan(group.code, start, start + timedelta(weeks=weeks), group.max_size)
