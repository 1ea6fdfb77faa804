"""Notifications in a real browser."""

import pytest

from backend.notifications.models import Notification
from backend.organisations.permissions import Permission
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_list_and_one_notification(visit, caseworker, municipality, size):
    page = visit("/notifications", as_user=caseworker, size=size)
    assert_accessible(page)
    one = Notification.objects.create(
        organisation=municipality, permission=Permission.PLACE, kind="sample", path="/", key="one"
    )
    for address in ("/notifications", f"/notifications/{one.uuid}"):
        page.goto(address)
        assert_fits(page)
        assert_accessible(page)
