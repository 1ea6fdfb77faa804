"""DUO's list of institutions: all faults at once, a preview, and the same list twice."""

import copy
from datetime import date
from typing import Any

import pytest

from backend.accounts.actor import system_actor
from backend.common.errors import NotAllowedError
from backend.common.imports import ImportFaultsError
from backend.organisations.models import Organisation
from providers.choices import MarkKind, MarkStatus
from providers.models import Provider, QualityMark
from providers.services.institutions import institutions_check, institutions_import
from tests.factories.organisations import Postcode4Factory
from tests.support.entering import registrar

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)
ROWS: list[dict[str, Any]] = [
    {
        "instellingsnummer": "0000000001",
        "naam": "Taalschool Een (demo)",
        "postcode": "7311AB",
        "huisnummer": 12,
        "huisnummertoevoeging": "a",
        "plaatsnaam": "Apeldoorn",
        "bow": "123",
        "indicatieBowKeurmerk": True,
    },
    {
        "instellingsnummer": "0000000002",
        "naam": "Taalschool Een (demo)",
        "postcode": "7411CD",
        "huisnummer": 3,
        "plaatsnaam": "Deventer",
        "brin": "12AB",
        "indicatieTstKeurmerk": True,
    },
]


def run(document: object, step: Any = institutions_import, on: date = DAY) -> Any:
    return step(actor=registrar(), document=document, on=on)


def faults_of(document: object) -> dict[str, str]:
    return {one.field: one.code for one in run(document, institutions_check).faults}


def test_new_schools_with_their_recognition() -> None:
    preview = run(ROWS)
    assert preview.new == ("0000000001", "0000000002")
    first, second = Provider.objects.order_by("duo_number")
    assert (first.bow_number, second.brin) == ("123", "12AB")
    assert [one.code for one in Organisation.objects.order_by("pk")] == [
        "taalschool-een-demo",
        "taalschool-een-demo-0000000002",
    ]
    marks = QualityMark.objects.order_by("pk").values_list("provider", "kind", "status")
    assert list(marks) == [(first.pk, "keurmerk", "valid"), (second.pk, "tst", "valid")]


def test_same_list_again_changes_nothing() -> None:
    run(ROWS)
    before = list(Provider.objects.values()) + list(QualityMark.objects.values())
    preview = run(ROWS, on=date(2026, 12, 1))
    assert (preview.new, preview.changed, preview.unchanged) == ((), (), 2)
    assert list(Provider.objects.values()) + list(QualityMark.objects.values()) == before


def test_check_writes_nothing() -> None:
    preview = run(ROWS, institutions_check)
    assert len(preview.new) == 2
    assert Provider.objects.count() == 0


def test_lost_mark_is_withdrawn_from_that_list_on() -> None:
    run(ROWS)
    later = copy.deepcopy(ROWS)
    later[0]["indicatieBowKeurmerk"] = False
    preview = run(later, on=date(2027, 1, 4))
    assert [(one.key, one.fields) for one in preview.changed] == [
        ("0000000001", ("indicatieBowKeurmerk",))
    ]
    marks = QualityMark.objects.filter(provider__duo_number="0000000001").order_by("valid_from")
    assert [(one.kind, one.status, one.valid_from, one.valid_to) for one in marks] == [
        (MarkKind.KEURMERK, MarkStatus.VALID, DAY, date(2027, 1, 3)),
        (MarkKind.KEURMERK, MarkStatus.WITHDRAWN, date(2027, 1, 4), None),
    ]


def test_changed_name_and_missing_school() -> None:
    run(ROWS)
    preview = run([ROWS[0] | {"naam": "Taalschool Anders (demo)"}])
    assert [one.fields for one in preview.changed] == [("naam",)]
    assert preview.missing == ("0000000002",)
    assert Provider.objects.count() == 2
    assert Organisation.objects.filter(name="Taalschool Anders (demo)").exists()


def test_address_becomes_a_location_where_the_postcode_is_known() -> None:
    Postcode4Factory(pc4="7311", latitude=52.2131, longitude=5.9615)
    run(ROWS)
    (seat,) = Provider.objects.get(duo_number="0000000001").locations.all()
    assert (seat.code, seat.house_number, seat.latitude) == ("zetel", "12a", 52.2131)
    preview = run([ROWS[0] | {"huisnummer": 14}, ROWS[1]])
    assert [one.fields for one in preview.changed] == [("adres",)]
    seat.refresh_from_db()
    assert seat.house_number == "14a"


def test_all_faults_at_once_with_their_path() -> None:
    assert faults_of(
        [
            {"instellingsnummer": "1", "naam": "", "postcode": "7311 AB", "huisnummer": 0},
            ROWS[0] | {"huisnummer": "12", "brin": "1234", "keurmerk": True},
            ROWS[0] | {"huisnummer": True, "bow": "abc"},
            {**ROWS[1], "indicatieBowKeurmerk": True},
            ROWS[0],
            "niets",
        ]
    ) == {
        "$[0].instellingsnummer": "wrong_form",
        "$[0].naam": "wrong_length",
        "$[0].postcode": "wrong_form",
        "$[0].huisnummer": "out_of_range",
        "$[0].plaatsnaam": "required",
        "$[1].huisnummer": "wrong_type",
        "$[1].brin": "wrong_form",
        "$[1].keurmerk": "unknown_field",
        "$[2].huisnummer": "wrong_type",
        "$[2].bow": "wrong_form",
        "$[2].instellingsnummer": "repeated",
        "$[3].bow": "bow_missing",
        "$[4].instellingsnummer": "repeated",
        "$[5]": "wrong_type",
    }


def test_no_list_at_all() -> None:
    assert faults_of({"instellingen": []}) == {"$": "wrong_type"}


def test_faulty_list_writes_nothing() -> None:
    with pytest.raises(ImportFaultsError) as caught:
        run([ROWS[0], ROWS[1] | {"postcode": "0000AA"}])
    assert [one.field for one in caught.value.violations] == ["$[1].postcode"]
    assert Provider.objects.count() == 0


def test_needs_the_right_to_register() -> None:
    nobody = system_actor("nobody", {})
    with pytest.raises(NotAllowedError):
        institutions_import(actor=nobody, document=ROWS, on=DAY)
    assert Organisation.objects.count() == 0
