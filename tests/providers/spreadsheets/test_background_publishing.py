"""Many changes are published in the background: watched by the percent, refused in words."""

from uuid import uuid4

import pytest
from django.db import connections

from backend.audit.models import AuditEvent
from backend.outbox.public import OutboxMessage, topics
from providers.choices import ImportState
from providers.errors import ImportStateError
from providers.models import Course, IntakeMoment
from providers.spreadsheets import background, services
from providers.spreadsheets.background import (
    PUBLISH_TOPIC,
    catalogue_import_publish_soon,
    catalogue_import_publish_waiting,
)
from tests.providers.spreadsheets.conftest import GROUPS, INTAKES, School

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ROWS = 120


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch):
    monkeypatch.setattr(background, "BACKGROUND_CHANGES", 5)


def season(school: School) -> bytes:
    book = school.workbook()
    book.add(GROUPS, Cursuscode="C1", Groepscode="G2", Locatiecode="L1", Grootste_groep=12)
    for number in range(ROWS):
        book.add(
            INTAKES, Cursuscode="C1", Groepscode="G2", Plekken=12,
            Startdatum=f"{1 + number % 28}-{1 + number // 28}-2099", Einddatum="2100-06-01",
        )  # fmt: skip
    return book.save()


def soon(school: School, report, **choices):
    return catalogue_import_publish_soon(actor=school.actor, catalogue_import=report, **choices)


def asked():
    return OutboxMessage.objects.get(topic=PUBLISH_TOPIC).payload


def test_few_changes_are_published_at_once(school: School) -> None:
    report = school.check(school.workbook().set(INTAKES, 2, "Plekken", 9))
    assert soon(school, report).state == ImportState.PUBLISHED
    assert not OutboxMessage.objects.filter(topic=PUBLISH_TOPIC).exists()


def test_many_changes_wait_tell_how_far_they_are_and_are_there_at_once(
    school: School, monkeypatch
) -> None:
    monkeypatch.setattr(services, "PROGRESS_SECONDS", 0)
    report = school.check(season(school))
    assert soon(school, report).state == ImportState.WRITING
    assert PUBLISH_TOPIC in topics()
    assert IntakeMoment.objects.count() == 1
    with pytest.raises(ImportStateError):
        soon(school, report)

    others = connections.create_connection("default")

    def seen_by_others() -> tuple[int, int]:
        """The progress, and how many starts there are: nothing of the import is there yet."""
        with others.cursor() as cursor:
            cursor.execute(
                "select progress, (select count(*) from providers_intakemoment)"
                " from providers_catalogueimport"
            )
            return cursor.fetchone()

    told = []
    teller = background.now_and_then

    def spy(tell):
        def told_and_seen(percentage: int, total: int) -> None:
            tell(percentage, total)
            told.append(seen_by_others())

        return teller(told_and_seen)

    monkeypatch.setattr(background, "now_and_then", spy)
    catalogue_import_publish_waiting(asked())
    # Twice, as a queue may ask.
    catalogue_import_publish_waiting(asked())

    others.close()
    assert told == sorted(told)
    assert len(told) > 50
    assert {starts for _progress, starts in told} == {1}
    assert told[-1][0] == 100
    report.refresh_from_db()
    assert (report.state, report.published_by) == (ImportState.PUBLISHED, school.actor.label)
    assert IntakeMoment.objects.count() == ROWS + 1
    by = AuditEvent.objects.filter(action="catalogue_import.published").get()
    assert (by.actor_key, by.actor_label) == (school.actor.key, school.actor.label)


def test_a_refusal_is_kept_and_it_can_be_tried_again(school: School, web_as, provider_planner):
    report = school.check(season(school))
    visitor = web_as(provider_planner)
    page = f"/catalogue-imports/{report.uuid}"
    assert visitor.post(page).status_code == 302
    waiting = visitor.get(page).content.decode()
    assert "0% van de wijzigingen verwerkt" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    assert visitor.post(page).status_code == 409

    Course.objects.update(name="Anders")
    catalogue_import_publish_waiting(asked())
    report.refresh_from_db()
    assert (report.state, report.published_by) == (ImportState.CHECKED, "")
    assert IntakeMoment.objects.count() == 1
    part = visitor.get(page, headers={"HX-Request": "true"}).content.decode()
    assert "Uw aanbod is veranderd" in part or report.refusal in part
    assert report.refusal
    assert "Publiceer</button>" in part


def test_the_api_says_that_it_is_being_published(school: School, api_as, provider_planner) -> None:
    report = school.check(season(school))
    answer = api_as(provider_planner).post(
        f"/api/v1/catalogue-imports/{report.uuid}/commit",
        {"skip": [], "removeMissing": False},
        format="json",
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert answer.status_code == 200, answer.content
    assert (answer.json()["state"], answer.json()["progress"]) == ("writing", 0)
    assert answer.json()["refusal"] == ""
