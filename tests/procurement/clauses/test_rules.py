"""The rules of the clauses on plain facts: found just past the bound, and not on it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.utils import translation

from procurement.clauses import facts
from procurement.clauses.kinds import ClauseKind
from procurement.clauses.library import LIBRARY, clause_in_words, clean_parameters
from procurement.clauses.rules import RULES, findings
from procurement.clauses.sentences import SENTENCES, sentence

ONE = facts.Subject("x", UUID(int=1), "Een")
# A Wednesday.
TODAY = date(2026, 11, 18)


def contract(**parts):
    known = {
        "subject": ONE,
        "start_date": date(2025, 1, 1),
        "end_date": date(2028, 12, 31),
        "notice_months": 6,
    }
    return facts.ContractFacts(**(known | parts))


def placement(offered, **parts):
    known = {
        "subject": ONE,
        "course_id": 1,
        "municipality_id": 1,
        "offered_on": offered,
        "answered_on": None,
        "is_accepted": False,
        "planned_start": None,
        "started_on": None,
    }
    return facts.PlacementFact(**(known | parts))


def lot(**parts):
    known = {
        "subject": ONE,
        "places": None,
        "places_used": 0,
        "amount": None,
        "amount_used": Decimal(0),
    }
    return facts.LotFact(**(known | parts))


def found(kind, parameters=None, today=TODAY, **parts):
    """(period, severity) of what the clause finds, with the numbers of the library."""
    cleaned, faults = clean_parameters(kind, parameters or {})
    assert faults == []
    result = findings(kind, cleaned, contract(**parts), today)
    with translation.override("nl"):
        assert all(sentence(kind, one.facts) for one in result)
    return [(one.period, str(one.severity)) for one in result]


def test_every_clause_has_a_rule_a_sentence_and_words():
    assert set(LIBRARY) == set(RULES) == set(SENTENCES) == set(ClauseKind.values)
    for kind, one in LIBRARY.items():
        assert clean_parameters(kind, {}) == (one.defaults, [])
        assert clause_in_words(kind, {})


@pytest.mark.parametrize(
    ("offered", "answered", "is_found"),
    [
        # Five working days after Wednesday the 11th is Wednesday the 18th.
        (date(2026, 11, 11), None, False),
        (date(2026, 11, 10), None, True),
        (date(2026, 11, 2), date(2026, 11, 9), False),
        (date(2026, 11, 2), date(2026, 11, 10), True),
    ],
)
def test_acceptance_counts_working_days(offered, answered, is_found):
    one = placement(offered, answered_on=answered)
    assert bool(found("acceptance", placements=[one])) is is_found


@pytest.mark.parametrize(
    ("facts_", "is_found"),
    [
        ({"planned_start": date(2026, 11, 26)}, False),
        ({"planned_start": date(2026, 11, 27)}, True),
        ({"started_on": date(2026, 11, 10)}, False),
        ({"started_on": date(2026, 12, 1)}, True),
        ({"planned_start": date(2026, 12, 24), "is_over": True}, False),
        ({"planned_start": date(2026, 12, 24), "is_accepted": False}, False),
    ],
)
def test_start_within_weeks(facts_, is_found):
    one = placement(date(2026, 10, 1), **({"is_accepted": True} | facts_))
    assert bool(found("start", placements=[one])) is is_found


def test_waiting_norm_per_component_and_week():
    one = lot(next_starts={"B": date(2027, 2, 10), "Z": date(2027, 2, 11), "KNM": None})
    assert found("waiting", lots=[one]) == [("2026-W47 KNM", "breach"), ("2026-W47 Z", "breach")]


@pytest.mark.parametrize(
    ("requested", "starts", "consented", "imposed", "is_found"),
    [
        (date(2026, 11, 1), date(2026, 11, 15), True, False, False),
        (date(2026, 11, 2), date(2026, 11, 15), True, False, True),
        (date(2026, 10, 1), date(2026, 11, 18), False, False, True),
        (date(2026, 10, 1), date(2026, 11, 19), False, False, False),
        (date(2026, 11, 15), date(2026, 11, 15), True, True, False),
    ],
)
def test_notice_of_an_intake_stop(requested, starts, consented, imposed, is_found):
    stop = facts.StopFact(ONE, requested, starts, consented, imposed)
    assert bool(found("intake_stop", stops=[stop])) is is_found


def test_ceiling_alerts_once_per_threshold_and_measure():
    one = lot(places=10, places_used=9, amount=Decimal(1000), amount_used=Decimal(1000))
    assert found("ceiling", lots=[one]) == [
        ("70 places", "signal"),
        ("90 places", "signal"),
        ("70 amount", "signal"),
        ("90 amount", "signal"),
        ("100 amount", "breach"),
    ]
    assert found("ceiling", lots=[lot(places=10, places_used=6)]) == []


def test_attendance_within_working_days():
    late, in_time = (
        facts.LessonFact(ONE, 1, date(2026, 11, 10)),
        facts.LessonFact(ONE, 1, date(2026, 11, 11)),
    )
    assert found("attendance", lessons=[late, in_time]) == [("2026-11-10", "breach")]


def test_reports_of_every_period_that_was_due():
    met = [
        facts.MilestoneFact("report", date(2026, 1, 1), date(2026, 4, 10), None),
        facts.MilestoneFact("report", date(2026, 4, 1), date(2026, 9, 1), None),
    ]
    assert found("report", start_date=date(2026, 1, 1), milestones=met) == [
        ("2026-04-01", "breach"),
        ("2026-07-01", "breach"),
    ]


def test_evaluation_meetings_per_contract_year():
    met = [facts.MilestoneFact("evaluation", date(2025, 5, 1), date(2025, 5, 1), None)]
    assert found("evaluation", milestones=met) == [("2025-01-01", "breach")]
    assert found("evaluation", milestones=met * 2) == []


@pytest.mark.parametrize(
    ("notice", "is_open", "expected"),
    [
        (date(2027, 2, 16), True, [("2027-02-16", "signal")]),
        (date(2027, 2, 17), True, []),
        (date(2026, 11, 17), True, [("2026-11-17", "breach")]),
        (date(2026, 11, 17), False, []),
    ],
)
def test_option_dates(notice, is_open, expected):
    assert found("option", options=[facts.OptionFact(ONE, notice, is_open)]) == expected


def test_notice_before_the_end():
    assert found("notice", end_date=date(2027, 7, 31)) == [("2027-01-31", "signal")]
    assert found("notice", end_date=date(2027, 12, 31)) == []


def test_documents_missing_old_and_nearly_old():
    documents = [
        facts.DocumentFact(ONE, True, None, None),
        facts.DocumentFact(ONE, False, None, None),
        facts.DocumentFact(ONE, True, date(2026, 5, 1), date(2026, 11, 1)),
        facts.DocumentFact(ONE, True, date(2026, 6, 1), date(2026, 12, 1)),
        facts.DocumentFact(ONE, True, date(2026, 9, 1), date(2027, 3, 1)),
    ]
    assert found("document", documents=documents) == [
        ("missing", "breach"),
        ("2026-11-01", "breach"),
        ("2026-12-01", "signal"),
    ]


def test_subcontractors_need_earlier_consent():
    parties = [
        facts.PartyFact(ONE, date(2026, 1, 1), date(2025, 12, 1)),
        facts.PartyFact(ONE, date(2026, 2, 1), date(2026, 3, 1)),
        facts.PartyFact(ONE, date(2026, 4, 1), None),
        facts.PartyFact(ONE, date(2026, 12, 1), None),
    ]
    assert [period for period, _severity in found("subcontractor", parties=parties)] == [
        "2026-02-01",
        "2026-04-01",
    ]


def test_social_return_of_a_closed_year():
    shown = [
        facts.MilestoneFact("social_return", date(2025, 6, 1), date(2025, 7, 1), Decimal("4999.99"))
    ]
    turnover = {2025: Decimal(100_000), 2026: Decimal(100_000)}
    assert found("social_return", turnover=turnover, milestones=shown) == [("2025", "breach")]
    assert found("social_return", {"percentage": "4,5"}, turnover=turnover, milestones=shown) == []


@pytest.mark.parametrize(
    ("kind", "parameters", "fields"),
    [
        ("acceptance", {"working_days": 0}, ["parameters.working_days"]),
        ("acceptance", {"working_days": "vijf"}, ["parameters.working_days"]),
        ("acceptance", {"working_days": True}, ["parameters.working_days"]),
        ("acceptance", {"days": 3}, ["parameters.days"]),
        ("ceiling", {"thresholds": [90, 70]}, ["parameters.thresholds"]),
        ("ceiling", {"thresholds": "70 100 abc"}, ["parameters.thresholds"]),
        ("ceiling", {"thresholds": 70}, ["parameters.thresholds"]),
        (
            "social_return",
            {"percentage": "NaN", "days": -1},
            ["parameters.percentage", "parameters.days"],
        ),
        ("social_return", {"percentage": "4.125"}, ["parameters.percentage"]),
        ("gentlemens_agreement", {}, ["kind"]),
    ],
)
def test_wrong_numbers_are_all_named_at_once(kind, parameters, fields):
    _cleaned, faults = clean_parameters(kind, parameters)
    assert [one.field for one in faults] == fields
