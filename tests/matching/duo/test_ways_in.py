"""The ways in for what DUO says: API, file on a page and command; and the pages that show it."""

from uuid import uuid4

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from matching.models import DuoMessage, Participant
from tests.factories.matching import participant, pip
from tests.matching.test_duo_messages import envelope
from tests.support.duo import BODIES, message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


class TestApi:
    def post(self, client, path, body):
        return client.post(
            f"/api/v1/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())}
        )

    def test_a_list_is_delivered_with_an_outcome_each(self, api_as, caseworker, municipality, code):
        person = participant(municipality)
        body = {
            "messages": [
                message("Doelgroep", code, person.reference),
                message("Doelgroep", code, person.reference) | {"kind": "Iets"},
            ]
        }
        answer = self.post(api_as(caseworker), "duo-messages/deliveries", body)

        assert answer.status_code == 200, answer.content
        good, bad = answer.json()["items"]
        assert (good["position"], good["result"], good["faults"]) == (0, "applied", [])
        assert (bad["result"], bad["duoMessage"]) == ("refused", None)
        assert [one["code"] for one in bad["faults"]] == ["invalid_choice"]

        seen = api_as(caseworker).get(f"/api/v1/duo-messages/{good['duoMessage']}")
        assert seen.json()["body"] == BODIES["Doelgroep"]

    def test_pips_come_in_bulk_with_every_fault_per_row(
        self, api_as, caseworker, municipality, code
    ):

        rows = [envelope(number, pip__gemeentecode=code) for number in (1, 2, 3)]
        client = api_as(caseworker)
        wrong = envelope(2, pip__gemeentecode=code, pip__pip__leerroute="X", reference="")
        refused = self.post(client, "pip-messages", {"messages": [rows[0], wrong]})

        assert refused.status_code == 400
        assert {one["field"] for one in refused.json()["errors"]} == {
            "$[1].reference",
            "$[1].pip.pip.leerroute",
        }
        assert not Participant.objects.exists()
        seen = self.post(client, "pip-messages", {"messages": rows, "checkOnly": True})
        assert len(seen.json()["new"]) == 3
        assert not Participant.objects.exists()
        self.post(client, "pip-messages", {"messages": rows})
        assert Participant.objects.count() == 3
        again = self.post(client, "pip-messages", {"messages": rows}).json()
        assert (again["new"], again["changed"], again["unchanged"]) == ([], [], 3)


class TestPages:
    def test_the_pip_page_shows_what_duo_says(
        self, deliver, web_as, caseworker, municipality, code
    ):
        plan = pip(municipality)
        deliver(*(message(kind, code, plan.participant.reference) for kind in BODIES))

        text = web_as(caseworker).get(f"/pips/{plan.uuid}").content.decode()

        for part in (
            "Gemeente regelde niet op tijd een school",
            "B1-route haalbaar",
            "31,50",
            "120",
            "Verlengd door DUO",
        ):
            assert part in text

    def test_a_file_is_checked_and_then_processed(self, web_as, caseworker, municipality, code):

        person = participant(municipality)
        lines = orjson.dumps([message("Doelgroep", code, person.reference)])
        client = web_as(caseworker)

        def upload(content, step):
            file = SimpleUploadedFile("berichten.json", content)
            return client.post("/duo-messages/upload", {"file": file, "step": step})

        checked = upload(lines, "check")
        assert checked.status_code == 200
        assert not DuoMessage.objects.exists()
        assert upload(lines, "import").status_code == 200
        assert DuoMessage.objects.count() == 1
        wrong = upload(b'[{"kind": "Doelgroep"}]', "import")
        assert "$[0].messageId" in wrong.content.decode()
        assert upload(b"{", "check").status_code == 400

    def test_the_task_is_done_with_two_clicks(self, deliver, web_as, caseworker, code):
        (one,) = deliver(message("Notificatie", code, "nieuw-1"))
        client = web_as(caseworker)
        assert "nieuw-1" in client.get("/duo-messages?state=to_handle").content.decode()
        assert client.get(f"/duo-messages/{one.message.uuid}").status_code == 200
        assert client.post(f"/duo-messages/{one.message.uuid}/done").status_code == 302
        one.message.refresh_from_db()
        assert one.message.state == "handled"


def test_by_command(municipality, code, tmp_path, capsys):
    person = participant(municipality)
    file = tmp_path / "berichten.ndjson"
    lines = [message("Doelgroep", code, person.reference), {"kind": "Doelgroep"}]
    file.write_bytes(b"\n".join(orjson.dumps(one) for one in lines))

    with pytest.raises(CommandError):
        call_command("import_duo_messages", str(file), "--check")
    assert not DuoMessage.objects.exists()
    with pytest.raises(CommandError):
        call_command("import_duo_messages", str(file))

    assert DuoMessage.objects.count() == 1
    assert "$[1].messageId" in capsys.readouterr().out


def test_messages_are_found_by_the_dutch_day_on_which_they_were_sent(
    deliver, municipality, code, api_as, caseworker
):
    late = {"sentAt": "2026-11-09T23:30:00Z"}  # half past midnight in the Netherlands
    deliver(message("Doelgroep", code, "a-1") | late)
    client = api_as(caseworker)
    found = client.get("/api/v1/duo-messages?sentFrom=2026-11-10&sentTo=2026-11-10&state=to_handle")
    assert found.json()["total"] == 1
    assert client.get("/api/v1/duo-messages?sentTo=2026-11-09").json()["total"] == 0
