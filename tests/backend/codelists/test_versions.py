"""A code list changes from a day on; what runs keeps the list of the day on which it began."""

from datetime import date

import pytest

from backend.accounts.actors import actor_for
from backend.accounts.roles import Role
from backend.audit.models import AuditEvent
from backend.codelists.errors import (
    CodeListChangedError,
    CodeListDeliveredError,
    CodeListStartedError,
)
from backend.codelists.models import CodeListVersion
from backend.codelists.public import (
    Change,
    Code,
    all_lists,
    code_list_preview,
    code_list_publish,
    code_list_withdraw,
    labels_of,
    offered,
    version_on,
    versions_of,
)
from backend.common.errors import InvalidError, NotAllowedError, NotFoundError
from matching.choices import PlacementState, WithdrawalReason
from matching.code_lists import ACTIVITIES, REFUSALS, STOPS, WITHDRAWALS
from matching.models import PlacementEvent
from matching.services.placement_steps import (
    placement_refuse,
    placement_stop,
    placement_withdraw,
)
from providers.choices import SpecialGroup
from providers.code_lists import SPECIAL_GROUPS
from providers.models import Course
from tests.factories.accounts import user_with
from tests.factories.matching import everything, placement
from tests.factories.providers import CourseFactory

pytestmark = [pytest.mark.django_db]
TODAY, AHEAD = date(2026, 11, 18), date(2026, 12, 1)
NEW = Code("no_childcare", "Geen kinderopvang", "No childcare")


@pytest.fixture
def clock(frozen_clock):
    return frozen_clock


@pytest.fixture
def keeper(clock, region):
    return actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, region))


def publish(keeper, key, *, valid_from=AHEAD, reason="Besluit regio", **change):
    return code_list_publish(
        actor=keeper, key=key, change=Change(valid_from, **change), reason=reason
    )


def faults(error):
    return sorted((one.field, one.code) for one in error.value.violations)


class TestVersions:
    def test_the_first_version_is_delivered_in_two_languages(self, clock):
        (first,) = versions_of(WITHDRAWALS)
        assert (first.version, first.valid_to) == (1, None)
        assert {one.code for one in first.codes} == set(WithdrawalReason.values)
        moved = first.holds()[WithdrawalReason.MOVED]
        assert moved.label_en == "Moved to another municipality"
        assert moved.label_nl != moved.label_en

    def test_a_version_counts_from_its_day_and_the_one_before_ends(self, keeper):
        publish(
            keeper,
            WITHDRAWALS,
            added=(NEW,),
            ended=frozenset({"better_place"}),
            renamed=(Code("participant_declined", "Wil deze plaats niet", "Declined"),),
        )
        first, second = versions_of(WITHDRAWALS)
        assert (first.valid_to, second.valid_from, second.valid_to) == (
            date(2026, 11, 30),
            AHEAD,
            None,
        )
        before, after = dict(offered(WITHDRAWALS, TODAY)), dict(offered(WITHDRAWALS, AHEAD))
        assert "better_place" in before
        assert "no_childcare" not in before
        assert "better_place" not in after
        assert after["no_childcare"] == "Geen kinderopvang"
        assert after["participant_declined"] == "Wil deze plaats niet"
        assert version_on(WITHDRAWALS, date(2020, 1, 1)).version == 1

    def test_an_ended_code_keeps_its_name(self, keeper):
        publish(keeper, WITHDRAWALS, ended=frozenset({"better_place"}))
        assert "better_place" in labels_of(WITHDRAWALS)

    def test_history_says_who_did_what_and_why(self, keeper, region):
        publish(keeper, WITHDRAWALS, added=(NEW,))
        event = AuditEvent.objects.get(action="code_list.published")
        assert (event.actor_key, event.reason) == (keeper.key, "Besluit regio")
        assert event.after["added"] == ["no_childcare"]
        assert event in AuditEvent.objects.of_organisations({region.pk})

    def test_a_version_is_taken_back_until_it_begins(self, keeper, clock):
        publish(keeper, WITHDRAWALS, added=(NEW,))
        code_list_withdraw(actor=keeper, key=WITHDRAWALS, version=2, reason="Vergissing")
        assert len(versions_of(WITHDRAWALS)) == 1
        publish(keeper, WITHDRAWALS, added=(NEW,))
        clock.move_to("2026-12-01T08:00:00Z")
        with pytest.raises(CodeListStartedError):
            code_list_withdraw(actor=keeper, key=WITHDRAWALS, version=2, reason="Te laat")
        with pytest.raises(CodeListStartedError):
            code_list_withdraw(actor=keeper, key=WITHDRAWALS, version=1, reason="Geleverd")
        with pytest.raises(NotFoundError):
            code_list_withdraw(actor=keeper, key=WITHDRAWALS, version=9, reason="Bestaat niet")

    def test_two_at_the_same_moment_make_one_version(self, keeper, monkeypatch):
        before = versions_of(WITHDRAWALS)
        publish(keeper, WITHDRAWALS, added=(NEW,))
        monkeypatch.setattr("backend.codelists.services.versions_of", lambda key: before)
        with pytest.raises(CodeListChangedError):
            publish(keeper, WITHDRAWALS, added=(Code("late", "Laat", "Late"),))
        assert CodeListVersion.objects.count() == 1


class TestWhoAndWhat:
    def test_only_a_regions_administrator_changes_a_list(self, clock, municipality, region):
        town = actor_for(user_with(Role.FUNCTIONAL_ADMINISTRATOR, municipality))
        for nobody in (town, actor_for(user_with(Role.REGIONAL_COORDINATOR, region))):
            with pytest.raises(NotAllowedError):
                publish(nobody, WITHDRAWALS, added=(NEW,))

    def test_lists_of_the_law_do_not_change(self, keeper):
        delivered = [one.key for one in all_lists() if not one.is_changeable]
        assert "literacy" in delivered
        for key in delivered:
            with pytest.raises(CodeListDeliveredError):
                publish(keeper, key, added=(NEW,))

    @pytest.mark.parametrize(
        ("key", "change", "expected"),
        [
            (WITHDRAWALS, {}, [("added", "nothing_changed")]),
            (
                WITHDRAWALS,
                {"added": (NEW,), "valid_from": TODAY},
                [("valid_from", "date_not_ahead")],
            ),
            (WITHDRAWALS, {"ended": frozenset({"moved"})}, [("ended", "code_fixed")]),
            (STOPS, {"renamed": (Code("31", "Klaar", "Done"),)}, [("renamed", "code_fixed")]),
            (WITHDRAWALS, {"ended": frozenset({"x"})}, [("ended", "unknown_code")]),
            (REFUSALS, {"added": (NEW,)}, [("added", "ground_required")]),
            (
                WITHDRAWALS,
                {"added": (Code("a", "A", "A", "moved"),)},
                [("added", "ground_unknown")],
            ),
            (WITHDRAWALS, {"added": (Code("No!", "Nee", "No"),)}, [("added", "code_form")]),
            (WITHDRAWALS, {"added": (NEW, NEW)}, [("added", "code_exists")] * 2),
            (WITHDRAWALS, {"added": (Code("a", " ", "A"),)}, [("added", "label_required")]),
            (
                WITHDRAWALS,
                {
                    "ended": frozenset({"better_place"}),
                    "renamed": (Code("better_place", "Beter", "Better"),),
                },
                [("renamed", "ended_and_renamed")],
            ),
            (
                SPECIAL_GROUPS,
                {"ended": frozenset(SpecialGroup.values)},
                [("ended", "list_empty")],
            ),
            (WITHDRAWALS, {"added": (NEW,), "reason": " "}, [("reason", "reason_required")]),
        ],
    )
    def test_every_fault_of_a_change_is_named(self, keeper, key, change, expected):
        with pytest.raises(InvalidError) as error:
            publish(keeper, key, **change)
        assert faults(error) == expected

    def test_a_second_version_begins_after_the_first(self, keeper):
        publish(keeper, WITHDRAWALS, added=(NEW,))
        with pytest.raises(InvalidError) as error:
            publish(keeper, WITHDRAWALS, added=(Code("later", "Later", "Later"),))
        assert faults(error) == [("valid_from", "before_last_version")]


class TestImpact:
    def test_it_counts_what_holds_an_ended_code_and_what_runs_on(self, keeper, municipality):
        placement(municipality, state=PlacementState.WITHDRAWN)
        placement(municipality, state=PlacementState.STARTED)
        placement(municipality, state=PlacementState.OFFERED)
        change = Change(AHEAD, (NEW,), frozenset({"better_place", "entered_wrongly"}))
        found = code_list_preview(actor=keeper, key=WITHDRAWALS, change=change)
        assert found.version == 2
        assert {
            one.code.code: [number for _where, number in one.records] for one in found.ended
        } == {
            "better_place": [1],
            "entered_wrongly": [0],
        }
        assert [number for _where, number in found.running] == [2]
        assert not CodeListVersion.objects.exists()

    def test_courses_and_agreements_are_counted(self, keeper):
        CourseFactory(special_groups=["youth", "workers"])
        CourseFactory(special_groups=["youth"], is_active=False)
        change = Change(AHEAD, (), frozenset({"youth"}))
        found = code_list_preview(actor=keeper, key=SPECIAL_GROUPS, change=change)
        assert [number for _where, number in found.ended[0].records] == [1]
        change = Change(AHEAD, (), frozenset({"buddy"}))
        found = code_list_preview(actor=keeper, key=ACTIVITIES, change=change)
        assert [number for _where, number in found.ended[0].records] == [0]


class TestWhatRuns:
    def test_a_place_keeps_the_list_of_the_day_it_was_held(self, keeper, municipality, clock):
        earlier = placement(municipality, state=PlacementState.OFFERED)
        publish(keeper, WITHDRAWALS, added=(NEW,), ended=frozenset({"better_place"}))
        clock.move_to("2026-12-01T08:00:00Z")
        later = placement(municipality, state=PlacementState.OFFERED)
        actor = everything(municipality)
        for found, wrong in ((earlier, "no_childcare"), (later, "better_place")):
            with pytest.raises(InvalidError) as error:
                placement_withdraw(actor=actor, placement=found, reason=wrong)
            assert faults(error) == [("reason", "unknown_code")]
        placement_withdraw(actor=actor, placement=earlier, reason="better_place")
        placement_withdraw(actor=actor, placement=later, reason="no_childcare")
        assert PlacementEvent.objects.filter(reason_code="no_childcare").count() == 1

    def test_a_finer_ground_means_what_its_ground_means(self, keeper, municipality, clock):
        publish(
            keeper,
            STOPS,
            valid_from=date(2026, 11, 19),
            added=(
                Code("exam_passed", "Examen gehaald", "Exam passed", "31"),
                Code("other_work", "Ander werk", "Other work", "32"),
            ),
        )
        clock.move_to("2026-11-19T08:00:00Z")
        states = []
        for reason in ("exam_passed", "other_work"):
            running = placement(municipality, state=PlacementState.STARTED)
            provider = running.provider_organisation
            stopped = placement_stop(
                actor=everything(municipality, provider),
                placement=running,
                end_date=date(2026, 11, 18),
                reason=reason,
            )
            stopped.need.refresh_from_db()
            states.append(stopped.need.state)
        assert states == ["closed", "waiting"]

    def test_a_refusal_needs_a_ground_of_the_day(self, municipality, clock):
        found = placement(municipality, state=PlacementState.OFFERED)
        with pytest.raises(InvalidError) as error:
            placement_refuse(
                actor=everything(found.provider_organisation), placement=found, reason="too_far"
            )
        assert faults(error) == [("reason", "unknown_code")]


class TestSupply:
    @pytest.fixture
    def next_year(self, keeper, clock):
        publish(
            keeper,
            SPECIAL_GROUPS,
            added=(Code("mothers", "Moeders", "Mothers"),),
            ended=frozenset({"workers"}),
        )
        clock.move_to("2026-12-01T08:00:00Z")

    def test_a_course_keeps_an_ended_group_and_gets_no_new_one(self, next_year):
        from providers.services.editing import course_update

        course = CourseFactory(special_groups=["workers"])
        actor = everything(course.provider.organisation)
        course_update(actor=actor, course=course, special_groups=("workers", "mothers"))
        assert Course.objects.get().special_groups == ["workers", "mothers"]
        other = CourseFactory(special_groups=[], provider=course.provider)
        with pytest.raises(InvalidError) as error:
            course_update(actor=actor, course=other, special_groups=("workers",))
        assert faults(error) == [("special_groups", "unknown_code")]
