"""Bundles for one person, against every combination there is."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.bundle_choice import (
    NO_OPTION,
    Bundle,
    LessonTimes,
    Option,
    Part,
    RunningPart,
    best_bundles,
    clash_of,
    peak_hours,
)

MORNING, AFTERNOON = 0b1, 0b10


def option(key, score=500, slots=MORNING, start=0, end=100, hours=6.0):
    return Option(key, score, LessonTimes(slots, start, end, hours))


lessons = st.builds(
    LessonTimes,
    slots=st.sampled_from((0b1, 0b10, 0b11, 0b100)),
    start=st.integers(0, 4),
    end=st.integers(4, 8),
)
options = st.builds(Option, key=st.just("o"), score=st.integers(0, 1000), lessons=lessons)
parts = st.lists(st.sampled_from(("B", "KNM", "MAP", "PVT")), unique=True, min_size=1).flatmap(
    lambda names: st.tuples(
        *(
            st.builds(Part, st.just(name), st.lists(options, max_size=4).map(tuple))
            for name in sorted(names)
        )
    )
)
running = st.lists(st.builds(RunningPart, st.sampled_from(("B", "PVT")), lessons), max_size=1)


def every_bundle(all_parts, fixed):
    starts = [one.lessons.start for one in fixed if one.component == "B"]
    for chosen in product(*([NO_OPTION, *range(len(part.options))] for part in all_parts)):
        taken = [
            (part.component, part.options[place].lessons)
            for part, place in zip(all_parts, chosen, strict=True)
            if place != NO_OPTION
        ]
        own = [one for _, one in taken]
        apart = all(not a.overlaps(b) for n, a in enumerate(own) for b in own[:n])
        if not apart or any(clash_of(one, fixed) for one in own):
            continue
        route = starts or [one.start for name, one in taken if name == "B"]
        late = tuple(
            name for name, one in taken if route and name in {"KNM", "MAP"} and one.start < route[0]
        )
        score = sum(
            part.options[place].score
            for part, place in zip(all_parts, chosen, strict=True)
            if place != NO_OPTION
        )
        yield Bundle(chosen, score, late, bool(route))


@settings(deadline=None, max_examples=300)
@given(parts, running)
def test_the_best_bundle_is_the_best_of_all_combinations(all_parts, fixed):
    if any(one.component == part.component for one in fixed for part in all_parts):
        return
    found = best_bundles(all_parts, fixed, limit=3)
    exact = max(every_bundle(all_parts, fixed), key=lambda one: one.rank)
    # The first part is placed wherever it can be: it is what people choose first.
    heads = [one for one in every_bundle(all_parts, fixed) if one.chosen[0] != NO_OPTION]
    wanted = max(heads, key=lambda one: one.rank) if heads else exact
    assert found[0].rank == wanted.rank
    if all_parts[0].component == "B":
        assert found[0].rank == exact.rank
    for one in found:
        assert one in list(every_bundle(all_parts, fixed))
    assert [one.rank for one in found] == sorted((one.rank for one in found), reverse=True)


def test_a_lower_score_that_leaves_room_for_knm_comes_first():
    route = Part("B", (option("a", 900, MORNING | AFTERNOON), option("b", 700, MORNING)))
    knm = Part("KNM", (option("k", 300, AFTERNOON),))
    first, second = best_bundles((route, knm), (), limit=5)
    assert first.chosen == (1, 0)
    assert second.chosen == (0, NO_OPTION)


def test_what_builds_on_the_leerroute_rather_begins_after_it():
    route = Part("B", (option("b", 700, MORNING, start=30),))
    knm = Part(
        "KNM", (option("early", 900, AFTERNOON, start=10), option("late", 100, AFTERNOON, start=40))
    )
    assert best_bundles((route, knm), (), limit=1)[0].chosen == (0, 1)
    only_early = Part("KNM", knm.options[:1])
    found = best_bundles((route, only_early), (), limit=1)[0]
    assert found.chosen == (0, 0)
    assert found.out_of_order == ("KNM",)


def test_lessons_that_run_already_are_kept_free():
    fixed = (RunningPart("B", LessonTimes(MORNING, 0, 100)),)
    found = best_bundles((Part("KNM", (option("k"), option("l", 100, AFTERNOON))),), fixed, limit=3)
    assert [one.chosen for one in found] == [(1,)]
    assert found[0].has_route


def test_hours_are_counted_in_the_fullest_week():
    weeks = [LessonTimes(1, 0, 50, 12.0), LessonTimes(2, 10, 20, 3.0), LessonTimes(4, 60, 90, 6.0)]
    assert peak_hours(weeks) == 15.0
    assert peak_hours([]) == 0.0
