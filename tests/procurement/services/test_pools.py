"""A shared lot: nobody goes over its share, also when everybody accepts at once."""

from functools import partial

import pytest

from backend.common.errors import InvalidError, NotAllowedError
from matching.choices import PlacementState
from matching.services.placement_steps import placement_accept
from procurement.errors import QuotaReachedError
from procurement.models import CallOff, LotPool
from procurement.selectors.pools import pool_lines, quotas_left
from procurement.services import pools
from procurement.services.pools import lot_pool_set
from tests.factories.matching import contracted_intake, everything, need, placement
from tests.factories.organisations import MunicipalityFactory
from tests.support.races import kinds, race


def shared(*towns, quotas, **fields):
    intake = contracted_intake(*towns, **fields)
    lot = intake.group.course.contract_courses.get().contract_lot.lot
    lot_pool_set(
        actor=everything(towns[0]),
        lot=lot,
        mode="quota",
        quotas={town.pk: places for town, places in zip(towns, quotas, strict=True)},
        reason="Samen delen.",
    )
    return intake, lot


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
class TestQuota:
    def test_a_share_stops_the_next_place_of_that_municipality_only(
        self, municipality, other_municipality
    ):
        intake, lot = shared(municipality, other_municipality, quotas=(1, 2))
        asked = [
            placement(municipality, intake=intake, state=PlacementState.OFFERED) for _ in range(2)
        ]
        actor = everything(municipality, asked[0].provider_organisation)
        placement_accept(actor=actor, placement=asked[0])
        with pytest.raises(QuotaReachedError):
            placement_accept(actor=actor, placement=asked[1])
        placement(other_municipality, intake=intake, state=PlacementState.ACCEPTED)
        assert [
            (one.quota, one.used, one.left)
            for one in sorted(pool_lines(lot), key=lambda one: one.quota)
        ] == [
            (1, 1, 0),
            (2, 1, 1),
        ]
        assert quotas_left([lot.pk]) == {lot.pk: {municipality.pk: 0, other_municipality.pk: 1}}

    def test_the_cost_stands_at_the_home_municipality(self, municipality, other_municipality):
        intake, lot = shared(municipality, other_municipality, quotas=(3, 3))
        placed = placement(other_municipality, intake=intake, state=PlacementState.ACCEPTED)
        amount = CallOff.objects.get(reference=placed.uuid).amount
        by_home = {one.municipality_id: one.amount for one in pool_lines(lot)}
        assert by_home == {municipality.pk: 0, other_municipality.pk: amount}

    def test_a_used_up_share_keeps_the_place_out_of_the_search(self, municipality):
        from matching.errors import PlacementInfeasibleError

        intake, _lot = shared(municipality, quotas=(0,))
        with pytest.raises(PlacementInfeasibleError) as refused:
            placement(municipality, intake=intake, of=need(municipality))
        assert {one.code for one in refused.value.violations} == {"CEILING"}

    def test_first_come_knows_no_share(self, municipality):
        intake, lot = shared(municipality, quotas=(0,))
        lot_pool_set(actor=everything(municipality), lot=lot, mode="first_come", reason="Ruim.")
        assert placement(municipality, intake=intake, state=PlacementState.ACCEPTED)
        assert pool_lines(lot)[0].quota is None

    def test_only_the_buyer_changes_it_and_all_faults_come_at_once(
        self, municipality, other_municipality
    ):
        _intake, lot = shared(municipality, quotas=(1,))
        with pytest.raises(NotAllowedError):
            lot_pool_set(actor=everything(other_municipality), lot=lot, mode="quota", reason="Nee.")
        with pytest.raises(InvalidError) as refused:
            lot_pool_set(
                actor=everything(municipality),
                lot=lot,
                mode="anders",
                quotas={other_municipality.pk: -1},
                reason="",
            )
        assert {one.code for one in refused.value.violations} == {
            "unknown_code",
            "not_in_lot",
            "too_low",
            "reason_required",
        }


def accepts(count, quota):
    town = MunicipalityFactory(name="Eigenstad").organisation
    intake, _lot = shared(town, quotas=(quota,), seats_total=count)
    asked = [placement(town, intake=intake, state=PlacementState.OFFERED) for _ in range(count)]
    actor = everything(town, asked[0].provider_organisation)
    return [partial(placement_accept, actor=actor, placement=one) for one in asked]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_everybody_at_once_never_exceeds_the_share():
    results = race(accepts(10, quota=3))
    assert kinds(results) == {"Placement": 3, "quota_reached": 7}


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_twin_without_the_lock_exceeds_the_share(monkeypatch):
    import time

    from providers.models import IntakeMoment
    from providers.services import seats

    count = pools._used

    def slowly(pool, municipality_id):
        found = count(pool, municipality_id)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(pools, "_lock_pool", lambda pk: LotPool.objects.get(pk=pk))
    monkeypatch.setattr(pools, "_used", slowly)
    monkeypatch.setattr(seats, "_lock_intake", lambda pk: IntakeMoment.objects.get(pk=pk))
    race(accepts(10, quota=3))
    assert CallOff.objects.filter(state="committed").count() > 3
