"""The daily evaluation: from the rows of all apps to findings, once per subject and day."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.common import clock
from procurement.clauses.facts import LessonFact, PlacementFact, Subject
from procurement.models import ClauseBreach, ContractDocument, ExtensionOption
from procurement.services.breaches import clauses_evaluate
from procurement.services.clauses import clause_add
from procurement.services.version_steps import original_agree, original_draft
from tests.factories.money import money_world

pytestmark = pytest.mark.django_db
OFFERED = date(2026, 11, 2)


@pytest.fixture
def world(municipality, provider, frozen_clock):
    return money_world(municipality, provider)


def breaches(kind):
    return ClauseBreach.objects.filter(kind=kind)


def test_twice_on_a_day_changes_nothing(world):
    before = list(ClauseBreach.objects.order_by("pk").values())
    assert before
    assert clauses_evaluate() == 0
    assert list(ClauseBreach.objects.order_by("pk").values()) == before


def test_the_next_day_is_seen_again_and_not_new(world):
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert clauses_evaluate() == 0
        today = clock.today()
    assert set(breaches("report").values_list("last_seen", flat=True)) == {today}
    assert set(breaches("report").values_list("first_seen", flat=True)) == {
        today - timedelta(days=1)
    }


def test_a_signal_that_no_longer_holds_resolves_itself_and_a_breach_does_not(world):
    world.contract_lot.ceiling.places = 1000
    world.contract_lot.ceiling.save()
    assert breaches("ceiling").get().state == "open"
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        clauses_evaluate()
    assert breaches("ceiling").get().state == "resolved"
    assert set(breaches("report").values_list("state", flat=True)) == {"open"}


def test_what_lives_above_arrives_through_the_ports(municipality, provider, monkeypatch):
    from procurement import ports

    with time_machine.travel("2026-11-18 10:00", tick=False):
        world = money_world(municipality, provider)
        contract = world.draft
        for kind in ("attendance", "option", "document", "waiting"):
            clause_add(
                actor=world.actor,
                version=contract.versions.get(),
                kind=kind,
                parameters={},
            )
        ContractDocument.objects.create(contract=contract, kind="tax", title="Belasting")
        ExtensionOption.objects.create(
            contract=contract,
            number=1,
            start_date=date(2029, 1, 1),
            end_date=date(2029, 12, 31),
            notice_date=date(2027, 1, 1),
        )
        contract.status = "active"
        contract.save()
        original_draft(contract)
        original_agree(contract)
        course = contract.contract_lots.get().contract_courses.get().course

        def subject(number):
            return Subject("test", municipality.uuid, f"Nr {number}", "/bewijs")

        monkeypatch.setattr(
            ports,
            "_placement_facts",
            lambda *, course_ids, since: [
                PlacementFact(
                    subject(1),
                    course.pk,
                    municipality.pk,
                    date(2026, 11, 2),
                    None,
                    False,
                    None,
                    None,
                )
            ],
        )
        monkeypatch.setattr(
            ports,
            "_lesson_facts",
            lambda *, course_ids, since: [LessonFact(subject(2), course.pk, date(2026, 11, 2))],
        )
        clauses_evaluate()

    found = dict(ClauseBreach.objects.filter(contract=contract).values_list("kind", "evidence_url"))
    assert set(found) == {"acceptance", "attendance", "option", "document", "waiting"}
    assert found["acceptance"] == found["attendance"] == "/bewijs"


def test_the_ports_are_bound_to_matching_and_quality(world):
    from matching.selectors.contract_facts import placement_facts
    from procurement import ports
    from quality.contract_facts import unrecorded_lessons

    assert ports._placement_facts is placement_facts
    assert ports._lesson_facts is unrecorded_lessons
    assert ports.placement_facts(course_ids=[], since=date(2026, 1, 1)) == []
    assert ports.lesson_facts(course_ids=[], since=date(2026, 1, 1)) == []


def test_the_commands(world, capsys):
    call_command("evaluate_clauses")
    assert capsys.readouterr().out == "0 nieuwe bevindingen\n"
    call_command("check_ledger")
    assert capsys.readouterr().out == ""


def test_the_number_of_queries_stays_with_more_contracts(world, municipality):
    def count():
        with CaptureQueriesContext(connection) as queries:
            clauses_evaluate()
        return len(queries)

    before = count()
    for year in (2027, 2028):
        money_world(municipality, world.contract.provider.organisation, prefix=str(year), year=year)
    assert count() == before
