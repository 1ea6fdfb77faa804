"""The municipality that DUO writes to, and its messages as they come in."""

import pytest

from backend.organisations.models import Organisation
from backend.organisations.permissions import Permission
from matching.services.duo_receive import duo_messages_receive
from tests.support.entering import actor_with


@pytest.fixture
def code(municipality: Organisation) -> str:
    return municipality.municipality.cbs_code


@pytest.fixture
def deliver(municipality):
    actor = actor_with(Permission.MANAGE_PIPS, at=[municipality])

    def run(*messages):
        return duo_messages_receive(actor=actor, document=list(messages))

    return run
