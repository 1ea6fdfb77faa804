"""The daily evaluation of clauses, and what people do with what it found."""

from collections.abc import Iterable
from datetime import date

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor
from backend.audit import services as audit
from backend.common import clock
from backend.common.errors import InvalidError, Violation
from backend.common.locks import lock_row
from procurement.clauses.facts import ContractFacts, Finding
from procurement.clauses.kinds import BREACH_TRANSITIONS, BreachState, Severity
from procurement.clauses.rules import findings
from procurement.models import Clause, ClauseBreach, Contract
from procurement.money_errors import BreachStateError
from procurement.money_policies import require_party
from procurement.policies import require_manage_contracts
from procurement.selectors.clause_facts import contract_facts, contracts_to_evaluate
from procurement.selectors.clauses import clauses_in_force

log = structlog.get_logger(__name__)
CLAUSES_EVALUATED = "clauses.evaluated"
BATCH_SIZE = 500


def clauses_evaluate(*, on: date | None = None) -> int:
    """Checks every clause of every contract in force; returns how many findings are new.

    Running twice on a day changes nothing. A signal that no longer holds (the option was decided,
    the document renewed) is resolved by itself; a breach stays until somebody resolves it.
    """
    today = on or clock.today()
    contracts = contracts_to_evaluate(today)
    clauses = clauses_in_force([one.pk for one in contracts], today)
    notice = {one.version.contract_id: one.version.notice_months for one in clauses}
    gathered = contract_facts(contracts, notice, today)
    found: dict[tuple[object, ...], ClauseBreach] = {}
    for clause in clauses:
        contract = gathered[clause.version.contract_id]
        scoped = _narrowed(contract, clause)
        for finding in findings(clause.kind, clause.parameters, scoped, today):
            breach = _breach(clause, finding, today)
            found.setdefault(_key(breach), breach)
    added = _store(found.values(), [one.pk for one in contracts], today)
    log.info(CLAUSES_EVALUATED, contracts=len(contracts), found=len(found), added=added)
    return added


def _narrowed(contract: ContractFacts, clause: Clause) -> ContractFacts:
    """A clause of one lot looks at that lot only."""
    if clause.contract_lot is None:
        return contract
    kept = [one for one in contract.lots if one.subject.uuid == clause.contract_lot.uuid]
    return ContractFacts(**{**contract.__dict__, "lots": kept})


def _breach(clause: Clause, finding: Finding, today: date) -> ClauseBreach:
    return ClauseBreach(
        contract_id=clause.version.contract_id,
        clause=clause,
        kind=clause.kind,
        detail=clause.detail,
        severity=finding.severity,
        subject_type=finding.subject.type,
        subject_uuid=finding.subject.uuid,
        subject_label=finding.subject.label[:160],
        period=finding.period,
        facts=dict(finding.facts),
        due_date=finding.due_date,
        evidence_url=finding.subject.url[:300],
        first_seen=today,
        last_seen=today,
    )


def _key(breach: ClauseBreach) -> tuple[object, ...]:
    return (
        breach.contract_id,
        breach.kind,
        breach.detail,
        breach.subject_uuid,
        breach.period,
    )


@transaction.atomic
def _store(found: Iterable[ClauseBreach], contract_ids: list[int], today: date) -> int:
    before = ClauseBreach.objects.filter(contract__in=contract_ids).count()
    ClauseBreach.objects.bulk_create(
        found,
        batch_size=BATCH_SIZE,
        update_conflicts=True,
        unique_fields=["contract", "kind", "detail", "subject_uuid", "period"],
        # A signal may have become a breach since: an option that nobody decided.
        update_fields=["last_seen", "severity", "facts", "due_date"],
    )
    after = ClauseBreach.objects.filter(contract__in=contract_ids).count()
    ClauseBreach.objects.filter(
        contract__in=contract_ids, severity=Severity.SIGNAL, last_seen__lt=today
    ).exclude(state=BreachState.RESOLVED).update(
        state=BreachState.RESOLVED, resolved_at=clock.now(), resolved_by="Passend"
    )
    return after - before


@transaction.atomic
def breach_acknowledge(*, actor: Actor, breach: ClauseBreach, note: str = "") -> ClauseBreach:
    """Somebody of buyer or provider has seen it and does something about it.

    Raises NotAllowedError, BreachStateError, BusyError.
    """
    require_party(actor, breach.contract)
    breach = _locked(breach, BreachState.ACKNOWLEDGED)
    breach.state = BreachState.ACKNOWLEDGED
    breach.acknowledged_at = clock.now()
    breach.acknowledged_by = actor.label[:200]
    breach.note = note.strip() or breach.note
    breach.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "note"])
    _record(actor, "breach.acknowledged", breach)
    return breach


@transaction.atomic
def breach_resolve(*, actor: Actor, breach: ClauseBreach, note: str) -> ClauseBreach:
    """The buyer closes the finding and says how it was settled.

    Raises NotAllowedError, InvalidError, BreachStateError, BusyError.
    """
    require_manage_contracts(actor, breach.contract.buyer_id)
    if not note.strip():
        raise InvalidError(
            violations=[
                Violation(
                    "note", "required", _("Say how this was settled, so that others can read it.")
                )
            ]
        )
    breach = _locked(breach, BreachState.RESOLVED)
    breach.state = BreachState.RESOLVED
    breach.resolved_at = clock.now()
    breach.resolved_by = actor.label[:200]
    breach.note = note.strip()
    breach.save(update_fields=["state", "resolved_at", "resolved_by", "note"])
    _record(actor, "breach.resolved", breach)
    return breach


def _locked(breach: ClauseBreach, target: BreachState) -> ClauseBreach:
    locked = lock_row(
        ClauseBreach.objects.select_related("contract__provider", "contract__buyer"), breach.pk
    )
    if target not in BREACH_TRANSITIONS[BreachState(locked.state)]:
        raise BreachStateError
    return locked


def _record(actor: Actor, action: str, breach: ClauseBreach) -> None:
    contract: Contract = breach.contract
    audit.record(
        actor=actor,
        action=action,
        subject=breach,
        after=audit.snapshot(breach, ["kind", "period", "state", "note"]),
        organisation_ids=[contract.buyer_id, contract.provider.organisation_id],
    )
