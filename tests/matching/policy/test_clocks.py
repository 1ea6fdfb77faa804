"""The statutory clocks: 10 weeks, three years, days waiting."""

from datetime import date, timedelta

import pytest

from matching.models import MatchingPolicy, Need, Participant
from matching.selectors.clocks import pip_clock, term_clock, waiting_clock
from tests.factories import matching as make

TODAY = date(2026, 11, 18)


def person(**fields):
    base = {"notified_at_date": date(2026, 10, 1), "settlement_date": date(2026, 9, 1)}
    return Participant(**base | fields)


def test_ten_weeks_from_the_notification():
    one = pip_clock(person(), TODAY)

    assert (one.start, one.deadline) == (date(2026, 10, 1), date(2026, 12, 10))
    assert (one.used, one.left, one.total) == (48, 22, 70)
    assert not one.is_extended


def test_registration_in_the_municipality_counts_when_it_was_later():
    assert pip_clock(person(settlement_date=date(2026, 11, 1)), TODAY).start == date(2026, 11, 1)


def test_late_information_of_others_gives_two_weeks_and_no_twelve():
    late = pip_clock(person(third_party_information_date=date(2026, 12, 5)), TODAY)
    early = pip_clock(person(third_party_information_date=date(2026, 10, 20)), TODAY)

    assert (late.deadline, late.is_extended) == (date(2026, 12, 19), True)
    assert (early.deadline, early.is_extended) == (date(2026, 12, 10), False)


def test_a_pip_stops_the_clock():
    one = pip_clock(person(), TODAY, decided=date(2026, 12, 11))

    assert one.is_stopped
    assert one.is_late


def test_the_last_day_is_not_late_and_the_next_day_is():
    last = date(2026, 12, 10)

    assert not pip_clock(person(), last).is_late
    assert pip_clock(person(), last + timedelta(days=1)).is_late


def test_the_term_runs_to_the_day_before_duos_end():
    one = term_clock(
        person(term_start_date=date(2026, 9, 2), term_end_date=date(2029, 9, 2)), TODAY
    )

    assert (one.deadline, one.used, one.is_extended) == (date(2029, 9, 1), 77, False)


def test_an_extension_is_what_duo_delivered():
    one = term_clock(
        person(term_start_date=date(2026, 9, 2), term_end_date=date(2030, 3, 2)), TODAY
    )

    assert one.is_extended
    assert one.deadline == date(2030, 3, 1)


def test_a_term_from_leap_day_is_not_taken_for_an_extension():
    one = term_clock(
        person(term_start_date=date(2024, 2, 29), term_end_date=date(2027, 2, 28)), TODAY
    )

    assert not one.is_extended


def test_no_term_before_the_first_pip():
    assert term_clock(person(), TODAY) is None


def test_waiting_is_set_against_the_policys_long_wait():
    one = waiting_clock(
        Need(waiting_since=date(2026, 9, 1)), MatchingPolicy(long_wait_days=90), TODAY
    )

    assert (one.used, one.total, one.left) == (78, 90, 12)


@pytest.mark.django_db
@pytest.mark.usefixtures("frozen_clock")
def test_the_clocks_stand_on_the_pages_in_words(web_as, caseworker, municipality):
    need = make.need(municipality)
    visitor = web_as(caseworker)

    for address in (f"/needs/{need.uuid}", f"/pips/{need.pip.uuid}"):
        page = visitor.get(address).content.decode()
        assert "in 48 dagen besloten, op tijd" in page
        assert "11 weken gebruikt" in page
    assert "78 dagen" in visitor.get(f"/needs/{need.uuid}").content.decode()
