"""The people of the demo region as PIP messages: volumes and shares of domain.md 8.2 and 8.3.

Names are recognisably made up ("Demo Amina 0042"); nothing here is about a real person.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from backend.demo.places import BY_MUNICIPALITY, MUNICIPALITIES, Place

ASYLUM_SHARE = 0.61
FAMILY_SHARE = 0.34
ROUTES = ("B", "Z", "O")
# Z almost one third of all trajectories, O a single-digit percentage (domain.md 8.2).
ROUTE_SHARE = {"asylum": (0.575, 0.345, 0.08), "family": (0.70, 0.27, 0.03)}
LITERACY = ("NVT", "AA", "A")
LITERACY_SHARE = {"B": (0.74, 0.24, 0.02), "Z": (0.34, 0.36, 0.30), "O": (1.0, 0.0, 0.0)}
LEVELS = ("A0", "A1", "A2", "B1")
LEVEL_SHARE = {
    "B": (0.55, 0.30, 0.12, 0.03),
    "Z": (0.82, 0.18, 0.0, 0.0),
    "O": (0.0, 0.5, 0.4, 0.1),
}
GIVEN_NAMES = (
    "Amina", "Yusuf", "Selam", "Dawit", "Leyla", "Omar", "Farah", "Tesfay", "Nour", "Samir",
    "Hiwet", "Karim", "Rahel", "Zahra", "Mehmet", "Ayse", "Bilal", "Mariam", "Idris", "Salma",
)  # fmt: skip
LANGUAGES = ("ar", "ti", "tr", "fa", "so", "en", "uk", "es")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR")
FULL_DAYS = tuple(f"{day}{part}" for day in WEEKDAYS for part in (1, 2))
MORNINGS = tuple(f"{day}1" for day in WEEKDAYS)
EVENINGS = (*(f"{day}3" for day in WEEKDAYS), "SA1", "SA2")
BIRTH_YEARS = {"O": (1998, 2008), "B": (1972, 2006), "Z": (1963, 2003)}
# What lies between DUO's notification and the PIP: about twice the intended ten weeks.
WEEKS_TO_PIP = (6, 34)


@dataclass(frozen=True)
class Case:
    """A person made on purpose, so that every reason not to be placed occurs."""

    reason: str
    intake: dict[str, Any]
    pip: dict[str, Any]
    days_waiting: int = 20


def special_cases(as_of: date) -> list[Case]:
    """One hard case for each reason; `reason` is the rule that should stand in the way."""

    def day(offset: int) -> str:
        return (as_of + timedelta(days=offset)).isoformat()

    return [
        Case("START_LATE", {"latestStartDate": day(-5)}, {}, 120),
        Case("START_EARLY", {"earliestStartDate": day(260), "latestStartDate": day(320)}, {}),
        Case("DAYPART", {"availability": ["SU3"]}, {}),
        Case("DISTANCE", {"postcode4": "3888", "maxTravelKm": 2}, {}),
        Case("CHILDCARE", {"needsChildcare": True, "postcode4": "7351", "maxTravelKm": 8}, {}),
        Case("ACCESS", {"needsWheelchairAccess": True, "postcode4": "7245", "maxTravelKm": 6}, {}),
        Case("LEVEL", {"entryLevel": "A0", "targetLevel": "B2"}, {}),
        Case(
            "LITERACY",
            {"entryLevel": "A1"},
            {"indicatorAlfabetiseringsonderwijs": "A"},
        ),
    ]


def make_people(random: Random, count: int, as_of: date) -> list[dict[str, Any]]:
    """`count` messages of people who wait, the purposely hard cases among them."""
    cases = special_cases(as_of)
    copies = max(1, count // 500)
    messages = []
    for number in range(1, count + 1):
        case = cases[(number - 1) % len(cases)] if number <= copies * len(cases) else None
        messages.append(_person(random, number, as_of, case))
    random.shuffle(messages)
    return messages


def past_person(
    random: Random,
    number: int,
    start: date,
    place: Place,
    course_component: str,
    literacy: str,
    level: str,
) -> dict[str, Any]:
    """Somebody who was placed before and fits the course that began on `start`."""
    decision = start - timedelta(days=random.randrange(38, 60))
    message = _message(random, number, decision, "asylum", course_component, place, prefix="V")
    message["pip"]["pip"]["indicatorAlfabetiseringsonderwijs"] = literacy
    message["intake"] |= {
        "entryLevel": level,
        "availability": [f"{day}{part}" for day in (*WEEKDAYS, "SA") for part in (1, 2, 3)],
        "maxTravelKm": 60,
        "earliestStartDate": (decision + timedelta(days=7)).isoformat(),
        "latestStartDate": (start + timedelta(days=60)).isoformat(),
        "hoursPerWeek": 15,
    }
    for name in ("needsChildcare", "needsWheelchairAccess", "targetLevel"):
        message["intake"].pop(name, None)
    return message


def _person(random: Random, number: int, as_of: date, case: Case | None) -> dict[str, Any]:
    codes, shares = list(MUNICIPALITIES), [share for _name, share in MUNICIPALITIES.values()]
    place = random.choice(BY_MUNICIPALITY[random.choices(codes, shares)[0]])
    draw = random.random()
    group = (
        "asylum"
        if case is not None or draw < ASYLUM_SHARE
        else "family"
        if draw < ASYLUM_SHARE + FAMILY_SHARE
        else "other"
    )
    shares_of_routes = ROUTE_SHARE["asylum" if group == "asylum" else "family"]
    route = "B" if case is not None else random.choices(ROUTES, shares_of_routes)[0]
    # Most decisions are weeks old, a fifth lies more than ninety days back.
    waited = case.days_waiting if case else min(400, int(random.expovariate(1 / 56)) + 2)
    decision = as_of - timedelta(days=waited)
    message = _message(random, number, decision, group, route, place)
    _window(random, message, as_of, waited)
    if case is not None:
        _apply(message, case)
    elif random.random() < 0.02:
        _last_months(random, message, as_of)
    return message


def _message(
    random: Random,
    number: int,
    decision: date,
    group: str,
    route: str,
    place: Place,
    prefix: str = "P",
) -> dict[str, Any]:
    notified = decision - timedelta(days=7 * random.randint(*WEEKS_TO_PIP))
    settled = notified - timedelta(days=random.randrange(0, 120))
    literacy = random.choices(LITERACY, LITERACY_SHARE[route])[0]
    pip: dict[str, Any] = {
        "dagtekeningPip": decision.isoformat(),
        "leerroute": route,
        "indicatorMagOpleidingAfmaken": random.random() < 0.03,
        "indicatorAlfabetiseringsonderwijs": literacy,
    }
    if route != "Z":
        pip["niveau"] = "B1"
    if route == "B" and group == "asylum":
        pip["geschatteIntensiteitB1Route"] = random.randrange(400, 1201, 50)
    intake: dict[str, Any] = {
        "entryLevel": random.choices(LEVELS, LEVEL_SHARE[route])[0],
        "hoursPerWeek": {"B": random.choice((8, 10, 12, 15)), "Z": 12, "O": 23}[route],
        "availability": list(_availability(random, route)),
        "postcode4": place.postcode4,
        "needsChildcare": random.random() < 0.06,
        "needsWheelchairAccess": random.random() < 0.02,
        "acceptsOnline": route == "B" and random.random() < 0.12,
    }
    if random.random() < 0.3:
        intake["maxTravelKm"] = random.choice((8, 12, 15, 20, 35))
    if route == "B" and literacy == "NVT" and random.random() < 0.04:
        intake["targetLevel"] = "B2"
    if route == "Z" and literacy != "A" and random.random() < 0.15:
        intake["targetLevel"] = "A2"
    first, last = BIRTH_YEARS[route]
    birth = date(random.randint(first, last), random.randint(1, 12), random.randint(1, 28))
    return {
        "reference": f"DEMO-{prefix}{number:05d}",
        "obligationStartDate": (settled - timedelta(days=random.randrange(5, 60))).isoformat(),
        "settlementDate": settled.isoformat(),
        "notifiedDate": notified.isoformat(),
        "targetGroup": group,
        "pip": {"gemeentecode": place.municipality, "pip": pip},
        "intake": intake,
        "identity": {
            "givenName": f"Demo {random.choice(GIVEN_NAMES)}",
            "familyName": f"{prefix}{number:04d}",
            "birthDate": birth.isoformat(),
            "language": random.choice(LANGUAGES),
        },
    }


def _availability(random: Random, route: str) -> tuple[str, ...]:
    """Who works, who has children at school, who is free on weekdays."""
    if route == "O":
        return FULL_DAYS
    draw = random.random()
    if draw < 0.58:
        return FULL_DAYS
    if draw < 0.70:
        return (*FULL_DAYS, *EVENINGS)
    if draw < 0.84:
        return MORNINGS
    if draw < 0.96:
        return EVENINGS
    return tuple(sorted(random.sample(FULL_DAYS, 3)))


def _window(random: Random, message: dict[str, Any], as_of: date, waited: int) -> None:
    """When the first lesson may be; a few promises cannot be kept any more."""
    soonest = as_of + timedelta(days=random.choice((0, 7, 7, 14, 28)))
    latest = as_of + timedelta(days=random.randrange(45, 190))
    if waited > 60 and random.random() < 0.45:
        latest = as_of + timedelta(days=random.randrange(10, 35))
    if waited > 120 and random.random() < 0.15:
        soonest = as_of - timedelta(days=waited)
        latest = as_of - timedelta(days=random.randrange(1, 30))
    message["intake"]["earliestStartDate"] = min(soonest, latest).isoformat()
    message["intake"]["latestStartDate"] = latest.isoformat()


def _apply(message: dict[str, Any], case: Case) -> None:
    """The hard case on top of an easy person."""
    message["intake"] |= {
        "entryLevel": "A0",
        "availability": list(FULL_DAYS),
        "needsChildcare": False,
        "needsWheelchairAccess": False,
        "acceptsOnline": False,
    }
    message["intake"].pop("maxTravelKm", None)
    message["intake"].pop("targetLevel", None)
    message["pip"]["pip"]["indicatorAlfabetiseringsonderwijs"] = "NVT"
    message["intake"] |= case.intake
    message["pip"]["pip"] |= case.pip
    earliest = message["intake"]["earliestStartDate"]
    if case.intake.get("latestStartDate", earliest) < earliest:
        message["intake"]["earliestStartDate"] = message["pip"]["pip"]["dagtekeningPip"]
    if case.intake.get("postcode4"):
        place = next(
            one
            for places in BY_MUNICIPALITY.values()
            for one in places
            if one.postcode4 == case.intake["postcode4"]
        )
        message["pip"]["gemeentecode"] = place.municipality


def _last_months(random: Random, message: dict[str, Any], as_of: date) -> None:
    """Somebody who moved here with a term that has almost run out (reason TERM)."""
    first = as_of - timedelta(days=random.randrange(880, 950))
    if first.isoformat() < message["obligationStartDate"]:
        message["obligationStartDate"] = (first - timedelta(days=30)).isoformat()
    message["firstPipDate"] = first.isoformat()
    message["termStartDate"] = (first + timedelta(days=1)).isoformat()
    message["termEndDate"] = (as_of + timedelta(days=random.randrange(200, 260))).isoformat()
