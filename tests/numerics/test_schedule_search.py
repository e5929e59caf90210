"""Schedules by constraint search: golden optima, laws of the plant, and optima by enumeration."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics import schedule_search
from replenish.numerics.placing import retime
from replenish.numerics.schedule_goals import cost_of
from replenish.numerics.schedule_search import best_dispatch, best_schedule
from replenish.numerics.schedule_solve import Effort
from replenish.numerics.shop import Centre, Job, Option, Place, Step, lay_out
from tests.golden_cases import assert_golden, golden
from tests.numerics.random_shops import plants
from tests.numerics.shops import Checker, job_shop, shifts, tardiness

EFFORT = Effort(work=20.0, seconds=60.0)


@pytest.mark.parametrize("name", ["ft06", "ft10"])
def test_job_shops_are_solved_and_proved(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    inputs, expected, tolerance = golden("schedule", f"job_shop_{name}")
    shop = job_shop(inputs["jobs"])
    found = best_schedule(shop._replace(due=shop.due + 10_000), EFFORT)
    assert found.is_proven
    assert_golden(found.schedule.finish.max(), expected["makespan"], tolerance)
    assert capfd.readouterr().out == "", "the solver keeps quiet"


def test_sequence_dependent_setups() -> None:
    """Least tardiness, then least set-up; the order of the golden case, told in minutes."""
    inputs, expected, tolerance = golden("schedule", "sequence_dependent_setups")
    names = [str(n) for n in range(len(inputs["due"]))]
    change = {(a, b): hours * 60 for a, row in zip(names, inputs["setup_hours"], strict=True)
              for b, hours in zip(names, row, strict=True) if a != b}  # fmt: skip
    jobs = [
        Job([Step([Option(0, hours * 60, 0, name)])], due=due * 60)
        for name, hours, due in zip(names, inputs["duration_hours"], inputs["due"], strict=True)
    ]
    found = best_schedule(lay_out(jobs, [Centre(change=change)]), EFFORT).schedule
    assert np.argsort(found.start).tolist() == expected["sequence"]
    assert_golden(tardiness(jobs, found) / 60, expected["total_tardiness"], tolerance)
    assert_golden(found.setup.sum() / 60, expected["setup_hours"], tolerance)


@given(plants(most_jobs=5))
@settings(max_examples=25, deadline=None)
def test_found_schedules_keep_the_laws_and_are_no_worse_than_dispatch(plant: tuple) -> None:
    shop = lay_out(*plant)
    found = best_schedule(shop, Effort(work=1.0, seconds=60.0)).schedule
    assert Checker(*plant).wrong(found) == []
    assert cost_of(shop, found)[0] == tardiness(plant[0], found)
    assert cost_of(shop, found) <= cost_of(shop, best_dispatch(shop))


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_one_machine_is_as_good_as_the_best_of_all_orders(data: st.DataObject) -> None:
    families = data.draw(st.lists(st.sampled_from([None, "red", "blue"]), min_size=2, max_size=5))
    sizes = st.sampled_from([30, 60, 120, 200])
    jobs = [
        Job([Step([Option(0, data.draw(sizes), 20, family)])], data.draw(st.sampled_from([0, 100])),
            data.draw(st.sampled_from([100, 500, 3000])), data.draw(st.integers(1, 3)))
        for family in families
    ]  # fmt: skip
    centres = [Centre(1, shifts(6, 6, 8), {("red", "blue"): 45})]
    shop = lay_out(jobs, centres)
    found = best_schedule(shop, EFFORT)
    assert found.is_proven
    own, machine = np.arange(len(jobs)), np.zeros(len(jobs), dtype=np.int64)
    orders = (np.array(order) for order in permutations(range(len(jobs))))
    assert cost_of(shop, found.schedule) == min(cost_of(shop, retime(shop, order, own, machine)) for order in orders)


def test_the_same_search_finds_the_same_schedule() -> None:
    inputs = golden("schedule", "job_shop_ft10")[0]
    shop = job_shop(inputs["jobs"])
    once, again = (best_schedule(shop, Effort(work=0.1, seconds=60.0)).schedule for _ in range(2))
    assert all((a == b).all() for a, b in zip(once, again, strict=True))


def test_an_emergency_stop_is_told() -> None:
    shop = job_shop(golden("schedule", "job_shop_ft10")[0]["jobs"])
    found = best_schedule(shop, Effort(work=20.0, seconds=0.02))
    assert found.is_stopped
    assert not found.is_proven


def test_a_large_plant_is_repaired(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty jobs of three colours in turn on two machines, too many to search at once: fewer set-ups, laws kept."""
    monkeypatch.setattr(schedule_search, "WHOLE_STEPS", 20)
    rng = np.random.default_rng(3)
    colours = ("red", "blue", "green")
    jobs = [
        Job([Step([Option(0, int(rng.integers(20, 90)), 30, colours[n % 3])]),
             Step([Option(1, int(rng.integers(20, 90)))], queue=30)], due=int(rng.integers(600, 6000)))
        for n in range(60)
    ]  # fmt: skip
    fixed = Job([Step([Option(0, 100, 30, "red")], place=Place(0, 0, 30, 3000, 3130))], due=4000)
    centres = [Centre(1), Centre(1, shifts(10, 0, 20))]
    shop = lay_out([*jobs, fixed], centres)
    found = best_schedule(shop, Effort(work=0.2, seconds=600.0)).schedule
    assert Checker([*jobs, fixed], centres).wrong(found) == []
    assert cost_of(shop, found) < cost_of(shop, best_dispatch(shop))
