"""Pictures drawn on the server; the page that shows one has the same numbers in a table."""

import re
from collections.abc import Sequence
from typing import Any

import altair
import vl_convert
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from backend.common.errors import Text

# Roles and names of parts would be read as pictures without a text; styles are blocked.
PARTS = re.compile(r'\s(?:role|style|aria-[a-z]+)="[^"]*"')
# Dark enough on white for people who see little contrast; the order of the legend.
COLOURS = ("#01689b", "#39870c", "#b45309", "#7c3aed", "#154273", "#8a3c00")
WIDTH, ROW_HEIGHT, HEIGHT = 620, 18, 240


def picture(chart: Any, label: Text) -> SafeString:
    """The chart as SVG: one picture to a screen reader, named by `label`."""
    drawn: str = vl_convert.vegalite_to_svg(
        chart.configure(aria=False, background="transparent").to_dict(), vl_version="6.4"
    )
    named = PARTS.sub("", drawn).replace(
        "<svg ", f'<svg role="img" aria-label="{escape(str(label))}" ', 1
    )
    return mark_safe(named)  # noqa: S308 - drawn here from numbers and escaped names


def colour(groups: Sequence[str]) -> Any:
    """One colour per group, in their order, with a legend above the chart."""
    return altair.Color(
        "group:N",
        scale=altair.Scale(domain=list(groups), range=list(COLOURS[: len(groups)])),
        legend=altair.Legend(title=None, orient="top"),
    )


def grouped_bars(
    rows: Sequence[tuple[Text, Text, float]], groups: Sequence[Text], unit: Text, label: Text
) -> SafeString:
    """Horizontal bars of (row, group, number): per row one bar for every group."""
    names = [str(group) for group in groups]
    order = list(dict.fromkeys(str(row) for row, _group, _number in rows))
    values = [{"row": str(r), "group": str(g), "number": n} for r, g, n in rows]
    chart = (
        altair.Chart(altair.Data(values=values), width=WIDTH, height={"step": ROW_HEIGHT})
        .mark_bar()
        .encode(
            y=altair.Y("row:N", sort=order, title=None, axis=altair.Axis(labelLimit=260)),
            yOffset=altair.YOffset("group:N", sort=names),
            x=altair.X("number:Q", title=str(unit), axis=altair.Axis(tickCount=6)),
            color=colour(names),
        )
    )
    return picture(chart, label)
