"""Bounds of what a schedule costs: below every schedule that exists, and as high as one where it is plain to see."""

from __future__ import annotations

from hypothesis import given, settings

from replenish.numerics.schedule_goals import cost_of, least_cost, least_of
from replenish.numerics.schedule_search import best_dispatch, best_schedule
from replenish.numerics.schedule_solve import Effort
from replenish.numerics.shop import Centre, Job, Option, Step, lay_out
from tests.numerics.random_shops import plants


@given(plants(most_jobs=4))
@settings(max_examples=40, deadline=None)
def test_no_schedule_costs_less_than_the_bounds(plant: tuple) -> None:
    shop = lay_out(*plant)
    bounds = least_cost(shop, least_of(shop))
    for found in (best_dispatch(shop), best_schedule(shop, Effort(work=0.2, seconds=60.0)).schedule):
        assert all(least <= cost for least, cost in zip(bounds, cost_of(shop, found), strict=True))


def test_what_the_bounds_reach_is_proven_without_a_search() -> None:
    """Two families, each set up once: red from nothing, blue by the shorter change; another centre ends it all."""
    red, blue = Option(0, 60, 30, "red"), Option(0, 60, 40, "blue")
    jobs = [Job([Step([red])], due=900), Job([Step([red])], due=900), Job([Step([blue])], 1000, due=2000)]
    jobs.append(Job([Step([Option(1, 5000)])], due=9000))
    shop = lay_out(jobs, [Centre(change={("red", "blue"): 10, ("blue", "red"): 20}), Centre()])
    assert least_cost(shop, least_of(shop)) == (0, 40, 5000)
    effort = Effort(work=5.0, seconds=60.0)
    found = best_schedule(shop, effort)
    assert (found.is_proven, found.left) == (True, effort)
    assert cost_of(shop, found.schedule) == (0, 40, 5000)
