"""What a contract may know of placements: days, and never who."""

from datetime import date

import pytest

from backend.common import clock
from matching.selectors.contract_facts import placement_facts
from tests.factories.matching import placement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.mark.parametrize(
    ("state", "is_answered", "is_accepted", "is_over"),
    [
        ("offered", False, False, False),
        ("accepted", True, True, False),
        ("refused", True, False, True),
        ("withdrawn", True, False, True),
        ("started", True, True, False),
    ],
)
def test_the_days_of_a_placement(municipality, state, is_answered, is_accepted, is_over):
    one = placement(municipality, state=state)
    course = one.intake_moment.group.course
    (fact,) = placement_facts(course_ids=[course.pk], since=date(2026, 11, 1))

    assert fact.offered_on == clock.today()
    assert (fact.answered_on is not None, fact.is_accepted, fact.is_over) == (
        is_answered,
        is_accepted,
        is_over,
    )
    assert (fact.course_id, fact.municipality_id) == (course.pk, municipality.pk)
    assert str(one.uuid)[:8] in fact.subject.label
    assert str(one.uuid) in fact.subject.url
    assert one.participant.reference not in repr(fact)


def test_what_was_not_offered_or_long_ago_is_left_out(municipality):
    draft = placement(municipality)
    offered = placement(municipality, state="offered")
    keys = [one.intake_moment.group.course_id for one in (draft, offered)]

    assert len(placement_facts(course_ids=keys, since=date(2026, 1, 1))) == 1
    assert placement_facts(course_ids=keys, since=date(2026, 12, 1)) == []
    assert placement_facts(course_ids=[0], since=date(2026, 1, 1)) == []
