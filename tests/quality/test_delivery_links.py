"""The pages of a placement and of a PIP lead to what was delivered, once there is anything."""

import pytest
from django.test import Client
from django.urls import reverse

from backend.accounts.roles import Role
from tests.factories.accounts import user_with
from tests.factories.matching import placement
from tests.support.html import links

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.mark.parametrize(
    ("state", "leads"), [("draft", False), ("offered", False), ("accepted", True)]
)
def test_the_way_to_delivery(municipality, state, leads):
    found = placement(municipality, state=state)
    browser = Client()
    browser.force_login(user_with(Role.CASEWORKER, organisation=municipality))
    for name, key in (("placement", found.uuid), ("pip", found.need.pip.uuid)):
        response = browser.get(reverse(name, args=[key]))
        addresses = {one.href for one in links(response)}
        assert (reverse("delivery", args=[found.uuid]) in addresses) == leads, name
    if leads:
        assert browser.get(reverse("delivery", args=[found.uuid])).status_code == 200
