"""A group that is asked for: request, bids of contracted providers, choice, published start.

The request says what the group must be like, never who waits for it. Steps of one request queue on
its row; the bid that is chosen becomes a group and a start through the rules of the catalogue.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.public import Actor, system_actor
from backend.audit.public import record
from backend.common import clock
from backend.common.business_days import add_business_days
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from backend.feed.public import EventKind
from backend.notifications.public import notify, register_kind
from backend.organisations.public import Organisation, Permission
from backend.outbox.public import enqueue
from matching import policies
from matching.errors import (
    GroupBidStateError,
    GroupRequestStateError,
    NoContractedProviderError,
    ReasonRequiredError,
)
from matching.models import GroupBid, GroupRequest
from matching.services.feed import group_bid_emit, group_request_emit
from matching.services.group_request_rules import (
    GroupBidData,
    GroupRequestData,
    bid_faults,
    postpone_faults,
    request_faults,
)
from matching.services.seat_offers import seats_offer_ask
from matching.waiting_choices import (
    GROUP_BID_TRANSITIONS,
    GROUP_REQUEST_TRANSITIONS,
    GroupBidState,
    GroupRequestState,
    SeatSource,
)
from procurement.public import contracted_providers
from providers.models import Provider
from providers.public import RequestedGroup, SlotDraft, requested_group_publish

CLOSE_TOPIC = "matching.group_request_due"
ANSWER_BUSINESS_DAYS = 5
CODE_START = "AANVRAAG"


def register_kinds() -> None:
    """Declares the texts; called once when the house is wired."""
    body = _("%(component)s near %(place)s")
    register_kind("group_asked", title=_("A municipality asks for a new group"), body=body)
    register_kind("group_bid", title=_("A provider bids a group"), body=body)
    register_kind("group_request_closed", title=_("Bids for a group can be compared"), body=body)
    register_kind("group_chosen", title=_("Your bid was chosen: the start is published"), body=body)
    register_kind("group_not_chosen", title=_("Another bid was chosen"), body=body)
    register_kind("group_postponed", title=_("You have more time to bid for a group"), body=body)
    register_kind("group_withdrawn", title=_("A request for a group was withdrawn"), body=body)


@transaction.atomic
def group_request_open(
    *, actor: Actor, organisation: Organisation, data: GroupRequestData
) -> GroupRequest:
    """The request, sent to every provider with a contract for the lot, with a deadline.

    Raises NotAllowedError, InvalidError with all faults, NoContractedProviderError.
    """
    policies.require_ask_groups(actor, organisation.pk)
    today = clock.today()
    last_day = data.answer_date or add_business_days(today, ANSWER_BUSINESS_DAYS)
    if faults := request_faults(data, last_day):
        raise InvalidError(violations=faults)
    asked = list(contracted_providers(lot_id=data.lot.pk, on=today).select_related("organisation"))
    if not asked:
        raise NoContractedProviderError
    values = {
        name: getattr(data, name)
        for name in data.__dataclass_fields__
        if name not in {"answer_date", "slots", "evidence"}
    }
    request = GroupRequest.objects.create(
        organisation=organisation,
        slots=list(data.slots),
        evidence=dict(data.evidence),
        answer_due_at=_end_of(last_day),
        requested_by_label=actor.label,
        **values,
    )
    request.providers.set(asked)
    _record(request, actor, "group_request.opened", {"providers": len(asked)})
    _ask_to_close(request)
    _tell_providers(request, asked, "group_asked")
    return request


@transaction.atomic
def group_request_postpone(
    *, actor: Actor, group_request: GroupRequest, answer_date: date, reason: str
) -> GroupRequest:
    """Providers may answer until a later day, and all that were asked hear of it.

    Raises NotAllowedError, ReasonRequiredError, InvalidError, GroupRequestStateError once the time
    for answers has passed.
    """
    policies.require_ask_groups(actor, group_request.organisation_id)
    _require_reason(reason)
    request = lock_row(GroupRequest.objects.all(), group_request.pk)
    if request.state != GroupRequestState.OPEN or request.answer_due_at <= clock.now():
        raise GroupRequestStateError
    before = clock.local_day(request.answer_due_at)
    if faults := postpone_faults(request, before, answer_date):
        raise InvalidError(violations=faults)
    request.answer_due_at = _end_of(answer_date)
    request.save(update_fields=["answer_due_at"])
    record(
        actor=actor,
        action="group_request.postponed",
        subject=request,
        before={"answer_date": before.isoformat()},
        after={"answer_date": answer_date.isoformat()},
        reason=reason,
        organisation_ids=[request.organisation_id],
    )
    group_request_emit(request, EventKind.GROUP_REQUEST_POSTPONED)
    _ask_to_close(request)
    asked = list(request.providers.select_related("organisation"))
    _tell_providers(request, asked, "group_postponed", key=f":{answer_date.isoformat()}")
    return request


@transaction.atomic
def group_request_close(*, group_request_uuid: str) -> None:
    """Ends the time for answers and tells who asked; a second time changes nothing."""
    request = GroupRequest.objects.get(uuid=group_request_uuid)
    request = lock_row(GroupRequest.objects.all(), request.pk)
    if request.state != GroupRequestState.OPEN or request.answer_due_at > clock.now():
        return
    request.state = GroupRequestState.CLOSED
    request.save(update_fields=["state"])
    _record(request, system_actor("group-requests", {}), "group_request.closed", {})
    _tell_requester(request, "group_request_closed", key="closed")


@transaction.atomic
def group_request_withdraw(
    *, actor: Actor, group_request: GroupRequest, reason: str
) -> GroupRequest:
    """The request is taken back; providers that were asked hear of it.

    Raises NotAllowedError, ReasonRequiredError, GroupRequestStateError.
    """
    policies.require_ask_groups(actor, group_request.organisation_id)
    _require_reason(reason)
    request = _locked(group_request, GroupRequestState.WITHDRAWN)
    _end_bids(request, actor)
    _decide(request, actor, GroupRequestState.WITHDRAWN, reason)
    _tell_providers(
        request, list(request.providers.select_related("organisation")), "group_withdrawn"
    )
    return request


@transaction.atomic
def group_bid_submit(
    *, actor: Actor, group_request: GroupRequest, provider: Provider, data: GroupBidData
) -> GroupBid:
    """The bid of a provider that was asked, while the request is open and in time.

    Raises NotAllowedError, GroupRequestStateError, InvalidError with all faults.
    """
    policies.require_bid(actor, provider.organisation_id)
    request = lock_row(GroupRequest.objects.all(), group_request.pk)
    in_time = request.state == GroupRequestState.OPEN and request.answer_due_at > clock.now()
    if not in_time or not request.providers.filter(pk=provider.pk).exists():
        raise GroupRequestStateError
    if faults := bid_faults(request, provider, data):
        raise InvalidError(violations=faults)
    bid = GroupBid.objects.create(
        group_request=request,
        provider=provider,
        course=data.course,
        location=data.location,
        start_date=data.start_date,
        end_date=data.end_date,
        lessons=[
            {
                "weekday": one.weekday,
                "start": one.start_time.isoformat("minutes"),
                "end": one.end_time.isoformat("minutes"),
            }
            for one in data.lessons
        ],
        seats=data.seats,
        min_size=data.min_size,
        teacher=data.teacher,
        note=data.note,
        submitted_by_label=actor.label,
    )
    _record_bid(bid, actor, "group_bid.submitted")
    _tell_requester(request, "group_bid", key=f"bid:{bid.uuid}")
    return bid


@transaction.atomic
def group_bid_withdraw(*, actor: Actor, group_bid: GroupBid) -> GroupBid:
    """The provider takes its bid back, until it is decided on.

    Raises NotAllowedError, GroupBidStateError.
    """
    policies.require_bid(actor, group_bid.provider.organisation_id)
    lock_row(GroupRequest.objects.all(), group_bid.group_request_id)
    bid = _undecided(group_bid, GroupBidState.WITHDRAWN)
    _decide_bid(bid, actor, GroupBidState.WITHDRAWN)
    return bid


@transaction.atomic
def group_bid_award(*, actor: Actor, group_bid: GroupBid, reason: str) -> GroupBid:
    """The bid becomes a group with a published start, whose seats are offered to who is next.

    All other bids of the request end. Raises NotAllowedError, ReasonRequiredError,
    GroupRequestStateError, GroupBidStateError, InvalidError when the catalogue refuses the group.
    """
    policies.require_ask_groups(actor, group_bid.group_request.organisation_id)
    _require_reason(reason)
    request = _locked(group_bid.group_request, GroupRequestState.AWARDED)
    bid = _undecided(group_bid, GroupBidState.AWARDED)
    provider = bid.provider
    bid.intake_moment = requested_group_publish(
        # The provider agreed by its bid; the group is entered in its name.
        actor=system_actor(
            "group-requests",
            {Permission.MANAGE_CATALOGUE: frozenset({provider.organisation_id})},
        ),
        provider=provider,
        draft=RequestedGroup(
            code=f"{CODE_START}-{str(bid.uuid)[:8]}",
            course=bid.course,
            location=bid.location,
            slots=lessons_of(bid),
            seats=bid.seats,
            min_size=bid.min_size,
            start_date=bid.start_date,
            end_date=bid.end_date,
        ),
    )
    _decide_bid(bid, actor, GroupBidState.AWARDED)
    _tell_providers(request, [provider], "group_chosen")
    _end_bids(request, actor)
    _decide(request, actor, GroupRequestState.AWARDED, reason)
    seats_offer_ask(
        intake_moment_id=bid.intake_moment.pk,
        number=bid.seats,
        source=SeatSource.GROUP_REQUESTED,
        key=f"group:{bid.uuid}",
    )
    return bid


def lessons_of(bid: GroupBid) -> tuple[SlotDraft, ...]:
    """The lessons of a bid as the catalogue takes them."""
    return tuple(
        SlotDraft(one["weekday"], time.fromisoformat(one["start"]), time.fromisoformat(one["end"]))
        for one in bid.lessons
    )


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=clock.NETHERLANDS)


def _ask_to_close(request: GroupRequest) -> None:
    """Once per deadline; a message of an earlier deadline finds that there still is time."""
    enqueue(
        CLOSE_TOPIC,
        {"group_request": str(request.uuid)},
        key=f"{CLOSE_TOPIC}:{request.uuid}:{request.answer_due_at.isoformat()}",
        available_at=request.answer_due_at,
    )


def _locked(group_request: GroupRequest, wanted: GroupRequestState) -> GroupRequest:
    request = lock_row(GroupRequest.objects.select_related("lot", "organisation"), group_request.pk)
    if wanted not in GROUP_REQUEST_TRANSITIONS[GroupRequestState(request.state)]:
        raise GroupRequestStateError
    return request


def _undecided(group_bid: GroupBid, wanted: GroupBidState) -> GroupBid:
    """The bid as it is under the lock on its request."""
    bid = GroupBid.objects.select_related("provider", "course", "location").get(pk=group_bid.pk)
    if wanted not in GROUP_BID_TRANSITIONS[GroupBidState(bid.state)]:
        raise GroupBidStateError
    return bid


def _end_bids(request: GroupRequest, actor: Actor) -> None:
    """The bids that are still open were not chosen, and their providers hear of it."""
    others = request.bids.filter(state=GroupBidState.SUBMITTED).select_related(
        "provider__organisation"
    )
    for bid in others:
        _decide_bid(bid, actor, GroupBidState.NOT_CHOSEN)
        _tell_providers(request, [bid.provider], "group_not_chosen")


def _decide(request: GroupRequest, actor: Actor, state: GroupRequestState, reason: str) -> None:
    before = request.state
    request.state, request.decision_reason = state, reason
    request.decided_at = clock.now()
    request.save(update_fields=["state", "decision_reason", "decided_at"])
    _record(request, actor, f"group_request.{state.value}", {}, before=before, reason=reason)


def _decide_bid(bid: GroupBid, actor: Actor, state: GroupBidState) -> None:
    bid.state, bid.decided_at = state, clock.now()
    bid.save(update_fields=["state", "decided_at", "intake_moment"])
    _record_bid(bid, actor, f"group_bid.{state.value}")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReasonRequiredError(
            violations=[Violation("reason", ReasonRequiredError.code, ReasonRequiredError.message)]
        )


def _record(
    request: GroupRequest,
    actor: Actor,
    action: str,
    after: Mapping[str, Any],
    *,
    before: str = "",
    reason: str = "",
) -> None:
    record(
        actor=actor,
        action=action,
        subject=request,
        before={"state": before} if before else None,
        after={"state": request.state, **after},
        reason=reason,
        organisation_ids=[request.organisation_id],
    )
    group_request_emit(request, EventKind(f"group-request.{request.state}"))


def _record_bid(bid: GroupBid, actor: Actor, action: str) -> None:
    record(
        actor=actor,
        action=action,
        subject=bid,
        after={"state": bid.state, "seats": bid.seats, "start_date": str(bid.start_date)},
        organisation_ids=[bid.group_request.organisation_id, bid.provider.organisation_id],
    )
    group_bid_emit(bid)


def _params(request: GroupRequest) -> dict[str, str | int]:
    return {"component": request.component, "place": request.place}


def _tell_providers(
    request: GroupRequest, providers: Sequence[Provider], kind: str, key: str = ""
) -> None:
    for one in providers:
        notify(
            organisation_id=one.organisation_id,
            permission=Permission.ANSWER_PLACEMENTS,
            kind=kind,
            path=f"/group-requests/{request.uuid}",
            key=f"{kind}:{request.uuid}:{one.organisation_id}{key}",
            params=_params(request),
        )


def _tell_requester(request: GroupRequest, kind: str, *, key: str) -> None:
    notify(
        organisation_id=request.organisation_id,
        permission=Permission.RUN_BATCH,
        kind=kind,
        path=f"/group-requests/{request.uuid}",
        key=f"{kind}:{request.uuid}:{key}",
        params=_params(request),
    )
