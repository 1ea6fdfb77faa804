"""A webhook of the demo municipality: paused, for there is no system that listens."""

from backend.accounts.public import Actor
from backend.feed.choices import SubscriptionState
from backend.feed.services.subscriptions import (
    CHOOSABLE_KINDS,
    SubscriptionData,
    subscription_change,
    subscription_create,
)
from backend.organisations.public import Organisation

ADDRESS = "https://zaaksysteem.apeldoorn.example/passend"


def webhook_build(actor: Actor, municipality: Organisation) -> None:
    """One subscription to everything, for whoever opens the page."""
    made = subscription_create(
        actor=actor, organisation=municipality, data=SubscriptionData(ADDRESS, CHOOSABLE_KINDS)
    )
    subscription_change(actor=actor, subscription=made, changes={"state": SubscriptionState.PAUSED})
