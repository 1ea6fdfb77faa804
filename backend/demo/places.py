"""Real places of the demo region: municipalities, and postcodes with their centres.

Coordinates: GeoNames postal codes (CC BY 4.0, geonames.org), rounded to three decimals. The nine
municipalities buy together in the demo; they are not one labour-market region (Olst-Wijhe belongs
to another), because a purchasing region is data of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    municipality: str
    postcode4: str
    name: str
    latitude: float
    longitude: float


REGION_CODE = "demo-stedendriehoek"
REGION_NAME = "Inkoopregio Stedendriehoek (demo)"
# CBS code, name, and the share of the region's people that live there.
MUNICIPALITIES: dict[str, tuple[str, int]] = {
    "0200": ("Apeldoorn", 34),
    "0150": ("Deventer", 22),
    "0301": ("Zutphen", 11),
    "0262": ("Lochem", 7),
    "0232": ("Epe", 7),
    "0285": ("Voorst", 6),
    "0213": ("Brummen", 5),
    "0246": ("Heerde", 4),
    "1773": ("Olst-Wijhe", 4),
}
PLACES: tuple[Place, ...] = (
    Place("0200", "3888", "Uddel", 52.247, 5.778),
    Place("0200", "7311", "Apeldoorn", 52.213, 5.962),
    Place("0200", "7312", "Apeldoorn", 52.205, 5.938),
    Place("0200", "7315", "Apeldoorn", 52.229, 5.954),
    Place("0200", "7321", "Apeldoorn", 52.214, 5.985),
    Place("0200", "7325", "Apeldoorn", 52.215, 6.010),
    Place("0200", "7327", "Apeldoorn", 52.189, 5.997),
    Place("0200", "7328", "Apeldoorn", 52.202, 5.988),
    Place("0200", "7331", "Apeldoorn", 52.201, 5.968),
    Place("0200", "7333", "Apeldoorn", 52.188, 5.970),
    Place("0200", "7335", "Apeldoorn", 52.198, 5.954),
    Place("0200", "7339", "Ugchelen", 52.185, 5.938),
    Place("0200", "7351", "Hoenderloo", 52.122, 5.896),
    Place("0200", "7361", "Ugchelen", 52.182, 5.932),
    Place("0200", "7371", "Loenen", 52.119, 6.025),
    Place("0150", "7411", "Deventer", 52.252, 6.160),
    Place("0150", "7412", "Deventer", 52.264, 6.141),
    Place("0150", "7414", "Deventer", 52.275, 6.147),
    Place("0150", "7415", "Deventer", 52.270, 6.165),
    Place("0150", "7417", "Deventer", 52.255, 6.180),
    Place("0150", "7419", "Deventer", 52.249, 6.143),
    Place("0150", "7421", "Deventer", 52.244, 6.221),
    Place("0150", "7423", "Deventer", 52.254, 6.208),
    Place("0150", "7425", "Deventer", 52.260, 6.227),
    Place("0150", "7431", "Diepenveen", 52.289, 6.151),
    Place("0150", "7437", "Bathmen", 52.249, 6.294),
    Place("0301", "7201", "Zutphen", 52.141, 6.198),
    Place("0301", "7203", "Zutphen", 52.150, 6.214),
    Place("0301", "7204", "Zutphen", 52.136, 6.208),
    Place("0301", "7206", "Zutphen", 52.124, 6.200),
    Place("0301", "7231", "Warnsveld", 52.138, 6.234),
    Place("0262", "7211", "Eefde", 52.168, 6.227),
    Place("0262", "7213", "Gorssel", 52.201, 6.203),
    Place("0262", "7217", "Harfsen", 52.200, 6.292),
    Place("0262", "7241", "Lochem", 52.157, 6.409),
    Place("0262", "7242", "Lochem", 52.157, 6.404),
    Place("0262", "7245", "Laren", 52.197, 6.373),
    Place("0213", "6961", "Eerbeek", 52.103, 6.056),
    Place("0213", "6971", "Brummen", 52.094, 6.155),
    Place("0213", "7399", "Empe", 52.152, 6.132),
    Place("0285", "7383", "Voorst", 52.173, 6.137),
    Place("0285", "7384", "Twello", 52.245, 6.143),
    Place("0285", "7391", "Wilp", 52.245, 6.142),
    Place("0285", "7395", "Teuge", 52.237, 6.049),
    Place("0285", "7396", "Terwolde", 52.279, 6.091),
    Place("0232", "8161", "Epe", 52.347, 5.992),
    Place("0232", "8162", "Epe", 52.349, 5.971),
    Place("0232", "8166", "Emst", 52.318, 5.967),
    Place("0232", "8171", "Vaassen", 52.289, 5.973),
    Place("0246", "8181", "Heerde", 52.389, 6.038),
    Place("0246", "8191", "Wapenveld", 52.429, 6.073),
    Place("0246", "8193", "Vorchten", 52.397, 6.109),
    Place("1773", "8121", "Olst", 52.337, 6.118),
    Place("1773", "8124", "Wesepe", 52.331, 6.207),
    Place("1773", "8131", "Wijhe", 52.388, 6.145),
)
BY_MUNICIPALITY: dict[str, tuple[Place, ...]] = {
    code: tuple(place for place in PLACES if place.municipality == code) for code in MUNICIPALITIES
}


def geonames_lines() -> Iterator[str]:
    """The postcodes in GeoNames' own file format, for the importer that real data uses."""
    for place in PLACES:
        name = MUNICIPALITIES[place.municipality][0]
        yield "\t".join(
            (
                "NL",
                place.postcode4,
                place.name,
                "",
                "",
                f"{name} Municipality",
                place.municipality,
                "",
                "",
                str(place.latitude),
                str(place.longitude),
                "",
            )
        )
