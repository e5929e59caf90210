"""Active schedules by dispatch rules: golden cases, and laws on random plants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.dispatch import MOST_WORK, SHORTEST, TARDINESS, Rule, dispatch, log_index, urgency
from replenish.numerics.placing import retime
from replenish.numerics.schedule_search import Effort, best_schedule
from replenish.numerics.shop import Centre, Job, Option, Place, Step, lay_out, without_circles
from tests.golden_cases import assert_golden, golden
from tests.numerics.random_shops import plants
from tests.numerics.shops import Checker, job_shop, shifts

RULES = {"shortest processing time": SHORTEST, "most work remaining": MOST_WORK}


@pytest.mark.parametrize("name", ["ft06", "ft10"])
def test_active_schedules_of_the_textbook(name: str) -> None:
    inputs, expected, tolerance = golden("schedule", f"giffler_thompson_{name}")
    shop = job_shop(inputs["jobs"])
    found = [dispatch(shop, Rule(RULES[rule])).finish.max() for rule in inputs["rule"]]
    assert_golden(found, expected["makespan"], tolerance)


def test_apparent_tardiness_cost() -> None:
    inputs, expected, tolerance = golden("schedule", "apparent_tardiness_cost")
    weight, duration, due = (np.array(inputs[name], dtype=float) for name in ("weight", "duration_hours", "due"))
    slack, scale = due - duration - inputs["now"], inputs["look_ahead"] * duration.mean()
    found = np.exp([log_index(w, p, s, scale) for w, p, s in zip(weight, duration, slack, strict=True)])
    assert_golden(found, expected["index"], tolerance)
    assert np.argsort(-found).tolist() == expected["order"]


@given(plants())
@settings(max_examples=60, deadline=None)
def test_every_rule_keeps_the_laws_of_the_plant(plant: tuple) -> None:
    jobs, centres, links = plant
    shop, checker = lay_out(jobs, centres, links), Checker(*plant)
    for rule in (SHORTEST, MOST_WORK, TARDINESS):
        found = dispatch(shop, Rule(rule))
        assert checker.wrong(found) == []
        again = retime(shop, found.order, found.option, found.machine)
        assert checker.wrong(again) == []
        assert (again.finish <= found.finish).all()


def test_work_waits_for_the_morning_unless_it_fits_the_evening() -> None:
    """A shift of 8 hours from 6: five hours, then five that closed time may interrupt, or may not."""
    for splittable, start, finish in ((True, 11 * 60, 24 * 60 + 8 * 60), (False, 30 * 60, 35 * 60)):
        jobs = [Job([Step([Option(0, 300)])]), Job([Step([Option(0, 300, is_splittable=splittable)])])]
        found = dispatch(lay_out(jobs, [Centre(spans=shifts(5, 6, 8))]), Rule(SHORTEST))
        assert (found.start[1], found.finish[1]) == (start, finish)


def test_work_in_one_piece_waits_for_a_long_enough_shift_also_where_machines_do_not_count() -> None:
    """Shifts of four hours from 8: after two hours of the first, three no longer fit into it."""
    jobs = [Job([Step([Option(0, 120)]), Step([Option(0, 180, is_splittable=False)])])]
    found = dispatch(lay_out(jobs, [Centre(0, spans=shifts(5, 8, 4))]), Rule(SHORTEST))
    assert found.start.tolist() == [8 * 60, 32 * 60]
    assert found.finish.tolist() == [10 * 60, 35 * 60]


def test_a_change_of_family_is_avoided_where_nothing_is_late() -> None:
    centre = Centre(change={("red", "blue"): 90, ("blue", "red"): 90})
    jobs = [Job([Step([Option(0, 60, 30, family)])], due=10_000) for family in ("red", "blue", "red")]
    found = dispatch(lay_out(jobs, [centre]), Rule(TARDINESS))
    assert found.setup.tolist() == [30, 90, 0]
    assert found.finish.max() == 60 * 3 + 30 + 90


def test_steps_that_must_stay_are_worked_around() -> None:
    """Three hours fit before the fixed piece, four do not; a set-up the fixed piece has no time for does not either."""
    fixed = Job([Step([Option(0, 120, 0, "red")], place=Place(0, 0, 0, 200, 320))])
    short, long = (Job([Step([Option(0, size, 0, "red")])]) for size in (180, 240))
    other = Job([Step([Option(0, 30, 0, "blue")])])
    shop = lay_out([fixed, short, long, other], [Centre(change={("blue", "red"): 45, ("red", "blue"): 45})])
    found = dispatch(shop, Rule(SHORTEST))
    assert found.start[0] == 200
    assert found.start[1] == 0
    assert found.start[2] >= 320
    assert found.start[3] >= 320


def test_a_machine_is_set_up_for_what_ran_last_before_tonight() -> None:
    """Work of yesterday stands in any order: what ended last, or still runs, tells what a machine is set up for."""
    ended = [
        Job([Step([Option(0, 60, 30, "red")], place=Place(0, 0, 0, -60, -1))]),
        Job([Step([Option(0, 60, 30, "blue")], place=Place(0, 0, 0, -120, -60))]),
    ]
    running = Job([Step([Option(0, 60, 30, "green")], place=Place(0, 0, 0, -1, 40))])
    for known, family in ((ended, "red"), ([running, *ended], "green")):
        free = Job([Step([Option(0, 60, 30, family)])])
        found = dispatch(lay_out([*known, free], [Centre()]), Rule(TARDINESS))
        assert found.setup[-1] == 0
        assert (
            best_schedule(lay_out([*known, free], [Centre()]), Effort(work=1.0, seconds=60.0)).schedule.setup[-1] == 0
        )


def test_a_part_is_as_urgent_as_what_waits_for_it() -> None:
    part = Job([Step([Option(0, 60)])], due=9000, weight=1)
    pump = Job([Step([Option(0, 100)])], due=500, weight=7)
    due, weight = urgency(lay_out([part, pump], [Centre()], [(0, 1)]))
    assert due.tolist() == [400, 500]
    assert weight.tolist() == [7, 7]


def test_nothing_waits_for_itself() -> None:
    assert without_circles(3, [(0, 1), (1, 2), (2, 0), (0, 1), (1, 1)]) == [(0, 1), (1, 2)]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=30))
def test_links_without_circles_leave_an_order(links: list[tuple[int, int]]) -> None:
    jobs = [Job([Step([Option(0, 1)])]) for _ in range(7)]
    found = dispatch(lay_out(jobs, [Centre()], links), Rule(SHORTEST))
    assert sorted(found.order.tolist()) == list(range(7))
    assert Checker(jobs, [Centre()], without_circles(7, links)).wrong(found) == []
