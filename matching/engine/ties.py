"""Guarantees the same number for the same ids and seed, everywhere and for ever.

About one in six choices of an optimal assignment is an exact tie. Ties go by a number that
follows from the two ids and the published seed, so that nobody can steer them and everybody can
repeat them. The number of a pair mixes both ids: a sum of a need's and an offer's number would
make every exchange between two people a new tie.
"""

from typing import Final

import numpy as np

# Finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit moves half the output bits.
_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2: Final = np.uint64(0x94D049BB133111EB)
_BASE: Final = np.uint64(0xD6E8FEB86659FD93)  # odd, so that no letter is lost modulo 2**64
TIE_BITS: Final = 31


def mix(values: np.ndarray) -> np.ndarray:
    """Gives well-spread 64-bit numbers for 64-bit numbers."""
    mixed = values + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def id_numbers(ids: np.ndarray) -> np.ndarray:
    """Gives a 64-bit number per id, which depends on the id only, not on the table around it.

    When an id comes back, its later rows get numbers of their own, in the order of the rows.
    """
    if not ids.size:
        return np.zeros(0, np.uint64)
    letters = np.ascontiguousarray(ids).view(np.uint32).reshape(len(ids), -1)
    # A polynomial in the letters, modulo 2**64: the padding behind shorter ids is zero and does
    # not count, or one long id would change every tie.
    powers = np.multiply.accumulate(np.full(letters.shape[1], _BASE, np.uint64))
    numbers = mix(letters.astype(np.uint64) @ powers)
    order = np.argsort(numbers, kind="stable")
    again = np.flatnonzero(numbers[order[1:]] == numbers[order[:-1]]) + 1
    if len(again):
        starts = np.flatnonzero(np.diff(numbers[order], prepend=~numbers[order[:1]]))
        place = np.arange(len(order))
        repeat = place - starts[np.searchsorted(starts, place, "right") - 1]
        numbers[order[again]] = mix(numbers[order[again]] + repeat[again].astype(np.uint64))
    return numbers


def pair_numbers(
    need_numbers: np.ndarray, offer_numbers: np.ndarray, seed: int, word: int = 0
) -> np.ndarray:
    """Gives the tie number of each pair, 0 .. 2**31 - 1; `word` asks for a further one."""
    salt = mix(np.array([(seed & 0xFFFFFFFFFFFFFFFF) ^ (word << 56)], np.uint64))[0]
    mixed = mix(mix(need_numbers ^ salt) + offer_numbers)
    return (mixed >> np.uint64(64 - TIE_BITS)).astype(np.int64)
