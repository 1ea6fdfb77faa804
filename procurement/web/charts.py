"""Charts of money, drawn on the server; the numbers stand in a table under each."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import altair
import vl_convert
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backend.common.errors import Text

PARTS = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
# Dark enough on white for people who see little contrast; the order of the legend.
COLOURS = ("#01689b", "#39870c", "#b45309", "#7c3aed")
WIDTH, ROW_HEIGHT, CHART_HEIGHT = 620, 18, 240


def grouped_bars(
    rows: Iterable[tuple[Text, Text, Decimal]], groups: Sequence[Text], label: Text
) -> SafeString:
    """Horizontal bars of (row, group, euros): per row one bar for every group."""
    data = tuple((str(row), str(group), float(amount)) for row, group, amount in rows)
    return _svg(_grouped_bars(data, tuple(map(str, groups)), _("Euros")), str(label))


def monthly_bars(
    rows: Iterable[tuple[date, Text, Decimal]], groups: Sequence[Text], label: Text
) -> SafeString:
    """Stacked bars per month of (month, group, euros)."""
    data = tuple((month.isoformat(), str(group), float(euros)) for month, group, euros in rows)
    return _svg(_monthly_bars(data, tuple(map(str, groups)), _("Euros")), str(label))


def _svg(drawn: str, label: str) -> SafeString:
    """The drawing is a picture to a screen reader, named by `label`."""
    # One picture: roles and names of its parts would be read as pictures without a text.
    bare = PARTS.sub("", drawn)
    named = bare.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return mark_safe(named)  # noqa: S308 - drawn here from numbers and escaped names


@lru_cache(maxsize=64)
def _grouped_bars(
    data: tuple[tuple[str, str, float], ...], groups: tuple[str, ...], unit: str
) -> str:
    rows = list(dict.fromkeys(row for row, _group, _amount in data))
    chart = (
        altair.Chart(
            altair.Data(values=[{"row": r, "group": g, "amount": a} for r, g, a in data]),
            width=WIDTH,
            height={"step": ROW_HEIGHT},
        )
        .mark_bar()
        .encode(
            y=altair.Y("row:N", sort=rows, title=None),
            yOffset=altair.YOffset("group:N", sort=list(groups)),
            x=altair.X("amount:Q", title=unit, axis=altair.Axis(format="~s", tickCount=6)),
            color=_colour(groups),
        )
    )
    return _drawn(chart)


@lru_cache(maxsize=64)
def _monthly_bars(
    data: tuple[tuple[str, str, float], ...], groups: tuple[str, ...], unit: str
) -> str:
    chart = (
        altair.Chart(
            altair.Data(values=[{"month": m[:7], "group": g, "amount": a} for m, g, a in data]),
            width=WIDTH,
            height=CHART_HEIGHT,
        )
        .mark_bar()
        .encode(
            x=altair.X("month:O", title=None, axis=altair.Axis(labelAngle=-60)),
            y=altair.Y("amount:Q", title=unit, axis=altair.Axis(format="~s", tickCount=6)),
            color=_colour(groups),
        )
    )
    return _drawn(chart)


def _colour(groups: tuple[str, ...]) -> Any:
    return altair.Color(
        "group:N",
        scale=altair.Scale(domain=list(groups), range=list(COLOURS[: len(groups)])),
        legend=altair.Legend(title=None, orient="top"),
    )


def _drawn(chart: Any) -> str:
    drawn: str = vl_convert.vegalite_to_svg(chart.configure(aria=False).to_dict(), vl_version="6.4")
    return drawn
