"""Charts drawn on the server; each page also shows the same figures as a table."""

import hashlib
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert as vlc
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from quality.selectors import MonthFigure

# Colours with at least 4.5:1 on white; shapes and a dashed line carry the same meaning.
OWN, NORM = "#154273", "#8a3c00"
CACHE_SECONDS = 24 * 3600
# A decimal comma and percentages as the reader writes them.
NUMBER_FORMAT = {
    "nl": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["€ ", ""]},
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""]},
}


def attendance_chart(
    months: Sequence[MonthFigure], *, norm: float | None, language: str, title: str, summary: str
) -> SafeString:
    """Attendance by month with its interval and the norm, as SVG with a title and a description.

    Hidden months leave a gap: neither a point nor a line says where they are.
    """
    rows = [
        {
            "month": one.month.isoformat(),
            "label": _month_label(one),
            "value": one.shown.value,
            "low": one.shown.low,
            "high": one.shown.high,
        }
        for one in months
    ]
    key = hashlib.sha256(repr((rows, norm, language, title, summary)).encode()).hexdigest()
    svg = cache.get(f"quality.chart.{key}")
    if svg is None:
        svg = _named(_draw(rows, norm, language), title, summary)
        cache.set(f"quality.chart.{key}", svg, CACHE_SECONDS)
    # Drawn from numbers and escaped texts by the functions below.
    return mark_safe(svg)  # noqa: S308


def _month_label(one: MonthFigure) -> str:
    names = pgettext("short month names", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
    return f"{names[one.month.month - 1]} {one.month:%y}"


def _draw(rows: list[dict[str, Any]], norm: float | None, language: str) -> str:
    order = [row["label"] for row in rows]
    shown = [row for row in rows if row["value"] is not None]
    x = alt.X(
        "label:N",
        sort=order,
        scale=alt.Scale(domain=order),
        title=None,
        axis=alt.Axis(labelAngle=0, labelFontSize=12, labelOverlap=False),
    )
    y = alt.Y(
        "value:Q",
        title=_("Attendance"),
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format=".0%", labelFontSize=12, titleFontSize=13),
    )
    base = alt.Chart(alt.Data(values=shown))
    layers: list[Any] = [
        base.mark_rule(color=OWN, strokeWidth=2).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        base.mark_point(color=OWN, filled=True, size=90, shape="circle").encode(x=x, y=y),
    ]
    if norm is not None:
        line = alt.Chart(alt.Data(values=[{"norm": norm, "text": _("Norm")}]))
        layers += [
            line.mark_rule(color=NORM, strokeWidth=2, strokeDash=[6, 4]).encode(y="norm:Q"),
            line.mark_text(color=NORM, align="right", baseline="bottom", dy=-3, fontSize=13).encode(
                y="norm:Q", x=alt.value(680), text="text:N"
            ),
        ]
    chart = alt.layer(*layers).properties(width=680, height=240, background="transparent")
    svg: str = vlc.vegalite_to_svg(
        chart.to_dict(validate=False), format_locale=NUMBER_FORMAT[language]
    )
    return svg


def _named(svg: str, title: str, summary: str) -> str:
    """The drawing with a name and a description, one image to a screen reader, without styles.

    The content security policy of the pages allows no style attributes.
    """
    svg = re.sub(r'\sstyle="[^"]*"', "", svg)
    svg = re.sub(r'\saria-[a-z]+="[^"]*"|\srole="[^"]*"', "", svg)
    svg = re.sub(
        r'^<svg([^>]*?)\swidth="(\d+)" height="(\d+)"',
        r'<svg\1 class="quality-chart"',
        svg,
        count=1,
    )
    head, _angle, body = svg.partition(">")
    names = (
        f'<title id="chart-title">{escape(title)}</title>'
        f'<desc id="chart-description">{escape(summary)}</desc>'
    )
    return f'{head} role="img" aria-labelledby="chart-title chart-description">{names}{body}'
