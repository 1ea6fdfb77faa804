"""Steps that a person watches: a bar on a terminal, silence in tests."""

from collections.abc import Iterable, Iterator, Sized
from typing import Protocol, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


class Progress(Protocol):
    """Tells how far a step is."""

    def each(self, label: str, items: Iterable[Item]) -> Iterator[Item]: ...


class Silent:
    def each(self, label: str, items: Iterable[Item]) -> Iterator[Item]:
        yield from items


class Bars:
    """One bar per step on the terminal; without a terminal only the finished line."""

    def each(self, label: str, items: Iterable[Item]) -> Iterator[Item]:
        total = len(items) if isinstance(items, Sized) else None
        yield from tqdm(
            items,
            desc=f"  {label:<34}",
            total=total,
            ncols=86,
            mininterval=0.2,
            bar_format="{desc}{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} {elapsed}",
        )
