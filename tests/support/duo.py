"""DUO's messages in Passend's envelope, faultless unless told otherwise."""

from typing import Any
from uuid import uuid4

BODIES: dict[str, Any] = {
    "Notificatie": {"registratieDatumTijd": "2026-11-02T09:00:00+01:00", "gebeurtenisId": "SS139"},
    "Inburgeringsplicht": {
        "indicatorInburgeringsplicht": True,
        "begindatum": "2026-06-01",
        "datumKennisgevingInburgeringsplicht": "2026-06-05",
    },
    "Inburgeringsplichthistorie": [
        {"indicatorInburgeringsplicht": True, "begindatum": "2026-06-01"}
    ],
    "Doelgroep": {
        "indeling": "Asielstatushouder",
        "begindatum": "2026-06-01",
        "gedetailleerdeDoelgroep": "Asielstatushouder",
    },
    "Doelgroephistorie": [
        {
            "indeling": "Gezinsmigrant en overige migrant",
            "begindatum": "2026-06-01",
            "einddatum": "2026-09-30",
        },
        {"indeling": "Asielstatushouder", "begindatum": "2026-10-01"},
    ],
    "Inburgeringstermijn": {
        "startdatum": "2026-09-02",
        "einddatum": "2030-03-02",
        "wijzigingsdatum": "2026-11-10",
        "verlengingsgrondcode": "AANBOD",
        "verlengingsgrondomschrijving": "Gemeente regelde niet op tijd een school",
    },
    "Inburgeringstermijnhistorie": [{"einddatum": "2029-09-02", "wijzigingsdatum": "2026-09-02"}],
    "Leerbaarheidstoets": [
        {
            "resultaat": "B1-route haalbaar",
            "behaaldeScore": "31,50",
            "benodigdeScore": "27,00",
            "datumAfname": "2026-07-20",
        }
    ],
    "Vrijstellingen": [
        {
            "GedeeltelijkeVrijstelling": {
                "reden": "GED",
                "oordeel": "Toekenning",
                "datumOordeel": "2026-10-01",
                "examenonderdeel": "LE",
                "examenniveau": "B1",
            }
        },
        {
            "TijdelijkeVrijstelling": {
                "reden": "OPL",
                "oordeel": "Afwijzing",
                "startdatum": "2026-10-01",
                "einddatum": "2027-10-01",
            }
        },
    ],
    "Ontheffingen": [
        {
            "GedeeltelijkeOntheffing": {
                "oordeel": "Toekenning",
                "datumOordeel": "2026-10-02",
                "grond": "BIO",
                "examenonderdeel": "SC",
                "urenBelastbaarheidParticipatieactiviteit": 120,
            }
        }
    ],
    "PIP": {
        "gemeentecode": "0200",
        "pip": {
            "dagtekeningPip": "2026-08-15",
            "leerroute": "B",
            "niveau": "B1",
            "geschatteIntensiteitB1Route": 600,
            "indicatorMagOpleidingAfmaken": False,
            "indicatorAlfabetiseringsonderwijs": "NVT",
        },
    },
}


def message(kind: str, municipality: str, reference: str, **changes: Any) -> dict[str, Any]:
    return {
        "messageId": str(uuid4()),
        "kind": kind,
        "sentAt": "2026-11-10T09:00:00Z",
        "municipality": municipality,
        "reference": reference,
        "body": BODIES[kind],
    } | changes


def institution(number: str = "0000000001", **changes: Any) -> dict[str, Any]:
    """A row of DUO's list of institutions."""
    return {
        "instellingsnummer": number,
        "naam": "Taalschool Noord",
        "postcode": "7311AB",
        "huisnummer": 4,
        "plaatsnaam": "Apeldoorn",
        "bow": "123",
        "indicatieBowKeurmerk": True,
    } | changes
