"""Coarse groups of invited people in which nobody stands out: never fewer than ten per group.

A group is split by the next trait only when every part of it keeps at least ten invited people;
otherwise it stays whole. Merging small parts upward one by one would leave the last one alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

# Below this number of invited people a combination of traits could point to a person.
MIN_INVITED = 10
EVERYBODY = "all"

Key = TypeVar("Key")


def coarse_strata(
    traits: Mapping[Key, Sequence[str]], *, minimum: int = MIN_INVITED
) -> dict[Key, str]:
    """The group of each key: its traits from coarse to fine, as far as each group has `minimum`."""
    result: dict[Key, str] = {}
    pending: list[tuple[str, list[Key], int]] = [(EVERYBODY, list(traits), 0)]
    while pending:
        name, members, depth = pending.pop()
        parts: dict[str, list[Key]] = defaultdict(list)
        for key in members:
            if depth < len(traits[key]):
                parts[traits[key][depth]].append(key)
        whole = sum(map(len, parts.values())) == len(members)
        if not parts or not whole or min(map(len, parts.values())) < minimum:
            result.update(dict.fromkeys(members, name))
            continue
        for trait, part in parts.items():
            finer = trait if name == EVERYBODY else f"{name}.{trait}"
            pending.append((finer, part, depth + 1))
    return result
