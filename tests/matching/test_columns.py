"""Rows that are read as columns are the rows that Django reads."""

from datetime import date

import numpy as np
import pytest

from backend.common.columns import (
    DAY,
    FLAG,
    KEY,
    NUMBER,
    WHOLE,
    CompiledColumns,
    NotFixedWidthError,
    text,
    texts,
)
from matching.models import Need
from matching.selectors import needs as selectors
from matching.selectors.supply import supply_on
from providers.models import Course, IntakeMoment, WeeklySlot
from providers.selectors import supply
from tests.factories.matching import contracted_intake, need
from tests.support.queries import counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]
KINDS = {
    "pk": WHOLE,
    "uuid": KEY,
    "component": text(3),
    "pip__max_travel_km": NUMBER,
    "pip__accepts_online": FLAG,
    "pip__availability": texts(3, 21),
    "deadline": DAY,
}
TODAY = date(2026, 11, 18)


def test_every_kind_of_column_comes_as_it_is(municipality):
    for component, limit in (("B", None), ("KNM", 12), ("MAP", 3)):
        need(municipality, component, max_travel_km=limit, availability=("MO1", "FR3"))
    queryset = Need.objects.order_by("pk")
    with counted():  # also when Django watches its statements
        found = CompiledColumns(lambda: queryset.values_list(*KINDS), KINDS)()
    rows = list(queryset.values_list(*KINDS))
    assert len(rows) > 3
    for position, (pk, uuid, component, limit, online, slots, deadline) in enumerate(rows):
        assert found["pk"][position] == pk
        assert found["uuid"][position] == str(uuid)
        assert found["component"][position].decode() == component
        assert found["pip__accepts_online"][position] == online
        assert [one.decode() for one in found["pip__availability"][position] if one] == slots
        assert found["deadline"][position].astype(object) == deadline
        here = found["pip__max_travel_km"][position]
        assert np.isnan(here) if limit is None else here == limit


def test_no_rows_are_empty_columns():
    found = CompiledColumns(lambda: Need.objects.order_by("pk").values_list(*KINDS), KINDS)()
    assert {len(column) for column in found.values()} == {0}


def test_a_value_that_is_too_long_is_never_cut_off(municipality):
    need(municipality, "KNM")
    rows = Need.objects.values_list("pk", "component")
    with pytest.raises(NotFixedWidthError):
        CompiledColumns(lambda: rows, {"pk": WHOLE, "component": text(2)})()


def test_needs_as_columns_are_the_needs_as_rows(municipality):
    for component in ("B", "KNM", "MAP", "PVT"):
        one = need(municipality, component, max_travel_km=9)
        one.pip.participant.target_group_periods.update(target_group="family")
        need(municipality, component, entry_level="B2")
    found = selectors.waiting_needs([municipality.pk], on=TODAY)
    assert len(found) > 7
    assert _as_text(found) == _as_text(_by_rows(Need.objects.all()))


def test_more_day_parts_than_a_week_has_are_read_row_by_row(municipality):
    one = need(municipality)
    one.pip.availability = ["MO1"] * 22
    one.pip.save(update_fields=["availability"])
    found = selectors.waiting_needs([municipality.pk], on=TODAY)
    assert _as_text(found) == _as_text(_by_rows(Need.objects.all()))
    assert set(found.table.available.tolist()) == {1}


def test_supply_with_a_value_that_is_too_long_is_read_row_by_row(municipality):
    for marked in (True, False):
        contracted_intake(
            municipality,
            group__course__literacy=["AA", "NVT"],
            group__course__provider__mark=marked,
        )
    # One start has no lessons yet.
    WeeklySlot.objects.filter(group__intake_moments=IntakeMoment.objects.first()).delete()
    usual = _supply_as_text()
    Course.objects.update(literacy=["AA", "NVT"] * 4)
    with pytest.raises(NotFixedWidthError):
        supply._read_offered(TODAY, None)
    assert _supply_as_text() == usual


def _supply_as_text():
    found = supply_on(TODAY)
    assert len(found) == 2
    return repr([_plain(one) for one in (found, found.table)])


def _plain(found):
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in vars(found).items()
        if name != "table"
    }


def _by_rows(queryset):
    return selectors._as_set(selectors.need_rows(queryset, on=TODAY))


def _as_text(found):
    return repr((_plain(found.table), found.pks.tolist(), found.is_referral.tolist()))
