"""Hearing what happened: the change feed, and webhooks that push it."""

import json
import time
from typing import Any

from client import Answer, FaultError
from listed import scenario
from receiver import is_genuine
from world import MissingError, World

PRIVATE = ("http://example.org/", "https://10.0.0.1/", "https://169.254.169.254/latest")


def _newest(world: World) -> int:
    found = world.api.get("/events?sort=-sequence&pageSize=1").expect(200).body["items"]
    return int(found[0]["sequence"]) if found else 0


def _after(world: World, sequence: int, subject: str, kinds: list[str]) -> list[dict[str, Any]]:
    """The events of an object after a number, once they are all there or time is up."""
    cursor = f"sequenceAfter={sequence}&" if sequence else ""
    until = time.monotonic() + world.wait
    while True:
        path = f"/events?{cursor}subjectId={subject}"
        found: list[dict[str, Any]] = world.api.get(path).expect(200).body["items"]
        if [one["kind"] for one in found] == kinds or time.monotonic() > until:
            return found
        time.sleep(0.2)


@scenario("The feed tells what was missed, in order", "Keep the last sequence you dealt with.")
def feed_catches_up(world: World) -> None:
    before = _newest(world)
    placement = world.offered()["id"]
    world.step(world.provider, placement, "accept").expect(200)
    kinds = ["placement.offered", "placement.accepted"]
    found = _after(world, before, placement, kinds)
    if [one["kind"] for one in found] != kinds:
        raise FaultError(f"expected {kinds}, got {[one['kind'] for one in found]}")
    numbers = [one["sequence"] for one in found]
    if numbers != sorted(numbers) or min(numbers) <= before:
        raise FaultError(f"numbers are not in order: {numbers} after {before}")
    again = world.api.get(f"/events?sequenceAfter={numbers[0]}&subjectId={placement}").expect(200)
    if [one["sequence"] for one in again.body["items"]] != numbers[1:]:
        raise FaultError("what was read already comes again")


@scenario("The feed is read in pages without loss", "Go on from the last sequence of a page.")
def feed_pages(world: World) -> None:
    for _number in range(3):
        world.person()
    time.sleep(1)
    read: list[int] = []
    cursor = max(0, _newest(world) - 20)
    while True:
        path = f"/events?pageSize=2{f'&sequenceAfter={cursor}' if cursor else ''}"
        answer = world.api.get(path)
        if answer.status == 404:
            cursor = 0
            continue
        items = answer.expect(200).body["items"]
        if not items or len(read) > 60:
            break
        read += [one["sequence"] for one in items]
        cursor = read[-1]
    if read != sorted(set(read)) or not read:
        raise FaultError(f"the pages of the feed overlap or are out of order: {read}")


@scenario("A cursor that is none is refused", "Send a number that the feed gave you.")
def cursor_refused(world: World) -> None:
    for wrong in ("-1", "yesterday"):
        world.api.get(f"/events?sequenceAfter={wrong}").expect_problem(400, field="sequenceAfter")


@scenario("Events hold ids and no personal data", "Read the object itself when you need more.")
def events_are_bare(world: World) -> None:
    allowed = {"id", "sequence", "kind", "organisation", "resource", "subjectId"}
    allowed |= {"occurredAt", "recordedAt"}
    for one in world.api.get("/events?pageSize=50").expect(200).body["items"]:
        if set(one) - allowed:
            raise FaultError(f"an event holds {set(one) - allowed}")


@scenario("Webhooks go to public https addresses only", "Give an address that is public.")
def private_targets(world: World) -> None:
    for url in PRIVATE:
        body = {"url": url, "kinds": ["placement.accepted"]}
        world.api.post("/webhook-subscriptions", body).expect_problem(400, field="url")


@scenario("The secret is shown once", "Keep it where you keep the key; renew it when lost.")
def secret_once(world: World) -> None:
    made = world.subscribe(world.api, "https://conformance.passend.example/x", "need.waiting")
    if not made["secret"].startswith("whsec_"):
        raise FaultError("the answer shows no secret")
    if "secret" in world.api.get(f"/webhook-subscriptions/{made['id']}").expect(200).body:
        raise FaultError("the secret is shown again")


def _listening(world: World, *kinds: str) -> dict[str, Any]:
    """A subscription that reaches this machine; MissingError where the installation allows none."""
    url = world.webhook_url or world.receiver.url
    answer: Answer = world.api.post("/webhook-subscriptions", {"url": url, "kinds": kinds})
    if answer.status == 400 and not world.webhook_url:
        raise MissingError("this installation sends to public addresses only: give --webhook-url")
    made: dict[str, Any] = answer.expect(201).body
    world.remember(world.api, made["id"])
    return made


@scenario("A test message arrives with a good signature", "Compare with the example in docs/api.")
def webhook_signature(world: World) -> None:
    made = _listening(world, "placement.refused")
    world.api.post(f"/webhook-subscriptions/{made['id']}/ping").expect(200)
    found = world.receiver.wait_for("ping", world.wait)
    if found is None:
        raise FaultError(f"no test message within {world.wait:.0f} seconds")
    headers, body = found
    if not is_genuine(headers, body, made["secret"], time.time()):
        raise FaultError("the signature is not that of this secret and body")
    if is_genuine(headers, body + b" ", made["secret"], time.time()):
        raise FaultError("a changed body has a good signature as well")
    if not headers["content-type"].startswith("application/cloudevents+json"):
        raise FaultError(f"not a CloudEvent but {headers['content-type']}")


@scenario("A webhook has the id of the event in the feed", "Deal with an id once.")
def webhook_is_event(world: World) -> None:
    _listening(world, "placement.accepted")
    placement = world.offered()["id"]
    world.step(world.provider, placement, "accept").expect(200)
    found = world.receiver.wait_for("placement.accepted", world.wait)
    if found is None:
        raise FaultError(f"no message within {world.wait:.0f} seconds")
    told = json.loads(found[1])
    event = world.api.get(f"/events/{told['id']}").expect(200).body
    if event["subjectId"] != told["subject"] or found[0]["webhook-id"] != told["id"]:
        raise FaultError("message and event differ")
    if told.get("specversion") != "1.0" or not told["type"].startswith("nl.passend."):
        raise FaultError(f"not a CloudEvent 1.0: {told}")
