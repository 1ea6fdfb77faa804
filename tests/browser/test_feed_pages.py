"""The pages of webhooks are accessible, and work with the keyboard as forms and links do."""

import pytest

from backend.feed.choices import DeliveryState
from backend.feed.models import WebhookSubscription
from tests.browser.axe import assert_accessible
from tests.factories import feed

pytestmark = pytest.mark.django_db(transaction=True)


def test_webhooks_and_their_messages_are_accessible(visit, functional_administrator, municipality):
    one = feed.delivery(municipality, DeliveryState.GIVEN_UP)
    here = f"/webhooks/{one.subscription.uuid}"
    for path in (
        "/webhooks",
        here,
        f"{here}/change",
        f"{here}/remove",
        "/webhook-messages",
        f"/webhook-messages/{one.uuid}",
    ):
        assert_accessible(visit(path, as_user=functional_administrator))


def test_the_secret_is_shown_once_on_an_accessible_page(visit, functional_administrator):
    page = visit("/webhooks/new", as_user=functional_administrator)
    assert_accessible(page)
    page.get_by_label("Adres").fill(feed.URL)
    page.get_by_label("Plaats aangenomen").check()
    page.get_by_role("button", name="Toevoegen en het geheim tonen").click()
    page.get_by_text("whsec_").wait_for()
    assert_accessible(page)
    assert WebhookSubscription.objects.count() == 1
