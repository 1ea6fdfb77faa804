"""Taking something out of a draft on screen asks first; other data of a lot until it is fixed."""

import pytest

from procurement.models import ContractCourse, ContractLot, Lot, LotMunicipality, Tariff
from tests.factories.procurement import contract_for
from tests.support.entering import new_group, new_provider

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


@pytest.fixture
def visitor(web_as, procurement_officer):
    return web_as(procurement_officer)


@pytest.fixture
def draft(municipality):
    course = new_group(new_provider()).course
    return contract_for(course, municipalities=[municipality], status="draft")


def test_a_price_a_course_and_a_lot_leave_the_draft_after_a_question(visitor, draft):
    course = draft.contract_courses.get().course
    page = visitor.get(f"/contracts/{draft.contract.uuid}").content.decode()
    for path in (
        f"/tariffs/{draft.tariffs.get().uuid}/remove",
        f"/contract-lots/{draft.uuid}/courses/{course.uuid}/remove",
        f"/contract-lots/{draft.uuid}/remove",
    ):
        assert f'href="{path}"' in page
        assert visitor.get(path).status_code == 200
        answer = visitor.post(path)
        assert answer.status_code == 302, answer.content.decode()
    assert not Tariff.objects.exists()
    assert not ContractCourse.objects.exists()
    assert not ContractLot.objects.exists()
    assert Lot.objects.exists()


def test_nothing_leaves_a_contract_in_force(visitor, municipality):
    course = new_group(new_provider()).course
    part = contract_for(course, municipalities=[municipality])
    page = visitor.get(f"/contracts/{part.contract.uuid}").content.decode()
    tariff = part.tariffs.get()
    assert f"/tariffs/{tariff.uuid}/end" in page
    assert "/remove" not in page
    answer = visitor.post(f"/tariffs/{tariff.uuid}/remove")
    assert answer.status_code == 409
    assert "status die het contract nu heeft" in answer.content.decode()
    assert Tariff.objects.exists()


def test_a_course_of_another_lot_is_not_found(visitor, draft):
    other = new_group(new_provider(code="x", duo_number="0000000009")).course
    path = f"/contract-lots/{draft.uuid}/courses/{other.uuid}/remove"
    assert visitor.get(path).status_code == 404


def change(**changes):
    base = {
        "title": "B1 in de avond",
        "components": ["B"],
        "target_groups": ["asylum"],
        "areas": "Noord, Zuid",
        "volume_min": "10",
        "volume_max": "90",
        "ceiling_amount": "1000,50",
        "contractors": "2",
        "allocation": "rank",
    }
    return base | changes


def test_a_lot_is_changed_and_shown(visitor, draft):
    lot = draft.lot
    answer = visitor.post(f"/lots/{lot.uuid}/change", change())
    assert answer.status_code == 302, answer.content.decode()
    assert answer["Location"] == f"/lots/{lot.uuid}"
    page = visitor.get(answer["Location"]).content.decode()
    assert "B1 in de avond" in page
    assert "Zuid" in page
    lot.refresh_from_db()
    assert (lot.volume_max, lot.allocation, lot.areas) == (90, "rank", ["Noord", "Zuid"])


def test_a_lot_that_is_used_says_why_it_cannot_change(visitor, draft):
    path = f"/lots/{draft.lot.uuid}/change"
    answer = visitor.post(path, change(components=["Z"], volume_max="5"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Een contract heeft cursussen of tarieven voor B1-route" in page
    assert "Het hoogste aantal is lager dan het laagste" in page
    draft.contract.status = "active"
    draft.contract.save()
    assert visitor.post(path, change()).status_code == 409
    assert visitor.get(f"/lots/{draft.lot.uuid}").content.decode().count("/change") == 0


def test_a_municipality_leaves_a_lot_with_a_reason(visitor, draft, municipality):
    path = f"/lots/{draft.lot.uuid}/leave"
    data = {"municipality": municipality.pk, "valid_to": "2026-12-31", "reason": "Eigen inkoop"}
    assert visitor.post(path, data | {"valid_to": "2020-01-01"}).status_code == 400
    assert visitor.post(path, data).status_code == 302
    assert str(LotMunicipality.objects.get().valid_to) == "2026-12-31"
