"""The map of places around somebody's area, and courses over the term, drawn on the server.

The map knows the person's area only: the middle of the postcode or of the municipality.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, pi, radians, sin

import altair
from django.utils.safestring import SafeString

from backend.common.errors import Text
from backend.web.charts import COLOURS, picture

SIDE, WIDTH, ROW = 420, 620, 30
KM_PER_DEGREE = 111.195
CIRCLE_STEPS = 72
# Half the side of the map holds so many letters beside each other.
CELLS = 12
MUTED = "#5a6470"


@dataclass(frozen=True)
class Spot:
    """A location with the letters of the alternatives there."""

    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Area:
    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Span:
    """A course from its first to its last day."""

    label: str
    kind: str
    start: date
    end: date


def area_map(
    area: Area, spots: Sequence[Spot], limit_km: float, label: Text, words: tuple[str, str]
) -> SafeString:
    """Places in km around the area, with the travel limit; `words`: the axes, east and north."""
    scale = KM_PER_DEGREE * cos(radians(area.latitude))
    offsets = [
        (
            (one.longitude - area.longitude) * scale,
            (one.latitude - area.latitude) * KM_PER_DEGREE,
        )
        for one in spots
    ]
    reach = 1.1 * max([limit_km, *(abs(part) for offset in offsets for part in offset)])
    # Letters of places that would cover each other stand together at one of them.
    near: dict[tuple[int, int], dict[str, float | str]] = {}
    for (x, y), one in zip(offsets, spots, strict=True):
        cell = (round(x / reach * CELLS), round(y / reach * CELLS))
        known = near.setdefault(cell, {"x": x, "y": y, "label": ""})
        known["label"] = f"{known['label']}, {one.label}".lstrip(", ")
    points = list(near.values())
    domain = altair.Scale(domain=[-reach, reach])
    ring = [
        {
            "x": limit_km * sin(2 * pi * step / CIRCLE_STEPS),
            "y": limit_km * cos(2 * pi * step / CIRCLE_STEPS),
            "order": step,
        }
        for step in range(CIRCLE_STEPS + 1)
    ]
    across = altair.X("x:Q", scale=domain, title=words[0], axis=altair.Axis(grid=False))
    up = altair.Y("y:Q", scale=domain, title=words[1], axis=altair.Axis(grid=False))
    centre = altair.Chart(altair.Data(values=[{"x": 0, "y": 0, "label": area.label}]))
    places = altair.Chart(altair.Data(values=points))
    chart = altair.layer(
        altair.Chart(altair.Data(values=ring))
        .mark_line(color=MUTED, strokeDash=[6, 4])
        .encode(x=across, y=up, order="order:Q"),
        centre.mark_point(shape="square", size=140, filled=True, color=MUTED).encode(
            x=across, y=up
        ),
        centre.mark_text(dy=18, fontSize=13, color=MUTED).encode(x=across, y=up, text="label:N"),
        places.mark_point(size=110, filled=True, color=COLOURS[0], opacity=1).encode(
            x=across, y=up
        ),
        places.mark_text(
            dx=10, align="left", fontSize=15, fontWeight="bold", color=COLOURS[4]
        ).encode(x=across, y=up, text="label:N"),
    ).properties(width=SIDE, height=SIDE)
    return picture(chart, label)


def timeline(spans: Sequence[Span], label: Text, term_end: date | None = None) -> SafeString:
    """Courses as bars over the months, in the order in which they begin."""
    kinds = list(dict.fromkeys(one.kind for one in spans))
    values = [
        {
            "label": one.label,
            "group": one.kind,
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
        }
        for one in spans
    ]
    order = [one.label for one in sorted(spans, key=lambda one: (one.start, one.label))]
    base = altair.Chart(altair.Data(values=values))
    bars = base.mark_bar(height=16).encode(
        x=altair.X("start:T", title=None, axis=altair.Axis(format="%m-%Y", labelFontSize=12)),
        x2="end:T",
        y=altair.Y("label:N", sort=order, title=None, axis=altair.Axis(labelFontSize=13)),
        color=altair.Color(
            "group:N",
            scale=altair.Scale(domain=kinds, range=list(COLOURS[: len(kinds)])),
            legend=altair.Legend(title=None, orient="top"),
        ),
    )
    layers = [bars]
    if term_end is not None:
        end = altair.Chart(altair.Data(values=[{"day": term_end.isoformat()}]))
        layers.append(
            end.mark_rule(color=COLOURS[5], strokeDash=[6, 4], strokeWidth=2).encode(x="day:T")
        )
    return picture(altair.layer(*layers).properties(width=WIDTH, height={"step": ROW}), label)
