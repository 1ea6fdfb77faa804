"""Telling the parties what happened on the supply side."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.common import clock
from backend.notifications.public import notify, register_kind
from backend.organisations.models import RegionMembership
from backend.organisations.permissions import Permission
from providers.choices import MARK_STATUSES_IN_FORCE, StopState
from providers.events import MarkStatusChanged
from providers.models import IntakeStop, Provider
from providers.ports import involved_organisation_ids

# Whom a state of a stop is news to: the buyer, the provider or both.
TO_BUYER = frozenset({StopState.REQUESTED, StopState.WITHDRAWN, StopState.LIFTED})
TO_PROVIDER = frozenset({StopState.APPROVED, StopState.REFUSED, StopState.ACTIVE, StopState.LIFTED})
# Caseworkers hear when they can and cannot place people there.
TO_CASEWORKERS = frozenset({StopState.ACTIVE, StopState.LIFTED})


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    body = _("%(provider)s, from %(day)s")
    register_kind("stop_requested", title=_("A provider asks for an intake stop"), body=body)
    register_kind(
        "stop_withdrawn", title=_("A request for an intake stop was withdrawn"), body=body
    )
    register_kind("stop_approved", title=_("An intake stop was approved"), body=body)
    register_kind("stop_refused", title=_("An intake stop was refused"), body=body)
    register_kind("stop_active", title=_("An intake stop is in force"), body=body)
    register_kind("stop_lifted", title=_("An intake stop has ended"), body=body)
    register_kind(
        "mark_lost",
        title=_("A quality mark has fallen away"),
        body=_("%(provider)s, from %(day)s. Look at running places and contracts."),
    )
    register_kind(
        "capacity_below_contract",
        title=_("Fewer places are published than contracted"),
        body=_("%(provider)s: %(published)s of %(contracted)s places published for %(year)s."),
    )
    register_kind(
        "start_closed_early",
        title=_("A start was closed while seats were free"),
        body=_("%(provider)s, %(course)s, start %(day)s."),
    )
    register_kind(
        "start_below_minimum",
        title=_("Too few people for a start"),
        body=_(
            "%(course)s, start %(day)s: %(people)s people, at least %(least)s are needed. "
            "Find more people, move the start or cancel it."
        ),
    )
    register_kind(
        "teacher_shortage",
        title=_("Too few qualified teachers for the published seats"),
        body=_("%(group)s loses %(seats)s seats from %(day)s."),
    )
    register_kind(
        "document_expired",
        title=_("A document has expired"),
        body=_("%(title)s counted until %(day)s. Add a new one."),
    )


def stop_notice_ask(stop: IntakeStop) -> None:
    """Asks that the other party, and caseworkers where it matters, hear of it; repeatable."""
    state = StopState(stop.state)
    params = {
        "provider": stop.provider.organisation.name,
        "day": stop.starts_on.isoformat(),
    }
    for organisation, permission in _audience(stop, state):
        notify(
            organisation_id=organisation,
            permission=permission,
            kind=f"stop_{state.value}",
            path=f"/intake-stops/{stop.uuid}",
            key=f"stop:{stop.uuid}:{state.value}:{organisation}:{permission.value}",
            params=params,
        )


def _audience(stop: IntakeStop, state: StopState) -> list[tuple[int, Permission]]:
    found: list[tuple[int, Permission]] = []
    if state in TO_PROVIDER:
        found.append((stop.provider.organisation_id, Permission.MANAGE_CATALOGUE))
    if state in TO_BUYER:
        found.append((stop.organisation_id, Permission.MANAGE_CONTRACTS))
    if state in TO_CASEWORKERS:
        members = RegionMembership.objects.on(clock.today()).filter(region=stop.organisation_id)
        municipalities = {stop.organisation_id, *members.values_list("municipality_id", flat=True)}
        found += [(one, Permission.PLACE) for one in sorted(municipalities)]
    return found


def on_mark_changed(event: MarkStatusChanged) -> None:
    """Tells of a recognition that fell away, in a transaction of its own."""
    with transaction.atomic():
        mark_notice_ask(
            provider_id=event.provider_id,
            kind=event.kind,
            status=event.status,
            day=event.valid_from.isoformat(),
        )


def mark_notice_ask(*, provider_id: int, kind: str, status: str, day: str) -> None:
    """Tells everybody with running places or contracts that a recognition no longer holds."""
    if status in MARK_STATUSES_IN_FORCE:
        return
    provider = Provider.objects.select_related("organisation").get(pk=provider_id)
    for organisation in sorted(involved_organisation_ids(provider_id)):
        for permission in (Permission.MANAGE_CONTRACTS, Permission.PLACE):
            notify(
                organisation_id=organisation,
                permission=permission,
                kind="mark_lost",
                path=f"/providers/{provider.uuid}",
                key=f"mark:{provider.uuid}:{kind}:{status}:{day}:{organisation}:{permission.value}",
                params={"provider": provider.organisation.name, "day": day},
            )
