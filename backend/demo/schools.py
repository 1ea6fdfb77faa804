"""The schools of the demo region as DUO's list of institutions, and what each of them offers."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random
from typing import Any

from backend.demo.places import BY_MUNICIPALITY, MUNICIPALITIES, Place
from backend.demo.sizes import Size

SCHOOL_NAMES = (
    "De Proeftuin", "De Zevenster", "De Woordwinkel", "Het Klinkerpad", "De Letterbrug",
    "De Zinsnede", "De Taalkas", "De Puntkomma", "Het Babbelhof", "De Leesplank", "Het Alfabet",
    "De Klankkast", "De Lettergreep", "Het Taalanker", "De Woordenstroom", "De Vraagbaak",
    "De Spreekstoel", "De Zinzoekers", "Het Praathuis", "De Medeklinker", "De Komma",
    "Het Voorbeeld", "De Schakel", "De Open Lijn",
)  # fmt: skip
COLLEGE_NAMES = ("De Oefening", "Oost", "De Overstap", "De Aanloop", "Het Fundament")
WORK_NAMES = ("De Springplank", "Aan de Slag", "De Werkbank", "Meedoen", "De Eerste Stap")
MORNING, AFTERNOON, LATE = (time(9), time(12)), (time(13), time(16)), (time(19), time(21, 30))

Slots = tuple[tuple[int, time, time], ...]


def _slots(days: tuple[int, ...], hours: tuple[time, time]) -> Slots:
    return tuple((day, *hours) for day in days)


# Weekly lessons, about 3.5 a week on average (domain.md 8.3).
DAY_PATTERNS: tuple[Slots, ...] = (
    _slots((1, 2, 4, 5), MORNING),
    _slots((1, 2, 4), MORNING),
    _slots((2, 3, 4, 5), MORNING),
    _slots((1, 3, 5), AFTERNOON),
    _slots((1, 2, 3, 4), AFTERNOON),
    _slots((1, 2, 4, 5), AFTERNOON),
)
LATE_PATTERNS: tuple[Slots, ...] = (
    _slots((1, 3, 4), LATE),
    _slots((2, 4), LATE),
    (*_slots((2,), LATE), (6, *MORNING), (6, *AFTERNOON)),
)
SHORT_PATTERNS: tuple[Slots, ...] = (
    _slots((3,), MORNING),
    _slots((5,), MORNING),
    _slots((2,), AFTERNOON),
    _slots((5,), AFTERNOON),
    _slots((3,), LATE),
    _slots((6,), MORNING),
)
FULL_PATTERN: Slots = _slots((1, 2, 3, 4), MORNING) + _slots((1, 2, 4), AFTERNOON)


@dataclass(frozen=True)
class CoursePlan:
    code: str
    name: str
    component: str
    level_from: str
    level_to: str
    target_level: str
    literacy: tuple[str, ...]
    total_hours: int
    patterns: tuple[Slots, ...]
    mode: str = "onsite"
    group_size: int = 12


@dataclass(frozen=True)
class LocationPlan:
    code: str
    name: str
    place: Place
    house_number: str
    wheelchair_accessible: bool
    childcare: bool


@dataclass(frozen=True)
class GroupPlan:
    course: str
    location: str
    code: str
    slots: Slots
    max_size: int


@dataclass(frozen=True)
class IntakePlan:
    group: str
    start_date: date
    end_date: date
    seats: int


@dataclass
class SchoolPlan:
    """One provider; without an institution row it teaches what needs no recognition."""

    name: str
    kind: str
    institution: dict[str, Any] | None
    locations: list[LocationPlan] = field(default_factory=list)
    courses: list[CoursePlan] = field(default_factory=list)
    groups: list[GroupPlan] = field(default_factory=list)
    intakes: list[IntakePlan] = field(default_factory=list)
    past_intakes: list[IntakePlan] = field(default_factory=list)

    def course_of(self, group: GroupPlan) -> CoursePlan:
        return next(one for one in self.courses if one.code == group.course)


ALL, LATIN, SCRIPT = ("A", "AA", "NVT"), ("NVT",), ("AA", "NVT")
LANGUAGE_COURSES = (
    CoursePlan("b1-start", "B1-route, start", "B", "A0", "A0", "B1", SCRIPT, 480, DAY_PATTERNS),
    CoursePlan("b1-vervolg", "B1-route, vervolg", "B", "A1", "B1", "B1", SCRIPT, 420, DAY_PATTERNS),
    CoursePlan("b1-avond", "B1-route, avond en zaterdag", "B", "A0", "A2", "B1", LATIN, 320,
               LATE_PATTERNS),
    CoursePlan("b2", "Staatsexamen B2", "B", "A2", "B1", "B2", LATIN, 300, DAY_PATTERNS[:2]),
    CoursePlan("b1-alfa", "B1-route met alfabetisering", "B", "A0", "A0", "B1", ("A", "AA"), 540,
               DAY_PATTERNS[:3], group_size=10),
    CoursePlan("z-alfa", "Z-route met alfabetisering", "Z", "A0", "A1", "A1", ("A", "AA"), 560,
               DAY_PATTERNS, group_size=10),
    CoursePlan("z", "Z-route", "Z", "A0", "A1", "A2", SCRIPT, 520, DAY_PATTERNS),
    CoursePlan("knm", "Kennis van de Nederlandse Maatschappij", "KNM", "A0", "B1", "A2", ALL, 60,
               SHORT_PATTERNS),
    CoursePlan("b1-online", "B1-route online", "B", "A1", "B1", "B1", LATIN, 300, LATE_PATTERNS[:2],
               mode="online"),
)  # fmt: skip
COLLEGE_COURSES = (
    CoursePlan("o-b1", "Taalschakeltraject mbo", "O", "A1", "B1", "B1", LATIN, 900,
               (FULL_PATTERN,), group_size=15),
    CoursePlan("o-b2", "Taalschakeltraject hbo en wo", "O", "A2", "B1", "B2", LATIN, 900,
               (FULL_PATTERN,), group_size=15),
)  # fmt: skip
WORK_COURSES = (
    CoursePlan("map", "Module Arbeidsmarkt en Participatie", "MAP", "A0", "B1", "A2", ALL, 64,
               SHORT_PATTERNS),
    CoursePlan("pvt", "Participatieverklaringstraject", "PVT", "A0", "B1", "A1", ALL, 15,
               SHORT_PATTERNS),
)  # fmt: skip
# Share of the intake moments per component; scarce on purpose where practice is scarce (O, Z).
INTAKE_SHARE = {"B": 0.36, "Z": 0.20, "O": 0.03, "KNM": 0.16, "MAP": 0.13, "PVT": 0.12}


def make_schools(random: Random, size: Size, as_of: date) -> list[SchoolPlan]:
    """All schools with their places, courses and groups; starts are added by `add_intakes`."""
    colleges = max(1, size.providers // 6)
    workers = max(1, size.providers // 6)
    languages = size.providers - colleges - workers
    plans = [
        *(_school("taalschool", SCHOOL_NAMES[n], n, random) for n in range(languages)),
        *(_school("college", COLLEGE_NAMES[n], languages + n, random) for n in range(colleges)),
        *(_school("werk", WORK_NAMES[n], size.providers - workers + n, random)
          for n in range(workers)),
    ]  # fmt: skip
    for number, plan in enumerate(plans):
        plan.locations = _locations(random, number, 2 if size.name == "tiny" else 4)
        plan.courses = _courses(random, plan, number)
    return plans


def add_groups(random: Random, plans: list[SchoolPlan], per_component: dict[str, int]) -> None:
    """Enough groups for the starts of each component, spread over schools and locations."""
    for component, number in per_component.items():
        offering = [
            (plan, course)
            for plan in plans
            for course in plan.courses
            if course.component == component
        ]
        for index in range(max(len(offering), number)):
            plan, course = offering[index % len(offering)]
            code = f"{course.code}-{len(plan.groups) + 1:03d}"
            plan.groups.append(
                GroupPlan(
                    course=course.code,
                    location=random.choice(plan.locations).code,
                    code=code,
                    slots=random.choice(course.patterns),
                    max_size=course.group_size,
                )
            )


def add_intakes(
    random: Random, plans: list[SchoolPlan], as_of: date, total: int, seats: dict[str, int]
) -> None:
    """At least `total` open starts in the coming half-year, with about `seats` per component."""
    for component, share in INTAKE_SHARE.items():
        groups = [
            (plan, group)
            for plan in plans
            for group in plan.groups
            if plan.course_of(group).component == component
        ]
        number = max(len(groups), round(total * share) + 1)
        rounds = -(-number // len(groups))
        mean = seats[component] / number
        for index in range(number):
            plan, group = groups[index % len(groups)]
            course = plan.course_of(group)
            # A group takes people in again and again; its starts lie weeks apart.
            gap = max(14, 180 // rounds)
            offset = 9 + (index // len(groups)) * gap + random.randrange(min(gap, 14))
            start = _weekday(as_of + timedelta(days=offset), group.slots[0][0])
            whole = int(mean) + (random.random() < mean - int(mean))
            plan.intakes.append(
                IntakePlan(
                    group=group.code,
                    start_date=start,
                    end_date=start + timedelta(weeks=weeks_of(course, group)),
                    seats=max(0, min(group.max_size, whole + random.choice((-1, 0, 0, 1)))),
                )
            )


def hours_per_week(slots: Slots) -> float:
    return sum(
        end.hour + end.minute / 60 - start.hour - start.minute / 60 for _day, start, end in slots
    )


def weeks_of(course: CoursePlan, group: GroupPlan) -> int:
    return max(2, round(course.total_hours / hours_per_week(group.slots)))


def _weekday(day: date, weekday: int) -> date:
    """The first `weekday` (ISO) on or after `day`."""
    return day + timedelta(days=(weekday - day.isoweekday()) % 7)


def _school(kind: str, name: str, number: int, random: Random) -> SchoolPlan:
    title = {"taalschool": "Taalschool", "college": "Oefencollege", "werk": "Werkplaats"}[kind]
    full_name = f"{title} {name} (demo)"
    if kind == "werk":
        # MAP and PVT need no recognition, so DUO does not list these providers (domain.md 4.1).
        return SchoolPlan(full_name, kind, None)
    place = _home(number)
    institution: dict[str, Any] = {
        "instellingsnummer": f"{9000000000 + number}",
        "naam": full_name,
        "postcode": f"{place.postcode4}{random.choice('ABCDEGHJKL')}{random.choice('ABCDEGHJKL')}",
        "huisnummer": random.randrange(1, 240),
        "plaatsnaam": place.name,
        "indicatieBowKeurmerk": kind == "taalschool",
        "indicatieTstKeurmerk": kind == "college",
    }
    if kind == "taalschool":
        institution["bow"] = f"{99000 + number}"
    else:
        institution["brin"] = f"{90 + number % 10}ZZ"
    return SchoolPlan(full_name, kind, institution)


def _home(number: int) -> Place:
    codes = list(MUNICIPALITIES)
    return BY_MUNICIPALITY[codes[number % len(codes)]][0]


def _locations(random: Random, number: int, most: int) -> list[LocationPlan]:
    """The home town, and places where many people live."""
    codes, weights = list(MUNICIPALITIES), [share for _name, share in MUNICIPALITIES.values()]
    home = codes[number % len(codes)]
    towns = [home, *random.choices(codes, weights, k=random.randint(1, most - 1))]
    plans = []
    for index, code in enumerate(towns):
        place = BY_MUNICIPALITY[home][0] if index == 0 else random.choice(BY_MUNICIPALITY[code])
        plans.append(
            LocationPlan(
                code=f"loc-{index + 1}",
                name=f"Leslocatie {place.name} {index + 1}",
                place=place,
                house_number=str(random.randrange(1, 200)),
                wheelchair_accessible=random.random() < 0.7,
                childcare=random.random() < 0.35,
            )
        )
    return plans


def _courses(random: Random, plan: SchoolPlan, number: int) -> list[CoursePlan]:
    if plan.kind == "college":
        return list(COLLEGE_COURSES)
    if plan.kind == "werk":
        return list(WORK_COURSES)
    # B2 and online are rare in practice (domain.md section 9).
    base = [one for one in LANGUAGE_COURSES if one.code not in {"b2", "b1-online", "b1-alfa"}]
    extra = {0: "b1-alfa", 1: "b2", 2: "b1-online"}.get(number % 5)
    return base + [one for one in LANGUAGE_COURSES if one.code == extra]
