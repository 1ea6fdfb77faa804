"""Questions about organisations: who belongs to a region on a day, and where a place is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Avg

from backend.organisations.choices import OrganisationKind
from backend.organisations.models import (
    Municipality,
    Organisation,
    Postcode4,
    PrivacyText,
    RegionMembership,
)


@dataclass(frozen=True)
class Coordinate:
    """A point on the map, and how precisely it is known."""

    latitude: float
    longitude: float
    is_precise: bool


def members_on(region: Organisation, day: date) -> list[Organisation]:
    """The municipalities that buy together with `region` on `day`, by name."""
    return list(
        Organisation.objects.filter(pk__in=member_ids_on(region, day)).order_by("name", "pk")
    )


def member_ids_on(region: Organisation, day: date) -> frozenset[int]:
    """Keys of the active member municipalities of `region` on `day`, in one query."""
    return frozenset(
        RegionMembership.objects.on(day)
        .filter(region_id=region.pk, municipality__is_active=True)
        .values_list("municipality_id", flat=True)
    )


def privacy_texts_of(organisation_ids: Iterable[int]) -> list[tuple[str, str]]:
    """Name and privacy text of those organisations that have one, by name."""
    found = PrivacyText.objects.filter(organisation__in=set(organisation_ids))
    rows = found.order_by("organisation__name").values_list("organisation__name", "text")
    return list(rows)


def region_ids_of(municipality_id: int, day: date) -> frozenset[int]:
    """Keys of the regions with which a municipality buys on `day`."""
    return frozenset(
        RegionMembership.objects.on(day)
        .filter(municipality_id=municipality_id)
        .values_list("region_id", flat=True)
    )


def municipality_by_cbs_code(cbs_code: str) -> Municipality | None:
    return Municipality.objects.select_related("organisation").filter(cbs_code=cbs_code).first()


def organisation_by_code(kind: OrganisationKind, code: str) -> Organisation | None:
    return Organisation.objects.filter(kind=kind, code=code).first()


def coordinate_for(postcode4: str, municipality: Municipality) -> Coordinate:
    """Centre of the four-digit postcode; of the municipality where the postcode is unknown."""
    found = Postcode4.objects.filter(pc4=postcode4[:4]).first() if postcode4 else None
    if found is None:
        return Coordinate(municipality.latitude, municipality.longitude, is_precise=False)
    return Coordinate(found.latitude, found.longitude, is_precise=True)


def coordinates_by_postcode(postcodes: set[str]) -> dict[str, Coordinate]:
    """Coordinates of all known postcodes among `postcodes`, in one query."""
    rows = Postcode4.objects.filter(pc4__in=postcodes).values_list("pc4", "latitude", "longitude")
    return {pc4: Coordinate(lat, lon, is_precise=True) for pc4, lat, lon in rows}


def coordinate_of_place(name: str) -> Coordinate | None:
    """The middle of all postcodes of a place with this name, whatever its capitals."""
    found = Postcode4.objects.filter(place__iexact=name.strip()).aggregate(
        latitude=Avg("latitude"), longitude=Avg("longitude")
    )
    if found["latitude"] is None:
        return None
    return Coordinate(found["latitude"], found["longitude"], is_precise=False)


def postcodes_between(
    south: float, north: float, west: float, east: float, *, most: int = 900
) -> list[Coordinate]:
    """Centres of postcode areas within the box; of more than `most` an even part."""
    found = list(
        Postcode4.objects.filter(latitude__range=(south, north), longitude__range=(west, east))
        .order_by("pc4")
        .values_list("latitude", "longitude")
    )
    step = -(-len(found) // most) or 1
    return [Coordinate(lat, lon, is_precise=True) for lat, lon in found[::step]]


def place_of_postcode(postcode4: str) -> str:
    """The name of the place with this four-digit postcode, or nothing when it is unknown."""
    found = Postcode4.objects.filter(pc4=postcode4).values_list("place", flat=True).first()
    return found or ""
