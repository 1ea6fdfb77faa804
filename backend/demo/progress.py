"""Steps that a person watches: a bar on a terminal, a line per step in a log, silence in tests."""

import sys
import time
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
    """One bar per step on a terminal; in a log file only a line when the step is done."""

    def each(self, label: str, items: Iterable[Item]) -> Iterator[Item]:
        if not sys.stderr.isatty():
            began = time.perf_counter()
            yield from items
            print(f"  {label:<34}{time.perf_counter() - began:6.1f} s", file=sys.stderr)  # noqa: T201
            return
        total = len(items) if isinstance(items, Sized) else None
        yield from tqdm(
            items,
            desc=f"  {label:<34}",
            total=total,
            ncols=86,
            mininterval=0.2,
            bar_format="{desc}{percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt} {elapsed}",
        )
