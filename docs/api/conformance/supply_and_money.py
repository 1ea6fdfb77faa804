"""Places that are not to be had, and claims that do not agree with the contract."""

from typing import Any

from client import FaultError
from listed import scenario
from world import MissingError, World


def _place(world: World, intake: dict[str, Any]) -> Any:
    need = world.person(intake)["need"]["id"]
    return world.place(need, intake, offer=True)


@scenario("A full start is refused: nobody is overbooked", "Choose another start on intake_full.")
def full_start(world: World) -> None:
    intake = world.start(world.bought, 1)
    if intake is None:
        raise MissingError("the provider may not publish a start")
    _place(world, intake).expect(201)
    _place(world, intake).expect_problem(409, "intake_full")
    seen = world.api.get(f"/intake-moments/{intake['id']}").expect(200).body
    if seen["seatsFree"] != 0:
        raise FaultError(f"a full start says it has {seen['seatsFree']} free seats")


@scenario("A place outside the contract is refused", "Ask for recommendations: they are bought.")
def outside_contract(world: World) -> None:
    like = world.provider.get(f"/courses/{world.bought['group']['course']['id']}").expect(200).body
    copied = (
        "kind",
        "component",
        "levelFrom",
        "levelTo",
        "targetLevel",
        "literacy",
        "hoursPerWeek",
        "totalHours",
        "mode",
    )
    course = {name: like[name] for name in copied} | {
        "provider": world.school["id"],
        "code": f"conf-{world.run_id}",
        "name": "Conformance, not contracted",
    }
    made = world.provider.made("/courses", course)
    intake = world.start(world.bought, 5, made["id"])
    if intake is None:
        raise MissingError("the provider may not publish a start")
    answer = _place(world, intake).expect_problem(409, "placement_infeasible")
    if "REGION_CONTRACT" not in answer.codes:
        raise FaultError(f"the reason REGION_CONTRACT is missing: {answer.codes}")


@scenario("Somebody whom a start does not fit is refused with every reason", "Show all reasons.")
def does_not_fit(world: World) -> None:
    person = world.api.made("/participants", world.participant_body())
    never = {"availability": ["MO1"], "maxTravelKm": 1, "latitude": 50.76, "longitude": 6.02}
    pip = world.api.made("/pips", world.pip_body(person["id"], world.bought) | never)
    path = f"/needs?pip={pip['id']}&component={pip['route']}"
    need = world.api.get(path).expect(200).body["items"][0]["id"]
    answer = world.place(need, world.bought).expect_problem(409, "placement_infeasible")
    if not {"DISTANCE", "DAYPART"} <= answer.codes:
        raise FaultError(f"not every reason is named: {answer.codes}")


@scenario("A claim with another price is marked", "Claim the price of the contract of that day.")
def tariff_mismatch(world: World) -> None:
    contracts = world.provider.get("/contracts?status=active").expect(200).body["items"]
    if not contracts:
        raise MissingError("the provider has no active contract")
    placement = world.offered()["id"]
    world.step(world.provider, placement, "accept").expect(200)
    day = str(world.today)
    line = {
        "lineReference": f"conf-{world.run_id}",
        "reference": placement,
        "startDate": day,
        "endDate": day,
        "quantity": "1.00",
        "rate": "98765.43",
        "amount": "98765.43",
    }
    answer = None
    for contract in contracts:
        path = f"/tariffs?contract={contract['id']}&component=B"
        prices = world.provider.get(path).expect(200).body["items"]
        if not prices:
            continue
        line["unit"] = prices[0]["unit"]
        claim = {
            "contract": contract["id"],
            "municipality": world.municipality["id"],
            "number": f"conf-{world.run_id}",
            "month": day[:8] + "01",
            "lines": [line],
        }
        answer = world.provider.post("/claims", claim)
        if answer.status == 201 and "no_valid_placement" not in answer.body["lines"][0]["faults"]:
            break
    else:
        raise FaultError(f"no contract takes the claim: {answer and answer.raw!r}")
    faults = answer.body["lines"][0]["faults"]
    if "tariff_mismatch" not in faults:
        raise FaultError(f"the price was not compared: {faults}")
