"""The functional administrator keeps the webhooks of the organisation."""

import pytest

from backend.feed.choices import DeliveryState
from backend.feed.models import WebhookDelivery, WebhookSubscription
from backend.feed.services.subscriptions import secret_of
from tests.factories import feed
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def admin(web_as, functional_administrator):
    return web_as(functional_administrator)


def text(answer):
    return answer.content.decode()


def test_a_webhook_is_added_and_its_secret_shown_once(admin, municipality):
    body = {
        "organisation": str(municipality.uuid),
        "url": feed.URL,
        "kinds": ["placement.accepted"],
    }
    assert "Nog geen webhooks" in text(admin.get("/webhooks"))
    shown = admin.post("/webhooks/new", body)
    one = WebhookSubscription.objects.get()
    assert secret_of(one) in text(shown)
    assert shown["Cache-Control"] == "no-store"
    for path in ("/webhooks", f"/webhooks/{one.uuid}", f"/webhooks/{one.uuid}/change"):
        assert "whsec" not in text(admin.get(path))


def test_a_fault_stands_at_its_field(admin, municipality):
    body = {
        "organisation": str(municipality.uuid),
        "url": "https://192.168.0.10/",
        "kinds": ["placement.accepted"],
    }
    answer = admin.post("/webhooks/new", body)
    assert answer.status_code == 400
    assert "besloten netwerk" in text(answer)
    assert not WebhookSubscription.objects.exists()


def test_it_is_changed_paused_made_active_and_removed(admin, municipality):
    one = feed.subscription(municipality)
    here = f"/webhooks/{one.uuid}"
    body = {"url": feed.URL + "/nieuw", "kinds": ["need.waiting"]}
    assert admin.post(f"{here}/change", body).status_code == 302
    assert admin.post(f"{here}/pause").status_code == 302
    one.refresh_from_db()
    assert (one.kinds, one.state) == (["need.waiting"], "paused")
    assert admin.post(f"{here}/ping").status_code == 409
    assert "Weer actief maken" in text(admin.get(here))
    admin.post(f"{here}/resume")
    assert admin.post(f"{here}/ping").status_code == 302
    old = secret_of(one)
    assert "whsec_" in text(admin.post(f"{here}/secret"))
    one.refresh_from_db()
    assert secret_of(one) != old
    admin.post(f"{here}/remove")
    assert not WebhookSubscription.objects.exists()


def test_a_message_that_was_given_up_is_sent_again(admin, municipality):
    one = feed.delivery(municipality, DeliveryState.GIVEN_UP)
    WebhookDelivery.objects.update(error="status", answer_status=503)
    listed = text(admin.get("/webhook-messages?state=given_up"))
    assert f"/webhook-messages/{one.uuid}" in listed
    assert "503" in listed
    assert "Opnieuw versturen" in text(admin.get(f"/webhook-messages/{one.uuid}"))
    admin.post(f"/webhook-messages/{one.uuid}/resend")
    one.refresh_from_db()
    assert one.state == DeliveryState.WAITING
    assert "Opnieuw versturen" not in text(admin.get(f"/webhook-messages/{one.uuid}"))


def test_messages_are_downloaded(admin, municipality):
    feed.delivery(municipality, DeliveryState.DELIVERED)
    answer = admin.get("/webhook-messages?export=csv")
    assert "zaken.gemeente.example" in text(answer)


@pytest.mark.parametrize(
    "name", ["webhooks", "webhook-messages", "api webhook-deliveries", "api events"]
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    admin, api_as, machine_client, municipality, name
):
    client = admin
    if name.startswith("api "):
        client, path = api_as(key=machine_client[1]), f"/api/v1/{name.removeprefix('api ')}"
    else:
        path = f"/{name}"
    client.get(path)
    found = []
    for _round in range(2):
        feed.delivery(municipality, DeliveryState.DELIVERED)
        feed.delivery(municipality, DeliveryState.GIVEN_UP)
        with counted() as queries:
            assert client.get(path).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
    assert_query_count(f"feed {name}", found[0])
