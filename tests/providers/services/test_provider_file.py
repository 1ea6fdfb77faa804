"""The file of a provider: documents age, contacts are reachable, delivery parties are dated."""

from datetime import date
from decimal import Decimal

import pytest

from backend.audit.models import AuditEvent
from backend.common.errors import InvalidError, NotAllowedError
from backend.organisations.permissions import Permission
from providers.choices import CourseKind, TeacherQualification
from providers.errors import CapacityBelowTakenError
from providers.models import Course, IntakeMoment, ProviderContact, ProviderDocument
from providers.policies import may_register_providers
from providers.selectors.teachers import group_limits, teacher_shortages
from providers.services.catalogue import course_add, intake_moment_publish
from providers.services.drafts import IntakeDraft, SlotDraft
from providers.services.editing import course_update, group_update
from providers.services.files import (
    contact_remove,
    contact_save,
    delivery_party_save,
    document_add,
    document_remove,
)
from providers.services.seats import intake_moment_set_seats
from providers.services.teachers import teacher_assign, teacher_save
from providers.services.transfers import transfer_warning
from tests.factories.providers import IntakeMomentFactory, ProviderFactory, SeatClaimFactory
from tests.support.entering import (
    actor_with,
    course_draft,
    in_days,
    new_group,
    new_provider,
    planner_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def codes(error) -> set[tuple[str, str]]:
    return {(one.field, one.code) for one in error.value.violations}


def test_an_extract_counts_for_six_months_and_a_newer_one_takes_its_place():
    provider = new_provider()
    actor = planner_of(provider)
    fields = {"actor": actor, "provider": provider, "kind": "kvk", "title": "Uittreksel"}
    old = document_add(**fields, issue_date=date(2026, 5, 31))
    new = document_add(**fields, issue_date=date(2026, 11, 1), valid_until=date(2030, 1, 1))
    late = document_add(**fields, issue_date=date(2026, 1, 1))

    assert old.valid_until == date(2026, 11, 30)
    assert new.valid_until == date(2027, 5, 1)
    assert list(ProviderDocument.objects.filter(is_current=True)) == [new]
    document_remove(actor=actor, document=new)
    assert list(ProviderDocument.objects.filter(is_current=True)) == [old]
    assert late.is_current is False


def test_wrong_documents_leave_nothing():
    provider = new_provider()
    with pytest.raises(InvalidError) as caught:
        document_add(
            actor=planner_of(provider),
            provider=provider,
            kind="other",
            title="",
            issue_date=in_days(1),
            valid_until=in_days(0),
        )
    assert codes(caught) == {
        ("title", "blank"),
        ("issue_date", "in_the_future"),
        ("valid_until", "ends_before_start"),
    }
    assert ProviderDocument.objects.count() == 0


def test_history_of_contacts_names_nobody():
    provider = new_provider()
    actor = planner_of(provider)
    with pytest.raises(InvalidError):
        contact_save(actor=actor, provider=provider, name="Sam", role="planning")
    contact = contact_save(actor=actor, provider=provider, name="Sam", role="planning", phone="055")
    contact_remove(actor=actor, contact=contact)
    assert not ProviderContact.objects.exists()
    rows = AuditEvent.objects.filter(action__startswith="contact.").values_list("before", "after")
    assert list(rows.order_by("pk")) == [(None, {"role": "planning"}), ({"role": "planning"}, None)]


def test_a_delivery_party_has_a_kvk_number_and_is_another_one():
    provider = new_provider()
    course = course_add(actor=planner_of(provider), provider=provider, draft=course_draft())
    with pytest.raises(InvalidError) as caught:
        delivery_party_save(
            actor=planner_of(provider),
            course=course,
            name="Onderaannemer",
            role="teaching",
            kvk_number="123",
            valid_from=in_days(2),
            valid_to=in_days(1),
            provider=provider,
        )
    assert codes(caught) == {
        ("kvk_number", "kvk_number"),
        ("valid_to", "ends_before_start"),
        ("provider", "own_provider"),
    }


def test_kinds_beside_the_components_of_a_pip():
    provider = new_provider()
    actor = planner_of(provider)
    guidance = course_add(
        actor=actor,
        provider=provider,
        draft=course_draft(code="mb", kind=CourseKind.GUIDANCE, component=""),
    )
    literacy = course_add(
        actor=actor,
        provider=provider,
        draft=course_draft(code="alfa", kind=CourseKind.LITERACY, component="Z"),
    )
    with pytest.raises(InvalidError) as caught:
        course_add(
            actor=actor,
            provider=provider,
            draft=course_draft(code="fout", kind=CourseKind.FINANCIAL, component="B"),
        )
    assert codes(caught) == {("component", "kind_component")}
    assert (guidance.component, literacy.component) == ("", "Z")


def test_changing_a_course_checks_the_rules_of_entering():
    provider = new_provider()
    actor = planner_of(provider)
    course = course_add(actor=actor, provider=provider, draft=course_draft())
    course_update(actor=actor, course=course, name="Nieuwe naam", special_groups=("workers",))
    with pytest.raises(InvalidError) as caught:
        course_update(actor=actor, course=course, name="Weg", age_from=40, age_to=18)
    assert codes(caught) == {("age_from", "ages")}
    course.refresh_from_db()
    assert (course.name, course.special_groups, course.age_from) == (
        "Nieuwe naam",
        ["workers"],
        None,
    )
    with pytest.raises(NotAllowedError):
        course_update(actor=planner_of(ProviderFactory()), course=course, name="Gekaapt")


def test_a_group_never_becomes_smaller_than_what_is_taken():
    provider = new_provider()
    actor = planner_of(provider)
    group = new_group(provider)
    start = IntakeMomentFactory(group=group, seats_total=12)
    SeatClaimFactory.create_batch(3, intake_moment=start)
    with pytest.raises(CapacityBelowTakenError):
        group_update(actor=actor, group=group, max_size=2)
    group_update(actor=actor, group=group, max_size=8, slots=[SlotDraft(1, *_morning())])
    start.refresh_from_db()
    group.refresh_from_db()
    assert (group.max_size, start.seats_total, group.weekly_slots.count()) == (8, 8, 1)


def _morning():
    from datetime import time

    return time(9), time(12)


def _teacher(provider, hours="20", **fields):
    return teacher_save(
        actor=planner_of(provider),
        provider=provider,
        code=fields.pop("code", "D1"),
        qualification=fields.pop("qualification", TeacherQualification.CERTIFIED),
        hours_per_week=Decimal(hours),
        valid_from=date(2026, 1, 1),
        **fields,
    )


def test_seats_are_the_least_of_room_group_and_qualified_hours():
    provider = new_provider()
    group = new_group(provider)  # 12 seats, 12 hours of lessons: 9.6 by a qualified teacher
    day = in_days(30)
    assert group_limits([group])[group.pk].teacher_seats(day) is None
    assert group_limits([group])[group.pk].seats(day) == 12

    teacher_assign(
        actor=planner_of(provider),
        teacher=_teacher(provider),
        group=group,
        hours_per_week=Decimal("4.8"),
        valid_from=in_days(0),
    )
    helper = _teacher(provider, code="H", qualification=TeacherQualification.IN_TRAINING)
    teacher_assign(
        actor=planner_of(provider),
        teacher=helper,
        group=group,
        hours_per_week=Decimal(12),
        valid_from=in_days(0),
    )
    limits = group_limits([group])[group.pk]
    assert (limits.teacher_seats(day), limits.seats(day), limits.limited_by(day)) == (
        6,
        6,
        "teachers",
    )
    group_update(actor=planner_of(provider), group=group, room_seats=5)
    group.refresh_from_db()
    assert group_limits([group])[group.pk].limited_by(day) == "room"


def test_publishing_and_raising_seats_is_held_to_the_teachers():
    provider = new_provider()
    group = new_group(provider)
    teacher_assign(
        actor=planner_of(provider),
        teacher=_teacher(provider),
        group=group,
        hours_per_week=Decimal("4.8"),
        valid_from=in_days(0),
    )
    draft = IntakeDraft(group, in_days(30), in_days(300), 7)
    with pytest.raises(InvalidError) as caught:
        intake_moment_publish(actor=planner_of(provider), provider=provider, draft=draft)
    assert codes(caught) == {("seats_total", "above_teachers")}
    assert not IntakeMoment.objects.exists()
    start = intake_moment_publish(
        actor=planner_of(provider),
        provider=provider,
        draft=IntakeDraft(group, in_days(30), in_days(300), 6),
    )
    with pytest.raises(InvalidError):
        intake_moment_set_seats(
            actor=planner_of(provider), intake_moment_id=start.pk, seats_total=7
        )


def test_a_teacher_who_leaves_shows_as_lost_seats_weeks_ahead():
    provider = new_provider()
    actor = planner_of(provider)
    group = new_group(provider)
    teacher = _teacher(provider)
    teacher_assign(
        actor=actor,
        teacher=teacher,
        group=group,
        hours_per_week=Decimal("9.6"),
        valid_from=in_days(0),
    )
    IntakeMomentFactory(group=group, seats_total=12, start_date=in_days(7), end_date=in_days(280))
    assert teacher_shortages(provider_ids=[provider.pk], on=in_days(0)) == []
    _teacher(provider, teacher=teacher, valid_to=in_days(24))
    [shortage] = teacher_shortages(provider_ids=[provider.pk], on=in_days(0))
    assert shortage.first_week == date(2026, 12, 14)
    assert (shortage.seats_promised, shortage.seats_carried, shortage.seats_lost) == (12, 0, 12)


def test_a_teacher_gives_no_more_hours_than_he_works():
    provider = new_provider()
    actor = planner_of(provider)
    group = new_group(provider)
    teacher = _teacher(provider, hours="10")
    first = {"actor": actor, "teacher": teacher, "group": group}
    teacher_assign(**first, hours_per_week=Decimal(6), valid_from=in_days(0), valid_to=in_days(20))
    with pytest.raises(InvalidError) as caught:
        teacher_assign(**first, hours_per_week=Decimal(5), valid_from=in_days(20))
    assert codes(caught) == {("hours_per_week", "above_hours")}
    teacher_assign(**first, hours_per_week=Decimal(5), valid_from=in_days(21))


def test_more_than_fifteen_learners_need_approval():
    ours, theirs, module = ProviderFactory(), ProviderFactory(), ProviderFactory(mark=False)
    assert not transfer_warning(from_provider_id=ours.pk, to_provider_ids=[theirs.pk], learners=15)
    assert "16" in transfer_warning(
        from_provider_id=ours.pk, to_provider_ids=[theirs.pk], learners=16
    )
    assert not transfer_warning(from_provider_id=ours.pk, to_provider_ids=[module.pk], learners=16)


def test_the_administrator_of_a_school_does_not_judge_its_recognition(provider, municipality):
    at_school = actor_with(Permission.MANAGE_ACCOUNTS, at=[provider])
    at_town = actor_with(Permission.MANAGE_ACCOUNTS, at=[municipality])
    assert not may_register_providers(at_school)
    assert may_register_providers(at_town)
    assert Course.objects.count() == 0
