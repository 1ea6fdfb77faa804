"""Deciding on claims: each line is approved, approved in part, or refused; and taken back later.

What was approved is never changed. Who finds out later that it was wrong writes a credit line that
names it (iWmo: credit chain, 8017 and 9390).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import cast
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from procurement.models import CallOff, Claim, ClaimLine, LedgerEntry
from procurement.money_choices import ClaimFault, ClaimLineState, ClaimState, EntryKind
from procurement.money_errors import ClaimStateError, LineNotCreditableError
from procurement.money_policies import require_assess_claim, require_credit_claim
from procurement.services.claim_drafts import ClaimLineDraft
from procurement.services.claims import claim_close, claim_parties, claim_write
from procurement.services.ledger import entries_write, entry_of

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Reduction:
    """Approve no more than this quantity of a line, for this reason."""

    quantity: Decimal
    reason: str


@transaction.atomic
def claim_assess(
    *,
    actor: Actor,
    claim: Claim,
    refusals: Mapping[UUID, str] | None = None,
    reductions: Mapping[UUID, Reduction] | None = None,
) -> Claim:
    """Approves every waiting line, but refuses `refusals` and approves `reductions` in part.

    All at once or nothing. Raises NotAllowedError, ClaimStateError, InvalidError, BusyError.
    """
    require_assess_claim(actor, claim)
    claim = lock_row(Claim.objects.select_related("contract__provider"), claim.pk)
    if claim.state != ClaimState.SUBMITTED:
        raise ClaimStateError
    refusals, reductions = dict(refusals or {}), dict(reductions or {})
    waiting = list(
        # A line without a call-off was refused at once.
        claim.lines.filter(state=ClaimLineState.PENDING, call_off__isnull=False)
        .select_related("call_off__tariff")
        .order_by("pk")
    )
    _check(waiting, refusals, reductions)
    entries: list[LedgerEntry] = []
    for line in waiting:
        if line.uuid in refusals:
            entries += _refuse(claim, line, refusals[line.uuid])
        else:
            entries += _approve(claim, line, reductions.get(line.uuid))
    ClaimLine.objects.bulk_update(
        waiting,
        ["state", "faults", "note", "approved_quantity", "approved_amount"],
        batch_size=500,
    )
    entries_write(entries)
    claim_close(claim)
    audit.record(
        actor=actor,
        action="claim.assessed",
        subject=claim,
        after={
            "number": claim.number,
            "approved": len(waiting) - len(refusals),
            "in_part": len(reductions),
            "refused": len(refusals),
            "amount": str(sum((one.approved_amount or ZERO for one in waiting), ZERO)),
        },
        organisation_ids=claim_parties(claim),
    )
    return claim


def _refuse(claim: Claim, line: ClaimLine, reason: str) -> list[LedgerEntry]:
    """What is refused was never claimed with success: its claimed line is taken back."""
    line.state, line.faults = ClaimLineState.REFUSED, [ClaimFault.NOT_ACCEPTED]
    line.note = reason
    return [_entry(EntryKind.CLAIMED, claim, line, -line.quantity, -line.amount)]


def _approve(claim: Claim, line: ClaimLine, part: Reduction | None) -> list[LedgerEntry]:
    quantity = line.quantity if part is None else part.quantity
    amount = line.amount
    if part is not None:
        line.note = part.reason
        amount = (quantity * line.rate).quantize(CENT, ROUND_HALF_UP)
    line.state = ClaimLineState.APPROVED
    line.approved_quantity, line.approved_amount = quantity, amount
    return [
        _entry(EntryKind.CLAIMED, claim, line, quantity - line.quantity, amount - line.amount),
        _entry(EntryKind.APPROVED, claim, line, quantity, amount),
    ]


def _entry(
    kind: EntryKind, claim: Claim, line: ClaimLine, quantity: Decimal, amount: Decimal
) -> LedgerEntry:
    return entry_of(
        kind,
        cast(CallOff, line.call_off),
        month=claim.month,
        quantity=quantity,
        amount=amount,
        claim_line=line,
    )


@transaction.atomic
def claim_line_credit(*, actor: Actor, line: ClaimLine, reason: str) -> Claim:
    """Takes an approved line back in full, as a claim of one credit line in the same month.

    Either party may. What was right of it is claimed again. Raises NotAllowedError, InvalidError,
    LineNotCreditableError when it was not approved or is taken back already, BusyError.
    """
    claim = Claim.objects.select_related("contract__provider", "municipality").get(pk=line.claim_id)
    require_credit_claim(actor, claim)
    if not reason.strip():
        raise InvalidError(
            violations=[Violation("reason", "required", _("Say why this line is taken back."))]
        )
    line = lock_row(ClaimLine.objects.all(), line.pk)
    taken_back = line.credited_by.filter(state=ClaimLineState.APPROVED).exists()
    if line.state != ClaimLineState.APPROVED or line.is_credit or taken_back:
        raise LineNotCreditableError
    credit = ClaimLineDraft(
        line_reference=f"{line.line_reference[:36]}-CR",
        reference=line.reference,
        start_date=line.start_date,
        end_date=line.end_date,
        unit=line.unit,
        quantity=cast(Decimal, line.approved_quantity),
        rate=line.rate,
        amount=cast(Decimal, line.approved_amount),
        credits_reference=line.line_reference,
        note=reason.strip(),
    )
    return claim_write(
        actor=actor,
        contract=claim.contract,
        municipality=claim.municipality,
        number=_free_number(claim),
        month=claim.month,
        lines=[credit],
    )


def _free_number(claim: Claim) -> str:
    """A number of its own beside the claim that is corrected."""
    start = f"{claim.number[:35]}-CR"
    used = Claim.objects.filter(contract=claim.contract_id, number__startswith=start).count()
    return f"{start}{used + 1}"


def _check(
    waiting: list[ClaimLine], refusals: Mapping[UUID, str], reductions: Mapping[UUID, Reduction]
) -> None:
    lines = {one.uuid: one for one in waiting}
    faults = [
        Violation(
            f"{kind}.{one}",
            "unknown_line",
            _("This line does not wait for a decision. Load the claim again."),
        )
        for kind, named in (("refusals", refusals), ("reductions", reductions))
        for one in named
        if one not in lines
    ]
    faults += [
        Violation(
            f"refusals.{one}",
            "required",
            _("Say why this line is refused, so that the provider can correct it."),
        )
        for one, reason in refusals.items()
        if not reason.strip()
    ]
    for one, part in reductions.items():
        if one in lines:
            faults += _part_faults(lines[one], part, is_refused=one in refusals)
    if faults:
        raise InvalidError(violations=faults)


def _part_faults(line: ClaimLine, part: Reduction, *, is_refused: bool) -> list[Violation]:
    place, faults = f"reductions.{line.uuid}", []
    if is_refused:
        faults.append(
            Violation(place, "two_decisions", _("Refuse this line or approve a part, not both."))
        )
    if not ZERO < part.quantity < line.quantity:
        faults.append(
            Violation(
                f"{place}.quantity",
                "quantity_out_of_range",
                _("Approve more than zero and less than the %(quantity)s that was claimed.")
                % {"quantity": line.quantity},
            )
        )
    if not part.reason.strip():
        faults.append(
            Violation(
                f"{place}.reason",
                "required",
                _("Say why only a part is approved. The provider reads this."),
            )
        )
    return faults
