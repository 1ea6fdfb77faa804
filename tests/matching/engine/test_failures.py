"""Failed rules that are packed come back as they were, in a few bytes an offer."""

import numpy as np
import pytest

from matching.engine import Rule, packed_failures, rule_names, unpacked_failures


def test_what_is_packed_comes_back():
    random = np.random.default_rng(7)
    keys = np.sort(random.integers(1, 1 << 31, 5000))
    failed = random.integers(1, 1 << len(Rule), 5000).astype(np.uint16)
    found = unpacked_failures(packed_failures(keys, failed))
    back = sorted((key, rules) for rules, some in found.items() for key in some)
    pairs = zip(keys.tolist(), failed.tolist(), strict=True)
    assert back == sorted((key, tuple(rule_names(bits))) for key, bits in pairs)


def test_the_largest_group_comes_first_and_keys_may_repeat():
    distance, seats = np.uint16(Rule.DISTANCE.bit), np.uint16(Rule.SEATS.bit)
    packed = packed_failures(np.array([5, 5, 9]), np.array([distance, seats, seats]))
    assert list(unpacked_failures(packed).items()) == [(("SEATS",), [5, 9]), (("DISTANCE",), [5])]


def test_ten_thousand_offers_take_a_few_bytes_each():
    keys = np.arange(100_000, 120_000, 2)
    failed = np.random.default_rng(1).choice(np.array([1, 2, 4, 66, 70], np.uint16), 10_000)
    assert len(packed_failures(keys, failed)) < 15_000


def test_nothing_failed_is_nothing():
    assert unpacked_failures(b"") == {}
    assert unpacked_failures(packed_failures(np.zeros(0, int), np.zeros(0, np.uint16))) == {}


def test_another_version_is_refused():
    with pytest.raises(ValueError, match="version 9"):
        unpacked_failures(bytes([9]))
