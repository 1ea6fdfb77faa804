"""Lists about people: as many queries for two rows as for ten."""

import pytest

from backend.accounts.roles import Role
from matching.models import Participant
from matching.services.duo_receive import duo_messages_receive
from tests.factories.accounts import client_with, user_with
from tests.factories.matching import everything, pip
from tests.support.duo import message
from tests.support.queries import assert_query_count, counted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def fill(municipality, number):
    code = municipality.municipality.cbs_code
    people = [pip(municipality).participant for _ in range(number)]
    duo_messages_receive(
        actor=everything(municipality),
        document=[message("Doelgroep", code, one.reference) for one in people],
    )
    Participant.objects.filter(pk=people[0].pk).update(obligation_end_date="2026-11-01")
    for _ in range(number):
        user_with(Role.CASEWORKER, municipality)
        client_with(Role.CASEWORKER, organisation=municipality)


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/duo-messages", "caseworker"),
        ("/progress-talks", "caseworker"),
        ("/retention", "caseworker"),
        ("/users", "functional_administrator"),
        ("/api-clients", "functional_administrator"),
        ("/api/v1/duo-messages", "caseworker"),
    ],
)
def test_queries_do_not_grow_with_the_rows(web_as, request, municipality, path, who):
    client = web_as(request.getfixturevalue(who))
    found = []
    for number in (2, 8):
        fill(municipality, number)
        # The rights of the visitor are remembered from here on.
        client.get(path)
        with counted() as queries:
            assert client.get(path).status_code == 200
        found.append(len(queries))
    assert found[0] == found[1]
    assert_query_count(f"web {path}", found[1])
