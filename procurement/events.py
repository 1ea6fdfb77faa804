"""Facts of contracts that the apps above may act on; published after commit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContractStatusChanged:
    """The contract is in force, suspended or ended from now on."""

    contract_id: int
    status: str
