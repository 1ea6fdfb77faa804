"""Entering supply in bulk: all rows or none, all faults at once, history beside it."""

from datetime import date, time
from decimal import Decimal

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from providers.choices import IntakeStatus, MarkStatus
from providers.errors import IntakeStateError
from providers.models import Course, IntakeMoment, Location, Provider, QualityMark, WeeklySlot
from providers.services.catalogue import (
    courses_add,
    group_add,
    groups_add,
    intake_moment_change_status,
    intake_moment_publish,
    intake_moments_publish,
)
from providers.services.drafts import GroupDraft, IntakeDraft, SlotDraft
from providers.services.provider import (
    location_add,
    locations_add,
    mark_in_force,
    provider_update,
    providers_register,
    quality_mark_record,
)
from tests.support.entering import (
    MORNINGS,
    course_draft,
    in_days,
    location_draft,
    new_group,
    new_provider,
    planner_of,
    provider_draft,
    registrar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def faults(error: pytest.ExceptionInfo[InvalidError]) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in error.value.violations}


def test_registering_names_every_fault_of_every_row() -> None:
    new_provider()
    with pytest.raises(InvalidError) as caught:
        providers_register(
            actor=registrar(),
            drafts=[
                provider_draft(),
                provider_draft(code="Met spatie", duo_number="0000000002", email="geen adres"),
            ],
        )
    assert faults(caught) == {
        ("providers.0.code", "code_taken"),
        ("providers.0.duo_number", "duo_number_taken"),
        ("providers.1.code", "invalid"),
        ("providers.1.email", "invalid"),
    }
    assert Provider.objects.count() == 1


def test_planner_changes_contact_details_but_not_the_name() -> None:
    provider = new_provider()
    provider_update(actor=planner_of(provider), provider=provider, phone="055-1234567")
    with pytest.raises(NotAllowedError):
        provider_update(actor=planner_of(provider), provider=provider, name="Anders")
    provider.refresh_from_db()
    assert (provider.phone, str(provider)) == ("055-1234567", "Taalschool Proef (demo)")


def test_marks_follow_each_other_and_repeat_without_effect() -> None:
    provider = new_provider()
    for status, start in (
        (MarkStatus.VALID, date(2025, 1, 1)),
        (MarkStatus.SUSPENDED, date(2026, 11, 1)),
        (MarkStatus.SUSPENDED, date(2026, 11, 1)),
    ):
        quality_mark_record(
            actor=registrar(), provider=provider, kind="keurmerk", status=status, valid_from=start
        )
    rows = QualityMark.objects.order_by("valid_from").values_list("status", "valid_to")
    assert list(rows) == [("valid", date(2026, 10, 31)), ("suspended", None)]
    assert mark_in_force(provider.pk, "keurmerk", date(2026, 10, 31))
    assert not mark_in_force(provider.pk, "keurmerk", date(2026, 11, 1))
    assert AuditEvent.objects.filter(action="quality_mark.recorded").count() == 2


def test_locations_of_a_provider_have_their_own_codes() -> None:
    provider = new_provider()
    actor = planner_of(provider)
    location_add(actor=actor, provider=provider, draft=location_draft())
    with pytest.raises(InvalidError) as caught:
        locations_add(
            actor=actor,
            provider=provider,
            drafts=[location_draft(), location_draft(code="b", latitude=152.0)],
        )
    assert faults(caught) == {
        ("locations.0.code", "code_taken"),
        ("locations.1.latitude", "coordinates"),
    }
    assert Location.objects.count() == 1


def test_nobody_else_enters_courses() -> None:
    provider, other = new_provider(), new_provider(code="ander", duo_number="")
    with pytest.raises(NotAllowedError):
        courses_add(actor=planner_of(other), provider=provider, drafts=[course_draft()])
    assert Course.objects.count() == 0


def test_course_rules_are_named_together() -> None:
    provider = new_provider()
    with pytest.raises(InvalidError) as caught:
        courses_add(
            actor=planner_of(provider),
            provider=provider,
            drafts=[
                course_draft(level_from="A2", level_to="A1", hours_per_week=Decimal(0)),
                course_draft(code="b", literacy=("X",), component="Q"),
                course_draft(code="c", level_from="B2", level_to="B2", target_level="A1"),
                course_draft(code="c"),
            ],
        )
    assert faults(caught) == {
        ("courses.0.level_from", "entry_levels"),
        ("courses.0.hours_per_week", "not_positive"),
        ("courses.1.literacy", "item_invalid"),
        ("courses.1.component", "invalid_choice"),
        ("courses.2.target_level", "target_below_entry"),
        ("courses.3.code", "code_taken"),
    }
    assert Course.objects.count() == 0


def test_group_gets_its_slots() -> None:
    group = new_group(new_provider())
    slots = WeeklySlot.objects.filter(group=group).values_list("slot", flat=True)
    assert sorted(slots) == ["FR1", "MO1", "TH1", "TU1"]


def test_group_rules() -> None:
    provider, other = new_provider(), new_provider(code="ander", duo_number="")
    theirs = new_group(other)
    mine = new_group(provider)
    twice = (SlotDraft(1, time(9), time(12)), SlotDraft(1, time(11), time(13)))
    with pytest.raises(InvalidError) as caught:
        groups_add(
            actor=planner_of(provider),
            provider=provider,
            drafts=[
                GroupDraft(theirs.course, theirs.location, "x", 12, MORNINGS),
                GroupDraft(mine.course, mine.location, "y", 4, twice, min_size=6),
                GroupDraft(mine.course, mine.location, "g1", 4, (SlotDraft(8, time(9), time(9)),)),
            ],
        )
    assert faults(caught) == {
        ("groups.0.course", "other_provider"),
        ("groups.0.location", "other_provider"),
        ("groups.1.min_size", "sizes"),
        ("groups.1.slots.1.start_time", "overlap"),
        ("groups.2.slots.0.weekday", "weekday"),
        ("groups.2.slots.0.end_time", "times"),
        ("groups.2.code", "exists_already"),
    }


def test_intake_moments_in_constant_queries(django_assert_num_queries) -> None:
    provider = new_provider()
    group = new_group(provider)
    drafts = [IntakeDraft(group, in_days(7 * n), in_days(7 * n + 300), 3) for n in range(1, 41)]
    # Savepoint, lessons and teachers of the groups, known starts, rows, history, release.
    with django_assert_num_queries(7):
        intake_moments_publish(actor=planner_of(provider), provider=provider, drafts=drafts)
    assert IntakeMoment.objects.filter(status=IntakeStatus.PUBLISHED).count() == 40
    assert AuditEvent.objects.filter(action="intake_moment.published").count() == 40


def test_intake_rules() -> None:
    provider = new_provider()
    group = new_group(provider)
    actor = planner_of(provider)
    with pytest.raises(InvalidError) as caught:
        intake_moments_publish(
            actor=actor,
            provider=provider,
            drafts=[
                IntakeDraft(group, in_days(-1), in_days(-1), 13),
                IntakeDraft(group, in_days(7), in_days(300), 3),
                IntakeDraft(group, in_days(7), in_days(300), 3, status="cancelled"),
            ],
        )
    assert faults(caught) == {
        ("intake_moments.0.end_date", "ends_before_start"),
        ("intake_moments.0.start_date", "in_the_past"),
        ("intake_moments.0.seats_total", "above_group_maximum"),
        ("intake_moments.2.start_date", "exists_already"),
        ("intake_moments.2.status", "status"),
    }
    assert IntakeMoment.objects.count() == 0


def test_status_follows_the_table() -> None:
    provider = new_provider()
    group = new_group(provider)
    actor = planner_of(provider)
    draft = IntakeDraft(group, in_days(7), in_days(300), 3, status="draft")
    intake = intake_moment_publish(actor=actor, provider=provider, draft=draft)
    for status in (IntakeStatus.PUBLISHED, IntakeStatus.CANCELLED):
        intake_moment_change_status(actor=actor, intake_moment_id=intake.pk, status=status)
    with pytest.raises(IntakeStateError):
        intake_moment_change_status(
            actor=actor, intake_moment_id=intake.pk, status=IntakeStatus.PUBLISHED
        )
    assert IntakeMoment.objects.get().status == IntakeStatus.CANCELLED


def test_group_of_one_names_fields_without_a_number() -> None:
    provider = new_provider()
    group = new_group(provider)
    with pytest.raises(InvalidError) as caught:
        group_add(
            actor=planner_of(provider),
            provider=provider,
            draft=GroupDraft(group.course, group.location, "g1", 12, MORNINGS),
        )
    assert faults(caught) == {("code", "exists_already")}
