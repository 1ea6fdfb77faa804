"""Guarantees that the failed rules of thousands of offers come back as they were, packed small.

Somebody asks once in a hundred searches why one offer was not among the rest, perhaps years later;
the answer must be there, and need not stand in every search.
"""

import zlib

import numpy as np

from matching.engine.codes import rule_names

# The first byte says how to read the rest; another order of RULES needs a new one.
_VERSION = 1


def packed_failures(keys: np.ndarray, failed: np.ndarray) -> bytes:
    """Packs the set of failed rules per offer; keys are whole numbers that do not descend."""
    steps = np.diff(keys.astype(np.int64), prepend=0).astype("<u4")
    # The lowest level: the steps are small and the sets are few, so more gains nothing.
    data = zlib.compress(steps.tobytes() + failed.astype("<u2").tobytes(), 1)
    return bytes([_VERSION]) + data


def unpacked_failures(data: bytes | memoryview) -> dict[tuple[str, ...], list[int]]:
    """Gives the keys by the rules on which they failed, the most frequent first."""
    data = bytes(data)
    if not data:
        return {}
    if data[0] != _VERSION:
        raise ValueError(f"failures of version {data[0]}")
    raw = zlib.decompress(data[1:])
    count = len(raw) // 6
    keys = np.cumsum(np.frombuffer(raw, "<u4", count).astype(np.int64))
    failed = np.frombuffer(raw, "<u2", count, 4 * count)
    sets, numbers = np.unique(failed, return_counts=True)
    return {
        tuple(rule_names(bits)): keys[failed == bits].tolist()
        for bits in sets[np.argsort(-numbers, kind="stable")].tolist()
    }
