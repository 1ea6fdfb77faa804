"""Clauses, findings and money in a real browser: accessible and fitting on every screen."""

import pytest

from backend.common import clock
from tests.browser.axe import assert_accessible, assert_fits
from tests.browser.conftest import DESKTOP, PHONE, ZOOMED
from tests.factories.money import money_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE, ZOOMED], ids=["desktop", "phone", "zoomed"])
def test_pages_of_money(visit, procurement_officer, municipality, provider, size):
    world = money_world(municipality, provider)
    page = visit("/", as_user=procurement_officer, size=size)

    for path in (
        "/",
        "/findings",
        "/findings?state=zomaar",
        f"/findings/{world.breach.uuid}",
        f"/findings/{world.breach.uuid}/resolve",
        "/budgets",
        "/budgets/new",
        f"/budgets/{municipality.uuid}/{clock.today().year}",
        "/expenses/new",
        "/accountability",
        "/accountability?year=vorig",
        f"/providers/{world.contract.provider.uuid}",
        "/ledger",
        "/call-offs",
        "/call-offs?search=niets",
        f"/call-offs/{world.call_offs[0].uuid}",
        "/claims",
        f"/claims/{world.claim.uuid}",
        f"/claims/{world.claim.uuid}/decide",
        f"/contracts/{world.contract.uuid}",
        f"/contracts/{world.contract.uuid}/money",
        f"/contracts/{world.contract.uuid}/milestones/new",
        f"/contracts/{world.draft.uuid}/clauses/new",
        f"/contracts/{world.draft.uuid}/clauses/new/ceiling",
        f"/contracts/{world.draft.uuid}/clauses/propose",
        f"/clauses/{world.clause.uuid}/change",
    ):
        page.goto(path)
        assert_fits(page)
        # Zooming changes the layout only, and the layout is that of a phone.
        if page.viewport_size != ZOOMED:
            assert_accessible(page)
