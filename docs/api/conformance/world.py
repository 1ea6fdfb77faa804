"""What the scenarios work with: people, a group and a start of their own, made when needed."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from client import Answer, Api, FaultError
from receiver import Receiver

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
HARMLESS_URL = "https://conformance.passend.example/"
SEATS = 20


class MissingError(Exception):
    """What a scenario needs is not there; it is left out."""


@dataclass
class World:
    api: Api
    nobody: Api
    provider_api: Api | None = None
    webhook_url: str = ""
    listen: int = 0
    wait: float = 20
    run_id: str = field(default_factory=lambda: uuid4().hex[:8])
    _subscriptions: list[tuple[Api, str]] = field(default_factory=list)
    _placements: list[str] = field(default_factory=list)
    _starts: list[str] = field(default_factory=list)
    _receiver: Receiver | None = None

    @property
    def today(self) -> date:
        return datetime.now(UTC).date()

    @property
    def provider(self) -> Api:
        if self.provider_api is None:
            raise MissingError("needs --provider-key")
        return self.provider_api

    # -- who we are

    def subscribe(self, api: Api, url: str, *kinds: str) -> dict[str, Any]:
        """A subscription that goes away at the end."""
        made: dict[str, Any] = api.made("/webhook-subscriptions", {"url": url, "kinds": kinds})
        self.remember(api, made["id"])
        return made

    def remember(self, api: Api, subscription: str) -> None:
        """This subscription goes away at the end."""
        self._subscriptions.append((api, subscription))

    @cached_property
    def municipality(self) -> dict[str, Any]:
        return self._organisation_of(self.api)

    @cached_property
    def school(self) -> dict[str, Any]:
        """The provider whose key this is, with its id in the catalogue."""
        name = self._organisation_of(self.provider)["name"]
        found = self.provider.get(f"/providers?name={quote(name)}").expect(200).body["items"]
        if not found:
            raise MissingError("the provider of --provider-key is not in the catalogue")
        return {"name": name, "id": found[0]["id"]}

    def _organisation_of(self, api: Api) -> dict[str, Any]:
        """A subscription tells for which organisation it is."""
        made = self.subscribe(api, HARMLESS_URL, "match-run.finished")
        found: dict[str, Any] = made["organisation"]
        return found

    # -- demand

    def participant_body(self) -> dict[str, Any]:
        return {
            "municipality": self.municipality["code"],
            "reference": f"conformance-{self.run_id}-{uuid4().hex[:6]}",
            "obligationStartDate": str(self.today - timedelta(days=60)),
            "settlementDate": str(self.today - timedelta(days=50)),
            "notifiedAtDate": str(self.today - timedelta(days=40)),
            "targetGroup": "asylum",
        }

    def pip_body(self, participant: str, intake: dict[str, Any] | None = None) -> dict[str, Any]:
        """A plan that fits the course of `intake`, for somebody who lives next to it."""
        course = intake["group"]["course"] if intake else {}
        place = intake["group"]["location"] if intake else {"latitude": 52.2, "longitude": 5.96}
        return {
            "participant": participant,
            "decisionDate": str(self.today),
            "route": course.get("component", "B"),
            "level": course.get("targetLevel", "B1"),
            "literacy": "NVT",
            "entryLevel": course.get("levelFrom", "A0"),
            "hoursPerWeek": 40,
            "availability": [f"{day}{part}" for day in DAYS for part in (1, 2, 3)],
            "latitude": place["latitude"],
            "longitude": place["longitude"],
            "maxTravelKm": 500,
            "earliestStartDate": str(self.today),
            "latestStartDate": str(self.today + timedelta(days=400)),
        }

    def person(self, intake: dict[str, Any] | None = None) -> dict[str, Any]:
        """A new participant with a plan: `participant`, `pip` and the `need` for its leerroute."""
        participant = self.api.made("/participants", self.participant_body())
        body = self.pip_body(participant["id"], intake)
        pip = self.api.made("/pips", body)
        needs = self.api.get(f"/needs?pip={pip['id']}&component={body['route']}").expect(200).body
        if not needs["items"]:
            raise FaultError("a new plan has no need for its leerroute")
        return {"participant": participant, "pip": pip, "need": needs["items"][0]}

    # -- supply

    @cached_property
    def bought(self) -> dict[str, Any]:
        """A start of our own, on a course of the provider that the municipality may call off."""
        path = f"/intake-moments?provider={self.school['id']}&component=B&status=published"
        moments = self.provider.get(f"{path}&pageSize=100").expect(200).body["items"]
        tried: set[str] = set()
        for moment in moments:
            course = moment["group"]["course"]["id"]
            if course in tried or len(tried) >= 6:
                continue
            tried.add(course)
            made = self.start(moment, SEATS)
            if made is not None and self._is_bought(made):
                return made
        raise MissingError("the provider has no B1 course that the municipality may call off")

    def _is_bought(self, intake: dict[str, Any]) -> bool:
        """Whether a held seat is possible; it is given back at once."""
        person = self.person(intake)
        held = self.place(person["need"]["id"], intake)
        if held.status == 201:
            self.withdraw(held.body["id"])
        return held.status == 201

    def start(self, like: dict[str, Any], seats: int, course: str = "") -> dict[str, Any] | None:
        """A new group on the course of `like`, with one published start; None when refused."""
        group = {
            "course": course or like["group"]["course"]["id"],
            "location": like["group"]["location"]["id"],
            "code": f"conf-{self.run_id}-{uuid4().hex[:6]}",
            "maxSize": SEATS,
            "weeklySlots": [
                {"weekday": 6, "startTime": "09:00:00", "endTime": "12:00:00"},
            ],
        }
        answer = self.provider.post("/course-groups", group)
        if answer.status != 201:
            return None
        intake = {
            "group": answer.body["id"],
            "startDate": str(self.today + timedelta(days=45)),
            "endDate": str(self.today + timedelta(days=225)),
            "seatsTotal": seats,
            "status": "published",
        }
        answer = self.provider.post("/intake-moments", intake)
        if answer.status != 201:
            return None
        found: dict[str, Any] = answer.body
        self._starts.append(found["id"])
        return found

    # -- placements

    def place(self, need: str, intake: dict[str, Any], **more: Any) -> Answer:
        """The answer to a request for a place; the place goes away at the end."""
        answer = self.api.post("/placements", {"need": need, "intakeMoment": intake["id"], **more})
        if answer.status == 201:
            self._placements.append(answer.body["id"])
        return answer

    def offered(self, intake: dict[str, Any] | None = None) -> dict[str, Any]:
        """A new person whose place was offered to the provider."""
        wanted = intake or self.bought
        need = self.person(wanted)["need"]["id"]
        answer = self.place(need, wanted, offer=True, motivation="Past.").expect(201)
        placement: dict[str, Any] = answer.body
        return placement

    def step(self, api: Api, placement: str, step: str, **body: Any) -> Any:
        return api.post(f"/placements/{placement}/{step}", body)

    def withdraw(self, placement: str) -> Any:
        return self.step(self.api, placement, "withdraw", reason="better_place")

    # -- webhooks

    @property
    def receiver(self) -> Receiver:
        if self._receiver is None:
            self._receiver = Receiver(self.listen)
        return self._receiver

    def close(self) -> None:
        """Gives back what was used, so that the next run finds it: what places took of the contract
        and of the seats, starts that others would be sent to, and webhooks.
        """
        for placement in self._placements:
            # 409: refused, stopped or withdrawn already.
            _given_back(placement, self.withdraw(placement), 200, 409)
        for start in self._starts:
            body = {"reason": "conformance"}
            closed = self.provider.post(f"/intake-moments/{start}/close", body)
            _given_back(start, closed, 200)
        if self._receiver is not None:
            self._receiver.close()
        for api, identity in self._subscriptions:
            api.call("DELETE", f"/webhook-subscriptions/{identity}", headers={"If-Match": "*"})


def _given_back(identity: str, answer: Answer, *statuses: int) -> None:
    if answer.status not in statuses:
        print(f"Not given back: {identity}, {answer.status} {answer.raw!r}", file=sys.stderr)
