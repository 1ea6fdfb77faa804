"""Subscribing a system of an organisation to events, and stopping that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor
from backend.audit.public import record
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.feed import policies
from backend.feed.choices import EventKind, Resource, SubscriptionState
from backend.feed.errors import SubscriptionPausedError
from backend.feed.models import FeedEvent, WebhookDelivery, WebhookSubscription
from backend.feed.querysets import managed_organisations
from backend.feed.services.deliveries import deliveries_begin, host_of
from backend.feed.services.events import lock_recorder
from backend.feed.signing import new_secret, sealed, unsealed
from backend.feed.targets import url_violation
from backend.organisations.public import Organisation, Permission

# Nobody has to ask for a test message.
CHOOSABLE_KINDS = tuple(one for one in EventKind if one is not EventKind.PING)
MOST_SUBSCRIPTIONS = 20


@dataclass(frozen=True)
class SubscriptionData:
    url: str
    kinds: Sequence[str]


def subscription_create(
    *, actor: Actor, organisation: Organisation | None, data: SubscriptionData
) -> WebhookSubscription:
    """A new subscription with a secret of its own; without an organisation, the only one there is.

    Raises InvalidError, NotAllowedError.
    """
    organisation = organisation or _only_organisation(actor)
    policies.require_manage(actor, organisation.pk)
    _check(data)
    with transaction.atomic():
        # Two requests at once count one after the other.
        lock_row(Organisation.objects.all(), organisation.pk)
        _check_number(organisation)
        made = WebhookSubscription.objects.create(
            organisation=organisation,
            url=data.url,
            kinds=sorted(set(data.kinds)),
            sealed_secret=sealed(new_secret()),
        )
        _record(actor, "created", made, after=_history(made))
        return made


def subscription_change(
    *, actor: Actor, subscription: WebhookSubscription, changes: dict[str, Any]
) -> WebhookSubscription:
    """Changes address, kinds or state; an active one starts without a history of failures.

    Raises InvalidError, NotAllowedError.
    """
    policies.require_manage(actor, subscription.organisation_id)
    with transaction.atomic():
        one = lock_row(WebhookSubscription.objects.all(), subscription.pk)
        before = _history(one)
        one.url = changes.get("url", one.url)
        one.kinds = sorted(set(changes.get("kinds", one.kinds)))
        _check(SubscriptionData(one.url, one.kinds))
        state = changes.get("state", one.state)
        if state != one.state:
            one.state, one.failures, one.retry_at = state, 0, None
            one.paused_at = clock.now() if state == SubscriptionState.PAUSED else None
        one.save()
        _record(actor, "changed", one, before=before, after=_history(one))
        return one


def subscription_renew_secret(
    *, actor: Actor, subscription: WebhookSubscription
) -> WebhookSubscription:
    """A new secret, from the next attempt on; the old one is worth nothing any more.

    Raises NotAllowedError.
    """
    policies.require_manage(actor, subscription.organisation_id)
    with transaction.atomic():
        one = lock_row(WebhookSubscription.objects.all(), subscription.pk)
        one.sealed_secret = sealed(new_secret())
        one.save(update_fields=["sealed_secret"])
        _record(actor, "secret_renewed", one)
        return one


def subscription_ping(*, actor: Actor, subscription: WebhookSubscription) -> WebhookDelivery:
    """The delivery of a test message, to this subscription only.

    Raises NotAllowedError, SubscriptionPausedError.
    """
    policies.require_manage(actor, subscription.organisation_id)
    with transaction.atomic():
        one = lock_row(WebhookSubscription.objects.all(), subscription.pk)
        if one.state != SubscriptionState.ACTIVE:
            raise SubscriptionPausedError
        lock_recorder()
        event = FeedEvent.objects.create(
            organisation_id=one.organisation_id,
            permission=Permission.MANAGE_ACCOUNTS,
            kind=EventKind.PING,
            resource=Resource.SUBSCRIPTIONS,
            subject_id=one.uuid,
            occurred_at=clock.now(),
        )
        return deliveries_begin([(one, event)])[0]


def subscription_remove(*, actor: Actor, subscription: WebhookSubscription) -> None:
    """Ends it for good, with what was still to be delivered. Raises NotAllowedError."""
    policies.require_manage(actor, subscription.organisation_id)
    with transaction.atomic():
        one = lock_row(WebhookSubscription.objects.all(), subscription.pk)
        _record(actor, "removed", one, before=_history(one))
        one.delete()


def secret_of(subscription: WebhookSubscription) -> str:
    """For the one answer that shows it."""
    return unsealed(subscription.sealed_secret)


def _only_organisation(actor: Actor) -> Organisation:
    found = list(Organisation.objects.filter(pk__in=managed_organisations(actor))[:2])
    if len(found) != 1:
        raise InvalidError(
            violations=[
                Violation("organisation", "required", _("Say for which organisation this is."))
            ]
        )
    return found[0]


def _check(data: SubscriptionData) -> None:
    violation = url_violation(data.url)
    violations = [violation] if violation else []
    if not data.kinds or not {*data.kinds} <= {*CHOOSABLE_KINDS}:
        violations.append(
            Violation("kinds", "unknown_code", _("Choose one or more events from the list."))
        )
    if violations:
        raise InvalidError(violations=violations)


def _check_number(organisation: Organisation) -> None:
    if organisation.webhook_subscriptions.count() >= MOST_SUBSCRIPTIONS:
        raise InvalidError(
            violations=[
                Violation(
                    "organisation",
                    "too_many",
                    _("An organisation has at most 20 webhooks. Remove one first."),
                )
            ]
        )


def _history(one: WebhookSubscription) -> dict[str, Any]:
    """What history keeps: of the address only the host, for a path may hold a secret."""
    return {"host": host_of(one.url), "kinds": one.kinds, "state": one.state}


def _record(actor: Actor, what: str, one: WebhookSubscription, **values: Any) -> None:
    record(
        actor=actor,
        action=f"webhook_subscription.{what}",
        subject=one,
        organisation_ids=[one.organisation_id],
        **values,
    )
