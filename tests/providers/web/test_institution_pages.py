"""DUO's list of institutions: fetched live with its headers, previewed, then imported."""

import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.notifications.models import Notification
from backend.outbox.models import OutboxMessage
from providers.models import Provider, QualityMark
from tests.factories.procurement import contract_for
from tests.factories.providers import CourseFactory, ProviderFactory
from tests.support.duo import institution

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def duo(settings):
    """DUO on the loopback address: answers the list, and keeps the headers it was sent."""
    seen = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            seen.update({name.lower(): value for name, value in self.headers.items()})
            seen["path"] = self.path
            body = seen.get("answer", orjson.dumps([institution()]))
            self.send_response(seen.get("status", 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.DUO_URL = f"http://127.0.0.1:{server.server_port}/inburgeringsaanbod"
    settings.DUO_SOURCE, settings.DUO_TARGET = "1" * 20, "2" * 20
    yield seen
    server.shutdown()
    server.server_close()


def test_the_list_is_fetched_shown_and_imported(web_as, procurement_officer, duo):
    client = web_as(procurement_officer)
    address = client.post(reverse("institutions")).headers["Location"]
    assert duo["path"] == "/inburgeringsaanbod/instellingen"
    assert (duo["bron"], duo["doel"]) == ("1" * 20, "2" * 20)
    assert re.fullmatch(r"[0-9a-f-]{36}", duo["berichtid"])
    page = client.get(address).content.decode()
    assert "Taalschool Noord" in page
    assert not Provider.objects.exists()
    client.post(reverse("institutions"), {"import": "1"})
    assert Provider.objects.get().duo_number == "0000000001"


def test_a_mark_that_falls_away_is_shown_and_told(
    web_as, procurement_officer, duo, municipality, django_capture_on_commit_callbacks
):
    known = ProviderFactory(duo_number="0000000001", bow_number="123")
    known.organisation.name = "Taalschool Noord"
    known.organisation.save()
    contract_for(CourseFactory(provider=known), municipalities=[municipality])
    duo["answer"] = orjson.dumps([institution(indicatieBowKeurmerk=False)])
    client = web_as(procurement_officer)
    page = client.get(client.post(reverse("institutions")).headers["Location"]).content.decode()
    assert "Erkenningen vervallen" in page
    assert "Keurmerk vervalt" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("institutions"), {"import": "1"})
    assert QualityMark.objects.filter(status="withdrawn").count() == 1
    kinds = [one.payload["kind"] for one in OutboxMessage.objects.filter(topic__contains="notif")]
    assert "mark_lost" in kinds
    assert not Notification.objects.exists()


@pytest.mark.parametrize("status", [302, 400, 500, 503])
def test_trouble_at_duo_is_a_sentence(web_as, procurement_officer, duo, status):
    duo["status"] = status
    answer = web_as(procurement_officer).post(reverse("institutions"))
    assert answer.status_code == 409
    assert "kon niet worden opgehaald" in answer.content.decode()


def test_without_an_address_the_file_is_asked_for(web_as, procurement_officer, settings):
    settings.DUO_URL = ""
    answer = web_as(procurement_officer).post(reverse("institutions"))
    assert "PASSEND_DUO_URL" in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "leeg"), (b"{", "geen geldige JSON"), (b'[{"naam": 1}]', "instellingsnummer")],
    ids=["empty", "no json", "wrong"],
)
def test_mistakes_in_a_file_import_nothing(web_as, procurement_officer, content, said):
    client = web_as(procurement_officer)
    upload = SimpleUploadedFile("lijst.json", content)
    answer = client.post(reverse("institutions"), {"file": upload})
    if answer.status_code == 302:
        answer = client.get(answer.headers["Location"])
    assert said in answer.content.decode()
    assert not Provider.objects.exists()
