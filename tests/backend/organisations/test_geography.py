"""The shipped municipalities of 2026 against CBS's list, and their place on the map."""

import csv
import math
from collections import Counter

import orjson
import pytest
from django.core.management import call_command

from backend.accounts.actor import system_actor
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from backend.organisations.geography import municipalities
from backend.organisations.models import Municipality, Organisation
from backend.organisations.selectors import coordinate_for, coordinates_by_postcode
from backend.organisations.services import geography_load
from tests.factories.organisations import MunicipalityFactory, Postcode4Factory
from tests.support.reference_data import reference_file

EARTH_RADIUS_KM = 6371
SYSTEM = system_actor("tests", {})


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    (lat1, lon1), (lat2, lon2) = (map(math.radians, pair) for pair in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + (
        math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def test_there_are_342_municipalities_in_35_regions_and_12_provinces() -> None:
    facts = municipalities()
    assert len(facts) == 342
    assert len({one.cbs_code for one in facts}) == 342
    assert len({one.name for one in facts}) == 342
    assert len({one.labour_market_region for one in facts}) == 35
    assert len({one.province for one in facts}) == 12


def test_the_shipped_list_equals_that_of_cbs() -> None:
    path = reference_file("geo/cbs_gemeente_arbeidsmarktregio_2026.json")
    expected = orjson.loads(path.read_bytes())["gemeenten"]
    assert {one.cbs_code: one.labour_market_region for one in municipalities()} == expected


def test_every_municipality_lies_where_its_postcodes_lie() -> None:
    path = reference_file("geo/gemeenten_2026.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["gemeentecode"]: row for row in csv.DictReader(file)}
    distances = Counter()
    for one in municipalities():
        row = rows[one.cbs_code]
        assert (one.name, one.province.value) == (row["naam"], row["provincie"])
        mean = (float(row["lat_mean_pc4"]), float(row["lon_mean_pc4"]))
        distances[one.cbs_code] = kilometres((one.latitude, one.longitude), mean)
    # The main place of a long municipality lies off its middle, but never in another region.
    assert {code: km for code, km in distances.items() if km > 15} == {}
    assert sum(km <= 5 for km in distances.values()) >= 250


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    assert geography_load(actor=SYSTEM) == 342
    assert Municipality.objects.count() == 342
    assert AuditEvent.objects.count() == 342
    before = list(Municipality.objects.values())
    assert geography_load(actor=SYSTEM) == 0
    assert list(Municipality.objects.values()) == before
    assert AuditEvent.objects.count() == 342


@pytest.mark.django_db
def test_loading_repairs_what_differs_and_keeps_what_it_does_not_know(capsys) -> None:
    call_command("load_geography")
    own = MunicipalityFactory()
    Organisation.objects.filter(code="0363").update(name="Mokum")
    Municipality.objects.filter(cbs_code="0344").update(latitude=0)
    assert geography_load(actor=SYSTEM) == 2
    assert Organisation.objects.get(code="0363").name == "Amsterdam"
    assert Municipality.objects.get(cbs_code="0344").latitude == pytest.approx(52.09, abs=0.1)
    assert Municipality.objects.filter(pk=own.pk).exists()
    event = AuditEvent.objects.filter(action="municipality.updated").order_by("pk").last()
    assert set(event.before) == set(event.after)


@pytest.mark.django_db
def test_people_cannot_load_geography(make_actor, municipality) -> None:
    with pytest.raises(NotAllowedError):
        geography_load(actor=make_actor(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
    assert Municipality.objects.count() == 1


@pytest.mark.django_db
def test_a_postcode_is_found_and_the_municipality_stands_in_where_it_is_not() -> None:
    municipality = MunicipalityFactory(latitude=52.0, longitude=5.0)
    Postcode4Factory(pc4="3511", latitude=52.0894, longitude=5.1180)
    found = coordinate_for("3511", municipality)
    assert (found.latitude, found.longitude, found.is_precise) == (52.0894, 5.1180, True)
    for unknown in ("9999", ""):
        found = coordinate_for(unknown, municipality)
        assert (found.latitude, found.longitude, found.is_precise) == (52.0, 5.0, False)
    assert set(coordinates_by_postcode({"3511", "9999"})) == {"3511"}
