"""Prices beside places: for who may see contracts, never on anything a participant sees."""

from collections.abc import Sequence
from typing import Any

from backend.accounts.public import Actor
from backend.organisations.permissions import Permission
from backend.web.values import Money
from matching.models import MatchRecord
from procurement.public import coverage
from providers.models import IntakeMoment


def hourly_prices(
    actor: Actor, record: MatchRecord, places: Sequence[dict[str, Any]]
) -> dict[str, Money]:
    """The lowest agreed price per hour by intake moment; empty without the right to see it.

    A referral has no municipal price (R-PAY-1).
    """
    municipality_id = record.need.municipality_id
    if record.need_facts["isReferral"] or not actor.may(Permission.VIEW_CONTRACTS, municipality_id):
        return {}
    keys = [one["intakeMomentId"] for one in places]
    courses = dict(
        IntakeMoment.objects.filter(uuid__in=keys).values_list("uuid", "group__course_id")
    )
    prices: dict[int, Any] = {}
    for one in coverage(municipality_ids=[municipality_id], on=record.as_of):
        if one.price_per_hour is not None:
            known = prices.get(one.course_id, one.price_per_hour)
            prices[one.course_id] = min(known, one.price_per_hour)
    return {
        str(uuid): Money(prices[course]) for uuid, course in courses.items() if course in prices
    }
