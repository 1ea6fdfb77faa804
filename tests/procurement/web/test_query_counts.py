"""Every page and list of procurement costs the number of queries that was agreed on."""

import pytest

from backend.accounts.actors import forget_all
from tests.permissions.matrix import Audience, World
from tests.permissions.tables import procurement
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def reads():
    """Everything that a procurement officer reads, from the table of permissions."""
    return [
        case
        for case in procurement.CASES
        if case.method == "GET"
        and case.expected_table()[Audience.PROCUREMENT_OFFICER] == 200
        and "template" not in case.route
    ]


def test_every_page_and_list_keeps_its_number_of_queries():
    world = World()
    procurement.prepare(world)
    wrong = {}
    for case in reads():
        client = world.client(Audience.PROCUREMENT_OFFICER, api=case.is_api)
        url = case.url if isinstance(case.url, str) else case.url(world)
        # The first visit fills what is remembered per process; rights are read anew.
        client.get(url)
        forget_all()
        with counted() as queries:
            assert client.get(url).status_code == 200, case.route
        try:
            assert_query_count(f"officer {case.route}", len(queries))
        except AssertionError as fault:
            wrong[case.route] = str(fault)
    assert wrong == {}


def test_control_the_table_names_enough_to_count():
    assert len(reads()) > 50
