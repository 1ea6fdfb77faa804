"""The waiting list at work in the demo: seats that came free, asked groups, a shared lot."""

from datetime import date, time, timedelta

from django.utils.translation import gettext as _

from backend.accounts.public import Actor
from backend.common import clock
from backend.common.codes import WEEKDAY_CODES
from backend.common.errors import DomainError
from backend.organisations.public import Organisation
from matching.models import GroupRequest, SeatOffer, SupplyAdvice
from matching.services.group_request_rules import GroupBidData, GroupRequestData
from matching.services.group_requests import (
    group_bid_award,
    group_bid_submit,
    group_request_open,
)
from matching.services.seat_offers import seats_offer
from matching.services.supply_advice import supply_advice_execute, supply_advice_request
from matching.waiting_choices import SeatSource
from procurement.models import Lot
from procurement.public import contracted_courses, contracted_providers
from procurement.selectors.pools import pool_lines
from procurement.services.pools import lot_pool_set
from providers.models import IntakeMoment, Location
from providers.public import SlotDraft

HELD, REQUESTS = 4, 3
LEAD, WINDOW, LENGTH = timedelta(days=42), timedelta(days=42), timedelta(days=280)
TIMES = {"1": (time(9), time(12)), "2": (time(13), time(16)), "3": (time(18, 30), time(21, 30))}


def waiting_build(actor: Actor, region: Organisation) -> None:
    """Everything of this page, through the services that people use."""
    _share(actor, region)
    _free_seats()
    advice = supply_advice_request(actor=actor, organisation=region)
    advice = supply_advice_execute(advice_id=advice.pk)
    _ask(actor, advice)


def _share(actor: Actor, region: Organisation) -> None:
    """One lot with a share for every municipality: enough for what is in use, and some more."""
    lot = Lot.objects.filter(buyer=region).order_by("code").first()
    if lot is None:
        return
    lot_pool_set(
        actor=actor,
        lot=lot,
        mode="quota",
        quotas={
            one.municipality_id: 2 * one.used + 8 + 2 * (number % 4)
            for number, one in enumerate(pool_lines(lot))
        },
        reason=_("Agreed by the councils (demo)."),
    )


def _free_seats() -> None:
    """Some seats that came free, each held for the next person in line."""
    starts = IntakeMoment.objects.open_on(clock.today()).with_seats_free().filter(seats_free__gt=0)
    for intake in starts.order_by("start_date", "pk")[: 10 * HELD]:
        seats_offer(intake_moment_id=intake.pk, number=1, source=SeatSource.PLACE_ENDED)
        if SeatOffer.objects.open().count() >= HELD:
            return


def _ask(actor: Actor, advice: SupplyAdvice) -> None:
    """The best groups are asked for; the first has been chosen, the second has a bid to compare."""
    for number, cluster in enumerate(advice.result["clusters"][:REQUESTS]):
        lot = (
            Lot.objects.filter(
                buyer=advice.organisation, components__contains=[cluster["component"]]
            )
            .order_by("code")
            .first()
        )
        if lot is None:
            continue
        try:
            request = group_request_open(
                actor=actor, organisation=advice.organisation, data=_wish(lot, cluster, advice)
            )
        except DomainError:
            # A lot without a contract in force: a coordinator would choose another one.
            continue
        if number < REQUESTS - 1:
            _bid(actor, request, choose=number == 0)


def _wish(lot: Lot, cluster: dict[str, object], advice: SupplyAdvice) -> GroupRequestData:
    first = clock.today() + LEAD
    people = int(str(cluster["people"]))
    return GroupRequestData(
        lot=lot,
        component=str(cluster["component"]),
        entry_level=str(cluster["level"]),
        target_level=str(cluster["targetLevel"]),
        literacy=str(cluster["literacy"]),
        place=str(cluster["place"]),
        slots=tuple(cluster["slots"]),  # type: ignore[arg-type]
        hours_per_week=int(str(cluster["hoursPerWeek"])),
        seats=people,
        min_size=max(1, people // 2),
        earliest_start_date=first,
        latest_start_date=first + WINDOW,
        note=_("Made-up request for the demo."),
        evidence={
            "advice": str(advice.uuid),
            "people": people,
            "extraPlaced": cluster["extraPlaced"],
            "byMunicipality": cluster["byMunicipality"],
        },
    )


def _bid(actor: Actor, request: GroupRequest, *, choose: bool) -> None:
    """A bid of the first two providers that can, a week apart; the first of them may be chosen."""
    bids = []
    for number, provider in enumerate(
        contracted_providers(lot_id=request.lot_id, on=clock.today())[:2]
    ):
        course = contracted_courses(
            lot_id=request.lot_id,
            provider_id=provider.pk,
            component=request.component,
            on=clock.today(),
        ).first()
        location = Location.objects.filter(provider=provider).order_by("pk").first()
        if course is None or location is None:
            continue
        start = _monday(request.earliest_start_date) + timedelta(weeks=number)
        bids.append(
            group_bid_submit(
                actor=actor,
                group_request=request,
                provider=provider,
                data=GroupBidData(
                    course=course,
                    location=location,
                    start_date=start,
                    end_date=start + LENGTH,
                    lessons=tuple(
                        SlotDraft(WEEKDAY_CODES.index(code[:2]) + 1, *TIMES[code[2]])
                        for code in request.slots
                    ),
                    seats=request.seats,
                    min_size=request.min_size,
                    teacher=_("NT2 teacher (demo)"),
                ),
            )
        )
    if choose and bids:
        group_bid_award(actor=actor, group_bid=bids[0], reason=_("Starts first (demo)."))


def _monday(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)
