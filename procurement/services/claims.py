"""Claims: a provider asks for a month, and every line is checked at once.

A claim that is wrong as a whole counts as not sent (iWmo OP286); a line that is wrong is refused
with its codes and the others go on (OP065).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.business_days import add_business_days
from backend.common.errors import InvalidError
from backend.common.locks import lock_rows
from backend.organisations.models import Organisation
from procurement import claim_rules as rules
from procurement.models import CallOff, Claim, ClaimLine, Contract
from procurement.money_choices import ClaimFault, ClaimLineState, ClaimState, EntryKind
from procurement.money_policies import require_submit_claim
from procurement.selectors.claims import claimed_facts, lines_to_credit, used_references
from procurement.services.claim_drafts import ClaimLineDraft, claim_faults
from procurement.services.ledger import entries_write, entry_of, first_of

# The municipality answers within ten working days (iWmo 325).
ANSWER_DAYS = 10


@dataclass
class _Checked:
    """The lines of one claim, while they are checked in order."""

    claim: Claim
    call_offs: dict[UUID, CallOff]
    facts: dict[int, rules.CallOffFacts]
    used: set[str]
    to_credit: dict[tuple[int | None, str], ClaimLine]


@transaction.atomic
def claim_submit(
    *,
    actor: Actor,
    contract: Contract,
    municipality: Organisation,
    number: str,
    month: date,
    lines: Sequence[ClaimLineDraft],
) -> Claim:
    """One claim of which each line waits for assessment or is refused with every code that holds.

    Locks the call-offs it names, so that two claims at once cannot both use the last hours. Credit
    lines are taken first and take effect at once: they only lower what is paid. Raises
    NotAllowedError, InvalidError (nothing is kept then), BusyError.
    """
    require_submit_claim(actor, contract)
    return claim_write(
        actor=actor,
        contract=contract,
        municipality=municipality,
        number=number,
        month=month,
        lines=lines,
    )


def claim_write(
    *,
    actor: Actor,
    contract: Contract,
    municipality: Organisation,
    number: str,
    month: date,
    lines: Sequence[ClaimLineDraft],
) -> Claim:
    """As `claim_submit`, for a caller that has checked who may do it. MUST be in atomic()."""
    claim = Claim(
        contract=contract,
        municipality=municipality,
        number=number,
        month=first_of(month),
        answer_due_date=add_business_days(clock.today(), ANSWER_DAYS),
    )
    if faults := claim_faults(claim, lines):
        raise InvalidError(violations=faults)
    claim.save()
    checked = _load(claim, lines)
    credit_lines = [_credit_line(checked, one) for one in lines if one.credits_reference]
    debit_lines = [_debit_line(checked, one) for one in lines if not one.credits_reference]
    ClaimLine.objects.bulk_create([*credit_lines, *debit_lines], batch_size=500)
    entries_write(
        entry_of(
            EntryKind.CREDITED if one.is_credit else EntryKind.CLAIMED,
            one.call_off,
            month=claim.month,
            quantity=one.quantity,
            amount=one.amount,
            claim_line=one,
        )
        for one in (*credit_lines, *debit_lines)
        if one.call_off is not None and one.state != ClaimLineState.REFUSED
    )
    if not any(one.state == ClaimLineState.PENDING for one in debit_lines):
        claim_close(claim)
    audit.record(
        actor=actor,
        action="claim.submitted",
        subject=claim,
        after=audit.snapshot(claim, ["number", "month", "state"])
        | {
            "lines": len(lines),
            "refused": sum(
                one.state == ClaimLineState.REFUSED for one in (*credit_lines, *debit_lines)
            ),
        },
        organisation_ids=claim_parties(claim),
    )
    return claim


def _load(claim: Claim, lines: Sequence[ClaimLineDraft]) -> _Checked:
    keys = list(
        CallOff.objects.filter(
            reference__in={one.reference for one in lines},
            contract_lot__contract=claim.contract_id,
            municipality=claim.municipality_id,
        ).values_list("pk", flat=True)
    )
    locked = lock_rows(CallOff.objects.select_related("tariff"), keys)
    return _Checked(
        claim=claim,
        call_offs={one.reference: one for one in locked.values()},
        facts=claimed_facts(locked),
        used=used_references(claim.contract_id, [one.line_reference for one in lines]),
        to_credit=lines_to_credit(keys, {one.credits_reference for one in lines}),
    )


def _line(checked: _Checked, draft: ClaimLineDraft) -> ClaimLine:
    return ClaimLine(
        claim=checked.claim,
        line_reference=draft.line_reference,
        reference=draft.reference,
        call_off=checked.call_offs.get(draft.reference),
        start_date=draft.start_date,
        end_date=draft.end_date,
        unit=draft.unit,
        quantity=draft.quantity,
        rate=draft.rate,
        amount=draft.amount,
        credits_reference=draft.credits_reference,
        note=draft.note,
    )


def _settle(line: ClaimLine, faults: list[ClaimFault], otherwise: ClaimLineState) -> ClaimLine:
    line.faults = [str(one) for one in faults]
    line.state = ClaimLineState.REFUSED if faults else otherwise
    if line.state == ClaimLineState.APPROVED:
        line.approved_quantity, line.approved_amount = line.quantity, line.amount
    return line


def _debit_line(checked: _Checked, draft: ClaimLineDraft) -> ClaimLine:
    line = _line(checked, draft)
    facts = None if line.call_off is None else checked.facts[line.call_off.pk]
    sent = rules.LineFacts(
        draft.start_date, draft.end_date, draft.unit, draft.quantity, draft.rate, draft.amount
    )
    faults = rules.line_faults(sent, facts, checked.claim.month)
    if draft.line_reference in checked.used:
        faults.append(ClaimFault.REFERENCE_NOT_UNIQUE)
    if facts is not None and not faults:
        line.warnings = [str(one) for one in rules.line_warnings(sent, facts)]
        facts.take(sent)
    return _settle(line, faults, ClaimLineState.PENDING)


def _credit_line(checked: _Checked, draft: ClaimLineDraft) -> ClaimLine:
    """Takes back exactly one approved line of the same placement, once and in full (8017, 9390)."""
    line = _line(checked, draft)
    if line.call_off is None:
        return _settle(line, [ClaimFault.NO_VALID_PLACEMENT], ClaimLineState.APPROVED)
    faults = []
    # Taken out, so that a second line of this claim cannot take the same one back.
    known = checked.to_credit.pop((line.call_off.pk, draft.credits_reference), None)
    paid = None if known is None else (known.approved_quantity, known.approved_amount)
    if paid != (draft.quantity, draft.amount):
        faults.append(ClaimFault.CREDIT_CHAIN_BROKEN)
    if draft.line_reference in checked.used:
        faults.append(ClaimFault.REFERENCE_NOT_UNIQUE)
    if known is not None and not faults:
        line.credits = known
        facts = checked.facts[line.call_off.pk]
        facts.claimed_quantity -= draft.quantity
        facts.claimed_amount -= draft.amount
        facts.claimed_periods.remove((known.start_date, known.end_date))
    return _settle(line, faults, ClaimLineState.APPROVED)


def claim_close(claim: Claim) -> None:
    """Every line of the claim has been decided."""
    claim.state = ClaimState.ASSESSED
    claim.assessed_at = clock.now()
    claim.save(update_fields=["state", "assessed_at"])


def claim_parties(claim: Claim) -> list[int]:
    """The organisations that may read the history of a claim."""
    return [
        claim.municipality_id,
        claim.contract.buyer_id,
        claim.contract.provider.organisation_id,
    ]
