"""Two planners at once, and a server that stops halfway: the result of one import or of none."""

import threading
from typing import Any

import pytest
from django.db import connection, connections

from backend.audit.models import AuditEvent
from backend.common.errors import BusyError, ConflictError
from providers.choices import ImportState
from providers.models import CatalogueImport, CourseGroup, IntakeMoment
from providers.spreadsheets import publishing
from tests.providers.spreadsheets.conftest import GROUPS, INTAKES, School

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROWS = 200


def season(school: School) -> bytes:
    book = school.workbook()
    book.add(GROUPS, Cursuscode="C1", Groepscode="G2", Locatiecode="L1", Grootste_groep=12)
    for number in range(ROWS):
        book.add(
            INTAKES, Cursuscode="C1", Groepscode="G2", Plekken=12,
            Startdatum=f"{1 + number % 28}-{1 + number // 28}-2099", Einddatum="2100-06-01",
        )  # fmt: skip
    return book.save()


def counts() -> tuple[int, int, int]:
    return (
        IntakeMoment.objects.count(),
        CourseGroup.objects.count(),
        AuditEvent.objects.filter(action="intake_moment.published").count(),
    )


def test_of_two_uploads_at_once_one_is_published(school: School) -> None:
    content = season(school)
    reports = [school.check(content) for _number in range(2)]
    outcomes: list[Any] = []
    barrier = threading.Barrier(2)

    def publish(report: CatalogueImport) -> None:
        barrier.wait()
        try:
            outcomes.append(school.publish(report).state)
        except (ConflictError, BusyError) as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish, args=(report,)) for report in reports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["import_stale", ImportState.PUBLISHED]
    assert counts() == (ROWS + 1, 2, ROWS)


def test_one_report_is_published_once_by_two_clicks(school: School) -> None:
    report = school.check(season(school))
    outcomes: list[Any] = []

    def publish() -> None:
        try:
            outcomes.append(school.publish(report).state)
        except (ConflictError, BusyError) as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=publish) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["import_state"] * 3 + [ImportState.PUBLISHED]
    assert counts() == (ROWS + 1, 2, ROWS)


@pytest.mark.parametrize("step", ["_insert", "_update", "_write_lessons", "_record"])
def test_a_connection_lost_halfway_leaves_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """As when the server is killed: the connection ends right after the step has written."""
    before = counts()
    report = school.check(season(school))
    real = getattr(publishing, step)
    calls = []

    def killed(*arguments: Any) -> Any:
        real(*arguments)
        calls.append(step)
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(publishing, step, killed)
    with pytest.raises(Exception, match=r"terminat|closed|connection|broken"):
        school.publish(report)
    connections.close_all()
    assert calls == [step]
    assert counts() == before
    report.refresh_from_db()
    assert report.state == ImportState.CHECKED
    monkeypatch.undo()
    school.publish(report)
    assert counts() == (ROWS + 1, 2, ROWS)
