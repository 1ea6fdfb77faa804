"""What is kept in the process is never out of date: every change is seen by the next search."""

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from threading import Event

import psycopg
import pytest
from django.db import connection, transaction

from backend.audit.models import AuditEvent
from backend.changes import kept, log
from backend.common import clock
from backend.organisations.models import Organisation, RegionMembership
from matching.engine.recommend import offer_side_of
from matching.models import MatchingPolicy
from matching.selectors import standing
from matching.selectors.offers import bought_offers
from matching.selectors.supply import names_of
from matching.services.policy import PolicyData
from matching.services.recommendations import recommendation_create
from procurement.models import (
    Ceiling,
    Contract,
    ContractCourse,
    ContractLot,
    Lot,
    LotMunicipality,
    LotPool,
    PoolQuota,
    Tariff,
)
from providers.models import (
    Course,
    CourseGroup,
    IntakeMoment,
    IntakeStop,
    Location,
    QualityMark,
    SeatClaim,
    WeeklySlot,
)
from tests.factories.matching import contracted_intake, everything, make_policy, need, placement
from tests.factories.organisations import MunicipalityFactory, RegionMembershipFactory
from tests.factories.procurement import contract_for
from tests.factories.providers import IntakeMomentFactory, SeatClaimFactory
from tests.support.queries import counted
from tests.support.races import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("frozen_clock")]
ASYLUM_B = {"component": "B", "is_referral": False}


class World:
    """One person, one start that fits, and the answer to "which place?" from memory."""

    def __init__(self):
        self.town = MunicipalityFactory(name="Eigenstad").organisation
        self.intake = contracted_intake(self.town, seats_total=1)
        self.need = need(self.town)
        self.record()

    def record(self):
        return recommendation_create(actor=everything(self.town), need=self.need).result

    def answer(self):
        """What the search says: the points of the place, or why it does not fit."""
        found = self.record()
        if found["candidates"]:
            one = found["candidates"][0]
            return {**one, "factors": dict(one["factors"])}
        return sorted(found["reasons"]) or "nothing"

    def elsewhere(self, act):
        """Runs `act` as another process would: on a connection of its own, committed."""
        (result,) = race([act])
        assert not isinstance(result, Exception), result


@pytest.fixture
def world():
    return World()


def stopped(world, organisation):
    provider = world.intake.group.course.provider
    IntakeStop.objects.create(
        provider=provider,
        organisation=organisation,
        state="active",
        ground="capacity",
        reason="Vol",
        starts_on=date(2026, 11, 1),
        requested_at=clock.now(),
        decided_at=clock.now(),
    )


def in_a_pool(world, places):
    pool = LotPool.objects.create(lot=Lot.objects.get(), mode="quota")
    PoolQuota.objects.create(pool=pool, municipality=world.town, places=places)


SEAT = {
    "a seat is taken": lambda w: SeatClaimFactory(intake_moment=w.intake, organisation=w.town),
    "a seat is held": lambda w: SeatClaimFactory(
        intake_moment=w.intake,
        organisation=w.town,
        held=True,
        expires_at=clock.now() + timedelta(hours=1),
    ),
    "there are fewer seats": lambda w: IntakeMoment.objects.update(seats_total=0),
}
NO_LONGER = {
    **{key: ["SEATS"] for key in SEAT},
    "the start is cancelled": "nothing",
    "the course is taken off": "nothing",
    "an intake stop": "nothing",
    "an intake stop of the region": "nothing",
    "the mark is withdrawn": ["MARK"],
    "the mark ends": ["MARK"],
    "the contract ends": ["REGION_CONTRACT"],
    "the contract is suspended": ["REGION_CONTRACT"],
    "the contract covers the course no more": ["REGION_CONTRACT"],
    "the municipality leaves the lot": ["REGION_CONTRACT"],
    "the lot serves others": ["REGION_CONTRACT"],
    "the lot buys something else": ["REGION_CONTRACT"],
    "the contract lot is closed": ["REGION_CONTRACT"],
    "a ceiling is reached": ["CEILING"],
    "the share is used up": ["REGION_CONTRACT"],
    "other day-parts": ["DAYPART"],
    "another level": ["LEVEL"],
    "the group moves far away": ["DISTANCE"],
    "the location moves": ["DISTANCE"],
    "the start is later": ["START_LATE"],
    "a stricter policy starts": ["DISTANCE"],
}
CHANGES = {
    **SEAT,
    "the start is cancelled": lambda w: IntakeMoment.objects.update(status="cancelled"),
    "the course is taken off": lambda w: Course.objects.update(is_active=False),
    "an intake stop": lambda w: stopped(w, w.town),
    "an intake stop of the region": lambda w: stopped(
        w, RegionMembershipFactory(municipality=w.town).region
    ),
    "the mark is withdrawn": lambda w: QualityMark.objects.update(status="withdrawn"),
    "the mark ends": lambda w: QualityMark.objects.update(valid_to=date(2026, 12, 1)),
    "the contract ends": lambda w: Contract.objects.update(end_date=date(2026, 11, 30)),
    "the contract is suspended": lambda w: Contract.objects.update(status="suspended"),
    "the contract covers the course no more": lambda w: ContractCourse.objects.all().delete(),
    "the municipality leaves the lot": lambda w: LotMunicipality.objects.update(
        valid_to=date(2026, 11, 1)
    ),
    "the lot serves others": lambda w: Lot.objects.update(target_groups=["family"]),
    "the lot buys something else": lambda w: Lot.objects.update(components=["KNM"]),
    "the contract lot is closed": lambda w: (
        ContractCourse.objects.all().delete(),
        Tariff.objects.all().delete(),
        ContractLot.objects.all().delete(),
    ),
    "a ceiling is reached": lambda w: Ceiling.objects.create(
        contract_lot=ContractLot.objects.get(), places=0
    ),
    "the share is used up": lambda w: in_a_pool(w, 0),
    "other day-parts": lambda w: WeeklySlot.objects.filter(weekday=1).update(weekday=6),
    "another level": lambda w: Course.objects.update(level_from="A2", level_to="B1"),
    "the group moves far away": lambda w: CourseGroup.objects.update(
        location=Location.objects.create(
            provider=w.intake.group.course.provider,
            code="ver",
            name="Ver",
            place="Ver",
            postcode="9999AA",
            latitude=53.3,
            longitude=6.8,
        )
    ),
    "the location moves": lambda w: Location.objects.update(latitude=53.3),
    "the start is later": lambda w: IntakeMoment.objects.update(
        start_date=date(2027, 8, 1), end_date=date(2028, 8, 1)
    ),
    "a stricter policy starts": lambda w: make_policy(
        organisation_id=w.town.pk,
        data=PolicyData(valid_from=date(2026, 11, 1), max_travel_km=1),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_another_process_changes_is_seen_by_the_next_search(world, name):
    assert isinstance(world.answer(), dict)
    world.elsewhere(lambda: CHANGES[name](world))
    assert world.answer() == NO_LONGER[name]


OTHER_VALUES = {
    "seatsFree": (2, lambda w: IntakeMoment.objects.update(seats_total=2)),
    "course": ("Nieuwe naam", lambda w: Course.objects.update(name="Nieuwe naam")),
    "provider": ("Nieuwe school", lambda w: Organisation.objects.update(name="Nieuwe school")),
    "location": ("Nieuw gebouw", lambda w: Location.objects.update(name="Nieuw gebouw")),
    "endDate": ("2027-06-30", lambda w: IntakeMoment.objects.update(end_date=date(2027, 6, 30))),
}


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_what_a_place_shows_is_of_now(world, name):
    value, change = OTHER_VALUES[name]
    assert world.answer()[name] != value
    world.elsewhere(lambda: change(world))
    assert world.answer()[name] == value


def test_another_tariff_gives_other_points(world):
    before = world.answer()["factors"]["price"]
    world.elsewhere(lambda: Tariff.objects.update(amount=20))
    assert world.answer()["factors"]["price"] < before


def another_of_the_lot(world):
    """A start beside the one of the world, under the same contract lot."""
    other = IntakeMomentFactory(group__course__provider=world.intake.group.course.provider)
    lot = ContractLot.objects.get()
    ContractCourse.objects.create(contract_lot=lot, course=other.group.course)
    return other


def with_ceiling(world, places):
    Ceiling.objects.create(contract_lot=ContractLot.objects.get(), places=places)


@pytest.mark.parametrize(
    ("limit", "reason"), [(with_ceiling, "CEILING"), (in_a_pool, "REGION_CONTRACT")]
)
def test_a_place_that_is_called_off_counts_for_ceiling_and_share(world, limit, reason):
    limit(world, 1)
    other = another_of_the_lot(world)
    assert world.record()["counts"]["feasible"] == 2
    world.elsewhere(lambda: placement(world.town, intake=other, state="accepted"))
    assert world.answer() == [reason]


def test_a_place_that_is_called_off_without_a_limit_makes_nothing_anew(world, monkeypatch):
    other = another_of_the_lot(world)
    before = world.record()["candidates"]
    read = []
    monkeypatch.setattr(standing._standing, "_build", read.append)
    world.elsewhere(lambda: placement(world.town, intake=other, state="accepted"))
    after = world.record()["candidates"]
    assert read == []
    assert sorted(one["seatsFree"] for one in before) == [1, 10]
    assert sorted(one["seatsFree"] for one in after) == [1, 9]


def test_a_new_start_and_a_new_contract_are_found(world):
    world.elsewhere(lambda: IntakeMomentFactory(group__course__name="Nieuw"))
    assert world.record()["counts"] == {"offers": 2, "feasible": 1}
    new = Course.objects.get(name="Nieuw")
    world.elsewhere(lambda: contract_for(new, municipalities=[world.town]))
    assert world.record()["counts"] == {"offers": 2, "feasible": 2}


def test_a_seat_that_comes_free_is_found(world):
    claim = SeatClaimFactory(intake_moment=world.intake, organisation=world.town)
    assert world.answer() == ["SEATS"]
    world.elsewhere(lambda: SeatClaim.objects.filter(pk=claim.pk).update(state="released"))
    assert world.answer()["seatsFree"] == 1
    world.elsewhere(lambda: SeatClaim.objects.filter(pk=claim.pk).update(state="confirmed"))
    assert world.answer() == ["SEATS"]
    world.elsewhere(lambda: SeatClaim.objects.all().delete())
    assert world.answer()["seatsFree"] == 1


def test_a_hold_ends_by_the_clock_alone(world, frozen_clock):
    SEAT["a seat is held"](world)
    assert world.answer() == ["SEATS"]
    frozen_clock.shift(timedelta(minutes=59))
    assert world.answer() == ["SEATS"]
    frozen_clock.shift(timedelta(minutes=1))
    assert world.answer()["seatsFree"] == 1


def test_the_next_day_is_another_question(world, frozen_clock):
    IntakeMoment.objects.update(start_date=date(2026, 11, 18))
    assert world.answer()["startDate"] == "2026-11-18"
    frozen_clock.shift(timedelta(days=1))
    assert world.answer() == "nothing"


def test_a_policy_of_tomorrow_holds_tomorrow(world, frozen_clock):
    make_policy(
        organisation_id=world.town.pk,
        data=PolicyData(valid_from=date(2026, 11, 19), max_travel_km=1),
    )
    assert isinstance(world.answer(), dict)
    frozen_clock.shift(timedelta(days=1))
    assert world.answer() == ["DISTANCE"]
    assert MatchingPolicy.objects.filter(organisation=world.town).count() == 1


def test_a_real_other_process_is_seen(world):
    statement = "update providers_qualitymark set status = 'withdrawn'"
    program = (
        "import sys, psycopg; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    )
    place = psycopg.conninfo.make_conninfo(
        **{
            name: value
            for name, value in connection.get_connection_params().items()
            if name in {"host", "port", "dbname", "user", "password"}
        }
    )
    subprocess.run([sys.executable, "-c", program, place, statement], check=True)
    assert world.answer() == ["MARK"]


def test_what_was_written_before_and_committed_after_the_look_is_seen(world):
    """A counter or a time of change would have been read as known already."""
    written, looked = Event(), Event()

    def withdraw():
        with transaction.atomic():
            QualityMark.objects.update(status="withdrawn")
            written.set()
            assert looked.wait(20)

    def search():
        assert written.wait(20)
        # Something else is new, so that what is kept is made anew in the meantime.
        Course.objects.update(name="Ander")
        found = world.answer()
        looked.set()
        return found

    before, _ = race([search, withdraw])
    assert before["course"] == "Ander"
    assert world.answer() == ["MARK"]


def test_what_is_rolled_back_was_never_kept(world):
    with transaction.atomic():
        IntakeMoment.objects.update(status="cancelled")
        assert world.answer() == "nothing"
        transaction.set_rollback(True)
    assert isinstance(world.answer(), dict)


def look_write_and_commit(world):
    """A search and then a write in one transaction, while others have begun and ended later."""
    IntakeMoment.objects.update(seats_total=1)
    with transaction.atomic():
        # Has a number of its own from here on, and others come after it.
        AuditEvent.objects.filter(pk=0).select_for_update().first()
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id()")
        world.elsewhere(lambda: Course.objects.update(name="Ander"))
        assert isinstance(world.answer(), dict)
        SEAT["a seat is taken"](world)


def test_what_the_same_transaction_writes_after_its_look_is_seen_by_the_next(world):
    look_write_and_commit(world)
    assert world.answer() == ["SEATS"]


def test_twin_with_the_snapshot_as_it_comes_keeps_what_is_old(world, monkeypatch):
    monkeypatch.setattr(log, "_seen", lambda snapshot, own: snapshot)
    look_write_and_commit(world)
    assert isinstance(world.answer(), dict)


@pytest.mark.parametrize("name", ["a seat is taken", "the mark is withdrawn", "the contract ends"])
def test_twin_that_does_not_ask_what_changed_answers_with_what_is_old(world, monkeypatch, name):
    monkeypatch.setattr(kept, "moment_after", lambda seen: log.Moment(seen, False, {}))
    world.elsewhere(lambda: CHANGES[name](world))
    assert isinstance(world.answer(), dict)


def test_from_memory_nothing_of_the_supply_is_read(world):
    world.record()
    with counted() as queries:
        world.record()
    texts = " ".join(one["sql"] for one in queries.captured_queries)
    # One for each: savepoints, need, policy, what changed, lessons, household, the record.
    assert len(queries) <= 9
    assert "changes_change" in texts
    for table in ("providers_seatclaim", "providers_course", "procurement_"):
        assert f'from "{table}' not in texts.lower()


def test_seats_that_are_mended_give_what_reading_all_gives(world):
    other = another_of_the_lot(world)
    # Under two contracts with other prices a start has two rows that share its seats.
    contract_for(other.group.course, municipalities=[world.town], price=Decimal(20))
    key = {"municipality_id": world.town.pk, "as_of": clock.today()}
    standing.standing_offers(**key, **ASYLUM_B)
    for state in ("confirmed", "hold", "confirmed"):
        until = clock.now() + timedelta(hours=1)
        SeatClaimFactory(intake_moment=other, state=state, expires_at=until)
    mended = standing.standing_offers(**key, **ASYLUM_B).table
    fresh = bought_offers(municipality_ids=[world.town.pk], as_of=clock.today()).table
    side, new_side = offer_side_of(mended), offer_side_of(fresh)
    assert mended.seats.tolist() == fresh.seats.tolist() == [1, 7, 7]
    assert mended.enrolled.tolist() == fresh.enrolled.tolist()
    assert mended.ceiling_places == fresh.ceiling_places == (7,)
    assert side.fixed_failures.tolist() == new_side.fixed_failures.tolist()


def read_all(town):
    """Everything that is read to be kept, past the memory."""
    for is_referral in (False, True):
        found = standing._read(clock.today(), town.pk, "B", is_referral)
        found.occupancy.read_again(found.occupancy.intakes.tolist())
        names_of(found.offers.intakes.tolist(), {})


def unwatched_tables(read):
    """Tables that `read` looks at and whose changes nobody notes; PostgreSQL locks what is read."""
    with transaction.atomic(), connection.cursor() as cursor:
        read()
        cursor.execute(
            """
            select distinct relname from pg_locks join pg_class on pg_class.oid = relation
            where pid = pg_backend_pid() and relkind = 'r' and relname <> 'changes_change'
                and relnamespace = 'public'::regnamespace
                and not exists (
                    select from pg_trigger
                    where tgrelid = relation and tgname = relname || '_noted' and tgenabled = 'A'
                )
            """
        )
        found = {name for (name,) in cursor.fetchall()}
        transaction.set_rollback(True)
    return found


def test_every_table_that_is_read_to_be_kept_is_watched(world):
    RegionMembershipFactory(municipality=world.town)
    stopped(world, RegionMembership.objects.get().region)
    in_a_pool(world, 5)
    Ceiling.objects.create(contract_lot=ContractLot.objects.get(), places=3)
    standing._supply._entries.clear()
    assert unwatched_tables(lambda: read_all(world.town)) == set()


def test_twin_without_a_trigger_is_found_out(world):
    standing._supply._entries.clear()

    def read():
        with connection.cursor() as cursor:
            cursor.execute("drop trigger providers_location_noted on providers_location")
        read_all(world.town)

    assert unwatched_tables(read) == {"providers_location"}
