"""Where the starts of a search are, as a picture; the same numbers stand in a list under it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians, sqrt
from typing import Any

from django.db.models import Avg, Count, QuerySet
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backend.organisations.public import Coordinate, postcodes_between

WIDTH, LEAST_HEIGHT, MOST_HEIGHT = 640, 220, 460
# Room around the outermost places, for half a circle and the beginning of a name.
MARGIN = 48
LEAST_RADIUS, MOST_RADIUS = 5, 20
# Names that fit beside each other; every place stands in the list.
MOST_NAMES = 16
LETTER, LINE = 7.4, 17
KM_PER_DEGREE = 111.195
# A single street is no map: the picture shows at least so many kilometres.
LEAST_KM = 12.0
SCALES = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Spot:
    """A place with the number of starts there."""

    place: str
    latitude: float
    longitude: float
    starts: int


@dataclass(frozen=True)
class CatalogueMap:
    """The picture, and the same numbers as a list: each place with its search and its starts."""

    svg: SafeString
    places: tuple[tuple[str, str, int], ...]


class _Projection:
    """Degrees to the units of the picture: flat, which is right for a region."""

    def __init__(self, points: Sequence[Coordinate | Spot]) -> None:
        latitudes = [one.latitude for one in points]
        longitudes = [one.longitude for one in points]
        middle = (min(latitudes) + max(latitudes)) / 2
        self.wide = KM_PER_DEGREE * cos(radians(middle))
        self.west, self.north = min(longitudes), max(latitudes)
        width = (max(longitudes) - self.west) * self.wide
        height = (self.north - min(latitudes)) * KM_PER_DEGREE
        self.scale = min(
            (WIDTH - 2 * MARGIN) / max(width, LEAST_KM),
            (MOST_HEIGHT - 2 * MARGIN) / max(height, LEAST_KM),
        )
        self.height = max(LEAST_HEIGHT, height * self.scale + 2 * MARGIN)
        self.left = (WIDTH - width * self.scale) / 2
        self.top = (self.height - height * self.scale) / 2

    def at(self, point: Coordinate | Spot) -> tuple[float, float]:
        return (
            self.left + (point.longitude - self.west) * self.wide * self.scale,
            self.top + (self.north - point.latitude) * KM_PER_DEGREE * self.scale,
        )

    def bounds(self) -> tuple[float, float, float, float]:
        """South, north, west and east of everything that the picture shows."""
        degrees = self.scale * KM_PER_DEGREE
        across = self.scale * self.wide
        north = self.north + self.top / degrees
        west = self.west - self.left / across
        return north - self.height / degrees, north, west, west + WIDTH / across


def catalogue_map(
    moments: QuerySet[Any], query: QueryDict, *, centre: Coordinate | None, within: float | None
) -> CatalogueMap | None:
    """The picture of these starts; None where there are fewer than two places. Two queries."""
    spots = [
        Spot(place, latitude, longitude, starts)
        for place, latitude, longitude, starts in moments.order_by()
        .values_list("group__location__place")
        .annotate(
            Avg("group__location__latitude"),
            Avg("group__location__longitude"),
            Count("pk"),
        )
        .order_by("group__location__place")
    ]
    spots.sort(key=lambda spot: -spot.starts)
    if len(spots) < 2:
        return None
    projection = _Projection([*spots, *([centre] if centre is not None else [])])
    background = postcodes_between(*projection.bounds())
    return CatalogueMap(
        _svg(projection, spots, background, centre, within),
        tuple((one.place, _only(query, one.place), one.starts) for one in spots),
    )


def _svg(
    projection: _Projection,
    spots: Sequence[Spot],
    background: Iterable[Coordinate],
    centre: Coordinate | None,
    within: float | None,
) -> SafeString:
    """One picture to a screen reader; the largest circles are drawn first."""
    most = spots[0].starts
    circles = [(*projection.at(one), _radius(one.starts, most), one) for one in spots]
    parts = [
        format_html(
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" class="catalogue-map__svg">',
            WIDTH,
            round(projection.height),
            _in_words(spots),
        ),
        _ground(projection, background),
        _ring(projection, centre, within),
        format_html_join(
            "",
            '<circle class="catalogue-map__spot" cx="{}" cy="{}" r="{}"/>',
            ((_unit(x), _unit(y), _unit(radius)) for x, y, radius, _spot in circles),
        ),
        _names(projection, circles),
        _scale_bar(projection),
        mark_safe("</svg>"),
    ]
    return mark_safe("".join(parts))  # noqa: S308 - every part comes from format_html


def _radius(starts: int, most: int) -> float:
    """The area says how many; the smallest can still be seen."""
    return LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * sqrt(starts / most)


def _in_words(spots: Sequence[Spot]) -> str:
    named = ", ".join(f"{one.place} {one.starts}" for one in spots[:MOST_NAMES])
    return _("Map with the number of starts per place: %(places)s.") % {"places": named}


def _ground(projection: _Projection, background: Iterable[Coordinate]) -> SafeString:
    """A dot per postcode area shows where people live."""
    dots = "".join(
        f"M{_unit(x)} {_unit(y)}h.1" for x, y in (projection.at(one) for one in background)
    )
    return format_html('<path class="catalogue-map__ground" d="{}"/>', dots)


def _ring(projection: _Projection, centre: Coordinate | None, within: float | None) -> SafeString:
    if centre is None:
        return mark_safe("")
    x, y = projection.at(centre)
    cross = format_html(
        '<path class="catalogue-map__here" d="M{} {}h16m-8 -8v16"/>', _unit(x - 8), _unit(y)
    )
    if not within:
        return cross
    return cross + format_html(
        '<circle class="catalogue-map__ring" cx="{}" cy="{}" r="{}"/>',
        _unit(x),
        _unit(y),
        _unit(within * projection.scale),
    )


def _names(
    projection: _Projection, circles: Sequence[tuple[float, float, float, Spot]]
) -> SafeString:
    """Names of the largest places, as many as stand free of each other."""
    boxes: list[tuple[float, float, float, float]] = []
    texts: list[tuple[str, str, str, str]] = []
    for x, y, radius, spot in circles:
        length = LETTER * len(spot.place)
        right = x + radius + 4 + length < WIDTH
        start = x + radius + 4 if right else x - radius - 4 - length
        box = (start, y - LINE / 2, start + length, y + LINE / 2)
        inside = start > 0 and not any(_overlap(box, one) for one in boxes)
        if inside and len(texts) < MOST_NAMES:
            boxes.append(box)
            anchor = "start" if right else "end"
            at = start if right else x - radius - 4
            texts.append((_unit(at), _unit(y + 4.5), anchor, spot.place))
    return format_html_join(
        "", '<text class="catalogue-map__name" x="{}" y="{}" text-anchor="{}">{}</text>', texts
    )


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale_bar(projection: _Projection) -> SafeString:
    length = max((km for km in SCALES if km * projection.scale < WIDTH / 4), default=SCALES[0])
    y = projection.height - 12
    return format_html(
        '<path class="catalogue-map__scale" d="M12 {}v6h{}v-6"/>'
        '<text class="catalogue-map__name" x="{}" y="{}">{}</text>',
        _unit(y - 6),
        _unit(length * projection.scale),
        _unit(18 + length * projection.scale),
        _unit(y + 2),
        _("%(km)s km") % {"km": length},
    )


def _unit(value: float) -> str:
    """A number of the picture, with a point whatever the language."""
    return f"{value:.1f}"


def _only(query: QueryDict, place: str) -> str:
    """The same search in one place."""
    asked = query.copy()
    asked["place"] = place
    asked.pop("page", None)
    return f"?{asked.urlencode()}"
