"""Real threads with their own connections, all let go at the same moment."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

from django.db import connections


def race(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs all `acts` at once, each in its own thread and transaction; results in their order.

    An exception is a result too: the loser of a race is as interesting as the winner.
    """
    results: list[Any] = [None] * len(acts)
    start = Barrier(len(acts))

    def run(number: int) -> None:
        try:
            connections["default"].ensure_connection()
            start.wait(timeout=30)
            results[number] = acts[number]()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(number,), daemon=True) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


def kinds(results: Sequence[Any]) -> Counter[str]:
    """How often each outcome came: the code of a domain error, or the name of the class."""
    return Counter(getattr(one, "code", None) or type(one).__name__ for one in results)


def ask_unlocked(model: Any, pk: int, rows: Any, **values: Any) -> Any:
    """In the place of `ask_locked`, for the twin of a race: no lock, and time for the others."""
    found = rows(**values)
    time.sleep(0.02)
    return found
