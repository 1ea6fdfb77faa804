"""CPV codes of what this field buys, and advice on a code that does not exist.

Source: CPV 2008 (Regulation (EC) 213/2008). Division 80 (education and training) and group 853
(social work) are complete; of other divisions only the form is checked. A test compares the
codes and their Dutch names with the list of the Publications Office
of the European Union (CC BY 4.0), as far as that goes.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

CPV_CODES: Mapping[str, str] = MappingProxyType(
    {
        "80000000": "Diensten voor onderwijs en opleiding",
        "80100000": "Diensten voor basisonderwijs",
        "80110000": "Diensten voor kleuteronderwijs",
        "80200000": "Diensten voor voortgezet onderwijs",
        "80210000": "Diensten voor technisch en beroepsonderwijs",
        "80211000": "Diensten voor technisch onderwijs",
        "80212000": "Diensten voor beroepsonderwijs",
        "80300000": "Diensten voor hoger onderwijs",
        "80310000": "Diensten voor jongerenonderwijs",
        "80320000": "Diensten voor medische opleidingen",
        "80330000": "Veiligheidsonderwijsdiensten",
        "80340000": "Diensten voor bijzonder onderwijs",
        "80400000": "Diensten voor volwassenenonderwijs en overig onderwijs",
        "80410000": "Diverse schooldiensten",
        "80411000": "Diensten voor autorijschool",
        "80411100": "Diensten voor rijexamens",
        "80411200": "Rijlessen",
        "80412000": "Diensten voor vliegschool",
        "80413000": "Diensten voor zeilschool",
        "80414000": "Diensten voor duikschool",
        "80415000": "Skilessen",
        "80420000": "Diensten voor e-leren",
        "80430000": "Volwasseneneducatie op universitair niveau",
        "80490000": "Exploitatie van onderwijscentrum",
        "80500000": "Opleidingsdiensten",
        "80510000": "Diensten voor gespecialiseerde opleiding",
        "80511000": "Stafopleidingsdiensten",
        "80512000": "Diensten voor hondenopleiding",
        "80513000": "Diensten voor rijschool",
        "80520000": "Opleidingsfaciliteiten",
        "80521000": "Diensten in verband met opleidingsprogramma's",
        "80522000": "Opleidingsseminars",
        "80530000": "Diensten voor beroepsopleiding",
        "80531000": "Diensten voor industriële en technische opleiding",
        "80531100": "Diensten voor industriële opleiding",
        "80531200": "Diensten voor technische opleiding",
        "80532000": "Opleidingsdiensten voor management",
        "80533000": "Diensten voor opleiding en kennismaking met computers",
        "80533100": "Diensten voor computeropleiding",
        "80533200": "Computercursussen",
        "80540000": "Diensten voor milieuopleiding",
        "80550000": "Diensten voor veiligheidsopleiding",
        "80560000": "Diensten voor opleiding inzake gezondheid en eerste hulp",
        "80561000": "Diensten voor gezondheidsopleiding",
        "80562000": "Diensten voor eerstehulpopleiding",
        "80570000": "Diensten voor opleiding in persoonlijke ontwikkeling",
        "80580000": "Verstrekken van taalcursussen",
        "80590000": "Diensten voor privé-onderwijs",
        "80600000": "Opleidingsdiensten inzake defensie- en beveiligingsmaterialen",
        "80610000": "Opleiding en simulatie inzake beveiligingsuitrusting",
        "80620000": "Opleiding en simulatie inzake vuurwapens en munitie",
        "80630000": "Opleiding en simulatie inzake militaire voertuigen",
        "80640000": "Opleiding en simulatie inzake oorlogsschepen",
        "80650000": "Opleiding en simulatie inzake vliegtuigen, raketten en ruimtevaartuigen",
        "80660000": "Opleiding en simulatie inzake militaire elektronische systemen",
        "85300000": "Maatschappelijke en aanverwante diensten",
        "85310000": "Maatschappelijke diensten",
        "85311000": "Maatschappelijke dienstverlening waarbij onderdak wordt verschaft",
        "85311100": "Welzijnszorg voor bejaarden",
        "85311200": "Welzijnszorg voor gehandicapten",
        "85311300": "Welzijnszorg voor kinderen en jongeren",
        "85312000": "Maatschappelijke dienstverlening waarbij geen onderdak wordt verschaft",
        "85312100": "Diensten voor dagverblijven",
        "85312110": "Kinderdagverblijven",
        "85312120": "Dagverblijven voor gehandicapte kinderen en jongeren",
        "85312200": "Bezorging van levensmiddelen aan huis",
        "85312300": "Diensten voor begeleiding en adviesverlening",
        "85312310": "Diensten voor begeleiding",
        "85312320": "Diensten voor adviesverlening",
        "85312330": "Gezinsplanningsdiensten",
        "85312400": "Welzijnszorg die niet in tehuizen wordt verstrekt",
        "85312500": "Revalidatiediensten",
        "85312510": "Beroepsrevalidatiediensten",
        "85320000": "Sociale diensten",
        "85321000": "Administratieve sociale diensten",
        "85322000": "Programma voor gemeenschapsacties",
        "85323000": "Diensten voor maatschappelijke gezondheidszorg",
    }
)
# Where the list is complete: a code that starts like this and is not in it does not exist.
COMPLETE = ("80", "853")
MOST_ERRORS = 1
# The divisions of CPV 2008.
_DIVISIONS = (
    "03 09 14 15 16 18 19 22 24 30 31 32 33 34 35 37 38 39 41 42 43 44 45 48 50 51 55 60 63 64 65 "
    "66 70 71 72 73 75 76 77 79 80 85 90 92 98"
)
DIVISIONS = frozenset(_DIVISIONS.split())


def cpv_exists(code: str) -> bool:
    """Whether the code can be one: in the list where that is complete, else in its form."""
    if code.startswith(COMPLETE):
        return code in CPV_CODES
    # Levels are filled from the left: after a zero in the first five digits only zeros follow.
    levels = code[2:].rstrip("0")
    return code[:2] in DIVISIONS and "0" not in levels[:3]


def cpv_advice(code: str) -> tuple[str, ...]:
    """The codes of this field that look most like it, at most three."""
    near = sorted((_distance(code, one), one) for one in CPV_CODES)
    found = tuple(one for distance, one in near if distance <= MOST_ERRORS)
    return (found or tuple(get_close_matches(code, CPV_CODES, cutoff=0.7)))[:3]


def _distance(code: str, other: str) -> int:
    """How many digits differ; two that changed places count as one mistake."""
    differing = sum(one != two for one, two in zip(code, other, strict=True))
    return 1 if differing == 2 and sorted(code) == sorted(other) else differing


def cpv_name(code: str) -> str:
    return CPV_CODES.get(code, "")
