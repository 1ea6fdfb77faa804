"""Importer of DUO's list of institutions (`GET /instellingen`, Inburgeringsaanbod API).

The list says which schools DUO accepts offers at, with their recognition: Blik op Werk keurmerk
for the B1- and Z-route, TST for the onderwijsroute (R-KEU-1, R-KEU-2). Check first, then commit;
the key is the instellingsnummer, and importing the same list again changes nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from backend.accounts.actor import Actor, system_actor
from backend.common.errors import Violation
from backend.common.imports import Changed, ImportFaultsError, Preview, repeated_keys
from backend.common.json_check import JsonCheck
from backend.organisations.choices import OrganisationKind
from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from backend.organisations.querysets import holds_on
from backend.organisations.selectors import Coordinate, coordinates_by_postcode
from providers.choices import MARK_STATUSES_IN_FORCE, MarkKind, MarkStatus
from providers.models import Location, Provider, QualityMark
from providers.policies import require_register_providers
from providers.services.drafts import LocationDraft, ProviderDraft
from providers.services.provider import (
    location_add,
    provider_update,
    providers_register,
    quality_mark_record,
)

REQUIRED = ("instellingsnummer", "naam", "postcode", "huisnummer", "plaatsnaam")
OPTIONAL = ("huisnummertoevoeging", "bow", "brin", "indicatieBowKeurmerk", "indicatieTstKeurmerk")
NUMBER = re.compile(r".{10}", re.DOTALL)
POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
BOW = re.compile(r"[0-9]{1,10}")
BRIN = re.compile(r"[0-9]{2}[A-Z]{2}")
SOURCE = "DUO instellingen"
# The address in DUO's list: the seat of the school, where lessons may or may not be given.
SEAT_CODE = "zetel"
CODE_LENGTH = 60
MARKS = {"indicatieBowKeurmerk": MarkKind.KEURMERK, "indicatieTstKeurmerk": MarkKind.TST}


@dataclass(frozen=True)
class Institution:
    """One row of DUO's list."""

    number: str
    name: str
    postcode: str
    house_number: int
    addition: str
    place: str
    bow: str
    brin: str
    has_keurmerk: bool
    has_tst: bool

    def mark(self, kind: MarkKind) -> bool:
        return self.has_keurmerk if kind == MarkKind.KEURMERK else self.has_tst

    def lost_marks(self, changed: Sequence[str]) -> list[MarkKind]:
        """The marks that fall away when these fields change; Passend warns before that."""
        return [MARKS[one] for one in changed if one in MARKS and not self.mark(MARKS[one])]


def institutions_check(*, actor: Actor, document: object, on: date) -> Preview:
    """What importing the list would do on day `on`, or every fault in it. Writes nothing."""
    require_register_providers(actor)
    institutions, faults = parse(document)
    if faults:
        return Preview(faults=tuple(faults))
    known = _known(institutions)
    changed = []
    unchanged = 0
    for one in institutions:
        if one.number not in known:
            continue
        fields = _differences(one, known[one.number], on)
        if fields:
            changed.append(Changed(one.number, fields))
        else:
            unchanged += 1
    listed = {one.number for one in institutions}
    missing = Provider.objects.exclude(duo_number="").exclude(duo_number__in=listed)
    return Preview(
        new=tuple(one.number for one in institutions if one.number not in known),
        changed=tuple(changed),
        unchanged=unchanged,
        missing=tuple(missing.order_by("duo_number").values_list("duo_number", flat=True)),
    )


@transaction.atomic
def institutions_import(*, actor: Actor, document: object, on: date) -> Preview:
    """Imports the list as it stood on day `on`, whole or not at all, and says what it changed.

    A school that is no longer in the list is reported and left alone: whether it lost its
    recognition is for a person to find out. Raises ImportFaultsError with every fault.
    """
    preview = institutions_check(actor=actor, document=document, on=on)
    if not preview.is_clean:
        raise ImportFaultsError(preview.faults)
    institutions, _faults = parse(document)
    known = _known(institutions)
    added = [one for one in institutions if one.number not in known]
    registered = providers_register(actor=actor, drafts=_drafts(added))
    for provider, one in zip(registered, added, strict=True):
        known[one.number] = provider
    touched = {*preview.new, *(one.key for one in preview.changed)}
    places = coordinates_by_postcode({one.postcode[:4] for one in institutions})
    for one in institutions:
        if one.number in touched:
            _apply(actor, known[one.number], one, on, places.get(one.postcode[:4]))
    return preview


def parse(document: object) -> tuple[list[Institution], list[Violation]]:
    """The rows of the list, and every fault with its path (Inburgeringsaanbod API, Instelling)."""
    check = JsonCheck()
    found: list[Institution] = []
    keys: list[tuple[str, str]] = []
    for path, value in check.items(document, "$"):
        row = check.record(value, path, required=REQUIRED, optional=OPTIONAL)
        if row is None:
            continue
        before = len(check.faults)
        one = _institution(check, row, path)
        if one.number:
            keys.append((f"{path}.instellingsnummer", one.number))
        if len(check.faults) == before:
            found.append(one)
    return found, check.faults + repeated_keys(keys)


def _institution(check: JsonCheck, row: Mapping[str, Any], path: str) -> Institution:
    def text(key: str, longest: int, pattern: re.Pattern[str] | None = None, form: str = "") -> str:
        return check.text(row, key, path, longest=longest, pattern=pattern, form=form) or ""

    has_keurmerk = check.flag(row, "indicatieBowKeurmerk", path) or False
    one = Institution(
        number=text("instellingsnummer", 10, NUMBER, _("ten characters")),
        name=text("naam", 128),
        postcode=text("postcode", 6, POSTCODE, "1234AB"),
        house_number=check.whole(row, "huisnummer", path, least=1, most=99999) or 0,
        addition=text("huisnummertoevoeging", 4),
        place=text("plaatsnaam", 40),
        bow=text("bow", 10, BOW, _("one to ten digits")),
        brin=text("brin", 4, BRIN, "12AB"),
        has_keurmerk=has_keurmerk,
        has_tst=check.flag(row, "indicatieTstKeurmerk", path) or False,
    )
    if has_keurmerk and "bow" not in row:
        check.fault(
            f"{path}.bow",
            "bow_missing",
            _("A school with the Blik op Werk mark has a BoW number. Add the number."),
        )
    return one


def _known(institutions: Sequence[Institution]) -> dict[str, Provider]:
    numbers = [one.number for one in institutions]
    return {
        provider.duo_number: provider
        for provider in Provider.objects.filter(duo_number__in=numbers)
        .select_related("organisation")
        .prefetch_related("quality_marks", "locations")
    }


def _differences(one: Institution, provider: Provider, on: date) -> tuple[str, ...]:
    found = []
    if provider.organisation.name != one.name:
        found.append("naam")
    if provider.bow_number != one.bow:
        found.append("bow")
    if provider.brin != one.brin:
        found.append("brin")
    if _seat_differs(one, provider):
        found.append("adres")
    held = {
        mark.kind
        for mark in provider.quality_marks.all()
        if mark.status in MARK_STATUSES_IN_FORCE
        and mark.valid_from <= on
        and (mark.valid_to is None or mark.valid_to >= on)
    }
    if (MarkKind.KEURMERK in held) != one.has_keurmerk:
        found.append("indicatieBowKeurmerk")
    if (MarkKind.TST in held) != one.has_tst:
        found.append("indicatieTstKeurmerk")
    return tuple(found)


def _seat_differs(one: Institution, provider: Provider) -> bool:
    seat = next((row for row in provider.locations.all() if row.code == SEAT_CODE), None)
    if seat is None:
        return False
    return (seat.postcode, seat.house_number, seat.place) != (
        one.postcode,
        _house_number(one),
        one.place,
    )


def _apply(
    actor: Actor, provider: Provider, one: Institution, on: date, point: Coordinate | None
) -> None:
    if (provider.organisation.name, provider.bow_number, provider.brin) != (
        one.name,
        one.bow,
        one.brin,
    ):
        provider_update(
            actor=actor, provider=provider, name=one.name, bow_number=one.bow, brin=one.brin
        )
    for kind in MarkKind:
        _apply_mark(actor, provider, kind, one.mark(kind), on)
    _apply_seat(actor, provider, one, point)


def _apply_mark(actor: Actor, provider: Provider, kind: MarkKind, holds: bool, on: date) -> None:
    """DUO only knows yes and no: a mark that is gone counts as withdrawn from this list on."""
    in_force = QualityMark.objects.filter(
        holds_on(on), provider=provider, kind=kind, status__in=MARK_STATUSES_IN_FORCE
    ).exists()
    if holds == in_force:
        return
    quality_mark_record(
        actor=actor,
        provider=provider,
        kind=kind,
        status=MarkStatus.VALID if holds else MarkStatus.WITHDRAWN,
        valid_from=on,
        source=SOURCE,
    )


def _apply_seat(
    actor: Actor, provider: Provider, one: Institution, point: Coordinate | None
) -> None:
    """The address, once its postcode is on the map; without a point there is no distance to it."""
    if point is None:
        return
    for_provider = system_actor(
        actor.label, {Permission.MANAGE_CATALOGUE: frozenset({provider.organisation_id})}
    )
    seat = Location.objects.filter(provider=provider, code=SEAT_CODE).first()
    if seat is None:
        location_add(
            actor=for_provider,
            provider=provider,
            draft=LocationDraft(
                code=SEAT_CODE,
                name=_("Seat"),
                place=one.place,
                postcode=one.postcode,
                house_number=_house_number(one),
                latitude=point.latitude,
                longitude=point.longitude,
            ),
        )
        return
    seat.postcode, seat.house_number, seat.place = one.postcode, _house_number(one), one.place
    seat.latitude, seat.longitude = point.latitude, point.longitude
    seat.save(update_fields=["postcode", "house_number", "place", "latitude", "longitude"])


def _house_number(one: Institution) -> str:
    return f"{one.house_number}{one.addition}"


def _drafts(institutions: Sequence[Institution]) -> list[ProviderDraft]:
    taken = set(
        Organisation.objects.filter(kind=OrganisationKind.PROVIDER).values_list("code", flat=True)
    )
    drafts = []
    for one in institutions:
        code = slugify(one.name)[:CODE_LENGTH] or "school"
        if code in taken:
            # Two schools of one name: the number tells them apart.
            code = f"{code[: CODE_LENGTH - 11]}-{slugify(one.number)}"
        taken.add(code)
        drafts.append(
            ProviderDraft(
                name=one.name, code=code, duo_number=one.number, bow_number=one.bow, brin=one.brin
            )
        )
    return drafts
