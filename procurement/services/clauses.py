"""Clauses of a contract version, and the milestones that show a promise was kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backend.accounts.actor import Actor
from backend.common import clock
from backend.common.cleaning import field_violations
from backend.common.errors import InvalidError, Violation
from procurement.clauses.kinds import MilestoneKind
from procurement.clauses.library import LIBRARY, clean_parameters
from procurement.models import (
    Clause,
    Contract,
    ContractLot,
    ContractVersion,
    Milestone,
)
from procurement.money_errors import ClauseLockedError
from procurement.money_policies import require_party
from procurement.services.contract_steps import NOT_ENDED, contract_lock, record_change


@transaction.atomic
def clause_add(
    *,
    actor: Actor,
    version: ContractVersion,
    kind: str,
    parameters: Mapping[str, Any],
    detail: str = "",
    contract_lot: ContractLot | None = None,
) -> Clause:
    """A clause from the library in a version that is being prepared, all numbers checked at once.

    Raises NotAllowedError, ClauseLockedError, ContractStateError, InvalidError.
    """
    contract = _draft_of(actor, version)
    cleaned, faults = clean_parameters(kind, parameters)
    clause = Clause(
        version=version,
        kind=kind,
        parameters=cleaned,
        detail=detail.strip(),
        contract_lot=contract_lot,
    )
    if not faults:
        faults = field_violations(clause)
    if contract_lot is not None and contract_lot.contract_id != contract.pk:
        faults.append(
            Violation("contract_lot", "other_contract", _("This lot belongs to another contract."))
        )
    if Clause.objects.filter(
        version=version, kind=kind, detail=clause.detail, contract_lot=contract_lot
    ).exists():
        faults.append(
            Violation(
                "kind",
                "clause_taken",
                _(
                    "This version has this clause already."
                    " Change that one, or say what this one is for."
                ),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    clause.save()
    record_change(actor, "clause.added", contract, clause, after={"kind": kind, **cleaned})
    return clause


@transaction.atomic
def clause_change(*, actor: Actor, clause: Clause, parameters: Mapping[str, Any]) -> Clause:
    """Other numbers in a clause of a version that is being prepared. Raises as `clause_add`."""
    contract = _draft_of(actor, clause.version)
    cleaned, faults = clean_parameters(clause.kind, parameters)
    if faults:
        raise InvalidError(violations=faults)
    before, clause.parameters = clause.parameters, cleaned
    clause.save(update_fields=["parameters"])
    record_change(actor, "clause.changed", contract, clause, before=before, after=cleaned)
    return clause


@transaction.atomic
def clause_remove(*, actor: Actor, clause: Clause) -> None:
    """The clause is not agreed after all. Raises as `clause_add`."""
    contract = _draft_of(actor, clause.version)
    record_change(
        actor,
        "clause.removed",
        contract,
        clause,
        before={"kind": clause.kind, **clause.parameters},
    )
    clause.delete()


@transaction.atomic
def clauses_from_library(
    *, actor: Actor, version: ContractVersion, kinds: Collection[str] | None = None
) -> list[Clause]:
    """The clauses of the library that the version lacks, with the numbers of the standard.

    All of them, or those of `kinds`.
    """
    contract = _draft_of(actor, version)
    known = set(version.clauses.values_list("kind", flat=True))
    added = Clause.objects.bulk_create(
        Clause(version=version, kind=kind, parameters=one.defaults)
        for kind, one in LIBRARY.items()
        if kind not in known and (kinds is None or kind in kinds)
    )
    record_change(
        actor,
        "clauses.proposed",
        contract,
        version,
        after={"kinds": [one.kind for one in added]},
    )
    return added


@dataclass(frozen=True)
class ClauseDraft:
    """A clause of the library with its numbers; what is left out is that of the standard."""

    kind: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def clauses_set(
    *, actor: Actor, version: ContractVersion, drafts: Sequence[ClauseDraft]
) -> list[Clause]:
    """These clauses for the whole contract, in the place of those that the version had.

    Raises as `clause_add`, with the faults of all clauses at once: `clauses.<kind>.`...
    """
    contract = _draft_of(actor, version)
    rows = []
    faults: list[Violation] = []
    for one in drafts:
        cleaned, wrong = clean_parameters(one.kind, one.parameters)
        faults += [replace(fault, field=f"clauses.{one.kind}.{fault.field}") for fault in wrong]
        rows.append(Clause(version=version, kind=one.kind, parameters=cleaned))
    if faults:
        raise InvalidError(violations=faults)
    version.clauses.all().delete()
    found = Clause.objects.bulk_create(rows)
    record_change(
        actor,
        "clauses.set",
        contract,
        version,
        after={"clauses": [{"kind": one.kind, **one.parameters} for one in found]},
    )
    return found


def clauses_copy(source: ContractVersion, version: ContractVersion) -> None:
    """The clauses of `source` for a version that is being prepared; the caller holds the lock."""
    Clause.objects.bulk_create(
        Clause(
            version=version,
            kind=one.kind,
            detail=one.detail,
            contract_lot_id=one.contract_lot_id,
            parameters=one.parameters,
        )
        for one in source.clauses.all()
    )


@transaction.atomic
def milestone_record(
    *,
    actor: Actor,
    contract: Contract,
    kind: str,
    title: str,
    period_start: date,
    met_date: date | None,
    due_date: date | None = None,
    amount: Decimal | None = None,
    location: str = "",
    note: str = "",
) -> Milestone:
    """Something that was promised, and when it was done; the same again changes it.

    Buyer and provider both may: who received a report writes it down, and the other can see it.
    Raises NotAllowedError, InvalidError.
    """
    require_party(actor, contract)
    milestone = Milestone.objects.filter(
        contract=contract, kind=kind, period_start=period_start, title=title.strip()
    ).first() or Milestone(
        contract=contract, kind=kind, period_start=period_start, title=title.strip()
    )
    milestone.met_date, milestone.due_date, milestone.amount = met_date, due_date, amount
    milestone.location, milestone.note = location.strip(), note.strip()
    faults = field_violations(milestone)
    if met_date is not None and met_date > clock.today():
        faults.append(
            Violation(
                "met_date",
                "date_in_future",
                _("This day is still to come. Enter a day until today."),
            )
        )
    if kind == MilestoneKind.SOCIAL_RETURN and amount is None:
        faults.append(
            Violation("amount", "required", _("Enter the amount of social return in euros."))
        )
    if not contract.start_date <= period_start <= contract.end_date:
        faults.append(
            Violation(
                "period_start",
                "outside_contract",
                _("This day lies outside the contract. Choose a day within it."),
            )
        )
    if faults:
        raise InvalidError(violations=faults)
    milestone.save()
    record_change(
        actor,
        "milestone.recorded",
        contract,
        milestone,
        after={
            "kind": kind,
            "period_start": period_start.isoformat(),
            "met_date": None if met_date is None else met_date.isoformat(),
            "amount": None if amount is None else str(amount),
        },
    )
    return milestone


def _draft_of(actor: Actor, version: ContractVersion) -> Contract:
    contract = contract_lock(actor, version.contract, NOT_ENDED)
    version.refresh_from_db(fields=["agreed_at"])
    if version.agreed_at is not None:
        raise ClauseLockedError
    return contract
