"""What an actor may see of people, clients and history."""

from django.db.models import QuerySet

from backend.accounts.actor import Actor
from backend.accounts.models import ApiClient, Membership, User
from backend.audit.public import AuditEvent
from backend.organisations.permissions import Permission


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """People who have or had a role at an organisation whose accounts the actor manages."""
    organisation_ids = actor.with_permission(Permission.MANAGE_ACCOUNTS)
    held = Membership.objects.filter(organisation_id__in=organisation_ids)
    return User.objects.filter(pk__in=held.values("user_id"))


def memberships_visible_to(actor: Actor) -> QuerySet[Membership]:
    return Membership.objects.filter(
        organisation_id__in=actor.with_permission(Permission.MANAGE_ACCOUNTS)
    )


def api_clients_visible_to(actor: Actor) -> QuerySet[ApiClient]:
    return ApiClient.objects.filter(
        organisation_id__in=actor.with_permission(Permission.MANAGE_ACCOUNTS)
    )


def audit_events_visible_to(actor: Actor) -> QuerySet[AuditEvent]:
    """Changes that concern an organisation whose audit trail the actor may read."""
    return AuditEvent.objects.of_organisations(actor.with_permission(Permission.VIEW_AUDIT))
