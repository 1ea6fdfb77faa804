"""What every change of a contract starts and ends with."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import models

from backend.accounts.actor import Actor
from backend.audit import services as audit
from procurement.choices import ContractStatus
from procurement.errors import ContractStateError
from procurement.models import Contract
from procurement.policies import require_manage_contracts

# What the contract covers only changes before it is in force; the rest until it has ended.
NOT_ENDED = frozenset({ContractStatus.DRAFT, ContractStatus.ACTIVE, ContractStatus.SUSPENDED})
RUNNING = frozenset({ContractStatus.ACTIVE, ContractStatus.SUSPENDED})


def contract_lock(actor: Actor, contract: Contract, allowed: Collection[str]) -> Contract:
    """The contract as it is now, locked, for somebody who may change it.

    Raises NotAllowedError, and ContractStateError in any status that is not allowed.
    """
    require_manage_contracts(actor, contract.buyer_id)
    locked = (
        Contract.objects.select_for_update(of=("self",))
        .select_related("provider", "buyer")
        .get(pk=contract.pk)
    )
    if locked.status not in allowed:
        raise ContractStateError
    return locked


def parties_of(contract: Contract) -> list[int]:
    """Buyer and provider may both read what happened to their contract."""
    return [contract.buyer_id, contract.provider.organisation_id]


def record_change(
    actor: Actor,
    action: str,
    contract: Contract,
    subject: models.Model,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Writes the change of something in a contract to the history of both parties."""
    audit.record(
        actor=actor,
        action=action,
        subject=subject,
        before=before,
        after={"contract": contract.number, **(after or {})},
        reason=reason,
        organisation_ids=parties_of(contract),
    )


def record_contract(
    actor: Actor,
    action: str,
    contract: Contract,
    *,
    after: Sequence[str],
    before: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Writes a change of the contract itself."""
    audit.record(
        actor=actor,
        action=action,
        subject=contract,
        before=before,
        after=audit.snapshot(contract, after),
        reason=reason,
        organisation_ids=parties_of(contract),
    )
