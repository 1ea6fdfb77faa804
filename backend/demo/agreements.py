"""Lots and contracts of the demo region: who may buy what from whom, in every state there is."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from backend.demo.places import MUNICIPALITIES
from backend.demo.schools import SchoolPlan
from backend.demo.sizes import Size

EVERYBODY = ("asylum", "family", "other")
# Price per learner-hour, and for O and PVT per traject (domain.md section 7: a floor of 17,000).
PRICES: dict[str, tuple[str, int, int]] = {
    "B": ("learner_hour", 1190, 1680),
    "Z": ("learner_hour", 1240, 1790),
    "KNM": ("learner_hour", 990, 1450),
    "MAP": ("learner_hour", 1150, 1720),
    "O": ("traject", 1700000, 1920000),
    "PVT": ("traject", 32000, 46000),
}


@dataclass(frozen=True)
class LotPlan:
    code: str
    title: str
    components: tuple[str, ...]
    target_groups: tuple[str, ...]
    # CBS code and the number of days from the start after which the municipality takes part.
    municipalities: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class PricePlan:
    component: str
    unit: str
    cents: int

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents) / 100


@dataclass(frozen=True)
class PartPlan:
    lot: str
    courses: tuple[str, ...]
    prices: tuple[PricePlan, ...]
    places: int | None
    amount: Decimal | None


@dataclass(frozen=True)
class ContractPlan:
    school: int
    number: str
    title: str
    start_date: date
    end_date: date
    state: str
    parts: tuple[PartPlan, ...]


def make_lots() -> list[LotPlan]:
    """Opt-in per lot: not every municipality takes part in everything (domain.md 6.2)."""
    all_codes = tuple((code, 0) for code in MUNICIPALITIES)
    without_olst = tuple(one for one in all_codes if one[0] != "1773")
    # Heerde takes part in the last lot from next year on.
    heerde_later = tuple((code, 1200 if code == "0246" else 0) for code, _days in all_codes)
    return [
        LotPlan("P1", "B1-route en KNM", ("B", "KNM"), ("asylum",), all_codes),
        LotPlan("P2", "Z-route en KNM", ("Z", "KNM"), ("asylum",), all_codes),
        LotPlan("P3", "Onderwijsroute", ("O",), ("asylum",), without_olst),
        LotPlan("P4", "Module Arbeidsmarkt en Participatie", ("MAP",), EVERYBODY, all_codes),
        LotPlan("P5", "Participatieverklaringstraject", ("PVT",), EVERYBODY, heerde_later),
    ]


def make_contracts(
    random: Random, schools: list[SchoolPlan], size: Size, as_of: date
) -> list[ContractPlan]:
    """A contract per school; the last language schools have the ones that need attention."""
    start = contract_start(as_of)
    languages = [n for n, school in enumerate(schools) if school.kind == "taalschool"]
    states = {languages[-1]: "draft"}
    if len(languages) > 3:
        states[languages[-2]] = "suspended"
        states[languages[-3]] = "expiring"
    plans = []
    for number, school in enumerate(schools):
        state = states.get(number, "active")
        end = as_of + timedelta(days=45) if state == "expiring" else start + timedelta(days=1461)
        plans.append(
            ContractPlan(
                school=number,
                number=f"DEMO-{start.year}-{number + 1:02d}",
                title=f"Raamovereenkomst {school.name}",
                start_date=start,
                end_date=end,
                state=state,
                parts=tuple(_parts(random, school, size, tight=number == languages[1])),
            )
        )
    return plans


def contract_start(as_of: date) -> date:
    return as_of - timedelta(days=900)


def _parts(random: Random, school: SchoolPlan, size: Size, *, tight: bool) -> list[PartPlan]:
    """What the school delivers per lot; KNM stands in the lot of its route, once."""
    wanted = {"P1": ("B", "KNM"), "P2": ("Z",), "P3": ("O",), "P4": ("MAP",), "P5": ("PVT",)}
    parts = []
    for lot, components in wanted.items():
        courses = tuple(one.code for one in school.courses if one.component in components)
        if not courses:
            continue
        offered = {one.component for one in school.courses if one.code in courses}
        parts.append(
            PartPlan(
                lot=lot,
                courses=courses,
                prices=tuple(
                    PricePlan(component, PRICES[component][0], _cents(random, component))
                    for component in components
                    if component in offered
                ),
                # A ceiling that is nearly used makes the rule CEILING visible.
                places=_tight_places(size, lot) if tight else size.pips * 2,
                amount=None if tight else Decimal(size.pips * 20_000),
            )
        )
    return parts


def _tight_places(size: Size, lot: str) -> int:
    """The learners of before fit: in P1 with a few places to spare, in P2 with none at all."""
    if lot == "P1":
        return 2 * size.learners + max(1, size.pips // 500)
    return size.learners


def _cents(random: Random, component: str) -> int:
    _unit, low, high = PRICES[component]
    return random.randrange(low, high + 1, 10)
