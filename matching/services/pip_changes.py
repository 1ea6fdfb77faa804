"""What a new version of a PIP does to the needs and offers of the version before."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from matching.choices import NeedState
from matching.models import Need, Pip
from matching.services.pip_rules import components_of


class Effect(Enum):
    KEEPS_QUEUE = "keeps_queue"
    GOES_ALONG = "goes_along"
    IS_NEW = "is_new"
    CLOSES = "closes"
    STAYS = "stays"
    BLOCKS = "blocks"


@dataclass(frozen=True)
class Consequence:
    """One component, and what happens to it when the new version is saved."""

    component: str
    effect: Effect


def pip_consequences(pip: Pip, route: str) -> list[Consequence]:
    """What `pip_register` will do to each component, in the order of the new plan; one query.

    BLOCKS means that it will refuse: an offer stands open for a component that would disappear.
    """
    needs = Need.objects.filter(pip=pip).exclude(state=NeedState.CLOSED)
    before = {need.component: need.state for need in needs}
    found = [_kept(component, before.pop(component, None)) for component in components_of(route)]
    return [*found, *_dropped(before.items())]


def _kept(component: str, state: str | None) -> Consequence:
    if state is None:
        return Consequence(component, Effect.IS_NEW)
    if state == NeedState.WAITING:
        return Consequence(component, Effect.KEEPS_QUEUE)
    return Consequence(component, Effect.GOES_ALONG)


def _dropped(before: Iterable[tuple[str, str]]) -> list[Consequence]:
    effects = {NeedState.WAITING: Effect.CLOSES, NeedState.OFFERED: Effect.BLOCKS}
    return [
        Consequence(component, effects.get(NeedState(state), Effect.STAYS))
        for component, state in sorted(before)
    ]
