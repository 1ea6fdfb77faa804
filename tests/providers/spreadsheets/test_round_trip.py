"""Export, edit, check, publish: what J5 promises to a provider's planner."""

from datetime import date, time, timedelta

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import NotAllowedError
from backend.common.spreadsheets import write_csv
from backend.outbox.public import topics
from providers.choices import ImportState, IntakeStatus
from providers.errors import ImportStaleError, ImportStateError
from providers.models import (
    CatalogueImport,
    Course,
    CourseGroup,
    IntakeMoment,
    Location,
    WeeklySlot,
)
from providers.spreadsheets import known, services
from providers.spreadsheets.exporting import catalogue_csv
from providers.spreadsheets.services import (
    CHECK_TOPIC,
    UploadedFile,
    catalogue_import_check,
    catalogue_import_read_waiting,
)
from providers.spreadsheets.sheets import INTAKES as INTAKE_SHEET
from providers.spreadsheets.sheets import SHEETS
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory
from tests.providers.spreadsheets.conftest import (
    COURSES,
    GROUPS,
    INTAKES,
    LOCATIONS,
    School,
    codes,
    make_school,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def test_the_export_is_the_import(school: School) -> None:
    report = school.check(school.workbook())
    assert report.faults == []
    assert report.state == ImportState.CHECKED
    assert {name: one["unchanged"] for name, one in report.counts.items()} == {
        "locations": 1, "courses": 1, "groups": 1, "intake_moments": 1,
    }  # fmt: skip
    assert report.preview == []


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda one: one.name)
def test_csv_goes_round_too(school: School, sheet) -> None:
    report = school.check(catalogue_csv(school.provider, sheet), "seizoen.csv")
    assert report.faults == []
    assert report.counts == {sheet.name: {"new": 0, "changed": 0, "removed": 0, "unchanged": 1}}


def test_a_season_is_published_at_once_with_history(school: School) -> None:
    book = school.workbook()
    book.add(
        LOCATIONS, Locatiecode="007", Naam="Oost", Plaats="Utrecht",
        Breedtegraad=52.1, Lengtegraad=5.2,
    )  # fmt: skip
    book.add(
        COURSES, Cursuscode="NA", Naam="Z-route", Soort_cursus="Z", Alfabetisering="A, AA",
        Laagste_instapniveau="A0", Hoogste_instapniveau="A1", Doelniveau="A2",
        Uren_per_week=12.5, Totaal_aantal_uren=800, Lesvorm="Op locatie",
    )  # fmt: skip
    book.add(
        GROUPS, Cursuscode="NA", Groepscode="01", Locatiecode="007", Grootste_groep=14,
        Lessen="ma 09:00-12:00; do. 13.00 - 16.00",
    )  # fmt: skip
    book.add(
        INTAKES, Cursuscode="NA", Groepscode="01", Startdatum=date(2027, 2, 1),
        Einddatum="31-12-2027", Plekken="14",
    )  # fmt: skip
    book.set(INTAKES, 2, "Plekken", 10)
    report = school.check(book)
    assert report.faults == []
    assert report.counts["intake_moments"] == {
        "new": 1, "changed": 1, "removed": 0, "unchanged": 0,
    }  # fmt: skip
    assert IntakeMoment.objects.count() == 1
    shown = next(one for one in report.preview if one["action"] == "changed")
    assert shown["cells"] == [{"column": "seats_total", "before": 12, "after": 10}]
    assert (shown["row"], shown["id"]) == (2, str(school.start.uuid))

    before = AuditEvent.objects.latest("pk").pk
    school.publish(report)

    start = IntakeMoment.objects.get(group__course__code="NA")
    assert (start.group.code, start.start_date, start.end_date, start.seats_total) == (
        "01", date(2027, 2, 1), date(2027, 12, 31), 14,
    )  # fmt: skip
    assert start.status == IntakeStatus.PUBLISHED
    course = start.group.course
    assert (course.component, course.literacy, str(course.hours_per_week)) == (
        "Z", ["A", "AA"], "12.5",
    )  # fmt: skip
    assert course.mode == "onsite"
    assert course.is_active
    assert start.group.location.code == "007"
    assert list(start.group.weekly_slots.values_list("slot", flat=True)) == ["MO1", "TH2"]
    school.start.refresh_from_db()
    assert school.start.seats_total == 10
    written = AuditEvent.objects.filter(pk__gt=before)
    assert sorted(written.values_list("action", flat=True)) == [
        "catalogue_import.published", "course.added", "group.added", "intake_moment.changed",
        "intake_moment.published", "location.added",
    ]  # fmt: skip
    changed = AuditEvent.objects.get(action="intake_moment.changed")
    assert (changed.before, changed.after) == ({"seats_total": 12}, {"seats_total": 10})
    assert changed.subject_uuid == school.start.uuid
    assert changed.organisation_ids == [school.provider.organisation_id]
    assert school.actor.label == changed.actor_label
    report.refresh_from_db()
    assert (report.state, report.published_by) == (ImportState.PUBLISHED, school.actor.label)
    new = next(
        one for one in report.preview if one["sheet"] == "intake_moments" and one["action"] == "new"
    )
    assert new["id"] == str(start.uuid)


def test_the_same_file_again_changes_nothing(school: School) -> None:
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", 10)
    book.add(
        INTAKES, Cursuscode="C1", Groepscode="G1", Startdatum=date(2027, 3, 1),
        Einddatum=date(2027, 9, 1), Plekken=5,
    )  # fmt: skip
    content = book.save()
    school.publish(school.check(content))
    events = AuditEvent.objects.count()
    again = school.check(content)
    assert again.preview == []
    assert again.counts["intake_moments"]["unchanged"] == 2
    school.publish(again)
    assert AuditEvent.objects.exclude(action="catalogue_import.published").count() == events - 1


def test_lessons_of_a_group_are_replaced(school: School) -> None:
    book = school.workbook()
    assert book.get(GROUPS, 2, "Lessen") == "ma 09:00-12:00; do 09:00-12:00"
    book.set(GROUPS, 2, "Lessen", "Dinsdag 19:00-21:30")
    school.publish(school.check(book))
    assert list(WeeklySlot.objects.values_list("slot", flat=True)) == ["TU3"]


def test_a_missing_start_is_closed_only_when_asked(school: School) -> None:
    book = school.workbook()
    book.remove_row(INTAKES, 2)
    book.remove_row(COURSES, 2)
    book.remove_row(GROUPS, 2)
    book.remove_row(LOCATIONS, 2)
    SeatClaimFactory(intake_moment=school.start)
    first = school.check(book)
    assert {one["sheet"]: one["taken"] for one in first.preview} == {
        "courses": 0, "intake_moments": 1,
    }  # fmt: skip
    school.publish(first)
    school.start.refresh_from_db()
    assert school.start.status == IntakeStatus.PUBLISHED

    school.publish(school.check(book), remove_missing=True)
    school.start.refresh_from_db()
    school.course.refresh_from_db()
    assert school.start.status == IntakeStatus.CLOSED
    assert not school.course.is_active
    assert school.start.seat_claims.count() == 1
    assert (Location.objects.count(), CourseGroup.objects.count()) == (1, 1)
    assert school.check(book).preview == []


def test_a_sheet_that_is_left_out_is_left_alone(school: School) -> None:
    book = school.workbook()
    for title in (LOCATIONS, COURSES, GROUPS):
        del book.book[title]
    report = school.check(book)
    assert report.faults == []
    assert list(report.counts) == ["intake_moments"]


def test_changed_rows_can_be_skipped_one_by_one(school: School) -> None:
    IntakeMomentFactory(group=school.group, start_date=date(2027, 5, 3), seats_total=8)
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", 9).set(INTAKES, 3, "Plekken", 7)
    report = school.check(book)
    school.publish(report, skip=[f"intake_moments:{school.start.uuid}"])
    starts = IntakeMoment.objects.order_by("start_date")
    assert list(starts.values_list("seats_total", flat=True)) == [12, 7]


def test_what_changed_since_the_check_is_not_overwritten(school: School) -> None:
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", 9)
    report = school.check(book)
    Course.objects.update(name="Anders")
    with pytest.raises(ImportStaleError):
        school.publish(report)
    school.start.refresh_from_db()
    assert school.start.seats_total == 12


def test_an_import_is_published_once(school: School) -> None:
    report = school.check(school.workbook())
    school.publish(report)
    with pytest.raises(ImportStateError):
        school.publish(report)


def test_seats_taken_after_the_check_stop_a_lower_number(school: School) -> None:
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", 1)
    report = school.check(book)
    assert report.faults == []
    SeatClaimFactory.create_batch(2, intake_moment=school.start)
    with pytest.raises(Exception, match="pl") as error:
        school.publish(report)
    assert error.value.code == "capacity_below_taken"
    school.start.refresh_from_db()
    assert school.start.seats_total == 12


def test_nobody_touches_the_catalogue_of_another_school(
    school: School, make_actor, other_provider
) -> None:
    other = make_school(make_actor, other_provider, mark="X")
    with pytest.raises(NotAllowedError):
        catalogue_import_check(
            actor=other.actor, provider=school.provider, file=UploadedFile("a.csv", b"x")
        )
    report = school.check(school.workbook())
    with pytest.raises(NotAllowedError):
        other.publish(report)
    assert not CatalogueImport.objects.visible_to(other.actor).exists()
    # The file of the other school names courses that this school does not have.
    foreign = school.check(other.workbook())
    assert foreign.counts["courses"]["new"] == 1
    assert other.course.provider_id != school.provider.pk


def test_the_same_file_again_is_not_read(school: School, monkeypatch) -> None:
    book = school.workbook().set(INTAKES, 2, "Plekken", 9)
    content = book.save()
    school.publish(school.check(content))
    monkeypatch.setattr(services, "read_tables", _must_not_run)
    again = school.check(content)
    assert (again.state, again.row_count, again.preview) == (ImportState.CHECKED, 4, [])
    assert again.counts["intake_moments"] == {"new": 0, "changed": 0, "removed": 0, "unchanged": 1}
    school.publish(again)
    assert school.check(content).counts == again.counts


def _must_not_run(*args, **kwargs) -> None:
    raise AssertionError("the file was read")


def test_the_same_file_is_read_again_when_there_is_something_to_do(
    school: School, make_actor, other_provider
) -> None:
    content = school.workbook().set(INTAKES, 2, "Plekken", 9).save()
    school.publish(school.check(content))
    IntakeMoment.objects.update(seats_total=10)
    assert [one["action"] for one in school.check(content).preview] == ["changed"]
    # Another school that uploads the file gets its own report.
    other = make_school(make_actor, other_provider, mark="X")
    assert other.check(content).counts["courses"]["new"] == 1


def test_the_same_file_is_read_again_after_rows_were_left_out(school: School) -> None:
    content = school.workbook().set(INTAKES, 2, "Plekken", 9).save()
    report = school.check(content)
    school.publish(report, skip=[report.preview[0]["mark"]])
    assert [one["action"] for one in school.check(content).preview] == ["changed"]
    less = school.workbook().remove_row(INTAKES, 2).save()
    school.publish(school.check(less))
    assert [one["action"] for one in school.check(less).preview] == ["removed"]


def test_every_row_of_the_catalogue_is_in_the_fingerprint(school: School) -> None:
    """The guard against overwriting what others changed bites for each kind of row."""
    since = date(2026, 11, 18)
    changes = (
        lambda: Location.objects.update(name="Elders"),
        lambda: Course.objects.update(name="Anders"),
        lambda: CourseGroup.objects.update(max_size=16),
        lambda: WeeklySlot.objects.update(end_time=time(12, 15)),
        lambda: IntakeMoment.objects.update(seats_total=7),
    )
    seen = {known.fingerprint(school.provider, since)}
    for change in changes:
        assert change()
        seen.add(known.fingerprint(school.provider, since))
    assert len(seen) == len(changes) + 1
    SeatClaimFactory(intake_moment=school.start)
    assert known.fingerprint(school.provider, since) in seen


def test_progress_of_a_large_file_is_told_while_it_is_read(school: School, monkeypatch) -> None:
    monkeypatch.setattr(services, "PROGRESS_SECONDS", 0)
    told: list[tuple[int, int]] = []
    teller = services._teller

    def spy(import_id: int):
        tell = teller(import_id)

        def listen(done: int, total: int) -> None:
            tell(done, total)
            told.append(CatalogueImport.objects.values_list("progress", "row_count").get())

        return listen

    monkeypatch.setattr(services, "_teller", spy)
    rows = [
        {
            "course": "C1", "group": "G1", "start_date": date(2027, 1, 4) + timedelta(days=number),
            "end_date": date(2040, 1, 4), "seats_total": 5, "status": "published",
        }
        for number in range(1_999)
    ]  # fmt: skip
    report = catalogue_import_check(
        actor=school.actor,
        provider=school.provider,
        file=UploadedFile("groot.csv", write_csv(INTAKE_SHEET, rows)),
        in_background=True,
    )
    assert CHECK_TOPIC in topics()

    catalogue_import_read_waiting(import_id=report.pk)
    # The first row of the file is its headings.
    assert told[0] == (0, 0)
    assert told[1:4] == [(12, 2_000), (25, 2_000), (37, 2_000)]
    assert told[-1] == (87, 1_999)
    report.refresh_from_db()
    assert (report.state, report.row_count) == (ImportState.CHECKED, 1_999)


def test_a_large_file_waits_for_the_background(school: School) -> None:
    content = catalogue_csv(school.provider, INTAKE_SHEET)
    report = catalogue_import_check(
        actor=school.actor,
        provider=school.provider,
        file=UploadedFile("groot.csv", content),
        in_background=True,
    )
    assert report.state == ImportState.WAITING
    catalogue_import_read_waiting(import_id=report.pk)
    catalogue_import_read_waiting(import_id=report.pk)
    report.refresh_from_db()
    assert (report.state, report.row_count) == (ImportState.CHECKED, 1)


def test_a_fault_leaves_everything_as_it_was(school: School) -> None:
    SeatClaimFactory.create_batch(3, intake_moment=school.start)
    book = school.workbook()
    book.set(INTAKES, 2, "Plekken", 2)
    book.set(GROUPS, 2, "Locatiecode", "L11")
    book.set(COURSES, 2, "Hoogste instapniveau", "A0").set(COURSES, 2, "Laagste instapniveau", "B1")
    book.add(
        INTAKES, Cursuscode="C1", Groepscode="G9", Startdatum="1/2/2027", Einddatum="31-12-2027",
        Plekken=4,
    )  # fmt: skip
    book.add(
        INTAKES, Cursuscode="C1", Groepscode="G9", Startdatum="2027-02-01", Einddatum="2027-01-01",
        Plekken=4000,
    )  # fmt: skip
    book.add(
        INTAKES, Cursuscode="C1", Groepscode="G1", Startdatum="2020-02-01", Einddatum="2027-01-01",
        Plekken=99,
    )  # fmt: skip
    report = school.check(book)
    assert report.state == ImportState.FAULTY
    assert codes(report) == [
        ("entry_levels", 2, "E2"),
        ("unknown_reference", 2, "C2"),
        ("capacity_below_taken", 2, "E2"),
        ("ambiguous_date", 3, "C3"),
        ("unknown_reference", 4, "B4"),
        ("ends_before_start", 4, "D4"),
        ("in_the_past", 5, "C5"),
        ("above_group_maximum", 5, "E5"),
    ]
    with pytest.raises(ImportStateError):
        school.publish(report)
    assert IntakeMoment.objects.count() == 1
    assert report.faults[1]["advice"] == "Bedoelt u “L1”?"
