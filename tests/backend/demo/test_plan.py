"""The plan of the demo region: the same from the same seed, and true to the shares it promises."""

from collections import Counter
from datetime import date

import pytest

from backend.demo.places import MUNICIPALITIES
from backend.demo.plan import RegionPlan, make_plan
from tests.support.reference_data import reference_file

AS_OF = date(2026, 11, 18)


@pytest.fixture(scope="module")
def plan() -> RegionPlan:
    return make_plan(size="default", as_of=AS_OF)


def share(counts: Counter, key: str) -> float:
    return counts[key] / sum(counts.values())


def test_same_seed_and_day_give_the_same_plan(plan: RegionPlan) -> None:
    assert make_plan(size="default", as_of=AS_OF).checksum() == plan.checksum()


@pytest.mark.parametrize("other", [{"seed": 1}, {"as_of": date(2026, 11, 19)}, {"size": "tiny"}])
def test_anything_else_gives_another_plan(plan: RegionPlan, other: dict) -> None:
    arguments = {"size": "default", "as_of": AS_OF} | other
    assert make_plan(**arguments).checksum() != plan.checksum()


@pytest.mark.parametrize(
    ("size", "pips", "providers", "intakes"),
    [("default", 1000, 12, 1500), ("large", 4000, 30, 5000)],
)
def test_volumes(size: str, pips: int, providers: int, intakes: int) -> None:
    plan = make_plan(size=size, as_of=AS_OF)
    assert len(plan.people) == pips
    assert len(plan.schools) >= providers
    assert plan.intake_count >= intakes
    assert len({one["pip"]["gemeentecode"] for one in plan.people}) == len(MUNICIPALITIES) >= 7
    assert all(len(school.locations) > 1 for school in plan.schools)


def test_shares_of_the_field(plan: RegionPlan) -> None:
    """domain.md 8.2: asylum 61 %, Z almost one third, O a single-digit percentage."""
    groups = Counter(one["targetGroup"] for one in plan.people)
    routes = Counter(one["pip"]["pip"]["leerroute"] for one in plan.people)
    literacy = Counter(
        one["pip"]["pip"]["indicatorAlfabetiseringsonderwijs"] for one in plan.people
    )
    assert share(groups, "asylum") == pytest.approx(0.61, abs=0.06)
    assert share(routes, "Z") == pytest.approx(0.32, abs=0.04)
    assert 0.03 < share(routes, "O") < 0.10
    assert 0.06 < share(literacy, "A") < 0.16
    waits = [(AS_OF - date.fromisoformat(one["pip"]["pip"]["dagtekeningPip"])).days
             for one in plan.people]  # fmt: skip
    assert 0.12 < sum(days > 90 for days in waits) / len(waits) < 0.35


def test_lessons_per_week_and_size_of_groups(plan: RegionPlan) -> None:
    routes = [
        group
        for school in plan.schools
        for group in school.groups
        if school.course_of(group).component in {"B", "Z"}
    ]
    assert sum(len(one.slots) for one in routes) / len(routes) == pytest.approx(3.5, abs=0.4)
    assert Counter(one.max_size for one in routes).most_common(1)[0][0] == 12


def test_seats_are_about_as_many_as_needs(plan: RegionPlan) -> None:
    seats = sum(one.seats for school in plan.schools for one in school.intakes)
    routes = Counter(one["pip"]["pip"]["leerroute"] for one in plan.people)
    needs = 4 * len(plan.people) - 2 * routes["O"]
    assert seats / needs == pytest.approx(1.0, abs=0.1)


def test_contracts_stand_in_every_state(plan: RegionPlan) -> None:
    states = Counter(one.state for one in plan.contracts)
    assert {"active", "expiring", "draft", "suspended"} == set(states)
    assert {one.status for one in plan.marks} == {"valid", "suspended"}


def test_names_are_recognisably_made_up(plan: RegionPlan) -> None:
    assert all("(demo)" in one.name for one in plan.schools)
    assert all(one["identity"]["givenName"].startswith("Demo ") for one in plan.people)
    assert all(one["reference"].startswith("DEMO-") for one in plan.people)
    assert "bsn" not in str(plan.people).lower()


def test_messages_are_valid_for_duo(plan: RegionPlan) -> None:
    """The body of each message against DUO's own PIP API, and the list against the offer API."""
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")

    def validator(file: str, schema: str) -> object:
        document = yaml.safe_load(reference_file(f"duo/{file}").read_text(encoding="utf-8"))
        reference = {"$ref": f"#/components/schemas/{schema}"}
        checker = jsonschema.FormatChecker()
        return jsonschema.Draft7Validator(document | reference, format_checker=checker)

    def faults(checker: object, value: object) -> list[str]:
        return [one.message for one in checker.iter_errors(value)]

    pip = validator("PIP.yml", "Gemeente")
    assert faults(pip, {"gemeentecode": "20"}) != []
    for message in [*plan.people, *(one.message for one in plan.past)]:
        assert faults(pip, message["pip"]) == []
    institution = validator("Inburgeringsaanbod.yml", "Instelling")
    assert faults(institution, {"naam": ""}) != []
    for one in plan.institutions:
        assert faults(institution, one) == []
