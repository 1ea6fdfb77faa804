"""Files that people upload by mistake or on purpose: one clear sentence, and nothing is written."""

import codecs
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from openpyxl import load_workbook

from backend.common.spreadsheets import LIMITS
from providers.choices import ImportState
from providers.models import CatalogueImport, Course, IntakeMoment
from providers.spreadsheets.exporting import catalogue_csv
from providers.spreadsheets.sheets import COURSES as COURSE_SHEET
from tests.factories.providers import SeatClaimFactory
from tests.providers.spreadsheets.conftest import COURSES, INTAKES, LOCATIONS, School, codes
from tests.support.workbooks import workbook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]

PNG = codecs.decode(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "00000005000157cdcbbd0000000049454e44ae426082",
    "hex",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    """The zip with one part added or replaced."""
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, data)
    return stream.getvalue()


def password_protected() -> bytes:
    return OLE + bytes(500) + "EncryptedPackage".encode("utf-16-le") + bytes(500)


def zip_of(**parts: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", 8) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "."), data)
    return stream.getvalue()


def bomb() -> bytes:
    """Some 300 KB that unpack to 300 MB."""
    data = b"<worksheet><sheetData>" + b" " * (300 * 1024 * 1024) + b"</sheetData></worksheet>"
    return with_part(workbook([["Cursuscode"]]), "xl/worksheets/sheet1.xml", data)


def far_away_cell() -> bytes:
    data = (
        b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/'
        b'2006/main"><sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
        b"</worksheet>"
    )
    return with_part(workbook([["Cursuscode"]]), "xl/worksheets/sheet1.xml", data)


UNREADABLE = {
    "empty": (lambda: b"", "file_empty", "Dit bestand is leeg."),
    "blank": (lambda: b"\n \n", "file_empty", "Dit bestand is leeg."),
    "50 MB": (lambda: b"a;b\n" * 13_107_200, "file_too_large", "50 MB; we lezen hoogstens 20 MB"),
    "a byte too many": (
        lambda: b"x" * (LIMITS.file_bytes + 1),
        "file_too_large",
        "20,1 MB; we lezen hoogstens 20 MB",
    ),
    "picture": (lambda: PNG, "file_type", "geen XLSX- of CSV-bestand"),
    "old Excel": (lambda: OLE + bytes(2000), "file_type", "Excel 97–2003"),
    "password": (password_protected, "file_locked", "beveiligd met een wachtwoord"),
    "macros": (
        lambda: with_part(workbook([["Cursuscode"]]), "xl/vbaProject.bin", b"x"),
        "file_macros",
        "macro's",
    ),
    "xlsm": (
        lambda: with_part(
            workbook([["Cursuscode"]]),
            "[Content_Types].xml",
            b'<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel'
            b'.sheet.macroEnabled.main+xml"/></Types>',
        ),
        "file_macros",
        "zonder macro's (.xlsx)",
    ),
    "xlsb": (lambda: zip_of(**{"xl/workbook__bin": b"x"}), "file_type", ".xlsb"),
    "zip": (lambda: zip_of(readme__txt=b"x"), "file_type", "geen spreadsheet"),
    "ods": (lambda: zip_of(mimetype=b"x", content__xml=b"<a/>"), "file_type", "OpenDocument"),
    "bomb": (bomb, "file_expands", "veel te groot"),
    "far away": (far_away_cell, "too_many_rows", "meer dan"),
    "10,000 columns": (
        lambda: workbook([[f"kolom {number}" for number in range(10_000)], [1] * 10_000]),
        "too_many_columns",
        "meer dan 200 kolommen",
    ),
    "10,000 columns in CSV": (
        lambda: ";".join(f"k{number}" for number in range(10_000)).encode(),
        "too_many_columns",
        "meer dan 200 kolommen",
    ),
    "cut off": (lambda: workbook([["Cursuscode"]])[:-200], "file_damaged", "beschadigd"),
    "UTF-16": (
        lambda: codecs.BOM_UTF16_LE + "Cursuscode;Naam".encode("utf-16-le"),
        "wrong_encoding",
        "tekenset",
    ),
    "DOS letters": (
        lambda: "Cursuscode;Naam\nC1;Privéschool\n".encode("cp850"),
        "wrong_encoding",
        "CSV UTF-8",
    ),
    "web page": (
        lambda: b"\xef\xbb\xbf\r\n<html><table><tr><td>Cursuscode</td></tr></table></html>",
        "file_type",
        "webpagina",
    ),
    "open quote": (
        lambda: b'Cursuscode;Naam\nC1;"nooit dicht\n',
        "csv_quotes",
        "aanhalingsteken",
    ),
    "entities": (
        lambda: with_part(
            workbook([["Cursuscode"]]),
            "xl/worksheets/sheet1.xml",
            b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>',
        ),
        "file_damaged",
        "beschadigd",
    ),
}


@pytest.mark.parametrize(("make", "code", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(school: School, make, code: str, words: str) -> None:
    content = make()
    before = Course.objects.count(), IntakeMoment.objects.count()
    report = school.check(content, "bestand.xlsx")
    assert report.state == ImportState.FAULTY
    assert [fault["code"] for fault in report.faults] == [code]
    assert words in f"{report.faults[0]['message']} {report.faults[0]['advice']}"
    assert report.faults[0]["advice"]
    assert (Course.objects.count(), IntakeMoment.objects.count()) == before


def test_a_bomb_costs_no_memory(school: School) -> None:
    content = bomb()
    tracemalloc.start()
    school.check(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * 1024 * 1024
    assert len(content) < LIMITS.file_bytes


def test_formulas_merged_cells_and_error_values_are_named(school: School) -> None:
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", "=10+2")
    book.sheet(COURSES).merge_cells("A2:B2")
    book.set(LOCATIONS, 2, "Naam", "#N/A")
    book.sheet(LOCATIONS).cell(2, book.column(LOCATIONS, "Naam")).data_type = "e"
    report = school.check(book)
    assert codes(report) == [
        ("error_value", 2, "B2"),
        ("required", 2, "B2"),
        ("merged_cells", 2, "A2:B2"),
        ("formula", 2, "E2"),
    ]
    assert "Plakken speciaal" in report.faults[-1]["advice"]
    assert [fault["column"] for fault in report.faults] == ["Naam", "Naam", "Cursuscode", "Plekken"]
    assert all(fault["advice"] for fault in report.faults)


def test_headings_are_strict(school: School) -> None:
    book = school.workbook()
    sheet = book.sheet(COURSES)
    headings = book.headings(COURSES)
    sheet.cell(1, headings.index("Doelniveau") + 1).value = "Doel niveau"
    sheet.cell(1, headings.index("Lesvorm") + 1).value = "Naam"
    sheet.cell(1, len(headings) + 1).value = "Opmerkingen"
    sheet.cell(2, len(headings) + 2).value = "los"
    report = school.check(book)
    assert [(fault["code"], fault["value"]) for fault in report.faults] == [
        ("column_missing", "Doelniveau"),
        ("column_missing", "Lesvorm"),
        ("unknown_column", "Doel niveau"),
        ("column_twice", "Naam"),
        ("unknown_column", "Opmerkingen"),
        ("heading_missing", ""),
    ]
    assert report.faults[2]["advice"] == "Bedoelt u “Doelniveau”?"


def test_sheets_are_strict(school: School) -> None:
    book = school.workbook()
    book.sheet(COURSES).title = "Cursusen"
    assert [fault["advice"] for fault in school.check(book).faults] == ["Bedoelt u “Cursussen”?"]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_read_unseen(school: School, state: str) -> None:
    book = school.workbook().set(COURSES, 2, "Naam", "Anders")
    book.sheet(COURSES).sheet_state = state
    report = school.check(book)
    assert [(one["code"], one["sheet"]) for one in report.faults] == [("hidden_sheet", COURSES)]
    assert "Zichtbaar maken" in report.faults[0]["advice"]
    # The lists of choices that the template hides are no fault.
    assert school.check(school.workbook()).faults == []


def test_empty_sheets_and_rows(school: School) -> None:
    book = school.workbook()
    for number in range(3, 400):
        book.sheet(INTAKES).cell(number, 1).value = "  "
    assert school.check(book).faults == []
    book.sheet(LOCATIONS).delete_rows(1, 5)
    assert codes(school.check(book)) == [("sheet_empty", 0, "")]


def test_double_keys_are_named(school: School) -> None:
    book = school.workbook()
    book.add(
        INTAKES, Cursuscode="C1", Groepscode="G1", Startdatum="11-01-2027",
        Einddatum="2027-12-01", Plekken=3,
    )  # fmt: skip
    report = school.check(book)
    assert codes(report) == [("repeated", 3, "C3")]
    assert "rij 2" in report.faults[0]["message"]


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("Startdatum", "11/01/2027", "ambiguous_date"),
        ("Startdatum", "11-1-27", "ambiguous_date"),
        ("Startdatum", "31-02-2027", "no_such_day"),
        ("Startdatum", 46398, "not_a_date"),
        ("Startdatum", "volgende week", "not_a_date"),
        ("Plekken", "tien", "not_a_number"),
        ("Plekken", "1.000", "ambiguous_number"),
        ("Plekken", 10.5, "not_whole"),
        ("Plekken", -1, "out_of_range"),
        ("Plekken", True, "not_a_number"),
        ("Plekken", None, "required"),
        ("Status", "open", "unknown_code"),
        ("Status", "Gesloten ", None),
        ("Startdatum", "11-1-2027", None),
        ("Plekken", "12", None),
        ("Groepscode", True, "not_text"),
        ("Cursuscode", "C" * 41, "wrong_length"),
    ],
)
def test_cells_say_what_is_wrong_with_them(school: School, heading, value, code) -> None:
    book = school.workbook().set(INTAKES, 2, heading, value)
    if heading == "Startdatum":
        book.sheet(INTAKES).cell(2, 3).number_format = "General"
    report = school.check(book)
    assert [fault["code"] for fault in report.faults] == ([code] if code else [])
    for fault in report.faults:
        assert fault["column"] == heading
        assert fault["message"]


def test_fewer_seats_than_are_taken(school: School) -> None:
    SeatClaimFactory.create_batch(2, intake_moment=school.start)
    report = school.check(school.workbook().set(INTAKES, 2, "Plekken", 1))
    assert codes(report) == [("capacity_below_taken", 2, "E2")]


def test_marks_of_the_provider_and_unknown_rows(school: School) -> None:
    book = school.workbook()
    book.set(LOCATIONS, 2, "Gemeentecode", "GM9999")
    book.add(LOCATIONS, Locatiecode="L9", Naam="Nergens", Plaats="Nergens", Postcode="9999ZZ")
    assert codes(school.check(book)) == [
        ("unknown_reference", 2, "G2"),
        ("coordinates_missing", 3, "H3"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_delimiters_of_csv(school: School, encoding: str, delimiter: str) -> None:
    text = catalogue_csv(school.provider, COURSE_SHEET).decode("utf-8-sig")
    text = text.replace("12,0", "12.0").replace(";", delimiter).replace("B1 overdag", "Café “één”")
    report = school.check(text.encode(encoding), "cursussen.csv")
    assert report.faults == []
    assert report.preview[0]["cells"][0]["after"] == "Café “één”"


def test_garbled_letters_and_formulas_in_csv(school: School) -> None:
    text = catalogue_csv(school.provider, COURSE_SHEET).decode("utf-8-sig")
    garbled = text.replace("B1 overdag", "CafÃ© 1").encode()
    assert codes(school.check(garbled, "c.csv")) == [("garbled_text", 2, "B2")]
    formula = text.replace("B1 overdag", '=HYPERLINK("http://x")'.replace('"', "'")).encode()
    assert codes(school.check(formula, "c.csv")) == [("formula", 2, "B2")]


def test_a_name_like_a_formula_goes_round_as_text(school: School) -> None:
    Course.objects.update(name="=1+1")
    assert b"'=1+1" in catalogue_csv(school.provider, COURSE_SHEET)
    assert school.check(catalogue_csv(school.provider, COURSE_SHEET), "c.csv").preview == []
    book = school.workbook()
    saved = load_workbook(BytesIO(book.save()))
    assert saved[COURSES]["B2"].value == "=1+1"
    assert CatalogueImport.objects.count() == 1
