"""Values kept in the process: bounded, renewed by what changed, and notes that do not pile up."""

from datetime import timedelta

import pytest
from django.db import connection

from backend.changes import kept
from backend.changes.log import Moment, forget_old

pytestmark = pytest.mark.django_db


@pytest.fixture
def moments(monkeypatch):
    """What the next looks at the database find, without a database that changes."""
    found = {"found": {}, "is_own": False}
    look = lambda *seen: Moment("1:1:", found["is_own"], found["found"])  # noqa: E731
    monkeypatch.setattr(kept, "this_moment", look)
    monkeypatch.setattr(kept, "moment_after", look)
    return found


def counting(built, **options):
    """Keeps `size` rows for the key `size`, and says what was built."""

    def build(size):
        built.append(size)
        return "x" * size

    return kept.Kept(build, rebuilt_on=frozenset({"all"}), most=10, **options)


def test_nothing_is_built_twice_while_nothing_changes(moments):
    built = []
    value = counting(built)
    assert [value(3), value(3), value(4), value(3)] == ["xxx", "xxx", "xxxx", "xxx"]
    assert built == [3, 4]


def test_a_change_builds_anew_and_another_mends(moments):
    built = []
    value = counting(built, mend=lambda old, found: f"{old}!" if found.get("some") else None)
    value(3)
    moments["found"] = {"some": frozenset({7})}
    assert value(3) == "xxx!"
    moments["found"] = {"other": frozenset({7})}
    assert value(3) == "xxx"
    moments["found"] = {"all": frozenset({0}), "some": frozenset({7})}
    assert value(3) == "xxx"
    assert built == [3, 3, 3]


def test_no_more_is_kept_than_there_is_room_for(moments):
    built = []
    value = counting(built)
    for size in (4, 5, 4, 3, 5):
        value(size)
    # 4 was used after 5, so 5 made room for 3.
    assert built == [4, 5, 3, 5]
    assert value.rows <= 10


def test_own_writes_are_never_kept(moments):
    built = []
    value = counting(built)
    moments["is_own"] = True
    value(3)
    value(3)
    assert built == [3, 3]
    assert value.rows == 0


def test_nothing_is_kept_for_longer_than_its_notes(moments, frozen_clock):
    built = []
    value = counting(built)
    value(3)
    frozen_clock.shift(kept.KEEP_VALUES + timedelta(seconds=1))
    value(3)
    assert built == [3, 3]


def test_notes_that_nobody_can_ask_for_are_forgotten():
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into changes_change (topic, noted_at) values"
            " ('old', now() - interval '4 days'), ('new', now() - interval '2 days')"
        )
        assert forget_old() == 1
        cursor.execute("select topic from changes_change where topic in ('old', 'new')")
        assert cursor.fetchall() == [("new",)]
