"""The importer of the GeoNames postal-code file: all faults at once, all rows or none."""

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.actor import system_actor
from backend.audit.models import AuditEvent
from backend.organisations.errors import PostcodeFileError
from backend.organisations.models import Postcode4
from backend.organisations.postcodes import PostcodeResult, check, postcodes_import
from tests.factories.organisations import Postcode4Factory
from tests.support.reference_data import reference_file

SYSTEM = system_actor("tests", {})


def line(**changes: str) -> str:
    cells = {
        "country": "NL",
        "postcode": "3511",
        "place": "Utrecht",
        "province": "Utrecht",
        "province_code": "09",
        "name2": "Gemeente Utrecht",
        "municipality": "0344",
        "name3": "",
        "code3": "",
        "latitude": "52.0894",
        "longitude": "5.1180",
        "accuracy": "6",
    }
    return "\t".join((cells | changes).values())


def faults_of(*lines: str) -> list[tuple[str, str]]:
    return [(one.field, one.code) for one in check(lines).faults]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"country": "BE"}, "country", "not_netherlands"),
        ({"postcode": "351"}, "postcode", "postcode_form"),
        ({"postcode": "0511"}, "postcode", "postcode_form"),
        ({"postcode": "3511 AB"}, "postcode", "postcode_form"),
        ({"place": " "}, "place", "place_missing"),
        ({"place": "x" * 101}, "place", "place_missing"),
        ({"place": "a\x00"}, "place", "place_missing"),
        ({"municipality": "344"}, "municipality", "municipality_code_form"),
        ({"latitude": "5.1"}, "latitude", "coordinate_outside"),
        ({"latitude": "nan"}, "latitude", "coordinate_outside"),
        ({"longitude": "oost"}, "longitude", "coordinate_outside"),
        ({"longitude": ""}, "longitude", "coordinate_outside"),
    ],
)
def test_each_fault_names_its_line_and_column(changes, field, code) -> None:
    assert faults_of(line(), line(**changes)) == [(f"line 2.{field}", code)]


def test_all_faults_are_found_at_once() -> None:
    found = faults_of(
        "NL\t3511", line(postcode="x", latitude="0"), "", line(), line(longitude="99")
    )
    assert found == [
        ("line 1", "column_count"),
        ("line 2.postcode", "postcode_form"),
        ("line 2.latitude", "coordinate_outside"),
        ("line 5.longitude", "coordinate_outside"),
    ]
    assert faults_of() == [("line 1", "empty_file")]


def test_the_first_line_of_a_postcode_counts() -> None:
    checked = check([line(place="Eerst"), line(place="Daarna"), line(postcode="3512") + "\r\n"])
    assert (checked.rows["3511"].place, checked.shared, len(checked.rows)) == ("Eerst", 1, 2)


@pytest.mark.django_db
def test_one_fault_and_nothing_is_written() -> None:
    with pytest.raises(PostcodeFileError) as caught:
        postcodes_import(actor=SYSTEM, lines=[line(), line(postcode="x")])
    assert len(caught.value.violations) == 1
    assert not Postcode4.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.django_db
def test_a_second_import_writes_what_differs_and_takes_nothing_away() -> None:
    Postcode4Factory(pc4="1011")
    first = postcodes_import(actor=SYSTEM, lines=[line(), line(postcode="3512")])
    again = postcodes_import(actor=SYSTEM, lines=[line(), line(postcode="3512")])
    moved = postcodes_import(actor=SYSTEM, lines=[line(latitude="52.1"), line(postcode="3513")])
    assert (first, again, moved) == (
        PostcodeResult(2, 0, 0),
        PostcodeResult(0, 0, 2),
        PostcodeResult(1, 1, 0),
    )
    assert set(Postcode4.objects.values_list("pc4", flat=True)) == {"1011", "3511", "3512", "3513"}
    assert Postcode4.objects.get(pc4="3511").latitude == 52.1
    assert AuditEvent.objects.count() == 2


@pytest.mark.django_db
def test_the_command_reports_every_fault(tmp_path, capsys) -> None:
    path = tmp_path / "NL.txt"
    path.write_text("\n".join([line(), line(postcode="x"), "kapot"]), encoding="utf-8")
    for arguments in ([str(path)], [str(path), "--check"]):
        with pytest.raises(CommandError):
            call_command("import_postcodes", *arguments)
        errors = capsys.readouterr().err.splitlines()
        assert [one.split(":")[0] for one in errors] == ["line 2.postcode", "line 3"]
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError):
        call_command("import_postcodes", str(path))
    with pytest.raises(CommandError):
        call_command("import_postcodes", str(tmp_path / "bestaat-niet.txt"))
    path.write_text(line(), encoding="utf-8")
    call_command("import_postcodes", str(path), "--check")
    assert not Postcode4.objects.exists()
    call_command("import_postcodes", str(path))
    assert Postcode4.objects.count() == 1


@pytest.mark.django_db
def test_the_file_of_geonames_is_imported_whole(capsys) -> None:
    path = reference_file("geo/geonames_NL_2024-04-12.txt")
    call_command("import_postcodes", str(path))
    assert Postcode4.objects.count() == 4086
    assert Postcode4.objects.filter(municipality_code="").count() <= 20
    call_command("import_postcodes", str(path))
    assert AuditEvent.objects.count() == 1
