"""Demand: participants with a PIP and its needs, and placements in every state of their life."""

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from backend.accounts.actor import Actor, system_actor
from backend.common.codes import Component, TargetGroup
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.choices import PlacementState, RefusalReason, StopReason, WithdrawalReason
from matching.models import MatchingPolicy, Need, Participant, Pip, Placement
from matching.public import (
    Choice,
    IdentityData,
    ParticipantData,
    PipData,
    PolicyData,
    participant_register,
    pip_register,
    placement_accept,
    placement_offer,
    placement_refuse,
    placement_start,
    placement_stop,
    placement_withdraw,
    seat_hold_for_need,
)
from providers.models import IntakeMoment
from tests.factories.procurement import contract_for
from tests.factories.providers import IntakeMomentFactory

PARTICIPANT = ParticipantData(
    reference="r-1",
    obligation_start_date=date(2026, 6, 1),
    settlement_date=date(2026, 7, 1),
    notified_at_date=date(2026, 7, 15),
    target_group=TargetGroup.ASYLUM,
)
PIP = PipData(
    decision_date=date(2026, 9, 1),
    route="B",
    level="B1",
    literacy="NVT",
    entry_level="A0",
    hours_per_week=12,
    availability=("MO1", "TU1", "WE1", "TH1", "FR1"),
    earliest_start_date=date(2026, 9, 14),
    latest_start_date=date(2027, 6, 30),
    latitude=52.1,
    longitude=5.1,
)
IDENTITY = IdentityData(given_name="Testa", family_name="Voorbeeld", language="ar")


def make_policy(*, organisation_id: int, data: PolicyData) -> MatchingPolicy:
    """A version that may have begun in the past, which `policy_publish` refuses."""
    version = MatchingPolicy.objects.filter(organisation=organisation_id).count() + 1
    fields = asdict(data) | {"weights": dict(data.weights)}
    return MatchingPolicy.objects.create(organisation_id=organisation_id, version=version, **fields)


def everything(*organisations: Organisation) -> Actor:
    """An actor with every right on these organisations: for preparing, never for testing rights."""
    keys = frozenset(one.pk for one in organisations)
    return system_actor("test", dict.fromkeys(Permission, keys))


def participant(municipality: Organisation, **fields: Any) -> Participant:
    fields.setdefault("reference", f"r-{Participant.objects.count() + 1}")
    identity = fields.pop("identity", IDENTITY)
    return participant_register(
        actor=everything(municipality),
        municipality_id=municipality.pk,
        data=replace(PARTICIPANT, **fields),
        identity=identity,
    )


def pip(municipality: Organisation, *, person: dict[str, Any] | None = None, **fields: Any) -> Pip:
    """A participant with a first PIP, and the needs that follow."""
    return pip_register(
        actor=everything(municipality),
        participant=participant(municipality, **(person or {})),
        data=replace(PIP, **fields),
    )


def need(municipality: Organisation, component: str = Component.B1_ROUTE, **fields: Any) -> Need:
    return pip(municipality, **fields).needs.get(component=component)


def contracted_intake(
    *municipalities: Organisation, provider: Organisation | None = None, **fields: Any
) -> IntakeMoment:
    """An open intake moment of a course that these municipalities may call off."""
    places = fields.pop("places", None)
    target_groups = fields.pop("target_groups", (TargetGroup.ASYLUM,))
    if provider is not None:
        fields["group__course__provider__organisation"] = provider
    intake = IntakeMomentFactory(**fields)
    contract_for(
        intake.group.course,
        municipalities=list(municipalities),
        places=places,
        target_groups=target_groups,
    )
    return intake


def placement(
    municipality: Organisation,
    *,
    state: str = PlacementState.DRAFT,
    intake: IntakeMoment | None = None,
    of: Need | None = None,
) -> Placement:
    """A placement that went through all services up to `state`."""
    intake = intake or contracted_intake(municipality)
    delivering = intake.group.course.provider.organisation
    actor = everything(municipality, delivering)
    chosen = Choice(need=of or need(municipality), intake_moment=intake, motivation="Past goed.")
    found = seat_hold_for_need(actor=actor, choice=chosen)
    if state == PlacementState.DRAFT:
        return found
    found = placement_offer(actor=actor, placement=found)
    if state == PlacementState.REFUSED:
        return placement_refuse(
            actor=actor, placement=found, reason=RefusalReason.OUTSIDE_EXPERTISE
        )
    if state == PlacementState.WITHDRAWN:
        return placement_withdraw(
            actor=actor, placement=found, reason=WithdrawalReason.BETTER_PLACE
        )
    if state == PlacementState.OFFERED:
        return found
    found = placement_accept(actor=actor, placement=found)
    if state == PlacementState.ACCEPTED:
        return found
    found = placement_start(actor=actor, placement=found, start_date=date(2026, 11, 16))
    if state == PlacementState.STARTED:
        return found
    return placement_stop(
        actor=actor, placement=found, end_date=date(2026, 11, 17), reason=StopReason.AS_PLANNED
    )
