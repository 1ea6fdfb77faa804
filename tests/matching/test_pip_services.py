"""Participants and PIPs: every rule of domain.md section 2, all violations at once."""

from dataclasses import replace
from datetime import date

import pytest

from backend.audit.models import AuditEvent
from backend.common.codes import TargetGroup
from backend.common.errors import InvalidError, NotAllowedError
from matching import statutory
from matching.choices import NeedState
from matching.errors import OpenOfferError, ParticipantExistsError, PipInvalidError
from matching.models import Need, Participant, ParticipantIdentity, Pip
from matching.services.participants import (
    ParticipantData,
    identity_set,
    participant_register,
    participants_register,
    target_group_change,
)
from matching.services.pips import pip_register, pips_check, pips_register
from matching.services.placements import Choice, seat_hold_for_need
from tests.factories.matching import (
    IDENTITY,
    PARTICIPANT,
    PIP,
    contracted_intake,
    everything,
    participant,
    pip,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("frozen_clock")]


def register(municipality, person=None, **fields):
    return pip_register(
        actor=everything(municipality),
        participant=person or participant(municipality),
        data=replace(PIP, **fields),
    )


def faults(municipality, person=None, **fields):
    with pytest.raises(PipInvalidError) as error:
        register(municipality, person, **fields)
    return [(one.field, one.code) for one in error.value.violations]


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"decision_date": date(2026, 11, 19)}, "decision_date", "date_in_future"),
        ({"decision_date": date(2026, 6, 15)}, "decision_date", "before_settlement"),
        ({"route": "O", "level": "A2"}, "level", "level_not_for_education_route"),
        ({"route": "Z", "level": "B1"}, "level", "level_not_for_z_route"),
        ({"level": "A2"}, "level", "a2_not_in_first_pip"),
        ({"level": "A1"}, "level", "level_not_for_b1_route"),
        ({"estimated_hours": 0}, "estimated_hours", "estimated_hours_out_of_range"),
        ({"estimated_hours": 10_000}, "estimated_hours", "estimated_hours_out_of_range"),
        ({"hours_per_week": 0}, "hours_per_week", "hours_per_week_out_of_range"),
        (
            {"latest_start_date": date(2026, 9, 13)},
            "latest_start_date",
            "start_dates_out_of_order",
        ),
        (
            {"earliest_start_date": date(2026, 8, 31)},
            "earliest_start_date",
            "start_before_decision",
        ),
        ({"availability": ()}, "availability", "no_day_part"),
        ({"availability": ("MO4",)}, "availability", "unknown_day_part"),
        ({"route": "X"}, "route", "unknown_code"),
        ({"postcode4": "12A4"}, "postcode4", "postcode4_form"),
    ],
)
def test_each_rule(municipality, fields, field, code):
    if fields.get("decision_date") == date(2026, 11, 19):
        fields = {**fields, "earliest_start_date": date(2026, 12, 1)}
    found = faults(municipality, **fields)
    assert found == [(field, code)]
    assert not Pip.objects.exists()


def test_hours_belong_to_the_b1_route_and_asylum(municipality):
    person = participant(municipality, target_group=TargetGroup.FAMILY)
    assert faults(municipality, person, route="Z", level="A1", estimated_hours=600) == [
        ("estimated_hours", "estimated_hours_only_b1_route"),
        ("estimated_hours", "estimated_hours_only_asylum"),
    ]


def test_all_faults_at_once(municipality):
    assert faults(
        municipality,
        decision_date=date(2026, 5, 1),
        route="O",
        level="A2",
        latest_start_date=date(2026, 1, 1),
        availability=(),
    ) == [
        ("decision_date", "before_obligation"),
        ("decision_date", "before_settlement"),
        ("decision_date", "target_group_unknown"),
        ("level", "level_not_for_education_route"),
        ("latest_start_date", "start_dates_out_of_order"),
        ("availability", "no_day_part"),
    ]


@pytest.mark.parametrize(("route", "level"), [("B", "B1"), ("O", "B1"), ("Z", "A1")])
def test_a_level_that_is_left_out(municipality, route, level):
    assert register(municipality, route=route, level=None).level == level


@pytest.mark.parametrize(
    ("route", "components"),
    [
        ("B", ["B", "KNM", "MAP", "PVT"]),
        ("Z", ["Z", "KNM", "MAP", "PVT"]),
        ("O", ["O", "PVT"]),
    ],
)
def test_needs_follow_from_the_route(municipality, route, components):
    plan = register(municipality, route=route, level=None)
    assert sorted(plan.needs.values_list("component", flat=True)) == sorted(components)
    assert set(plan.needs.values_list("waiting_since", flat=True)) == {date(2026, 9, 1)}


def test_the_first_pip_starts_the_term_and_later_ones_do_not_move_it(municipality):
    plan = register(municipality)
    person = Participant.objects.get()
    assert (person.term_start_date, person.term_end_date) == (date(2026, 9, 2), date(2029, 9, 2))
    register(
        municipality, person, decision_date=date(2026, 10, 1), earliest_start_date=date(2026, 10, 2)
    )
    person.refresh_from_db()
    assert person.first_pip_date == plan.decision_date
    assert person.term_end_date == date(2029, 9, 2)


def test_a_term_from_the_leap_day_ends_on_28_february():
    assert statutory.term_of_first_pip(date(2028, 2, 28)) == (date(2028, 2, 29), date(2031, 2, 28))


def test_the_pip_is_due_ten_weeks_after_the_notice_or_settlement_whichever_is_later():
    assert statutory.pip_due_date(date(2026, 1, 5), date(2025, 12, 1)) == date(2026, 3, 16)
    assert statutory.pip_due_date(date(2026, 1, 5), date(2026, 2, 2)) == date(2026, 4, 13)
    late = statutory.pip_due_date(date(2026, 1, 5), date(2025, 1, 1), date(2026, 3, 10))
    assert late == date(2026, 3, 24)


def test_deadlines_of_needs(municipality):
    plan = register(municipality, estimated_hours=600)
    deadlines = dict(plan.needs.values_list("component", "deadline"))
    # The promised start of the leerroute; MAP 40 and PVT 12 hours at 12 a week fit before the end.
    assert deadlines == {
        "B": date(2027, 6, 30),
        "KNM": None,
        "MAP": date(2029, 8, 4),
        "PVT": date(2029, 8, 25),
    }


def test_a2_is_possible_in_a_later_pip_or_after_one_elsewhere(municipality):
    person = participant(municipality, first_pip_date=date(2026, 7, 2))
    assert register(municipality, person, level="A2").level == "A2"


@pytest.mark.parametrize("hours", [None, 599])
def test_scaling_down_needs_the_course_hours_of_the_law(municipality, hours):
    """R-AFS-1: 600 hours at a school with the quality mark (Besluit inburgering 2021, art. 5.5)."""
    first = register(municipality)
    later = {"decision_date": date(2026, 11, 2), "earliest_start_date": date(2026, 11, 3)}
    assert faults(municipality, first.participant, level="A2", downscale_hours=hours, **later) == [
        ("downscale_hours", "downscale_hours_too_few")
    ]
    second = register(municipality, first.participant, level="A2", downscale_hours=600, **later)
    assert (second.level, second.downscale_hours) == ("A2", 600)
    # Whoever is at A2 already is not scaled down again.
    third = register(municipality, first.participant, level="A2", **later)
    assert third.version == 3


def test_a_new_version_replaces_the_old_one_and_keeps_the_place_in_the_queue(municipality):
    first = register(municipality)
    second = register(
        municipality,
        first.participant,
        decision_date=date(2026, 11, 2),
        earliest_start_date=date(2026, 11, 3),
        route="Z",
        level="A1",
    )
    first.refresh_from_db()
    assert (first.is_current, second.is_current, second.version) == (False, True, 2)
    assert not first.needs.exclude(state=NeedState.CLOSED).exists()
    since = dict(second.needs.values_list("component", "waiting_since"))
    # KNM waited already; the Z route is new.
    assert since["KNM"] == date(2026, 9, 1)
    assert since["Z"] == date(2026, 11, 2)
    event = AuditEvent.objects.filter(action="pip.registered").latest("pk")
    assert (event.before["route"], event.after["route"]) == ("B", "Z")


def test_a_held_place_moves_along_with_the_plan(municipality):
    first = pip(municipality)
    seat_hold_for_need(
        actor=everything(municipality),
        choice=Choice(
            need=first.needs.get(component="B"), intake_moment=contracted_intake(municipality)
        ),
    )
    later = {"decision_date": date(2026, 11, 2), "earliest_start_date": date(2026, 11, 3)}
    with pytest.raises(OpenOfferError):
        register(municipality, first.participant, route="Z", level="A1", **later)
    second = register(municipality, first.participant, **later)
    assert second.needs.get(component="B").state == NeedState.OFFERED


def test_dates_never_go_back(municipality):
    first = register(municipality)
    assert faults(municipality, first.participant, decision_date=date(2026, 8, 1)) == [
        ("decision_date", "before_previous_pip"),
    ]


@pytest.mark.parametrize(("before", "after", "allowed"), [
    ("Z", "B", False), ("B", "Z", False), ("O", "B", True), ("B", "B", True),
])  # fmt: skip
def test_another_route_within_eighteen_months(municipality, before, after, allowed):
    person = participant(
        municipality,
        obligation_start_date=date(2024, 1, 1),
        settlement_date=date(2024, 1, 1),
        notified_at_date=date(2024, 1, 1),
    )
    register(municipality, person, route=before, level=None, decision_date=date(2024, 3, 1))
    later = {
        "decision_date": date(2026, 11, 2),
        "earliest_start_date": date(2026, 11, 3),
        "latest_start_date": date(2026, 12, 31),
    }
    if allowed:
        assert register(municipality, person, route=after, level=None, **later).route == after
    else:
        assert faults(municipality, person, route=after, level=None, **later) == [
            ("route", "route_switch_too_late")
        ]


def test_bulk_is_constant_in_queries_whole_or_not_at_all_and_says_which_row(
    municipality, django_assert_num_queries
):
    actor = everything(municipality)
    rows = [(replace(PARTICIPANT, reference=f"b-{n}"), IDENTITY) for n in range(30)]
    people = participants_register(actor=actor, municipality_id=municipality.pk, rows=rows)
    with django_assert_num_queries(12 + len(people)):
        plans = pips_register(actor=actor, rows=[(person, PIP) for person in people])
    assert len(plans) == 30
    assert Need.objects.count() == 120
    broken = [
        (
            person,
            replace(
                PIP,
                route="O",
                level="A2",
                decision_date=date(2026, 9, 2),
                earliest_start_date=date(2026, 9, 14),
            ),
        )
        if number == 7
        else (person, PIP)
        for number, person in enumerate(people)
    ]
    with pytest.raises(PipInvalidError) as error:
        pips_register(actor=actor, rows=broken)
    assert [one.field for one in error.value.violations] == ["7.level"]
    assert Pip.objects.count() == 30
    assert [len(found) for found in pips_check(broken)].count(0) == 29


def test_a_point_comes_from_the_municipality_where_the_postcode_is_unknown(municipality):
    plan = register(municipality, latitude=None, longitude=None, postcode4="9999")
    assert (plan.latitude, plan.longitude) == (52.09, 5.12)


def test_participant_faults_and_double_reference(municipality):
    actor = everything(municipality)
    with pytest.raises(InvalidError) as error:
        participant_register(
            actor=actor,
            municipality_id=municipality.pk,
            data=ParticipantData(
                "",
                date(2027, 1, 1),
                date(2026, 1, 1),
                date(2026, 1, 1),
                "eu",
                term_start_date=date(2026, 1, 1),
            ),
        )
    assert [one.code for one in error.value.violations] == [
        "required",
        "unknown_code",
        "date_in_future",
        "term_dates_out_of_order",
    ]
    participant(municipality, reference="x")
    with pytest.raises(ParticipantExistsError):
        participant(municipality, reference="x")
    assert Participant.objects.count() == 1


def test_the_target_group_is_history(municipality):
    person = participant(municipality)
    actor = everything(municipality)
    target_group_change(
        actor=actor, participant=person, target_group="family", valid_from=date(2026, 10, 1)
    )
    assert list(person.target_group_periods.values_list("target_group", "valid_to")) == [
        ("asylum", date(2026, 9, 30)),
        ("family", None),
    ]
    with pytest.raises(InvalidError):
        target_group_change(
            actor=actor, participant=person, target_group="asylum", valid_from=date(2026, 9, 1)
        )


def test_identity_stands_apart_and_its_content_never_in_history(municipality):
    person = participant(municipality, identity=None)
    identity_set(actor=everything(municipality), participant=person, data=IDENTITY)
    assert ParticipantIdentity.objects.get().full_name == "Testa Voorbeeld"
    event = AuditEvent.objects.get(action="identity.entered")
    assert (event.before, event.after) == (None, None)


def test_rights(municipality, other_municipality, regional_coordinator, provider):
    person = participant(municipality)
    for actor in (everything(other_municipality), everything(provider)):
        with pytest.raises(NotAllowedError):
            pip_register(actor=actor, participant=person, data=PIP)
        with pytest.raises(NotAllowedError):
            identity_set(actor=actor, participant=person, data=IDENTITY)
    assert not Pip.objects.exists()
