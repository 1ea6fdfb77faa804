"""What was claimed before, as the rules of a new claim need it."""

from collections.abc import Iterable, Mapping

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from procurement.claim_rules import CallOffFacts
from procurement.models import CallOff, ClaimLine, DeliveredMonth
from procurement.money_choices import ClaimLineState

# Of a line that was approved in part only that part counts.
COUNTED_QUANTITY = Coalesce("approved_quantity", "quantity")
COUNTED_AMOUNT = Coalesce("approved_amount", "amount")
ALIVE = Q(state__in=[ClaimLineState.PENDING, ClaimLineState.APPROVED])


def claimed_facts(call_offs: Mapping[int, CallOff]) -> dict[int, CallOffFacts]:
    """Agreement, delivery and earlier claims of each call-off. Two queries.

    Exact while the call-offs are locked. Lines that were refused or taken back do not count.
    """
    delivered = dict(
        DeliveredMonth.objects.filter(call_off__in=list(call_offs))
        .order_by()
        .values("call_off")
        .annotate(total=Sum("quantity"))
        .values_list("call_off", "total")
    )
    facts = {
        pk: CallOffFacts(
            start_date=one.start_date,
            end_date=one.end_date,
            unit=one.tariff.unit,
            rate=one.tariff.amount,
            quantity=one.quantity,
            amount=one.amount,
            **({"delivered_quantity": delivered[pk]} if pk in delivered else {}),
        )
        for pk, one in call_offs.items()
    }
    taken_back = ClaimLine.objects.filter(
        credits__isnull=False, state=ClaimLineState.APPROVED
    ).values("credits")
    for pk, start, end, quantity, amount in (
        ClaimLine.objects.filter(ALIVE, call_off__in=list(call_offs), credits_reference="")
        .exclude(pk__in=taken_back)
        .values_list("call_off_id", "start_date", "end_date", COUNTED_QUANTITY, COUNTED_AMOUNT)
    ):
        facts[pk].claimed_quantity += quantity
        facts[pk].claimed_amount += amount
        facts[pk].claimed_periods.append((start, end))
    return facts


def used_references(contract_id: int, references: Iterable[str]) -> set[str]:
    """Line references of earlier claims of the contract; what was refused may be sent again."""
    return set(
        ClaimLine.objects.filter(
            ALIVE, claim__contract=contract_id, line_reference__in=list(references)
        ).values_list("line_reference", flat=True)
    )


def lines_to_credit(
    call_offs: Iterable[int], references: Iterable[str]
) -> dict[tuple[int | None, str], ClaimLine]:
    """Approved lines that were not taken back yet, by call-off and line reference. One query."""
    found = ClaimLine.objects.filter(
        call_off__in=list(call_offs),
        line_reference__in=list(references),
        credits_reference="",
        state=ClaimLineState.APPROVED,
    ).exclude(credited_by__state=ClaimLineState.APPROVED)
    return {(one.call_off_id, one.line_reference): one for one in found}
