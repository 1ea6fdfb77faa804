"""What a table keeps on one line."""

import pytest

from backend.web.tables import Cell, Column
from backend.web.values import Link, show


@pytest.mark.parametrize(
    ("value", "whole"),
    [
        ("D-2026-10-0200", True),
        (Link("DEMO-P00916", "/needs/1"), True),
        ("Olst-Wijhe", False),
        ("Taalschool De Proeftuin", False),
        ("onderwijs-en-participatie-2026", False),
        (12, False),
        (None, False),
    ],
)
def test_a_code_is_never_broken_at_its_hyphens(value, whole):
    assert Cell(Column("x", "X", "x"), show(value), value).whole is whole


def test_what_a_column_calls_whole_is_whole():
    column = Column("x", "X", "x", whole=True)
    assert Cell(column, show("Olst-Wijhe"), "Olst-Wijhe").whole
