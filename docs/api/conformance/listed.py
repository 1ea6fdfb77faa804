"""The list of scenarios; each module adds its own, in the order of this page."""

from collections.abc import Callable
from dataclasses import dataclass

from world import MissingError, World

__all__ = ["SCENARIOS", "MissingError", "Scenario", "scenario"]

Run = Callable[[World], None]


@dataclass(frozen=True)
class Scenario:
    """One promise of the API; raises FaultError when it is not kept."""

    name: str
    title: str
    advice: str
    run: Run


SCENARIOS: list[Scenario] = []


def scenario(title: str, advice: str) -> Callable[[Run], Run]:
    """Adds the function below it, under its own name with dashes."""

    def add(run: Run) -> Run:
        SCENARIOS.append(Scenario(run.__name__.replace("_", "-"), title, advice, run))
        return run

    return add


import events_and_webhooks  # noqa: E402
import placements  # noqa: E402
import requests_and_problems  # noqa: E402
import supply_and_money  # noqa: E402

_ = (requests_and_problems, placements, supply_and_money, events_and_webhooks)
