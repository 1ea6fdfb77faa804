"""A mock made from DUO's own specifications judges what Passend would send and what it takes."""

import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest

from backend.common.json_check import JsonCheck
from matching.choices import PlacementState
from matching.models import Completion
from matching.services.completions import completion_for_duo
from matching.services.duo_bodies import BODIES, body_check
from matching.services.duo_outgoing import NotForDuoError, offer_for_duo, pip_for_duo
from quality.services.duo_hours import hours_for_duo
from tests.factories.matching import contracted_intake, pip, placement
from tests.factories.quality import GroupFactory, IntakeFactory, placed
from tests.support.duo import BODIES as DELIVERED
from tests.support.reference_data import reference_file
from tests.support.requirements import require_folder, require_tool

MOCK = Path(__file__).parent.parent.parent / "tools" / "duo-mock"
WAIT_SECONDS = 60
HEADERS = {
    "berichtId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "bron": "00000001234567890000",
    "doel": "00000001234567890000",
    "Content-Type": "application/json",
    "Accept": "application/json",
}
# DUO's address of each message that Passend takes: file, and path for a person of the mock.
TAKEN = {
    "Inburgeringsplicht": ("Inburgeringsplicht", "inburgeringsplicht"),
    "Inburgeringsplichthistorie": ("Inburgeringsplicht", "inburgeringsplicht/historie"),
    "Doelgroep": ("Inburgeringsplicht", "doelgroep"),
    "Doelgroephistorie": ("Inburgeringsplicht", "doelgroep/historie"),
    "Inburgeringstermijn": ("Inburgeringstermijn", "inburgeringstermijn"),
    "Inburgeringstermijnhistorie": ("Inburgeringstermijn", "inburgeringstermijn/historie"),
    "Leerbaarheidstoets": ("Leerbaarheidstoets", "lbt/resultaten"),
    "Vrijstellingen": ("Vrijstelling", "vrijstellingen"),
    "Ontheffingen": ("Ontheffing", "ontheffingen"),
    "PIP": ("PIP", "PIP"),
}
PERSON = "/personen/123456782"


class Upstream(BaseHTTPRequestHandler):
    """Stands in for DUO behind the mock: answers with the body that a test delivers."""

    body: Any = None

    def do_GET(self) -> None:
        content = orjson.dumps(type(self).body)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("API-Version", "1.0.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        pass


class Mock:
    """Prism on a loopback port, with the specification that it speaks."""

    def __init__(self, port: int) -> None:
        self.port = port

    def violations(self, method: str, path: str, body: Any = None) -> list[str]:
        """Where request or answer differ from the specification."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        content = None if body is None else orjson.dumps(body)
        connection.request(method, path, content, HEADERS)
        answer = connection.getresponse()
        answer.read()
        found = orjson.loads(answer.getheader("sl-violations") or "[]")
        # The mock makes up a version of its own that is not one.
        places = [".".join(one["location"]) for one in found]
        return [one for one in places if one != "response.header.api-version"]


def _specification(name: str, folder: Path) -> str:
    """The file of DUO, without its escaped comma, for which the mock would judge nothing at all."""
    text = reference_file(f"duo/{name}.yml").read_text(encoding="utf-8")
    path = folder / f"{name}.yml"
    path.write_text(text.replace("\\\\,", ","), encoding="utf-8")
    return str(path)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _is_up(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _prism(*arguments: str) -> Iterator[Mock]:
    node = require_tool("node")
    require_folder(
        MOCK / "node_modules",
        "the mock of DUO (run: npm ci --ignore-scripts --prefix tools/duo-mock)",
    )
    port = _free_port()
    script = MOCK / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    process = subprocess.Popen(
        [node, script, arguments[0], "-h", "127.0.0.1", "-p", str(port), *arguments[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "SCARF_ANALYTICS": "false"},
    )
    try:
        until = time.monotonic() + WAIT_SECONDS
        while not _is_up(port):
            assert process.poll() is None, "the mock of DUO stopped by itself"
            assert time.monotonic() < until, "the mock of DUO did not start"
            time.sleep(0.1)
        yield Mock(port)
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="module")
def mocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """`mocks(file)`: a mock of that file; with `proxy=True` it stands before the upstream."""
    folder = tmp_path_factory.mktemp("duo")
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    opened: dict[tuple[str, bool], Any] = {}

    def mock(name: str, *, proxy: bool = False) -> Mock:
        if (name, proxy) not in opened:
            path = _specification(name, folder)
            behind = f"http://127.0.0.1:{upstream.server_port}"
            manager = _prism("proxy", path, behind) if proxy else _prism("mock", path)
            opened[name, proxy] = (manager, manager.__enter__())
        return opened[name, proxy][1]

    yield mock
    for manager, _mock in opened.values():
        manager.__exit__(None, None, None)
    upstream.shutdown()
    upstream.server_close()


def delivered_through(mocks: Any, kind: str, body: Any) -> list[str]:
    """What the specification says of this body as DUO's answer."""
    name, path = TAKEN[kind]
    Upstream.body = body
    return mocks(name, proxy=True).violations("GET", f"{PERSON}/{path}")


def faults_of(kind: str, body: Any) -> list[str]:
    check = JsonCheck()
    body_check(check, kind, body, "$")
    return [one.field for one in check.faults]


@pytest.mark.parametrize("kind", sorted(TAKEN))
def test_what_passend_takes_is_what_duo_delivers(mocks, kind):
    """The most that each message can hold passes both, and one strange field value neither."""
    body = DELIVERED[kind]
    assert faults_of(kind, body) == []
    assert delivered_through(mocks, kind, body) == []

    wrong = _spoiled(body)
    assert faults_of(kind, wrong) != []
    assert delivered_through(mocks, kind, wrong) != []


def test_an_event_is_taken_as_duo_sends_it(mocks):
    body = DELIVERED["Notificatie"]
    notifications = mocks("Notificatie")
    assert notifications.violations("POST", "/notificaties", body) == []
    wrong = body | {"gebeurtenisId": "ss-139-te-lang"}
    assert faults_of("Notificatie", wrong) == ["$.gebeurtenisId"]
    assert notifications.violations("POST", "/notificaties", wrong) != []


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize(
    "fields",
    [
        {"estimated_hours": 600},
        {"route": "O", "level": "B2"},
        {"route": "Z", "level": "A1", "literacy": "A"},
        {"level": "B2", "may_finish_education": True},
    ],
)
def test_a_pip_is_sent_as_duo_takes_it(mocks, municipality, fields):
    body = pip_for_duo(pip(municipality, **fields))
    assert mocks("PIP").violations("POST", f"{PERSON}/PIP", body) == []
    # The control: the same body with a level that DUO does not know is refused.
    assert mocks("PIP").violations("POST", f"{PERSON}/PIP", body | {"niveau": "B2"}) == [
        "request.body.niveau"
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
def test_an_accepted_place_is_sent_as_an_offer(mocks, municipality):
    intake = contracted_intake(municipality)
    accepted = placement(municipality, state=PlacementState.ACCEPTED, intake=intake)
    provider = intake.group.course.provider
    provider.duo_number = "0000001234"
    provider.save()
    accepted.refresh_from_db()

    offer = offer_for_duo(accepted)

    path = f"{PERSON}/Inburgeringsaanbod/{offer.institution_number}"
    offers = mocks("Inburgeringsaanbod")
    assert offers.violations("POST", path, offer.body) == []
    wrong = {**offer.body, "verwachteStartdatumOpleiding": "1 september"}
    assert offers.violations("POST", path, wrong) != []


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
def test_the_hours_are_sent_as_duo_takes_them(mocks, municipality):
    course = placed(IntakeFactory(group=GroupFactory()), municipality)
    body = hours_for_duo(course.participant)
    path = f"{PERSON}/uren/participatietaalles"
    hours = mocks("GevolgdeUren")
    assert hours.violations("PUT", path, body) == []
    assert hours.violations("PUT", path, {"uren": 10_000}) == ["request.body.uren"]
    assert hours.violations("PUT", path, {}) != []


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "path"), [("MAP", "map"), ("PVT", "pvt"), ("Z", "zroute")])
def test_what_was_completed_is_sent_as_duo_takes_it(mocks, kind, path):
    parts = mocks("MAP_PVT_Zroute")
    late = {} if kind == "Z" else {"culpable": "Nee"}
    body = completion_for_duo(Completion(kind=kind, completed_on=date(2026, 11, 1), **late))
    address = f"{PERSON}/{path}"
    assert parts.violations("PUT", address, body) == []
    # The control: no day, and a verdict that DUO does not know.
    assert parts.violations("PUT", address, dict.fromkeys(body, "straks")) != []
    # And every name is one of the message's own: of a name that it lacks the mock says nothing.
    text = reference_file("duo/MAP_PVT_Zroute.yml").read_text(encoding="utf-8")
    schema = re.split(rf"\n    Resultaat{path.capitalize()}:\n", text, maxsplit=1)[1]
    fields = re.findall(r"^ {8}(\w+):", re.split(r"\n    \S", schema, maxsplit=1)[0], re.MULTILINE)
    assert set(body) == set(fields)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
def test_what_duo_would_refuse_is_not_offered(municipality, api_as, caseworker):
    held = placement(municipality)
    provider = held.intake_moment.group.course.provider
    provider.duo_number = ""
    provider.save()
    held.refresh_from_db()
    with pytest.raises(NotForDuoError) as caught:
        offer_for_duo(held)
    assert {one.code for one in caught.value.violations} == {"not_accepted", "institution_unknown"}
    answer = api_as(caseworker).get(f"/api/v1/placements/{held.uuid}/duo-offer")
    assert answer.status_code == 400
    own = api_as(caseworker).get(f"/api/v1/pips/{held.need.pip.uuid}/duo-pip").json()
    assert own["body"]["leerroute"] == "B"


def test_the_tables_name_the_fields_of_the_specifications():
    """Without the mock as well: required fields and names, read from the files themselves."""
    schemas = {
        "Notificatie": ("Notificatie", "Notificatie"),
        "Inburgeringsplicht": ("Inburgeringsplicht", "Inburgeringsplicht"),
        "Inburgeringsplichthistorie": ("Inburgeringsplicht", "Inburgeringsplichthistorie"),
        "Doelgroep": ("Inburgeringsplicht", "Doelgroep"),
        "Doelgroephistorie": ("Inburgeringsplicht", "Doelgroephistorie"),
        "Inburgeringstermijn": ("Inburgeringstermijn", "Inburgeringstermijn"),
        "Inburgeringstermijnhistorie": ("Inburgeringstermijn", "Inburgeringstermijnhistorie"),
        "Leerbaarheidstoets": ("Leerbaarheidstoets", "Resultaat"),
        "Vrijstellingen": ("Vrijstelling", "Vrijstelling"),
        "Ontheffingen": ("Ontheffing", "Ontheffing"),
        "PIP": ("PIP", "Gemeente"),
    }
    for kind, (name, schema) in schemas.items():
        text = reference_file(f"duo/{name}.yml").read_text(encoding="utf-8")
        block = re.split(rf"\n    {schema}:\n", text, maxsplit=1)[1]
        block = re.split(r"\n    \S", block, maxsplit=1)[0]
        fields = set(re.findall(r"^ {8}(\w+):", block, flags=re.MULTILINE))
        required = re.search(r"required:\n((?: +- \w+\n?)+)", block)
        named = set(re.findall(r"- (\w+)", required[1])) if required else set()
        assert set(BODIES[kind].fields) == fields - {"bsn", "vNummer"}, kind
        assert BODIES[kind].required == named, kind


def _spoiled(body: Any) -> Any:
    """The body with the first text or day in it replaced by something that is none of the codes."""
    if isinstance(body, list):
        return [_spoiled(body[0]), *body[1:]]
    for name, value in body.items():
        if isinstance(value, dict):
            return {**body, name: _spoiled(value)}
        return {**body, name: 12.5 if isinstance(value, bool) else "¿?"}
    raise AssertionError("an empty body cannot be wrong")


def test_the_moment_of_an_event_has_a_time_zone():
    now = datetime(2026, 11, 1, 9, tzinfo=UTC)
    body = {"registratieDatumTijd": now.isoformat(), "gebeurtenisId": "SS101"}
    assert faults_of("Notificatie", body) == []
    naive = body | {"registratieDatumTijd": "2026-11-01T09:00:00"}
    assert faults_of("Notificatie", naive) == ["$.registratieDatumTijd"]
