"""The bodies of DUO's interfaces, in the form of DUO's own specifications; every fault at its path.

The tables below repeat required fields, codes and lengths of the published files; a test compares
them, and another has a mock made from those files judge what this accepts. The one deviation is on
purpose: `bsn` and `vNummer` are refused, for Passend keeps neither.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from backend.common.json_check import JsonCheck
from matching.duo_choices import DuoMessageKind

NUMBERS_OF_PERSONS: Final = frozenset({"bsn", "vNummer"})
# Terms are counted on from these dates; what lies outside is a mistake or a guard value.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
Check = Callable[[JsonCheck, Mapping[str, Any], str, str], object]


@dataclass(frozen=True)
class Body:
    """An object of DUO: its fields, which of them must be there, and whether it comes as a list."""

    fields: Mapping[str, Check]
    required: frozenset[str] = frozenset()
    is_list: bool = False


def _day(check: JsonCheck, row: Mapping[str, Any], key: str, path: str) -> object:
    found = check.day(row, key, path)
    if found is not None and not FIRST_YEAR <= found.year <= LAST_YEAR:
        _impossible(check, f"{path}.{key}")
    return found


def _impossible(check: JsonCheck, at: str) -> None:
    check.fault(at, "date_impossible", _("No date of civic integration lies in this year."))


def _flag(check: JsonCheck, row: Mapping[str, Any], key: str, path: str) -> object:
    return check.flag(row, key, path)


def _moment(check: JsonCheck, row: Mapping[str, Any], key: str, path: str) -> object:
    return moment_of(check, row, key, path)


def moment_of(check: JsonCheck, row: Mapping[str, Any], key: str, path: str) -> datetime | None:
    """A moment with its time zone, as RFC 3339 writes it."""
    text = check.text(row, key, path, longest=40)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        check.fault(
            f"{path}.{key}",
            "invalid_moment",
            _("This is not a moment with a time zone. Write it as 2026-11-30T14:05:00Z."),
        )
        return None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        _impossible(check, f"{path}.{key}")
        return None
    return found


def _codes(*codes: str) -> Check:
    return lambda check, row, key, path: check.choice(row, key, path, codes)


def _text(longest: int, pattern: str | None = None, form: str = "") -> Check:
    compiled = re.compile(pattern) if pattern else None
    return lambda check, row, key, path: check.text(
        row, key, path, longest=longest, pattern=compiled, form=form
    )


def _whole(least: int, most: int) -> Check:
    return lambda check, row, key, path: check.whole(row, key, path, least=least, most=most)


def _part(body: Body) -> Check:
    def read(check: JsonCheck, row: Mapping[str, Any], key: str, path: str) -> object:
        if key in row:
            _record(check, body, row[key], f"{path}.{key}")
        return None

    return read


GROUPS: Final = ("Asielstatushouder", "Gezinsmigrant en overige migrant")
DETAILED_GROUPS: Final = (
    "Asielstatushouder", "Geestelijk bedienaar", "Gezinshereniger",
    "Gezinshereniger met Asielstatushouder", "Gezinsvormer", "Gezinsvormer met Asielstatushouder",
    "Overig",
)  # fmt: skip
RIGHTS: Final = (
    "Asielrechten toegekend", "Behoud asielrechten",
    "Op verzoek behoud rechten van gezins- en overige migrant",
    "Op verzoek rechten van gezins- en overige migrant toegekend",
)  # fmt: skip
NOT_OBLIGED: Final = (
    "Volledige ontheffing", "Volledige vrijstelling", "Inburgeringsplicht voldaan",
    "Verblijfsdoel gewijzigd", "Vertrek uit Nederland langer dan een jaar", "Overlijden", "Overig",
    "Tijdelijke vrijstelling",
)  # fmt: skip
TEST_RESULTS: Final = ("B1-route haalbaar", "B1-route niet haalbaar", "Onbekend")
GRANTED: Final = "Toekenning"
_verdict = _codes(GRANTED, "Afwijzing")
_exemption_reason = _codes("AVI", "DIP", "DOC", "GED", "INB", "INS", "OPL")
_ground = _codes("BIO", "MED")
_score = _text(6, r"\d{1,3},\d{2}", "27,50")

FULL_EXEMPTION = Body(
    {"oordeel": _verdict, "reden": _exemption_reason, "datumOordeel": _day},
    frozenset({"oordeel", "reden"}),
)
TEMPORARY_EXEMPTION = Body(
    {**FULL_EXEMPTION.fields, "startdatum": _day, "einddatum": _day}, FULL_EXEMPTION.required
)
PARTIAL_EXEMPTION = Body(
    {
        **FULL_EXEMPTION.fields,
        "examenonderdeel": _codes("LE", "LU", "SC", "SP"),
        "examenniveau": _codes("A2", "B1"),
    },
    FULL_EXEMPTION.required,
)
FULL_DISPENSATION = Body(
    {"oordeel": _verdict, "datumOordeel": _day, "grond": _ground},
    frozenset({"oordeel", "datumOordeel", "grond"}),
)
PARTIAL_DISPENSATION = Body(
    {
        **FULL_DISPENSATION.fields,
        "examenonderdeel": _codes("KNM", "LE", "LU", "SC", "SP"),
        "urenBelastbaarheidParticipatieactiviteit": _whole(0, 9999),
    },
    FULL_DISPENSATION.required,
)
PLAN = Body(
    {
        "dagtekeningPip": _day,
        "leerroute": _codes("B", "O", "Z"),
        "niveau": _codes("A2", "B1"),
        "geschatteIntensiteitB1Route": _whole(1, 9999),
        "indicatorMagOpleidingAfmaken": _flag,
        "indicatorAlfabetiseringsonderwijs": _codes("A", "AA", "NVT"),
    },
    frozenset({"dagtekeningPip", "leerroute"}),
)
_obligation_days = {
    "indicatorInburgeringsplicht": _flag,
    "begindatum": _day,
    "einddatum": _day,
    "wijzigingsdatum": _day,
}
_term_days = {
    "einddatum": _day,
    "wijzigingsdatum": _day,
    "verlengingsgrondcode": _text(10),
    "verlengingsgrondomschrijving": _text(200),
}
BODIES: Final[Mapping[str, Body]] = {
    DuoMessageKind.NOTIFICATION: Body(
        {
            "registratieDatumTijd": _moment,
            "gebeurtenisId": _text(6, r"[0-9A-Z]{1,6}", "SS139"),
        },
        frozenset({"registratieDatumTijd", "gebeurtenisId"}),
    ),
    DuoMessageKind.OBLIGATION: Body(
        {
            **_obligation_days,
            "datumKennisgevingInburgeringsplicht": _day,
            "redenGeenInburgeringsplicht": _codes(*NOT_OBLIGED),
        },
        frozenset({"indicatorInburgeringsplicht"}),
    ),
    DuoMessageKind.OBLIGATION_HISTORY: Body(
        _obligation_days, frozenset({"indicatorInburgeringsplicht"}), is_list=True
    ),
    DuoMessageKind.TARGET_GROUP: Body(
        {
            "indeling": _codes(*GROUPS),
            "begindatum": _day,
            "gedetailleerdeDoelgroep": _codes(*DETAILED_GROUPS),
            "asielrechtenWijzigingVerblijfsdoel": _codes(*RIGHTS),
        }
    ),
    DuoMessageKind.TARGET_GROUP_HISTORY: Body(
        {"indeling": _codes(*GROUPS), "begindatum": _day, "einddatum": _day}, is_list=True
    ),
    DuoMessageKind.TERM: Body(
        {"startdatum": _day, **_term_days}, frozenset({"startdatum", "einddatum"})
    ),
    DuoMessageKind.TERM_HISTORY: Body(_term_days, is_list=True),
    DuoMessageKind.LEARNABILITY: Body(
        {
            "resultaat": _codes(*TEST_RESULTS),
            "behaaldeScore": _score,
            "benodigdeScore": _score,
            "datumAfname": _day,
        },
        frozenset({"resultaat", "behaaldeScore", "benodigdeScore", "datumAfname"}),
        is_list=True,
    ),
    DuoMessageKind.EXEMPTIONS: Body(
        {
            "GeheleVrijstelling": _part(FULL_EXEMPTION),
            "TijdelijkeVrijstelling": _part(TEMPORARY_EXEMPTION),
            "GedeeltelijkeVrijstelling": _part(PARTIAL_EXEMPTION),
        },
        is_list=True,
    ),
    DuoMessageKind.DISPENSATIONS: Body(
        {
            "GeheleOntheffing": _part(FULL_DISPENSATION),
            "GedeeltelijkeOntheffing": _part(PARTIAL_DISPENSATION),
        },
        is_list=True,
    ),
    DuoMessageKind.PIP: Body(
        {
            "gemeentecode": _text(4, r"\d{4}", "0200"),
            "pip": _part(PLAN),
        },
        frozenset({"gemeentecode", "pip"}),
    ),
}  # fmt: skip


def body_check(check: JsonCheck, kind: str, value: object, path: str) -> None:
    """Adds every fault in the body of a message of this kind."""
    body = BODIES[kind]
    if not body.is_list:
        _record(check, body, value, path)
        return
    for at, one in check.items(value, path):
        _record(check, body, one, at)


def _record(check: JsonCheck, body: Body, value: object, path: str) -> None:
    if isinstance(value, dict) and value.keys() & NUMBERS_OF_PERSONS:
        for key in sorted(value.keys() & NUMBERS_OF_PERSONS):
            check.fault(
                f"{path}.{key}",
                "bsn_not_allowed",
                _("Passend keeps no number of a person. Remove this field and use the reference."),
            )
        value = {key: one for key, one in value.items() if key not in NUMBERS_OF_PERSONS}
    row = check.record(
        value,
        path,
        required=body.required,
        optional=tuple(name for name in body.fields if name not in body.required),
    )
    if row is None:
        return
    for name, read in body.fields.items():
        read(check, row, name, path)
