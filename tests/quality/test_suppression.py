"""What is hidden stays hidden, also from somebody who can subtract."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from quality.choices import NormVerdict, ValueState
from quality.strata import EVERYBODY, MIN_INVITED, coarse_strata
from quality.suppression import (
    Cell,
    norm_verdict,
    primary_state,
    smallest_group,
    suppress,
    total_may_be_shown,
)

cells = st.lists(st.builds(Cell, n=st.integers(0, 60), uniform=st.booleans()), max_size=12)
OPEN = (ValueState.SHOWN, ValueState.NO_DATA)


def states(*sizes, min_n=10):
    return [cell.state.value for cell in suppress([Cell(n) for n in sizes], min_n=min_n)]


def test_boundary_of_the_smallest_group():
    assert primary_state(0, uniform=False, min_n=10) == ValueState.NO_DATA
    assert primary_state(9, uniform=False, min_n=10) == ValueState.TOO_FEW
    assert primary_state(10, uniform=False, min_n=10) == ValueState.SHOWN


def test_the_configured_number_has_a_floor():
    assert smallest_group(1) == 5
    assert smallest_group(11) == 11


def test_equal_answers_of_everybody_are_hidden():
    assert primary_state(40, uniform=True, min_n=10) == ValueState.UNIFORM


def test_one_hidden_figure_takes_the_next_smallest_along():
    assert states(30, 4, 12, 50) == ["shown", "too_few", "secondary", "shown"]


def test_two_hidden_figures_that_are_few_together_take_one_more():
    assert states(30, 4, 4, 50) == ["secondary", "too_few", "too_few", "shown"]
    assert states(30, 4, 6, 50) == ["shown", "too_few", "too_few", "shown"]


def test_no_data_hides_nothing_and_stays_visible():
    assert states(0, 30) == ["no_data", "shown"]


def test_a_single_provider_that_is_too_small_hides_the_total():
    alone = suppress([Cell(4)], min_n=10)
    assert not total_may_be_shown(alone, min_n=10)
    assert total_may_be_shown(suppress([Cell(4), Cell(30)], min_n=10), min_n=10)


@given(cells)
def test_a_hidden_figure_never_follows_from_the_total_and_the_others(row):
    """Who knows the total learns the sum of the hidden: of two at least, n at least 10."""
    done = suppress(row, min_n=10)
    hidden = [cell for cell in done if cell.state not in OPEN]
    if hidden and total_may_be_shown(done, min_n=10):
        assert len(hidden) >= 2
        assert sum(cell.n for cell in hidden) >= 10
    if any(cell.state == ValueState.SHOWN for cell in done) and hidden:
        # Something is still shown, so enough was hidden.
        assert total_may_be_shown(done, min_n=10)


@given(cells)
def test_every_small_figure_is_hidden(row):
    for cell in suppress(row, min_n=10):
        if cell.state == ValueState.SHOWN:
            assert cell.n >= 10
            assert not cell.uniform


@given(st.lists(st.integers(0, 60), max_size=12, unique=True), st.randoms())
def test_the_order_of_providers_does_not_matter(sizes, random):
    shuffled = list(sizes)
    random.shuffle(shuffled)
    one, two = (
        {cell.n: cell.state for cell in suppress([Cell(n) for n in order], min_n=10)}
        for order in (sizes, shuffled)
    )
    assert one == two


def test_verdict_only_where_the_whole_interval_agrees():
    assert norm_verdict(0.80, 0.90, 0.80, low_is_good=False) == NormVerdict.MEETS
    assert norm_verdict(0.79, 0.90, 0.80, low_is_good=False) == NormVerdict.UNCERTAIN
    assert norm_verdict(0.70, 0.79, 0.80, low_is_good=False) == NormVerdict.BELOW
    assert norm_verdict(0.70, 0.80, 0.80, low_is_good=True) == NormVerdict.MEETS
    assert norm_verdict(0.81, 0.90, 0.80, low_is_good=True) == NormVerdict.BELOW
    assert norm_verdict(None, None, 0.80, low_is_good=False) == NormVerdict.UNCERTAIN
    assert norm_verdict(0.1, 0.2, None, low_is_good=False) == NormVerdict.NO_NORM


traits = st.lists(
    st.tuples(st.sampled_from("BOZ"), st.sampled_from(["A", "AA", "NVT"]), st.booleans().map(str)),
    max_size=150,
)


@given(traits)
def test_nobody_stands_in_a_group_of_fewer_than_ten(people):
    strata = coarse_strata(dict(enumerate(people)))
    assert set(strata) == set(range(len(people)))
    sizes = {name: list(strata.values()).count(name) for name in set(strata.values())}
    for name, size in sizes.items():
        assert size >= MIN_INVITED or (name == EVERYBODY and size == len(people))


@given(traits)
def test_groups_do_not_overlap_so_nothing_can_be_subtracted(people):
    names = set(coarse_strata(dict(enumerate(people))).values())
    for one, two in combinations(sorted(names), 2):
        assert not two.startswith(f"{one}.")
        assert EVERYBODY not in (one, two)


def test_a_group_is_split_only_when_every_part_stays_large_enough():
    ten_each = {n: ("B" if n < 10 else "Z",) for n in range(20)}
    assert set(coarse_strata(ten_each).values()) == {"B", "Z"}
    nine = {n: ("B" if n < 9 else "Z",) for n in range(20)}
    assert set(coarse_strata(nine).values()) == {EVERYBODY}
