"""Autovacuum stays away from the database of the tests; see `keep_planner_calm`."""

import pytest
from django.db import connection

from tests.support.database import is_left_to_autovacuum, keep_planner_calm

pytestmark = pytest.mark.django_db


def test_no_table_is_left_to_autovacuum():
    assert is_left_to_autovacuum() == []


def test_a_new_table_is_found_and_taken_from_it():
    with connection.cursor() as cursor:
        cursor.execute("create table newcomer (id int)")
    assert is_left_to_autovacuum() == ["newcomer"]

    keep_planner_calm()

    assert is_left_to_autovacuum() == []
