"""How values look on screen and in a download."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
from openpyxl import load_workbook

from backend.web.exports import export_response
from backend.web.values import Badge, Bar, Lines, Link, Money, Percentage, plain, show


@pytest.mark.parametrize(
    ("value", "shown", "exported"),
    [
        ("<b>", "&lt;b&gt;", "<b>"),
        (1234567, "1.234.567", 1234567),
        (Decimal("7.5"), "7,5", Decimal("7.5")),
        (Decimal("15.0"), "15", Decimal("15.0")),
        (True, "Ja", True),
        (False, "Nee", False),
        (gettext_lazy("Yes"), "Ja", "Ja"),
        (Badge("Loopt", "success"), "Loopt", "Loopt"),
        (Link("<i>", "/x?a=1&b=2"), 'href="/x?a=1&amp;b=2">&lt;i&gt;', "<i>"),
        (Bar(3, 12), "3 van 12", "3/12"),
        (Lines(("a", "b")), "<li>a</li><li>b</li>", "a; b"),
        (Money(Decimal("7250")), "€&nbsp;7.250,00", Decimal("7250")),
        (Percentage(0.256, 1), "25,6&nbsp;%", 0.256),
        (date(2026, 3, 2), "2 mrt 2026", date(2026, 3, 2)),
        (datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "3 mrt 2026 00:30", None),
    ],
)
def test_a_value_on_screen_and_in_a_download(value, shown, exported):
    assert shown in show(value)
    if exported is not None:
        assert plain(value) == exported


def test_english_readers_read_english_dates_and_numbers():
    with translation.override("en"):
        assert "2 Mar 2026" in show(date(2026, 3, 2))
        assert show(1234567) == "1,234,567"


@pytest.mark.parametrize("nothing", [None, "", Money(None), Percentage(None), Lines(())])
def test_nothing_is_said_aloud(nothing):
    assert "geen gegevens" in show(nothing)


@pytest.mark.parametrize(
    ("used", "total", "percentage", "tone"),
    [
        (0, 10, 0, "success"),
        (8, 10, 80, "warning"),
        (10, 10, 100, "danger"),
        (0, 0, 100, "danger"),
        (12, 10, 100, "danger"),
    ],
)
def test_a_bar_never_leaves_its_track(used, total, percentage, tone):
    bar = Bar(used, total)

    assert (bar.percentage, bar.tone) == (percentage, tone)


DANGEROUS = ["=1+1", "+31", "-2", "@SUM(A1)", "\tx", "\rx"]


def test_no_cell_of_a_csv_starts_a_formula():
    response = export_response(
        [["Naam"], *[[one] for one in DANGEROUS]], file_name="x", file_format="csv"
    )

    text = response.content.decode("utf-8-sig")
    assert all(f"'{one.strip()}" in text or f"'{one}" in text for one in DANGEROUS)
    assert not any(line.strip('"').startswith(("=", "+", "-", "@")) for line in text.splitlines())
    assert response["Content-Disposition"] == 'attachment; filename="x.csv"'


def test_no_cell_of_a_workbook_is_a_formula_and_types_are_kept():
    row = [
        "=1+1",
        5,
        Decimal("7.5"),
        date(2026, 3, 2),
        None,
        datetime(2026, 7, 1, 10, 0, tzinfo=UTC),
        True,
    ]
    response = export_response([["a"] * len(row), row], file_name="x", file_format="xlsx")

    sheet = load_workbook(BytesIO(response.content)).active
    cells = next(iter(sheet.iter_rows(min_row=2)))
    assert [cell.data_type for cell in cells[:2]] == ["s", "n"]
    assert [cell.value for cell in cells] == [
        "=1+1",
        5,
        7.5,
        datetime(2026, 3, 2),
        None,
        datetime(2026, 7, 1, 12, 0),
        True,
    ]
