"""From plan to accepted place, and messages that come twice, too late or in the wrong order."""

from datetime import timedelta
from uuid import uuid4

from client import FaultError
from listed import scenario
from world import World

TRANSITION = "transition_not_possible"


@scenario("A new plan waits with its needs", "Make the participant first, then the PIP.")
def plan_waits(world: World) -> None:
    need = world.person()["need"]
    if need["state"] != "waiting":
        raise FaultError(f"the need is {need['state']}, not waiting")


@scenario("A recommendation is a match record with its candidates", "Keep the id of the record.")
def recommendation(world: World) -> None:
    person = world.person(world.bought)
    record = world.api.made(f"/pips/{person['pip']['id']}/recommendations", {})
    found = [str(one) for one in record["result"]["candidates"]]
    if not found:
        raise FaultError("nothing was found, though a start that fits was made")
    world.api.get(f"/match-records/{record['id']}").expect(200)


@scenario("From plan to accepted place", "Follow docs/api step by step.")
def accepted_place(world: World) -> None:
    placement = world.offered()
    if placement["state"] != "offered" or not placement["answerDueAt"]:
        raise FaultError("an offered place says so, and when the answer is due")
    accepted = world.step(world.provider, placement["id"], "accept").expect(200).body
    if accepted["state"] != "accepted":
        raise FaultError(f"the place is {accepted['state']}")
    seen = world.api.get(f"/placements/{placement['id']}").expect(200).body
    if [one["state"] for one in seen["events"]] != ["draft", "offered", "accepted"]:
        raise FaultError(f"the events do not tell the story: {seen['events']}")


@scenario("A held seat is not shown to the provider", "The provider sees it once it is offered.")
def held_is_private(world: World) -> None:
    need = world.person(world.bought)["need"]["id"]
    held = world.place(need, world.bought).expect(201).body
    world.provider.get(f"/placements/{held['id']}").expect_problem(404)
    world.step(world.api, held["id"], "offer").expect(200)
    world.provider.get(f"/placements/{held['id']}").expect(200)


@scenario("A provider sees no reference of the municipality", "Use the id of the participant.")
def provider_sees_less(world: World) -> None:
    seen = world.provider.get(f"/placements/{world.offered()['id']}").expect(200).body
    if "reference" in seen["participant"] or "motivation" in seen or "matchRecord" in seen:
        raise FaultError("the provider sees what is the municipality's own")
    world.provider.get("/needs").expect_problem(403)


@scenario("A message that comes twice changes nothing", "Send your own messageId with a step.")
def message_twice(world: World) -> None:
    placement, message = world.offered()["id"], str(uuid4())
    first = world.step(world.provider, placement, "accept", messageId=message).expect(200).body
    again = world.step(world.provider, placement, "accept", messageId=message).expect(200).body
    if len(again["events"]) != len(first["events"]):
        raise FaultError("the repeated message was added to the events")


@scenario("A message number is used for one message", "Make a new UUID per message.")
def message_number_reused(world: World) -> None:
    message = str(uuid4())
    world.step(world.provider, world.offered()["id"], "accept", messageId=message).expect(200)
    other = world.offered()["id"]
    answer = world.step(world.provider, other, "accept", messageId=message)
    answer.expect_problem(409, "duplicate_message_id")


@scenario("Out of order: a stop before the start is refused", "Report the start first.")
def stop_before_start(world: World) -> None:
    placement = world.offered()["id"]
    today = str(world.today)
    early = {"endDate": today, "reason": "31"}
    world.step(world.provider, placement, "start", startDate=today).expect_problem(409, TRANSITION)
    world.step(world.provider, placement, "accept").expect(200)
    world.step(world.provider, placement, "stop", **early).expect_problem(409, TRANSITION)
    world.step(world.provider, placement, "start", startDate=today).expect(200)
    world.step(world.provider, placement, "start", startDate=today).expect_problem(409, TRANSITION)
    stopped = world.step(world.provider, placement, "stop", **early).expect(200).body
    if stopped["state"] != "stopped":
        raise FaultError(f"the place is {stopped['state']}")


@scenario("A start in the future is refused", "Report a start after the first lesson.")
def start_in_future(world: World) -> None:
    placement = world.offered()["id"]
    world.step(world.provider, placement, "accept").expect(200)
    tomorrow = str(world.today + timedelta(days=2))
    answer = world.step(world.provider, placement, "start", startDate=tomorrow)
    answer.expect_problem(400, field="startDate")


@scenario("A late answer: the place was withdrawn meanwhile", "Read the place again on 409.")
def late_answer(world: World) -> None:
    placement = world.offered()["id"]
    world.withdraw(placement).expect(200)
    world.step(world.provider, placement, "accept").expect_problem(409, TRANSITION)
    state = world.provider.get(f"/placements/{placement}").expect(200).body["state"]
    if state != "withdrawn":
        raise FaultError(f"the late answer made it {state}")


@scenario("A late return: refused after it was accepted", "Stop a place that was accepted.")
def late_return(world: World) -> None:
    placement = world.offered()["id"]
    world.step(world.provider, placement, "accept").expect(200)
    world.step(world.provider, placement, "refuse", reason="outside_expertise").expect_problem(
        409, TRANSITION
    )


@scenario("A refusal needs a reason of the list", "Reasons stand in the code list.")
def refusal_reason(world: World) -> None:
    placement = world.offered()["id"]
    world.step(world.provider, placement, "refuse", reason="no_idea").expect_problem(
        400, field="reason"
    )
    world.step(world.provider, placement, "refuse", reason="outside_expertise").expect(200)
    need = world.api.get(f"/placements/{placement}").expect(200).body["need"]["id"]
    if world.api.get(f"/needs/{need}").expect(200).body["state"] != "waiting":
        raise FaultError("after a refusal the person waits again")


@scenario("One person has one open place per need", "Withdraw the first place before another.")
def one_open_place(world: World) -> None:
    need = world.offered()["need"]["id"]
    world.place(need, world.bought, offer=True).expect_problem(409)


@scenario("A change of an old version is refused", "Read again, and send its ETag in If-Match.")
def stale_version(world: World) -> None:
    path = f"/placements/{world.offered()['id']}"
    seen = world.api.get(path).expect(200).headers["etag"]
    first = {"motivation": "Eerste."}
    world.api.call("PATCH", path, first).expect_problem(428, "if_match_missing")
    world.api.call("PATCH", path, first, {"If-Match": seen}).expect(200)
    world.api.call("PATCH", path, {"motivation": "Tweede."}, {"If-Match": seen}).expect_problem(
        412, "precondition_failed"
    )
